// GET /renditions/{image_id}/{spec}: pictures made when they are asked for, by URLs that were signed as a whole.
//
// And GET /cdn/{key}: objects, for a CDN that takes us for its origin.
#include "api/hosting/view.h"
#include "api/shared/accept.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/stored_object.h"
#include "api/shared/subscription.h"

namespace tintype::api::hosting {

namespace {

using Ticket = std::shared_ptr<app::Renditions::Ticket>;

constexpr std::int64_t kRetrySeconds = 5;

// What is behind a URL does not change before it expires.
std::string cache_control(const Surface& surface, const Delivery& delivery) {
  const std::int64_t seconds = (delivery.expires_at_ms - surface.services.clock.now_ms()) / 1'000;
  const char* const who = surface.options.origin != nullptr ? "public" : "private";
  return std::string(who) + ", max-age=" + std::to_string(std::max<std::int64_t>(seconds, 0)) + ", immutable";
}

Result<http::Response> picture_of(const Surface& surface, const http::Request& request, const Variant& variant,
                                  const app::RenditionGrant& grant) {
  if (surface.options.serves_objects) {
    return stored_object(surface.services.objects, request, variant.object_key,
                         {cache_control(surface, grant.delivery), grant.delivery.download_name});
  }
  return redirect_to(surface.services.deliveries.object_url(variant.object_key, grant.delivery),
                     cache_control(surface, grant.delivery));
}

http::Response spelled(const http::Request& request, Result<http::Response> answered,
                       const app::RenditionGrant& grant) {
  if (!answered) log_cause(request.request_id, request.path, answered.error());
  http::Response response = answered ? std::move(*answered) : render_error(request, answered.error());
  if (!grant.spec.format) response.headers.set("Vary", "Accept");
  return response;
}

// The answer of one who waits; nothing while it is being made, unless he has waited long enough.
std::optional<Result<http::Response>> look(const Surface& surface, const http::Request& request, const Ticket& ticket,
                                           const app::RenditionGrant& grant, bool is_last) {
  const auto outcome = surface.services.renditions.outcome(*ticket);
  if (outcome && !*outcome) return std::unexpected(outcome->error());
  if (outcome) return picture_of(surface, request, **outcome, grant);
  if (!is_last) return std::nullopt;
  auto late = fail(ErrorCode::kDeadlineExceeded, "This picture is still being made", "Please try again in a moment");
  late.error().retry_after_seconds = kRetrySeconds;
  return late;
}

Result<http::Response> get_rendition(const Surface& surface, const http::Request& request,
                                     const app::RenditionGrant& grant) {
  const auto image = surface.services.deliveries.image_of(grant);
  if (!image) return std::unexpected(image.error());
  const VariantKey key{grant.spec.name, surface.services.deliveries.format_of(grant, *image, formats_read(request))};
  auto found = surface.services.renditions.find(*image, key);
  if (!found) return std::unexpected(found.error());
  if (*found) return picture_of(surface, request, **found, grant);
  if (auto admitted = admit_making(surface, request, *image, key); !admitted) {
    return std::unexpected(admitted.error());
  }
  auto ticket = surface.services.renditions.make(*image, key);
  if (!ticket) return std::unexpected(ticket.error());
  auto wait = std::make_shared<http::Wait>();
  wait->subscribe = subscription(surface.services.notifier, app::rendition_topic(image->id, key));
  wait->attempt = [&surface, request, ticket = std::move(*ticket), grant](bool is_last) {
    auto answered = look(surface, request, ticket, grant, is_last);
    return answered ? std::optional(spelled(request, std::move(*answered), grant)) : std::nullopt;
  };
  wait->timeout = std::chrono::seconds(surface.services.renditions.rules().make_seconds_max + kRetrySeconds);
  http::Response response;
  response.body = std::move(wait);
  return response;
}

http::Response answer_rendition(const Surface& surface, const http::Request& request) {
  const auto grant = surface.services.deliveries.rendition_of(request.target);
  if (!grant) return render_error(request, grant.error());
  return spelled(request, get_rendition(surface, request, *grant), *grant);
}

Result<http::Response> get_for_cdn(const Surface& surface, const http::Request& request) {
  const UnixMs now_ms = surface.services.clock.now_ms();
  const auto grant = surface.options.origin->verify(request.target, now_ms);
  if (!grant) return std::unexpected(grant.error());
  if (surface.options.serves_objects) {
    return stored_object(surface.services.objects, request, grant->key,
                         {cache_control(surface, grant->delivery), grant->delivery.download_name});
  }
  return redirect_to(surface.services.objects.signed_url(grant->key, grant->delivery),
                     cache_control(surface, grant->delivery));
}

}  // namespace

Result<void> admit_making(const Surface& surface, const http::Request& request, const Image& image,
                          const VariantKey& key) {
  const Services& services = surface.services;
  const RateLimit& limit = surface.options.renditions_made;
  if (!services.limits_enabled || limit.requests == 0 || services.renditions.is_under_way(image, key)) return {};
  const RateDecision decision =
      services.limiter.take("renditions_made", network_of(request.remote_address), limit, services.clock.now_ms());
  if (decision.allowed) return {};
  auto refused = fail(ErrorCode::kRateLimited, "Too many pictures were made for your address",
                      "Please wait before asking for new ones; those that were made before can be had at any time");
  refused.error().retry_after_seconds = decision.retry_after_seconds;
  return refused;
}

void add_rendition_routes(http::Router& router, const Surface& surface) {
  router.add({.method = http::Method::kGet,
              .pattern = "/renditions/{image_id}/{spec}",
              .handler = [surface](http::Request& request) { return answer_rendition(surface, request); }});
  if (surface.options.origin == nullptr) return;
  router.add({.method = http::Method::kGet,
              .pattern = "/cdn/{folder}/{id}/{file}",
              .handler = handler([surface](http::Request& request) { return get_for_cdn(surface, request); })});
}

}  // namespace tintype::api::hosting
