// Webhooks as their owner sees them: endpoints, secrets, and what was sent. The secret of an endpoint can be had again,
// as whoever verifies needs it in plain; who has it can forge messages, so a key needs the right to write for it.
#include "app/webhooks.h"
#include <algorithm>

#include "api/shared/authenticate.h"
#include "api/shared/idempotent.h"
#include "api/shared/paging.h"
#include "api/upscale/view.h"

namespace tintype::api::upscale {

namespace {

constexpr std::int64_t kOverlapSecondsDefault = 24 * 3'600;
// Of a user, for what makes us ask other servers at once.
constexpr RateLimit kSendingLimit{60, 60'000};

std::string id_of(const http::Request& request) {
  return std::string(request.path_parameter("id"));
}

std::optional<std::string> time_or_null(const std::optional<UnixMs>& time_ms) {
  return time_ms ? std::optional(iso8601(*time_ms)) : std::nullopt;
}

JsonText endpoint_json(const WebhookEndpoint& endpoint) {
  return {{"id", endpoint.id},
          {"url", endpoint.url},
          {"enabled", !endpoint.disabled_at_ms.has_value()},
          {"disabled_at", time_or_null(endpoint.disabled_at_ms)},
          {"disabled_reason", null_or(endpoint.disabled_reason)},
          {"created_at", iso8601(endpoint.created_at_ms)}};
}

JsonText secret_json(const WebhookSecret& secret) {
  return {{"id", secret.id},
          {"secret", secret.secret},
          {"created_at", iso8601(secret.created_at_ms)},
          {"expires_at", time_or_null(secret.expires_at_ms)}};
}

JsonText delivery_json(const WebhookDelivery& delivery) {
  const bool waits = delivery.state == DeliveryState::kPending;
  return {{"id", delivery.id},
          {"endpoint_id", delivery.endpoint_id},
          {"job_id", null_or(delivery.job_id)},
          {"event", webhook_event_name(delivery.event)},
          {"state", delivery_state_name(delivery.state)},
          {"attempts", delivery.attempt},
          {"response_status", delivery.last_status > 0 ? std::optional(delivery.last_status) : std::nullopt},
          {"error", null_or(delivery.last_error)},
          {"created_at", iso8601(delivery.created_at_ms)},
          {"last_attempt_at", time_or_null(delivery.attempted_at_ms)},
          {"next_attempt_at", waits ? std::optional(iso8601(delivery.next_attempt_at_ms)) : std::nullopt},
          {"ended_at", time_or_null(delivery.ended_at_ms)}};
}

JsonText delivery_detail_json(const WebhookDelivery& delivery) {
  JsonText json = delivery_json(delivery);
  json.add("body", delivery.body);
  return json;
}

http::Response no_store(http::Response response) {
  response.headers.add("Cache-Control", "no-store");
  return response;
}

template <class T>
std::string page_json(const char* name, std::vector<T> items, int limit, JsonText (*to_json)(const T&)) {
  const std::optional<std::string> next_cursor = cut_to(items, limit);
  JsonText shown = JsonText::array();
  for (const T& item : items) shown.push_back(to_json(item));
  return JsonText{{name, shown}, {"next_cursor", next_cursor}}.text();
}

// The id that a query narrows a list to; empty when it says none.
Result<std::string> id_in_query(const http::Request& request, const char* name, std::string_view prefix) {
  const auto text = request.query_parameter(name);
  if (!text) return std::string();
  constexpr std::size_t kIdCharacters = 22;
  const bool fits = text->starts_with(prefix) && text->size() == prefix.size() + kIdCharacters &&
                    std::ranges::all_of(text->substr(prefix.size()), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                    });
  if (!fits) return fail(ErrorCode::kInvalidInput, std::string(name) + " is no id that a list answered");
  return std::string(*text);
}

Result<void> take_sending(const Surface& surface, const http::Request& request) {
  const Services& services = surface.services;
  if (!services.limits_enabled) return {};
  const auto decision =
      services.limiter.take("webhooks", principal_of(request).user_id, kSendingLimit, services.clock.now_ms());
  if (decision.allowed) return {};
  auto refused = fail(ErrorCode::kRateLimited, "Too many webhooks were sent by hand", "Please wait a minute");
  refused.error().retry_after_seconds = decision.retry_after_seconds;
  refused.error().refused_bound = {"webhooks", decision.limit, decision.resets_at_ms};
  return refused;
}

// ---- Endpoints

Result<http::Response> list_endpoints(const Surface& surface, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto endpoints = surface.services.webhooks.endpoints(principal_of(request).user_id, *page);
  if (!endpoints) return std::unexpected(endpoints.error());
  return data_response(request, 200, page_json("endpoints", std::move(*endpoints), limit, endpoint_json));
}

Result<http::Response> create_endpoint(const Surface& surface, http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string url = fields.required_string("url", 1, kUrlBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const std::function<JsonText(const WebhookEndpoint&)> shown = endpoint_json;
  const Principal& principal = principal_of(request);
  const auto once_only = once(request, principal, shown, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.webhooks.add(principal.user_id, url, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(request, *outcome, shown, 201);
}

Result<http::Response> get_endpoint(const Surface& surface, http::Request& request) {
  const auto endpoint = surface.services.webhooks.endpoint(principal_of(request).user_id, id_of(request));
  if (!endpoint) return std::unexpected(endpoint.error());
  return data_response(request, 200, endpoint_json(*endpoint).text());
}

Result<http::Response> update_endpoint(const Surface& surface, http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const bool enabled = fields.required_bool("enabled");
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto endpoint = surface.services.webhooks.set_enabled(principal_of(request).user_id, id_of(request), enabled);
  if (!endpoint) return std::unexpected(endpoint.error());
  return data_response(request, 200, endpoint_json(*endpoint).text());
}

Result<http::Response> delete_endpoint(const Surface& surface, http::Request& request) {
  const auto removed = surface.services.webhooks.remove(principal_of(request).user_id, id_of(request));
  if (!removed) return std::unexpected(removed.error());
  return data_response(request, 200, R"({"deleted":true})");
}

// ---- Secrets

Result<http::Response> get_secret(const Surface& surface, http::Request& request) {
  const auto secrets = surface.services.webhooks.secrets(principal_of(request).user_id, id_of(request));
  if (!secrets) return std::unexpected(secrets.error());
  JsonText all = JsonText::array();
  for (const WebhookSecret& secret : *secrets) all.push_back(secret_json(secret));
  const std::string newest = secrets->empty() ? std::string() : secrets->front().secret;
  return no_store(data_response(request, 200, JsonText{{"secret", newest}, {"secrets", all}}.text()));
}

Result<http::Response> rotate_secret(const Surface& surface, http::Request& request) {
  std::int64_t overlap_seconds = kOverlapSecondsDefault;
  if (!request.body.empty()) {
    const auto body = parse_json_body(request);
    if (!body) return std::unexpected(body.error());
    ObjectReader fields(*body);
    overlap_seconds = fields.optional_integer("overlap_seconds", 0, app::kSecretOverlapMaxMs / 1'000)
                          .value_or(kOverlapSecondsDefault);
    if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  }
  const std::function<JsonText(const WebhookSecret&)> shown = secret_json;
  // What is kept for a repetition of this request has no secret in it.
  const std::function<JsonText(const WebhookSecret&)> kept = [](const WebhookSecret& secret) -> JsonText {
    return {
        {"id", secret.id}, {"secret", nullptr}, {"created_at", iso8601(secret.created_at_ms)}, {"expires_at", nullptr}};
  };
  const Principal& principal = principal_of(request);
  const auto once_only = once(request, principal, kept);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome =
      surface.services.webhooks.rotate(principal.user_id, id_of(request), overlap_seconds * 1'000, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return no_store(reply(request, *outcome, shown));
}

// ---- Deliveries

using Send = Result<app::Outcome<WebhookDelivery>> (app::Webhooks::*)(std::string_view, std::string_view,
                                                                      const app::Once<WebhookDelivery>&);

Result<http::Response> send(const Surface& surface, http::Request& request, Send function) {
  if (auto taken = take_sending(surface, request); !taken) return std::unexpected(taken.error());
  const std::function<JsonText(const WebhookDelivery&)> shown = delivery_json;
  const Principal& principal = principal_of(request);
  const auto once_only = once(request, principal, shown, 202);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = (surface.services.webhooks.*function)(principal.user_id, id_of(request), *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(request, *outcome, shown, 202);
}

Result<http::Response> ping(const Surface& surface, http::Request& request) {
  return send(surface, request, &app::Webhooks::ping);
}

Result<http::Response> redeliver(const Surface& surface, http::Request& request) {
  return send(surface, request, &app::Webhooks::send_again);
}

Result<http::Response> list_deliveries(const Surface& surface, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  auto endpoint_id = id_in_query(request, "endpoint_id", "whe_");
  if (!endpoint_id) return std::unexpected(endpoint_id.error());
  auto job_id = id_in_query(request, "job_id", "job_");
  if (!job_id) return std::unexpected(job_id.error());
  WebhookRepository::DeliveryFilter filter{std::move(*endpoint_id), std::move(*job_id), std::nullopt};
  if (const auto state = request.query_parameter("state")) {
    filter.state = parse_delivery_state(*state);
    if (!filter.state) return fail(ErrorCode::kInvalidInput, "state must be pending, delivered or failed");
  }
  const int limit = page->limit++;
  auto deliveries = surface.services.webhooks.deliveries(principal_of(request).user_id, filter, *page);
  if (!deliveries) return std::unexpected(deliveries.error());
  return data_response(request, 200, page_json("deliveries", std::move(*deliveries), limit, delivery_json));
}

Result<http::Response> get_delivery(const Surface& surface, http::Request& request) {
  const auto delivery = surface.services.webhooks.delivery(principal_of(request).user_id, id_of(request));
  if (!delivery) return std::unexpected(delivery.error());
  return data_response(request, 200, delivery_detail_json(*delivery).text());
}

}  // namespace

void add_webhook_routes(http::Router& router, const Surface& surface) {
  using enum http::Method;
  const auto add = [&](http::Method method, const char* pattern, Handle handle, http::BodyPolicy body = {}) {
    const bool reads = method == kGet;
    add_route(router, surface, method, pattern, handle,
              {.body = body, .place = reads ? surface.services.read_place() : http::Place::kPool});
  };
  add(kGet, "/api/v1/webhooks/endpoints", list_endpoints);
  add(kPost, "/api/v1/webhooks/endpoints", create_endpoint, kJsonBody);
  add(kGet, "/api/v1/webhooks/endpoints/{id}", get_endpoint);
  add(kPatch, "/api/v1/webhooks/endpoints/{id}", update_endpoint, kJsonBody);
  add(kDelete, "/api/v1/webhooks/endpoints/{id}", delete_endpoint);
  add(kGet, "/api/v1/webhooks/endpoints/{id}/secret", get_secret);
  add(kPost, "/api/v1/webhooks/endpoints/{id}/secret/rotate", rotate_secret, kJsonBody);
  add(kPost, "/api/v1/webhooks/endpoints/{id}/ping", ping);
  add(kGet, "/api/v1/webhooks/deliveries", list_deliveries);
  add(kGet, "/api/v1/webhooks/deliveries/{id}", get_delivery);
  add(kPost, "/api/v1/webhooks/deliveries/{id}/redeliver", redeliver);
}

}  // namespace tintype::api::upscale
