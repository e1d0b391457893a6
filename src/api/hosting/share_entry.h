// Who has entered a share's password: he gets a cookie for this share's path alone, signed (HMAC-SHA256) over the
// share, its password and an end. Nothing is kept of it here.
#pragma once

#include <string>

#include "api/hosting/view.h"
#include "domain/share.h"

namespace tintype::api::hosting {

// Whether the request brings such a cookie, and it still holds.
bool has_entered(const Surface& surface, const http::Request& request, const Share& share);

// The Set-Cookie of one who has just entered it; `path` is the share's.
std::string entry_cookie(const Surface& surface, const http::Request& request, const Share& share,
                         const std::string& path);

}  // namespace tintype::api::hosting
