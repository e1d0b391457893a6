// Files from elsewhere that may take more than one run of the program to arrive.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/function_ref.h"

namespace tintype {

struct Download {
  std::string url;
  std::filesystem::path path;                 // where it will be; its folder exists
  std::string sha256;                         // lower-case hex
  std::optional<std::int64_t> size_bytes;     // exactly, where it is known
  std::int64_t size_bytes_max = 0;            // where it is not
  std::chrono::seconds timeout{0};            // for all of it
  std::chrono::seconds stall_timeout{0};      // without bytes to speak of
  const std::atomic<bool>* cancel = nullptr;  // null: nobody ends it
};

class Downloader {
 public:
  // Bytes that are here, and all that there will be where that is known.
  using Progress = FunctionRef<void(std::int64_t received, std::optional<std::int64_t> total)>;

  virtual ~Downloader() = default;
  // For URLs that the operator wrote down; proxy variables are ignored. Follows redirects to http and https, from https
  // to https alone. What has come stays in `path`.part, also when the process is killed, and the next call asks for the
  // rest only. The file gets its name when its digest is right, and is on disk then; bytes with a wrong one are
  // deleted. One caller for a path at a time. Blocks; kCancelled within
  // a second or so after `cancel` is set. Errors say what to do about them.
  virtual Result<void> download(const Download& download, Progress progress) = 0;
};

}  // namespace tintype
