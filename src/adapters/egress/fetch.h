// One file from a URL, through its redirects.
#pragma once

#include <atomic>
#include <string>

#include "adapters/egress/curl_request.h"
#include "adapters/egress/vetting.h"
#include "ports/egress.h"

namespace tintype::egress {

struct FetchRules {
  RequestRules request;
  std::string resolvers;  // as for Resolver::open()
  std::chrono::milliseconds timeout{60'000};
  std::chrono::milliseconds stall_timeout{10'000};
  std::int64_t size_bytes_max = 100LL << 20;
  int redirects_max = 3;
};

Result<FetchedFile> fetch(const FetchRequest& request, const Vetting& vetting, const FetchRules& rules,
                          const std::atomic<bool>& cancel);

}  // namespace tintype::egress
