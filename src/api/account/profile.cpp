// Who one is, and the password.
#include "api/account/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"

namespace tintype::api::account {

namespace {

constexpr std::size_t kEmailLengthMax = 320;
constexpr std::size_t kPasswordLengthMax = 512;
constexpr std::size_t kNameLengthMax = 200;

JsonText account_json(const User& user) {
  return {{"account",
           {{"id", user.id},
            {"email", user.email},
            {"name", null_or(user.name)},
            {"role", role_name(user.role)},
            {"plan", user.plan},
            {"created_at_ms", user.created_at_ms},
            {"has_password", !user.password_hash.empty()}}}};
}

Result<http::Response> get_account(const Surface& surface, const http::Request& request) {
  const auto user = surface.services.accounts.user(principal_of(request).user_id);
  if (!user) return std::unexpected(user.error());
  return json_response(200, account_json(*user));
}

Result<http::Response> patch_account(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  app::UserChanges changes;
  changes.name = fields.optional_string("name", 0, kNameLengthMax);
  changes.email = fields.optional_string("email", 1, kEmailLengthMax);
  const auto current_password = fields.optional_string("current_password", 1, kPasswordLengthMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (!changes.name && !changes.email) {
    return fail(ErrorCode::kInvalidInput, "Nothing to change", "Please provide name or email");
  }
  const auto user =
      surface.services.accounts.update_own(principal_of(request), changes, current_password, caller_of(request));
  if (!user) return std::unexpected(user.error());
  return json_response(200, account_json(*user));
}

Result<http::Response> change_password(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string current_password = fields.required_string("current_password", 1, kPasswordLengthMax);
  app::UserChanges changes;
  changes.password = fields.required_string("new_password", 1, kPasswordLengthMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto user =
      surface.services.accounts.update_own(principal_of(request), changes, current_password, caller_of(request));
  if (!user) return std::unexpected(user.error());
  http::Response response;
  response.status = 204;
  return response;
}

}  // namespace

void add_profile_routes(http::Router& router, const Surface& surface) {
  add_read_route(router, surface, "/api/account", get_account);
  add_json_route(router, surface, http::Method::kPatch, "/api/account", patch_account);
  add_json_route(router, surface, http::Method::kPost, "/api/account/password", change_password);
}

}  // namespace tintype::api::account
