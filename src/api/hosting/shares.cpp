// Shares, as their owner makes, lists and revokes them. What a visitor sees is in share_page.cpp.
#include "api/hosting/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/idempotent.h"

namespace tintype::api::hosting {

namespace {

constexpr std::int64_t kLifeSecondsMax = 10LL * 366 * 24 * 3'600;

JsonText share_json(const Share& share) {
  return {{"share_id", share.id},
          {"type", "link"},
          {"image_id", null_or(share.thing.image_id)},
          {"album_id", null_or(share.thing.album_id)},
          {"role", share_role_name(share.role)},
          {"has_password", !share.password_hash.empty()},
          {"view_count", share.view_count},
          {"created_at_ms", share.created_at_ms},
          {"expires_at_ms", share.expires_at_ms}};
}

Result<app::NewShare> new_share_from(const http::Request& request, const SharedThing& thing) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string type = fields.required_string("type", 1, 16);
  const std::string role_text = fields.optional_string("role", 1, 16).value_or("viewer");
  const auto seconds = fields.optional_integer("expires_in_sec", 1, kLifeSecondsMax);
  const auto password = fields.optional_string("password", app::kSharePasswordBytesMin, app::kSharePasswordBytesMax);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  if (type != "link") return fail(ErrorCode::kInvalidInput, "type is link");
  const auto role = parse_share_role(role_text);
  if (!role) return fail(ErrorCode::kInvalidInput, "role is viewer or downloader");
  app::NewShare share{thing, *role, std::nullopt, password.value_or("")};
  if (seconds) share.lives_ms = *seconds * 1'000;
  return share;
}

Result<http::Response> create_share(const Surface& surface, const http::Request& request, const SharedThing& thing) {
  const auto share = new_share_from(request, thing);
  if (!share) return std::unexpected(share.error());
  const std::function<JsonText(const app::CreatedShare&)> shown = [&](const app::CreatedShare& created) {
    JsonText json = share_json(created.share);
    json.add("token", created.token);
    json.add("url", surface.services.public_url + "/s/" + created.token);
    return json;
  };
  // What is kept for a repetition of this request has no secret in it.
  const std::function<JsonText(const app::CreatedShare&)> kept = [](const app::CreatedShare& created) {
    JsonText json = share_json(created.share);
    json.add("token", nullptr);
    json.add("url", nullptr);
    return json;
  };
  const Principal& principal = principal_of(request);
  const auto once_only = once<app::CreatedShare>(request, principal, kept, 201);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.shares.create(principal, *share, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  http::Response response = reply(*outcome, shown, 201);
  response.headers.add("Cache-Control", "no-store");
  return response;
}

Result<http::Response> list_shares(const Surface& surface, const http::Request& request, const SharedThing& thing) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  const std::string& user_id = principal_of(request).user_id;
  const bool all = thing.image_id.empty() && thing.album_id.empty();
  auto shares =
      all ? surface.services.shares.list(user_id, *page) : surface.services.shares.of_thing(user_id, thing, *page);
  if (!shares) return std::unexpected(shares.error());
  return json_response(200, list_json("shares", std::move(*shares), limit, share_json));
}

Result<http::Response> revoke_share(const Surface& surface, const http::Request& request, const SharedThing& thing) {
  const auto revoked =
      surface.services.shares.revoke(principal_of(request).user_id, thing, request.path_parameter("share_id"));
  if (!revoked) return std::unexpected(revoked.error());
  return json_response(200, {{"revoked", true}});
}

SharedThing image_of(const http::Request& request) {
  return {std::string(request.path_parameter("id")), {}};
}
SharedThing album_of(const http::Request& request) {
  return {{}, std::string(request.path_parameter("id"))};
}
SharedThing all_of(const http::Request&) {
  return {};
}

}  // namespace

void add_share_routes(http::Router& router, const Surface& surface) {
  using Function = Result<http::Response> (*)(const Surface&, const http::Request&, const SharedThing&);
  using ThingOf = SharedThing (*)(const http::Request&);
  const Services& services = surface.services;
  const auto add = [&](http::Method method, const char* pattern, Function function, ThingOf thing_of) {
    const bool reads = method == http::Method::kGet;
    router.add({.method = method,
                .pattern = pattern,
                .handler = handler([surface, function, thing_of](http::Request& request) {
                  return function(surface, request, thing_of(request));
                }),
                .body = method == http::Method::kPost ? http::BodyPolicy{http::BodyKind::kMemory, kBodyBytesMax}
                                                      : http::BodyPolicy{},
                .place = reads ? services.read_place() : http::Place::kPool,
                .admit = admit_user(services),
                .admit_place = admit_place(services)});
  };
  add(http::Method::kPost, "/v1/images/{id}/shares", create_share, image_of);
  add(http::Method::kGet, "/v1/images/{id}/shares", list_shares, image_of);
  add(http::Method::kDelete, "/v1/images/{id}/shares/{share_id}", revoke_share, image_of);
  add(http::Method::kPost, "/v1/albums/{id}/shares", create_share, album_of);
  add(http::Method::kGet, "/v1/albums/{id}/shares", list_shares, album_of);
  add(http::Method::kDelete, "/v1/albums/{id}/shares/{share_id}", revoke_share, album_of);
  add(http::Method::kGet, "/v1/shares", list_shares, all_of);
}

}  // namespace tintype::api::hosting
