#include "api/studio/stripe_signature.h"

#include <charconv>
#include <cstdlib>
#include <optional>

#include "base/bytes.h"

namespace tintype::api::studio {

namespace {

constexpr std::size_t kSignaturesMax = 16;  // each costs a comparison

struct Header {
  std::string_view time;  // as it stands, as that is what is signed
  std::vector<std::string_view> signatures;
};

// Schemes that are not known are passed over, as Stripe asks for.
Header parse(std::string_view text) {
  Header header;
  while (!text.empty()) {
    std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (item.starts_with("t=") && header.time.empty()) header.time = item.substr(2);
    if (item.starts_with("v1=") && header.signatures.size() < kSignaturesMax) {
      header.signatures.push_back(item.substr(3));
    }
  }
  return header;
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 0) return std::nullopt;
  return seconds;
}

}  // namespace

bool is_by_stripe(std::string_view header_text, std::string_view body, const std::vector<std::string>& secrets,
                  UnixMs now_ms) {
  const Header header = parse(header_text);
  const auto seconds = seconds_of(header.time);
  if (!seconds) return false;
  std::string signed_text;
  signed_text.reserve(header.time.size() + 1 + body.size());
  signed_text.append(header.time).append(1, '.').append(body);
  bool is_signed = false;
  for (const std::string& secret : secrets) {
    const std::string expected = hex_encode(hmac_sha256(secret, signed_text));
    for (const std::string_view signature : header.signatures) {
      is_signed = constant_time_equal(expected, signature) || is_signed;
    }
  }
  const std::int64_t now_seconds = now_ms / 1'000;
  return is_signed && *seconds >= now_seconds - kStripeToleranceSeconds &&
         *seconds <= now_seconds + kStripeToleranceSeconds;
}

}  // namespace tintype::api::studio
