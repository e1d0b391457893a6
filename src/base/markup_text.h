// Text inside XML and HTML.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// Fit for an element's text and for an attribute in either kind of quotes, in both languages: nothing in it is markup.
// Characters that XML cannot hold become '?'.
std::string markup_escape(std::string_view text);

}  // namespace tintype
