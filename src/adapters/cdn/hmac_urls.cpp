#include "adapters/cdn/hmac_urls.h"

namespace tintype {

namespace {

constexpr std::string_view kPath = "/cdn/";
constexpr const char* kDownload = "download";

}  // namespace

HmacUrls::HmacUrls(std::string cdn_url, std::vector<std::string> keys)
    : cdn_url_(std::move(cdn_url)), signer_(std::move(keys)) {}

std::string HmacUrls::object_url(std::string_view key, const Delivery& delivery) const {
  SignedTarget target;
  target.path.append(kPath).append(key);
  if (!delivery.download_name.empty()) target.parameters.emplace_back(kDownload, delivery.download_name);
  target.expires_at_ms = (delivery.expires_at_ms + 999) / 1'000 * 1'000;
  return cdn_url_ + signer_.sign(target);
}

Result<OriginVerifier::Grant> HmacUrls::verify(std::string_view target, UnixMs now_ms) const {
  auto verified = signer_.verify(target, now_ms);
  if (!verified || !verified->path.starts_with(kPath)) {
    return fail(ErrorCode::kForbidden, "This link does not hold or has expired", "Please ask for a fresh one");
  }
  return Grant{verified->path.substr(kPath.size()),
               {verified->expires_at_ms, std::string(verified->parameter(kDownload))}};
}

}  // namespace tintype
