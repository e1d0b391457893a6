#include "api/hosting/share_html.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "api/hosting/share_style.h"
#include "base/bytes.h"
#include "base/markup_text.h"

namespace tintype::api::hosting {

namespace {

constexpr std::array kDisplayNames = {"thumb", "medium", "large"};  // ascending
constexpr std::size_t kSeenAtOnce = 12;                             // about as many as a first screen shows
// Beyond these a picture in the grid is cut, so that no panorama is a thread and no tower fills the screen.
constexpr double kGridRatioMin = 0.6;
constexpr double kGridRatioMax = 2.4;

std::string decimal(double number) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", number);
  return text;
}

double ratio_of(const Image& image) {
  return image.height_px > 0 ? static_cast<double>(image.width_px) / image.height_px : 1.0;
}

std::string title_of(const Image& image) {
  return image.title.empty() ? "Untitled picture" : image.title;
}

const Variant* widest(const app::SharedImage& image) {
  const Variant* best = nullptr;
  for (const char* name : kDisplayNames) {
    if (const Variant* found = app::variant_for(image.variants, name, true)) best = found;
  }
  return best;
}

// The rule that gives a picture its box before it is there.
std::string picture_rule(std::size_t number, const app::SharedImage& image, double ratio) {
  const Variant* variant = widest(image);
  return ".p" + std::to_string(number) + "{--r:" + decimal(ratio) +
         ";--c:" + average_colour(image.image.thumb_hash).value_or("var(--box)") +
         ";--w:" + std::to_string(variant != nullptr ? variant->width_px : image.image.width_px) + "}\n";
}

// An img element of all variants that are ready; empty when none is.
std::string img(const std::string& share, const std::string& image_id, const app::SharedImage& image,
                const std::string& sizes, const std::string& attributes) {
  std::string set, source;
  for (const char* name : kDisplayNames) {
    const Variant* variant = app::variant_for(image.variants, name, true);
    if (variant == nullptr) continue;
    source = picture_path(share, image_id, name);
    set += (set.empty() ? "" : ", ") + source + " " + std::to_string(variant->width_px) + "w";
  }
  if (source.empty()) return {};
  return "<img src=\"" + source + "\" srcset=\"" + set + "\" sizes=\"" + sizes + "\" width=\"" +
         std::to_string(image.image.width_px) + "\" height=\"" + std::to_string(image.image.height_px) + "\" alt=\"" +
         markup_escape(title_of(image.image)) + "\"" + attributes + ">";
}

// What a link to the page shows in a chat (https://ogp.me).
std::string open_graph(const std::string& title, const std::string& description, const std::string& url,
                       const std::string& picture_url, const app::SharedImage* image) {
  const auto property = [](const char* name, const std::string& content) {
    return content.empty()
               ? std::string()
               : std::string("<meta property=\"og:") + name + "\" content=\"" + markup_escape(content) + "\">\n";
  };
  std::string tags = property("type", "website") + property("site_name", "Tintype") + property("title", title) +
                     property("description", description) + property("url", url);
  const Variant* variant = image != nullptr ? widest(*image) : nullptr;
  if (variant == nullptr) return tags + "<meta name=\"twitter:card\" content=\"summary\">\n";
  return tags + property("image", picture_url + "/" + variant->name) +
         property("image:width", std::to_string(variant->width_px)) +
         property("image:height", std::to_string(variant->height_px)) + property("image:alt", title_of(image->image)) +
         "<meta name=\"twitter:card\" content=\"summary_large_image\">\n";
}

struct Parts {
  std::string title;
  std::string description;
  std::string head;   // more of it
  std::string rules;  // of this page's pictures
  std::string body;
};

HtmlPage document(const Parts& parts) {
  const std::string style = kShareStyle + parts.rules;
  HtmlPage page;
  page.style_hash = base64_encode(sha256(style));
  page.text = "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>" +
              markup_escape(parts.title) +
              "</title>\n<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
              "<meta name=\"robots\" content=\"noindex,nofollow\">\n<meta name=\"referrer\" content=\"no-referrer\">\n"
              "<link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\n";
  if (!parts.description.empty()) {
    page.text += "<meta name=\"description\" content=\"" + markup_escape(parts.description) + "\">\n";
  }
  page.text += parts.head + "<style>" + style + "</style>\n</head>\n<body>\n" + parts.body +
               "<footer>Shared with Tintype</footer>\n</body>\n</html>\n";
  return page;
}

std::string by(const app::SharePage& page) {
  return page.owner_name.empty() ? std::string() : "by " + page.owner_name;
}

std::string text_paragraph(const std::string& text) {
  return text.empty() ? std::string() : "<p class=\"text\" dir=\"auto\">" + markup_escape(text) + "</p>\n";
}

std::string quiet_paragraph(const std::string& text) {
  return text.empty() ? std::string() : "<p class=\"quiet\" dir=\"auto\">" + markup_escape(text) + "</p>\n";
}

// A picture alone, with what stands below it and perhaps links to its neighbours.
std::string one_picture(const std::string& share, const std::string& image_id, const app::SharePage& page,
                        const app::SharedImage& image, const std::string& steps, const std::string& back) {
  std::string shown =
      img(share, image_id, image, "min(100vw,calc((100vh - 11rem)*" + decimal(ratio_of(image.image)) + "))",
          " class=\"p0\" fetchpriority=\"high\"");
  if (shown.empty()) shown = "<div class=\"box p0\"><span class=\"soon\">This picture is being prepared</span></div>";
  std::string body = "<main>\n<div class=\"stage\">" + steps + shown + "</div>\n<div class=\"caption\">\n<div>\n";
  const char* heading = image.image.title.empty() ? "<h1 class=\"unseen\">" : "<h1 dir=\"auto\">";
  body += back + heading + markup_escape(title_of(image.image)) + "</h1>\n" + quiet_paragraph(by(page)) +
          text_paragraph(image.image.description) + "</div>\n";
  if (page.share.role == ShareRole::kDownloader) {
    body += "<a class=\"button\" href=\"" + picture_path(share, image_id, "download") + "\" download>Download</a>\n";
  }
  return body + "</div>\n</main>\n";
}

std::string arrow(const char* path) {
  return "<svg viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"" + std::string(path) + "\"/></svg>";
}
constexpr const char* kArrowLeft = "M10 3 5 8l5 5";
constexpr const char* kArrowRight = "m6 3 5 5-5 5";

std::string step(const std::string& share, const std::string& image_id, const char* side, const char* label,
                 const char* path) {
  if (image_id.empty()) return {};
  return "<a class=\"step " + std::string(side) + "\" href=\"" + share + "/" + image_id + "\" aria-label=\"" + label +
         "\"><span>" + arrow(path) + "</span></a>";
}

std::string grid_item(const std::string& share, const app::SharedImage& image, std::size_t number, double ratio) {
  const std::string& id = image.image.id;
  std::string shown = img(share, id, image, "calc(" + decimal(1.25 * ratio) + "*" TINTYPE_SHARE_ROW ")",
                          number < kSeenAtOnce ? " decoding=\"async\"" : " loading=\"lazy\" decoding=\"async\"");
  if (shown.empty()) {
    shown = "<span class=\"soon\">" + markup_escape(title_of(image.image)) + ": being prepared</span>";
  }
  return "<li class=\"p" + std::to_string(number) + "\"><a href=\"" + share + "/" + id + "\">" + shown + "</a></li>\n";
}

}  // namespace

