// The pages of shares as HTML that needs no script. Every text of a user is escaped; links to pictures go through the
// share's own path, where each request is checked.
#pragma once

#include <optional>
#include <string>

#include "app/shares.h"

namespace tintype::api::hosting {

// Where a share is: "/s/{token}", and with the public host before it.
struct ShareAddress {
  std::string path;
  std::string url;
};

struct HtmlPage {
  std::string text;
  std::string style_hash;  // base64 of the SHA-256 of its one style element (CSP Level 3, section 2.3.1)
};

HtmlPage album_page(const ShareAddress& address, const app::ShareContents& contents,
                    const std::optional<std::string>& next_cursor);
HtmlPage image_page(const ShareAddress& address, const app::ShareContents& contents);
HtmlPage picture_page(const ShareAddress& address, const app::SharedPicture& picture);  // one of an album
HtmlPage password_page(const ShareAddress& address, const std::string& complaint);      // empty at first
HtmlPage notice_page(const std::string& title, const std::string& text);

// The path of a picture's variant below the share's; of an image's share `image_id` is empty.
std::string picture_path(const std::string& share, const std::string& image_id, const std::string& variant);

// The average colour that a ThumbHash (base64) holds, as CSS writes it: "#a1b2c3". Nothing when it is none, or of a
// picture that is mostly transparent.
std::optional<std::string> average_colour(const std::string& thumb_hash);

}  // namespace tintype::api::hosting
