// The configuration as it stands, as `tintype config` prints it.
#include "api/admin/routes.h"
#include "api/shared/json_body.h"

namespace tintype::api {

namespace {

JsonText setting_json(const Setting& setting) {
  return {{"key", setting.name},      {"value", setting.value},     {"default", setting.fallback},
          {"source", setting.source}, {"meaning", setting.meaning}, {"secret", setting.is_secret}};
}

}  // namespace

void add_config_routes(http::Router& router, const Services& services, const ReadSettings& read) {
  router.add(admin::route(services, http::Method::kGet, "/api/admin/config",
                          [read](const Services&, http::Request&) -> Result<http::Response> {
                            JsonText settings = JsonText::array();
                            for (const Setting& setting : read()) settings.push_back(setting_json(setting));
                            return json_response(200, {{"settings", settings}});
                          }));
}

}  // namespace tintype::api
