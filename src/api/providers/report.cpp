#include "api/providers/report.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "base/bytes.h"
#include "webhook/signature.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kToleranceSeconds = 300;
constexpr std::size_t kSignaturesMax = 16;

std::unexpected<Error> not_signed(std::string why) {
  return fail(ErrorCode::kInvalidSignature, std::move(why), "Please sign the report with the secret of this receiver");
}

std::optional<std::int64_t> seconds_in(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return seconds;
}

// The header lists signatures with blanks between, one for each secret that its sender has.
bool holds(std::string_view listed, const std::string& expected) {
  for (std::size_t count = 0; !listed.empty() && count < kSignaturesMax; ++count) {
    const std::string_view one = listed.substr(0, listed.find(' '));
    if (constant_time_equal(one, expected)) return true;
    listed.remove_prefix(std::min(one.size() + 1, listed.size()));
  }
  return false;
}

}  // namespace

Result<void> check_report(const http::Request& request, const std::vector<std::string>& secrets, UnixMs now_ms) {
  const auto id = request.headers.find("webhook-id"), timestamp = request.headers.find("webhook-timestamp"),
             signatures = request.headers.find("webhook-signature");
  if (!id || !timestamp || !signatures) return not_signed("The report is not signed");
  const auto seconds = seconds_in(*timestamp);
  const std::int64_t now = now_ms / 1'000;
  if (!seconds || *seconds < now - kToleranceSeconds || *seconds > now + kToleranceSeconds) {
    return not_signed("The report's time is not now");
  }
  for (const std::string& secret : secrets) {
    if (holds(*signatures, webhook::standard_signature(secret, *id, *seconds, request.body))) return {};
  }
  return not_signed("The report's signature does not hold");
}

}  // namespace tintype::api
