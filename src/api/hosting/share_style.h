// How the pages of shares look. One style element a page, named to the browser by its hash, so that nothing else on the
// page can style it.
#pragma once

namespace tintype::api::hosting {

// CSS. A page adds a rule for each picture: .pN { --r: width by height; --c: its colour; --w: its width in pixels }.
extern const char* const kShareStyle;

// How high the rows of an album are before they are stretched to its width. Part of kShareStyle and of each `sizes`.
#define TINTYPE_SHARE_ROW "max(6.5rem,min(22vw,19rem))"

}  // namespace tintype::api::hosting
