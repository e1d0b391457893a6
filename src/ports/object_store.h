// Bytes under keys. Keys are chosen by the server (see app/object_keys.h): segments of [A-Za-z0-9._-] joined by
// '/', none of them "." or "..", at most 512 bytes, and end in the extension of what they hold; anything else is
// refused by every adapter. "tmp/" is the adapters' own.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/function_ref.h"

namespace tintype {

struct ObjectInfo {
  std::int64_t size_bytes = 0;
  std::string etag;  // strong, with its quotes; opaque: stores make it in ways of their own
  std::string media_type;
  UnixMs modified_at_ms = 0;
};

// An open object. Reads are at an offset, so that one reader serves a Range.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;
  // Fills `out` from `offset_bytes`; fewer bytes only at the end. May block.
  virtual Result<std::size_t> read(std::int64_t offset_bytes, std::span<char> out) = 0;
  // A file the operating system can send from, when the adapter has one.
  virtual std::optional<std::filesystem::path> file() const = 0;
};

// How a signed URL answers.
struct Delivery {
  UnixMs expires_at_ms = 0;
  std::string download_name;  // not empty: Content-Disposition: attachment with this file name
};

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  // Moves or copies a finished local file into the store, durably (file and folder are synced) and atomically: a
  // reader sees all of it or nothing. An object under the same key is replaced.
  virtual Result<ObjectInfo> put_file(std::string_view key, const std::filesystem::path& file,
                                      std::string_view media_type) = 0;
  virtual Result<ObjectInfo> put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) = 0;
  virtual Result<std::unique_ptr<ObjectReader>> open(std::string_view key) = 0;  // kNotFound
  virtual Result<std::optional<ObjectInfo>> stat(std::string_view key) = 0;
  virtual Result<void> remove(std::string_view key) = 0;  // none there is no error
  // Every key under a prefix, in no order; for the doctor. Stops early when `visit` answers false.
  virtual Result<void> list(std::string_view prefix,
                            FunctionRef<bool(std::string_view key, std::int64_t size)> visit) = 0;
  // An absolute URL that clients can GET until it expires, signed for the public host. Does no I/O.
  virtual std::string signed_url(std::string_view key, const Delivery& delivery) const = 0;
  virtual Result<void> check() = 0;  // a write, a read and a delete work
  // Where large bodies are spooled so that put_file can rename instead of copying; empty when any place will do.
  virtual std::filesystem::path spool_directory() const = 0;
};

}  // namespace tintype
