// What a download is called.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// The value of a Content-Disposition header that makes browsers save the body under this name, which may hold any text
// in UTF-8 (RFC 6266: a plain name for old clients, the true one encoded by RFC 8187).
std::string attachment_named(std::string_view name);

}  // namespace tintype
