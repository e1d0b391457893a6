// Requests that the program itself makes.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

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
};

class OutboundHttp {
 public:
  virtual ~OutboundHttp() = default;
  // For URLs that the operator wrote into the config. No redirects; proxy variables are ignored. Blocks.
  virtual Result<OutboundResponse> get_trusted(const OutboundRequest& request) = 0;
};

}  // namespace tintype
