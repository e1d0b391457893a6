// Requests that the program itself makes, to URLs that the operator wrote into the config. None follows redirects, and
// proxy variables are ignored.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tintype {

struct OutboundRequest {
  std::string url;
  std::int64_t body_bytes_max = 1 << 20;
  std::chrono::milliseconds timeout{5'000};
};

struct OutboundResponse {
  int status = 0;
  std::string body;
  std::optional<std::chrono::seconds> retry_after = {};  // what Retry-After asks for, from now on; never negative
};

// One field of a form (multipart/form-data, RFC 7578): words, or a file where there is a path.
struct FormPart {
  std::string name;
  std::string words;
  std::filesystem::path file;
  std::string media_type;  // of the file
};

struct OutboundCall {
  bool is_post = true;  // else GET
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;            // of a POST, exactly these bytes; its Content-Type stands among the headers
  std::vector<FormPart> form;  // in place of a body
  std::int64_t answer_bytes_max = 1 << 20;
  std::chrono::milliseconds timeout{60'000};  // for all of it
};

class OutboundHttp {
 public:
  virtual ~OutboundHttp() = default;
  virtual Result<OutboundResponse> get_trusted(const OutboundRequest& request) = 0;  // blocks
  // Any status is an answer. Blocks, and looks at `cancel` at least every 100 ms. kSourceUnreachable when nothing was
  // sent: the name does not resolve, nobody accepts the connection or its certificate is bad; kDeadlineExceeded;
  // kFileTooLarge for what answers more; kCancelled; kInternal for a connection that breaks in the middle. What is sent
  // stands in no error.
  virtual Result<OutboundResponse> call_trusted(const OutboundCall& call, const std::atomic<bool>& cancel) = 0;
};

}  // namespace tintype
