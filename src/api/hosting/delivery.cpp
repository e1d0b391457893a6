// GET /v1/images/{id}:view and :download: the URL of a picture, and what will come from it; or, with `redirect=true`,
// the way there, so that an <img> needs no script.
#include <algorithm>
#include <charconv>

#include "api/hosting/view.h"
#include "api/shared/accept.h"
#include "api/shared/authenticate.h"

namespace tintype::api::hosting {

namespace {

constexpr int kWishedSideMaxPx = 100'000;  // more is no size but a mistake
constexpr int kDprPercentMin = 50;
constexpr int kDprPercentMax = 800;

std::unexpected<Error> invalid(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message));
}

// A query whose parameters are known and stand once.
class Query {
 public:
  static Result<Query> of(const http::Request& request, std::initializer_list<std::string_view> known) {
    for (auto parameter = request.query.begin(); parameter != request.query.end(); ++parameter) {
      const std::string& name = parameter->first;
      if (std::ranges::find(known, name) == known.end()) return invalid("There is no parameter '" + name + "' here");
      const bool is_repeated =
          std::any_of(request.query.begin(), parameter, [&](const auto& before) { return before.first == name; });
      if (is_repeated) return invalid("The parameter " + name + " stands more than once");
    }
    return Query(request);
  }
  std::optional<std::string> text(std::string_view name) const {
    const auto found = request_.query_parameter(name);
    return found ? std::optional<std::string>(*found) : std::nullopt;
  }
  // Nothing when it is absent.
  Result<std::optional<int>> integer(std::string_view name, int min, int max) const {
    const auto given = text(name);
    if (!given) return std::nullopt;
    int value = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
    if (error != std::errc() || end != given->data() + given->size() || value < min || value > max) {
      return invalid(std::string(name) + " must be a whole number from " + std::to_string(min) + " to " +
                     std::to_string(max));
    }
    return value;
  }

 private:
  explicit Query(const http::Request& request) : request_(request) {}
  const http::Request& request_;
};

// "2", "1.5", "1.25": in hundredths.
Result<int> dpr_percent_from(const std::optional<std::string>& text) {
  if (!text) return 100;
  const auto wrong = [] { return invalid("dpr must be a number from 0.5 to 8 with at most two decimals"); };
  const std::size_t dot = text->find('.');
  std::string digits = text->substr(0, dot);
  std::string decimals = dot == std::string::npos ? std::string() : text->substr(dot + 1);
  if (digits.empty() || digits.size() > 2 || decimals.size() > 2 || (dot != std::string::npos && decimals.empty())) {
    return wrong();
  }
  decimals.resize(2, '0');
  digits += decimals;
  if (digits.find_first_not_of("0123456789") != std::string::npos) return wrong();
  int percent = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), percent);
  if (percent < kDprPercentMin || percent > kDprPercentMax) return wrong();
  return percent;
}

// Nothing for "auto" and when it is absent.
Result<std::optional<ImageFormat>> format_from(const std::optional<std::string>& text) {
  if (!text || *text == "auto") return std::nullopt;
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kWebp, ImageFormat::kAvif, ImageFormat::kPng}) {
    if (*text == image_format_name(format)) return format;
  }
  return invalid("format must be one of auto, webp, jpeg, avif and png");
}

Result<std::string> variant_from(const Query& query, const char* otherwise) {
  std::string name = query.text("variant").value_or(otherwise);
  if (name == app::kOriginal || is_display_variant(name)) return name;
  return invalid("variant must be thumb, medium, large or original");
}

Result<RenditionWish> rendition_from(const Query& query) {
  RenditionWish wish;
  const auto width = query.integer("w", 1, kWishedSideMaxPx), height = query.integer("h", 1, kWishedSideMaxPx);
  if (!width) return std::unexpected(width.error());
  if (!height) return std::unexpected(height.error());
  wish.width_px = *width;
  wish.height_px = *height;
  const auto quality = query.integer("q", 1, 100);
  if (!quality) return std::unexpected(quality.error());
  wish.quality = quality->value_or(wish.quality);
  const auto dpr_percent = dpr_percent_from(query.text("dpr"));
  if (!dpr_percent) return std::unexpected(dpr_percent.error());
  wish.dpr_percent = *dpr_percent;
  const std::string fit = query.text("fit").value_or("contain");
  if (fit != "contain" && fit != "cover") return invalid("fit must be contain or cover");
  wish.fit = fit == "cover" ? Fit::kCover : Fit::kContain;
  return wish;
}

