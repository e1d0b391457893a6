#include "api/providers/routes.h"

#include "api/providers/report.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "ports/provider.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kBodyBytesMax = 2 << 20;  // a prediction with its input, where small pictures stand in it
constexpr std::size_t kIdLengthMax = 64;

Result<http::Response> replicate_webhook(const Services& services, const std::vector<std::string>& secrets,
                                         const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  const auto id = body->find("id");
  const bool is_id = id != body->end() && id->is_string() && !id->get_ref<const std::string&>().empty() &&
                     id->get_ref<const std::string&>().size() <= kIdLengthMax;
  if (!is_id) return fail(ErrorCode::kInvalidInput, "id must be the id of a prediction");
  if (auto checked = check_report(request, secrets, services.clock.now_ms()); !checked) {
    return std::unexpected(checked.error());
  }
  services.notifier.notify(prediction_topic(id->get_ref<const std::string&>()));
  return http::Response{.status = 204};
}

}  // namespace

void add_provider_routes(http::Router& router, const Services& services, const std::vector<std::string>& secrets) {
  router.add({.method = http::Method::kPost,
              .pattern = "/api/providers/replicate/webhook",
              .handler = handler([&services, secrets](http::Request& request) {
                return replicate_webhook(services, secrets, request);
              }),
              .body = {http::BodyKind::kMemory, kBodyBytesMax}});
}

}  // namespace tintype::api
