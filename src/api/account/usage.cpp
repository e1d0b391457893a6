// What one uses, by days, and what is left.
#include "api/account/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"

namespace tintype::api::account {

namespace {

constexpr int kDaysDefault = 30;
constexpr std::size_t kDateLength = 10;  // of an ISO 8601 time

JsonText limit_json(std::string_view name, const RateDecision& decision, std::optional<std::int64_t> window_ms) {
  // A window opens with the first that is taken from it.
  const bool is_open = window_ms && decision.remaining < decision.limit;
  return {{"name", name},
          {"limit", decision.limit},
          {"remaining", decision.remaining},
          {"window_seconds", window_ms ? std::optional(*window_ms / 1'000) : std::nullopt},
          {"resets_at_ms", is_open ? std::optional(decision.resets_at_ms) : std::nullopt}};
}

void append_counted(const Surface& surface, const http::Request& request, JsonText& list) {
  const Services& services = surface.services;
  if (!services.limits_enabled) return;
  std::vector<RateBound> bounds;
  for (const CountedLimit& one : surface.options.limits) {
    const std::string subject = one.by_address ? network_of(request.remote_address) : principal_of(request).user_id;
    bounds.push_back({one.bucket, subject, one.limit});
  }
  const RateDecisions decisions = services.limiter.look(bounds, services.clock.now_ms());
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    list.push_back(limit_json(bounds[at].bucket, decisions.bounds[at], bounds[at].limit.window_ms));
  }
}

Result<JsonText> limits_json(const Surface& surface, const http::Request& request) {
  JsonText list = JsonText::array();
  append_counted(surface, request, list);
  const auto calls = surface.services.call_limits.look_at_all(principal_of(request));
  if (!calls) return std::unexpected(calls.error());
  for (const app::CallStanding& one : *calls) {
    list.push_back(limit_json("upscale_" + one.bound, one.decision, one.window_ms));
  }
  return list;
}

JsonText days_json(const std::vector<app::ActiveDay>& days) {
  JsonText list = JsonText::array();
  for (const app::ActiveDay& day : days) {
    list.push_back({{"date", iso8601(day.begins_at_ms).substr(0, kDateLength)},
                    {"jobs_succeeded", day.jobs_succeeded},
                    {"jobs_failed", day.jobs_failed},
                    {"tokens_spent", day.tokens_spent},
                    {"tokens_received", day.tokens_received}});
  }
  return list;
}

JsonText operations_json(const std::vector<app::OperationTotal>& operations) {
  JsonText list = JsonText::array();
  for (const app::OperationTotal& one : operations) {
    list.push_back({{"operation", operation_name(one.operation)}, {"jobs", one.jobs}, {"tokens", one.tokens}});
  }
  return list;
}

Result<http::Response> get_usage(const Surface& surface, const http::Request& request) {
  const Services& services = surface.services;
  const Principal& principal = principal_of(request);
  const auto days = query_integer(request, "days", 1, app::kActivityDaysMax, kDaysDefault);
  if (!days) return std::unexpected(days.error());
  const auto report = services.activity.of(principal.user_id, *days);
  if (!report) return std::unexpected(report.error());
  const auto limits = limits_json(surface, request);
  if (!limits) return std::unexpected(limits.error());
  const auto stored = services.storage.usage(principal.user_id);
  if (!stored) return std::unexpected(stored.error());
  return json_response(200, {{"days", days_json(report->days)},
                             {"operations", operations_json(report->operations)},
                             {"limits", *limits},
                             {"storage",
                              {{"used_bytes", stored->bytes},
                               {"quota_bytes", services.storage.quota_of(principal.plan).bytes_max},
                               {"image_count", stored->images}}}});
}

}  // namespace

void add_usage_routes(http::Router& router, const Surface& surface) {
  // In the pool, as other processes may have to be asked what they have counted.
  add_route(router, surface, http::Method::kGet, "/api/account/usage", get_usage);
}

}  // namespace tintype::api::account
