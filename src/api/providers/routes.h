// What providers report to us.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"

namespace tintype::api {

inline constexpr std::string_view kReplicateWebhookPath = "/api/providers/replicate/webhook";

// Replicate's webhooks, signed by Standard Webhooks with one of `secrets`; with none, nothing is believed. A report
// only wakes who waits for the prediction, and they ask Replicate themselves: so one that comes twice does no harm.
void add_provider_routes(http::Router& router, const Services& services, const std::vector<std::string>& secrets);

}  // namespace tintype::api
