#include "api/hosting/share_entry.h"

#include <charconv>

#include "base/bytes.h"

namespace tintype::api::hosting {

namespace {

constexpr std::int64_t kEnteredMs = 12LL * 3'600 * 1'000;  // how long a browser need not ask for the password again
constexpr const char* kCookie = "tintype-share";

std::string signature(const Surface& surface, const Share& share, const std::string& expires_at_ms) {
  const std::string key = hmac_sha256(surface.options.secret, "the cookie of a share");
  return base64url_encode(hmac_sha256(key, share.id + "\n" + share.password_hash + "\n" + expires_at_ms));
}

}  // namespace

bool has_entered(const Surface& surface, const http::Request& request, const Share& share) {
  const auto cookie = request.cookie(kCookie);
  const std::size_t dot = cookie ? cookie->find('.') : std::string_view::npos;
  if (dot == std::string_view::npos) return false;
  const std::string expires(cookie->substr(0, dot));
  UnixMs expires_at_ms = 0;
  const auto [end, error] = std::from_chars(expires.data(), expires.data() + expires.size(), expires_at_ms);
  if (error != std::errc() || end != expires.data() + expires.size()) return false;
  if (expires_at_ms <= surface.services.clock.now_ms()) return false;
  return constant_time_equal(signature(surface, share, expires), cookie->substr(dot + 1));
}

std::string entry_cookie(const Surface& surface, const http::Request& request, const Share& share,
                         const std::string& path) {
  const std::string expires = std::to_string(surface.services.clock.now_ms() + kEnteredMs);
  return std::string(kCookie) + "=" + expires + "." + signature(surface, share, expires) + "; Path=" + path +
         "; HttpOnly; SameSite=Lax" + (request.secure ? "; Secure" : "") +
         "; Max-Age=" + std::to_string(kEnteredMs / 1'000);
}

}  // namespace tintype::api::hosting