std::string picture_path(const std::string& share, const std::string& image_id, const std::string& variant) {
  return share + (image_id.empty() ? "" : "/" + image_id) + "/" + variant;
}

std::optional<std::string> average_colour(const std::string& thumb_hash) {
  const auto bytes = base64_decode(thumb_hash);
  if (!bytes || bytes->size() < 5) return std::nullopt;
  const auto byte = [&](std::size_t at) { return static_cast<unsigned>(static_cast<unsigned char>((*bytes)[at])); };
  const unsigned header = byte(0) | byte(1) << 8 | byte(2) << 16;
  const bool has_alpha = (header >> 23) != 0;
  if (has_alpha && (bytes->size() < 6 || (byte(5) & 15) < 8)) return std::nullopt;
  const double luminance = (header & 63) / 63.0;
  const double yellow_blue = ((header >> 6) & 63) / 31.5 - 1;
  const double red_green = ((header >> 12) & 63) / 31.5 - 1;
  const double blue = luminance - 2.0 / 3.0 * yellow_blue;
  const double red = (3 * luminance - blue + red_green) / 2;
  const double green = red - red_green;
  const auto level = [](double value) { return static_cast<int>(std::lround(std::clamp(value, 0.0, 1.0) * 255)); };
  char text[8];
  std::snprintf(text, sizeof text, "#%02x%02x%02x", level(red), level(green), level(blue));
  return text;
}

