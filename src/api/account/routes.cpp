#include "api/account/routes.h"

#include <charconv>

#include "api/account/view.h"
#include "api/shared/authenticate.h"

namespace tintype::api {

namespace account {

namespace {

http::Route route(const Surface& surface, http::Method method, const char* pattern, Handle handle) {
  return {.method = method,
          .pattern = pattern,
          .handler = handler([surface, handle](http::Request& request) { return handle(surface, request); }),
          .admit = admit_user(surface.services),
          .admit_place = admit_place(surface.services)};
}

}  // namespace

void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle) {
  router.add(route(surface, method, pattern, handle));
}

void add_json_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern,
                    Handle handle) {
  constexpr std::int64_t kBodyBytesMax = 16 * 1024;
  http::Route made = route(surface, method, pattern, handle);
  made.body = {http::BodyKind::kMemory, kBodyBytesMax};
  router.add(std::move(made));
}

void add_read_route(http::Router& router, const Surface& surface, const char* pattern, Handle handle) {
  http::Route made = route(surface, http::Method::kGet, pattern, handle);
  made.place = surface.services.read_place();
  router.add(std::move(made));
}

Result<int> query_integer(const http::Request& request, const char* name, int min, int max, int fallback) {
  const auto text = request.query_parameter(name);
  if (!text) return fallback;
  int value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (!text->empty() && error == std::errc() && end == text->data() + text->size() && value >= min && value <= max) {
    return value;
  }
  auto refused =
      fail(ErrorCode::kInvalidInput,
           std::string(name) + " must be a whole number from " + std::to_string(min) + " to " + std::to_string(max),
           "Leave it out for " + std::to_string(fallback));
  refused.error().field = name;
  return refused;
}

}  // namespace account

void add_account_routes(http::Router& router, const Services& services, const AccountOptions& options) {
  const account::Surface surface{services, options};
  account::add_profile_routes(router, surface);
  account::add_session_routes(router, surface);
  account::add_job_routes(router, surface);
  account::add_usage_routes(router, surface);
  account::add_suggestion_routes(router, surface);
}

}  // namespace tintype::api