Result<app::PictureWish> view_wish(const http::Request& request) {
  const auto query = Query::of(request, {"variant", "format", "w", "h", "fit", "q", "dpr", "redirect"});
  if (!query) return std::unexpected(query.error());
  const auto format = format_from(query->text("format"));
  if (!format) return std::unexpected(format.error());
  app::PictureWish wish;
  wish.format = *format;
  wish.read = formats_read(request);
  const bool is_rendition = std::ranges::any_of(request.query, [](const auto& one) {
    return one.first != "variant" && one.first != "format" && one.first != "redirect";
  });
  if (is_rendition && query->text("variant")) {
    return invalid("A picture is asked for by variant, or by w, h, fit, q and dpr, not by both");
  }
  if (!is_rendition) {
    auto variant = variant_from(*query, "large");
    if (!variant) return std::unexpected(variant.error());
    wish.variant = std::move(*variant);
    return wish;
  }
  auto rendition = rendition_from(*query);
  if (!rendition) return std::unexpected(rendition.error());
  wish.rendition = *rendition;
  return wish;
}

Result<app::PictureWish> download_wish(const http::Request& request) {
  const auto query = Query::of(request, {"variant", "format", "redirect"});
  if (!query) return std::unexpected(query.error());
  const auto format = format_from(query->text("format"));
  if (!format) return std::unexpected(format.error());
  auto variant = variant_from(*query, app::kOriginal);
  if (!variant) return std::unexpected(variant.error());
  app::PictureWish wish;
  wish.variant = std::move(*variant);
  wish.format = *format;
  wish.read = formats_read(request);
  wish.is_download = true;
  return wish;
}

Result<bool> is_redirect(const http::Request& request) {
  const std::string_view text = request.query_parameter("redirect").value_or("false");
  if (text != "true" && text != "false") return invalid("redirect must be true or false");
  return text == "true";
}

// A browser keeps it for half of the time that the URL lives at least, so that it never leads to one that has ended.
http::Response redirect_to(const app::DeliveredPicture& picture, std::int64_t view_url_seconds) {
  http::Response response{.status = 302};
  response.headers.add("Location", picture.url);
  response.headers.add("Cache-Control", "private, max-age=" + std::to_string(view_url_seconds / 2));
  response.headers.add("Vary", "Accept, Authorization, Cookie");
  return response;
}

using WishOf = Result<app::PictureWish> (*)(const http::Request&);

Result<http::Response> get_picture(const Surface& surface, const http::Request& request, WishOf wish_of) {
  const auto wish = wish_of(request);
  if (!wish) return std::unexpected(wish.error());
  const auto redirected = is_redirect(request);
  if (!redirected) return std::unexpected(redirected.error());
  const std::string_view image_id = request.path_parameter("id");
  const auto picture = surface.services.deliveries.picture(viewer_of(request), image_id, *wish);
  if (!picture) return std::unexpected(picture.error());
  if (picture->is_view_by_others && !wish->is_download && request.method == http::Method::kGet) {
    surface.services.views.add(image_id);
  }
  if (*redirected) return redirect_to(*picture, surface.options.view_url_seconds);
  http::Response response =
      json_response(200, {{"url", picture->url},
                          {"expires_in_sec", surface.options.view_url_seconds},
                          {"width", picture->extent.width_px},
                          {"height", picture->extent.height_px},
                          {"format", picture->format ? image_format_name(*picture->format) : "auto"},
                          {"variant", picture->variant}});
  // The URL is signed anew each time, and for him who asks.
  response.headers.add("Cache-Control", "private, no-store");
  return response;
}

void add_route(http::Router& router, const Surface& surface, const char* pattern, WishOf wish_of) {
  router.add({.method = http::Method::kGet,
              .pattern = pattern,
              .handler = handler(
                  [surface, wish_of](http::Request& request) { return get_picture(surface, request, wish_of); }),
              .place = surface.services.read_place(),
              .admit = admit_anyone(surface.services),
              .admit_place = admit_place(surface.services)});
}

}  // namespace

void add_delivery_routes(http::Router& router, const Surface& surface) {
  add_route(router, surface, "/v1/images/{id}:view", view_wish);
  add_route(router, surface, "/v1/images/{id}:download", download_wish);
}

}  // namespace tintype::api::hosting
