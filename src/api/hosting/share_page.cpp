// What is behind the link of a share: for people a page, for programs JSON, and the pictures themselves. Every request
// looks the share up anew, so that one that was revoked is gone at once.
#include "api/hosting/share_entry.h"
#include "api/hosting/share_html.h"
#include "api/hosting/view.h"
#include "api/shared/accept.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/form_body.h"
#include "api/shared/stored_object.h"
#include "api/shared/subscription.h"
#include "base/bytes.h"
#include "domain/rendition.h"

namespace tintype::api::hosting {

namespace {

constexpr std::int64_t kFormBytesMax = 16 * 1024;
constexpr std::int64_t kPictureUrlMs = 30'000;  // of a store with a host of its own: the bound for revoking
constexpr std::int64_t kCopyRetrySeconds = 5;
constexpr const char* kHtmlMediaType = "text/html; charset=utf-8";

std::string token_of(const http::Request& request) {
  return std::string(request.path_parameter("token"));
}

ShareAddress address_of(const Surface& surface, const http::Request& request) {
  const std::string path = "/s/" + percent_encode(token_of(request));
  return {path, surface.services.public_url + path};
}

bool accepts(const http::Request& request, std::string_view type) {
  return request.headers.find("accept").value_or("").find(type) != std::string_view::npos;
}
bool wants_page(const http::Request& request) {
  return accepts(request, "text/html") || !accepts(request, "application/json");
}

// ---- Answers

// Where pictures come from besides this host, for the page's policy: redirects are held to it too.
std::string picture_origin(const Surface& surface) {
  if (surface.options.serves_objects) return {};
  const std::string url = surface.services.objects.signed_url("images/a/a.jpg", {});
  const std::size_t authority = url.find("://");
  return authority == std::string::npos ? std::string() : " " + url.substr(0, url.find('/', authority + 3));
}

void add_private_headers(http::Response& response) {
  response.headers.add("Cache-Control", "private, no-cache");
  response.headers.add("Vary", "Accept, Cookie");
  response.headers.add("X-Robots-Tag", "noindex, nofollow");
  response.headers.add("X-Content-Type-Options", "nosniff");
  response.headers.add("Referrer-Policy", "no-referrer");
}

http::Response html_response(const Surface& surface, int status, HtmlPage page) {
  http::Response response = http::text_response(status, std::move(page.text), kHtmlMediaType);
  response.headers.add("Content-Security-Policy", "default-src 'none'; img-src 'self'" + picture_origin(surface) +
                                                      "; style-src 'sha256-" + page.style_hash +
                                                      "'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
  add_private_headers(response);
  return response;
}

http::Response error_page(const Surface& surface, const http::Request& request, const Error& error) {
  const bool tried = request.method == http::Method::kPost;
  HtmlPage page;
  if (error.code == ErrorCode::kUnauthorized || (tried && error.code == ErrorCode::kRateLimited)) {
    const std::string complaint = tried ? error.message + ". " + error.suggestion + "." : std::string();
    page = password_page(address_of(surface, request), complaint);
  } else {
    page = notice_page(error.message, error.suggestion.empty() ? std::string() : error.suggestion + ".");
  }
  http::Response response = html_response(surface, status_of(error.code), std::move(page));
  response.error_code = error_code_name(error.code);
  if (error.retry_after_seconds) response.headers.add("Retry-After", std::to_string(*error.retry_after_seconds));
  return response;
}

// The answer, or the error as whoever asks reads it.
http::Response rendered(const Surface& surface, const http::Request& request, Result<http::Response> answered) {
  if (answered) return std::move(*answered);
  // The path holds the token, which is as good as a password.
  log_cause(request.request_id, "/s/", answered.error());
  if (wants_page(request)) return error_page(surface, request, answered.error());
  http::Response response = hosting_error(answered.error());
  add_private_headers(response);
  return response;
}

http::Handler page_handler(const Surface& surface,
                           Result<http::Response> (*body)(const Surface&, const http::Request&)) {
  return [surface, body](http::Request& request) { return rendered(surface, request, body(surface, request)); };
}

// ---- JSON

JsonText image_json(const ShareAddress& address, const std::string& image_id, const app::SharePage& page,
                    const app::SharedImage& shared) {
  JsonText variants;
  for (const char* name : {"thumb", "medium", "large"}) {
    if (app::variant_for(shared.variants, name, true) == nullptr) continue;
    variants.add(name, picture_path(address.url, image_id, name));
  }
  if (page.share.role == ShareRole::kDownloader) {
    variants.add("download", picture_path(address.url, image_id, "download"));
  }
  const Image& image = shared.image;
  return {{"image_id", image.id},    {"title", null_or(image.title)}, {"description", null_or(image.description)},
          {"width", image.width_px}, {"height", image.height_px},     {"thumb_hash", null_or(image.thumb_hash)},
          {"variants", variants}};
}

JsonText share_json(const app::SharePage& page, const std::vector<app::SharedImage>& images) {
  const bool of_album = page.album.has_value();
  const std::string title = of_album ? page.album->name : images.front().image.title;
  const std::string description = of_album ? page.album->description : images.front().image.description;
  return {{"type", of_album ? "album" : "image"},
          {"role", share_role_name(page.share.role)},
          {"title", null_or(title)},
          {"description", null_or(description)},
          {"owner_name", null_or(page.owner_name)},
          {"image_count", of_album ? page.album->image_count : 1},
          {"expires_at_ms", page.share.expires_at_ms}};
}

http::Response share_response(const ShareAddress& address, const app::SharePage& page,
                              const std::vector<app::SharedImage>& images,
                              const std::optional<std::string>& next_cursor) {
  JsonText list = JsonText::array();
  for (const app::SharedImage& image : images) {
    list.push_back(image_json(address, page.album ? image.image.id : std::string(), page, image));
  }
  http::Response response =
      json_response(200, {{"share", share_json(page, images)}, {"images", list}, {"next_cursor", next_cursor}});
  add_private_headers(response);
  return response;
}

// ---- Pages

// Whether this is a look by another than the share's owner.
bool counts(const Surface& surface, const http::Request& request, const Share& share) {
  if (request.method != http::Method::kGet) return false;
  const auto viewer = surface.services.authenticator.authenticate(request);
  return !viewer || viewer->user_id != share.user_id;
}

Result<http::Response> show(const Surface& surface, const http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto contents = surface.services.shares.look(
      token_of(request), [&](const Share& share) { return has_entered(surface, request, share); }, *page);
  if (!contents) return std::unexpected(contents.error());
  const std::optional<std::string> next_cursor = cut_to(contents->images, limit);
  const app::SharePage& shown = contents->page;
  if (!page->after && counts(surface, request, shown.share)) {
    surface.services.views.add_share(shown.share.id);
    if (!shown.album) surface.services.views.add(contents->images.front().image.id);
  }
  const ShareAddress address = address_of(surface, request);
  if (!wants_page(request)) return share_response(address, shown, contents->images, next_cursor);
  return html_response(surface, 200,
                       shown.album ? album_page(address, *contents, next_cursor) : image_page(address, *contents));
}

Result<http::Response> show_picture(const Surface& surface, const http::Request& request) {
  const auto picture =
      surface.services.shares.look_at(token_of(request), request.path_parameter("name"),
                                      [&](const Share& share) { return has_entered(surface, request, share); });
  if (!picture) return std::unexpected(picture.error());
  if (counts(surface, request, picture->page.share)) surface.services.views.add(picture->image.image.id);
  const ShareAddress address = address_of(surface, request);
  if (wants_page(request)) return html_response(surface, 200, picture_page(address, *picture));
  return share_response(address, picture->page, {picture->image}, std::nullopt);
}

Result<std::string> password_from(const http::Request& request) {
  if (media_type_of(request) == "application/json") {
    const auto body = parse_json_body(request);
    if (!body) return std::unexpected(body.error());
    ObjectReader fields(*body);
    std::string password = fields.required_string("password", 1, app::kSharePasswordBytesMax);
    if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
    return password;
  }
  if (media_type_of(request) != "application/x-www-form-urlencoded") {
    return fail(ErrorCode::kUnsupportedMediaType, "The body must be a form or JSON");
  }
  const auto fields = parse_form_body(request.body);
  if (!fields) return std::unexpected(fields.error());
  const auto password = fields->find("password");
  return password == fields->end() ? std::string() : password->second;
}

Result<http::Response> enter(const Surface& surface, const http::Request& request) {
  const auto password = password_from(request);
  if (!password) return std::unexpected(password.error());
  const auto share = surface.services.shares.enter(token_of(request), *password, request.remote_address);
  if (!share) return std::unexpected(share.error());
  http::Response response = json_response(200, {{"entered", true}});
  if (wants_page(request)) {
    response = http::text_response(303, {}, kHtmlMediaType);
    response.headers.add("Location", address_of(surface, request).path);
  }
  response.headers.add("Set-Cookie", entry_cookie(surface, request, *share, address_of(surface, request).path));
  add_private_headers(response);
  return response;
}

// ---- Pictures

// The variant that a path's last segment asks for; nothing when it is no variant's name.
std::optional<std::string> variant_name(std::string_view segment) {
  if (segment == "download") return kPublished;
  if (segment == "thumb" || segment == "medium" || segment == "large") return std::string(segment);
  return std::nullopt;
}

Result<http::Response> object_response(const Surface& surface, const http::Request& request, const Variant& variant,
                                       const std::string& download_name) {
  http::Response response;
  if (surface.options.serves_objects) {
    // Kept by the browser, but asked for again each time: then the share is looked up again too.
    auto sent =
        stored_object(surface.services.objects, request, variant.object_key, {"private, no-cache", download_name});
    if (!sent) return sent;
    response = std::move(*sent);
  } else {
    const Delivery delivery{surface.services.clock.now_ms() + kPictureUrlMs, download_name};
    response = redirect_to(surface.services.objects.signed_url(variant.object_key, delivery), "private, no-store");
  }
  response.headers.set("Vary", "Accept, Cookie");
  response.headers.set("X-Robots-Tag", "noindex, nofollow");
  return response;
}

Result<app::Shares::Picture> picture_of(const Surface& surface, const http::Request& request,
                                        std::string_view image_id) {
  return surface.services.shares.picture(token_of(request), image_id,
                                         [&](const Share& share) { return has_entered(surface, request, share); });
}

Result<http::Response> send_variant(const Surface& surface, const http::Request& request, std::string_view image_id,
                                    const std::string& name) {
  const auto picture = picture_of(surface, request, image_id);
  if (!picture) return std::unexpected(picture.error());
  const Variant* variant = app::variant_for(picture->image.variants, name, formats_read(request).webp);
  if (variant == nullptr) {
    return fail(ErrorCode::kNotFound, "This picture is not ready yet", "Please try again in a moment");
  }
  return object_response(surface, request, *variant, {});
}

Result<app::Shares::Picture> downloadable(const Surface& surface, const http::Request& request,
                                          std::string_view image_id) {
  auto picture = picture_of(surface, request, image_id);
  if (!picture || picture->share.role == ShareRole::kDownloader) return picture;
  return fail(ErrorCode::kForbidden, "This link is for looking only", "Ask whoever sent it for one to download by");
}

// What one who waits for a copy is answered; nothing while it is being made, unless he has waited long enough.
std::optional<Result<http::Response>> look(const Surface& surface, const http::Request& request,
                                           const std::string& image_id, const app::Renditions::Ticket& ticket,
                                           bool is_last) {
  const auto outcome = surface.services.renditions.outcome(ticket);
  if (!outcome && !is_last) return std::nullopt;
  if (!outcome) {
    auto late = fail(ErrorCode::kDeadlineExceeded, "The download is still being prepared", "Please try again soon");
    late.error().retry_after_seconds = kCopyRetrySeconds;
    return late;
  }
  if (!*outcome) return std::unexpected(outcome->error());
  const auto picture = downloadable(surface, request, image_id);  // the share may have been revoked meanwhile
  if (!picture) return std::unexpected(picture.error());
  return object_response(surface, request, **outcome,
                         app::download_name(picture->image.image, false, kPublished, (*outcome)->format));
}

// The published copy, never the original. Whoever asks for one that is not there yet has it made, and waits for it
// without holding a thread.
Result<http::Response> send_copy(const Surface& surface, const http::Request& request, const std::string& image_id) {
  const auto picture = downloadable(surface, request, image_id);
  if (!picture) return std::unexpected(picture.error());
  const Image& image = picture->image.image;
  const VariantKey key = published_key(image);
  const auto found = surface.services.renditions.find(image, key);
  if (!found) return std::unexpected(found.error());
  if (*found) return object_response(surface, request, **found, app::download_name(image, false, key.name, key.format));
  if (auto admitted = admit_making(surface, request, image, key); !admitted) {
    return std::unexpected(admitted.error());
  }
  auto ticket = surface.services.renditions.make(image, key);
  if (!ticket) return std::unexpected(ticket.error());
  auto wait = std::make_shared<http::Wait>();
  wait->subscribe = subscription(surface.services.notifier, app::rendition_topic(image.id, key));
  wait->attempt = [surface, request, image_id, ticket = std::move(*ticket)](bool is_last) {
    auto answered = look(surface, request, image_id, *ticket, is_last);
    return answered ? std::optional(rendered(surface, request, std::move(*answered))) : std::nullopt;
  };
  wait->timeout = std::chrono::seconds(surface.services.renditions.rules().make_seconds_max + kCopyRetrySeconds);
  http::Response response;
  response.body = std::move(wait);
  return response;
}

Result<http::Response> send_picture(const Surface& surface, const http::Request& request, const std::string& image_id,
                                    const std::string& name) {
  return name == kPublished ? send_copy(surface, request, image_id) : send_variant(surface, request, image_id, name);
}

// An image's share has its pictures right below it, an album's has its images there.
Result<http::Response> below(const Surface& surface, const http::Request& request) {
  const auto name = variant_name(request.path_parameter("name"));
  return name ? send_picture(surface, request, {}, *name) : show_picture(surface, request);
}

Result<http::Response> picture_of_album(const Surface& surface, const http::Request& request) {
  const auto name = variant_name(request.path_parameter("variant"));
  if (!name) return fail(ErrorCode::kNotFound, "There is nothing here");
  return send_picture(surface, request, std::string(request.path_parameter("image_id")), *name);
}

}  // namespace

void add_share_page_routes(http::Router& router, const Surface& surface) {
  router.add({.method = http::Method::kGet, .pattern = "/s/{token}", .handler = page_handler(surface, show)});
  router.add({.method = http::Method::kPost,
              .pattern = "/s/{token}",
              .handler = page_handler(surface, enter),
              .body = {http::BodyKind::kMemory, kFormBytesMax}});
  router.add({.method = http::Method::kGet, .pattern = "/s/{token}/{name}", .handler = page_handler(surface, below)});
  router.add({.method = http::Method::kGet,
              .pattern = "/s/{token}/{image_id}/{variant}",
              .handler = page_handler(surface, picture_of_album)});
}

}  // namespace tintype::api::hosting
