// Who a report is from.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "http/message.h"

namespace tintype::api {

// Whether one of `secrets` signed this very body, by Standard Webhooks (spec 1.0.0), no more than five minutes ago or
// ahead. kUnauthorized.
Result<void> check_report(const http::Request& request, const std::vector<std::string>& secrets, UnixMs now_ms);

}  // namespace tintype::api