HtmlPage album_page(const ShareAddress& address, const app::ShareContents& contents,
                    const std::optional<std::string>& next_cursor) {
  const Album& album = *contents.page.album;
  const std::string count = std::to_string(album.image_count) + (album.image_count == 1 ? " picture" : " pictures");
  const std::string summary = contents.page.owner_name.empty() ? count : count + " " + by(contents.page);
  const app::SharedImage* cover = contents.images.empty() ? nullptr : &contents.images.front();
  for (const app::SharedImage& image : contents.images) {
    if (image.image.id == album.cover_image_id) cover = &image;
  }
  Parts parts;
  parts.title = album.name;
  parts.description = album.description.empty() ? summary : album.description;
  parts.head = open_graph(album.name, parts.description, address.url,
                          cover != nullptr ? address.url + "/" + cover->image.id : std::string(), cover);
  parts.body = "<header class=\"head\">\n<h1 dir=\"auto\">" + markup_escape(album.name) + "</h1>\n" +
               quiet_paragraph(summary) + text_paragraph(album.description) + "</header>\n<main>\n";
  if (contents.images.empty()) {
    parts.body += "<p class=\"empty quiet\">There is no picture here yet.</p>\n";
  } else {
    parts.body += "<ul class=\"grid\">\n";
    for (std::size_t at = 0; at < contents.images.size(); ++at) {
      const app::SharedImage& image = contents.images[at];
      const double ratio = std::clamp(ratio_of(image.image), kGridRatioMin, kGridRatioMax);
      parts.rules += picture_rule(at, image, ratio);
      parts.body += grid_item(address.path, image, at, ratio);
    }
    parts.body += "</ul>\n";
  }
  if (next_cursor) {
    parts.body += "<p class=\"more\"><a class=\"button\" href=\"" + address.path + "?cursor=" + *next_cursor +
                  "\" rel=\"next\">More pictures</a></p>\n";
  }
  parts.body += "</main>\n";
  return document(parts);
}

HtmlPage image_page(const ShareAddress& address, const app::ShareContents& contents) {
  const app::SharedImage& image = contents.images.front();
  Parts parts;
  parts.title = title_of(image.image);
  parts.description = image.image.description.empty() ? by(contents.page) : image.image.description;
  parts.head = open_graph(parts.title, parts.description, address.url, address.url, &image);
  parts.rules = picture_rule(0, image, ratio_of(image.image));
  parts.body = one_picture(address.path, {}, contents.page, image, {}, {});
  return document(parts);
}

HtmlPage picture_page(const ShareAddress& address, const app::SharedPicture& picture) {
  const app::SharedImage& image = picture.image;
  const Album& album = *picture.page.album;
  const std::string url = address.url + "/" + image.image.id;
  Parts parts;
  parts.title = title_of(image.image) + " \xc2\xb7 " + album.name;
  parts.description = image.image.description;
  parts.head = open_graph(parts.title, parts.description, url, url, &image);
  parts.rules = picture_rule(0, image, ratio_of(image.image));
  const std::string steps = step(address.path, picture.image_id_before, "before", "Previous picture", kArrowLeft) +
                            step(address.path, picture.image_id_behind, "behind", "Next picture", kArrowRight);
  const std::string back = "<p class=\"quiet\"><a class=\"back\" href=\"" + address.path + "\" dir=\"auto\">" +
                           arrow(kArrowLeft) + markup_escape(album.name) + "</a></p>\n";
  parts.body = one_picture(address.path, image.image.id, picture.page, image, steps, back);
  return document(parts);
}

HtmlPage password_page(const ShareAddress& address, const std::string& complaint) {
  Parts parts;
  parts.title = "Password needed";
  parts.body =
      "<main class=\"note\">\n<h1>This link asks for a password</h1>\n"
      "<p class=\"quiet\">Whoever sent you the link knows it.</p>\n<form method=\"post\" action=\"" +
      address.path +
      "\">\n<label for=\"password\">Password</label>\n"
      "<input id=\"password\" name=\"password\" type=\"password\" autocomplete=\"off\" required autofocus "
      "maxlength=\"512\"" +
      (complaint.empty() ? std::string(">\n")
                         : " aria-invalid=\"true\" aria-describedby=\"wrong\">\n<p id=\"wrong\" class=\"wrong\" "
                           "role=\"alert\">" +
                               markup_escape(complaint) + "</p>\n") +
      "<button class=\"button full\" type=\"submit\">Open</button>\n</form>\n</main>\n";
  return document(parts);
}

HtmlPage notice_page(const std::string& title, const std::string& text) {
  Parts parts;
  parts.title = title;
  parts.body = "<main class=\"note\">\n<h1>" + markup_escape(title) + "</h1>\n<p class=\"quiet\">" +
               markup_escape(text) + "</p>\n</main>\n";
  return document(parts);
}

}  // namespace tintype::api::hosting
