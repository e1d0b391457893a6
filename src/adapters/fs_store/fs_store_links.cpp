// The links that FsStore signs and checks.
#include "adapters/fs_store/fs_store.h"

#include <charconv>

#include "base/bytes.h"

namespace tintype {

namespace {

constexpr std::string_view kUrlPath = "/objects/";

}  // namespace

std::string FsStore::signature_of(std::string_view method, std::string_view signed_part) const {
  std::string text(method);
  return base64url_encode(hmac_sha256(options_.signing_key, text.append("\n").append(signed_part)));
}

std::string FsStore::signed_target(std::string_view method, std::string target) const {
  const std::string signature = signature_of(method, target);
  return options_.public_url + target + "&signature=" + signature;
}

std::string FsStore::signed_url(std::string_view key, const Delivery& delivery) const {
  std::string target(kUrlPath);
  target.append(key).append("?expires=").append(std::to_string(delivery.expires_at_ms / 1000));
  if (!delivery.download_name.empty()) target += "&download=" + percent_encode(delivery.download_name);
  return signed_target("GET", std::move(target));
}

std::string FsStore::signed_part_url(std::string_view key, std::string_view upload_id, int part_number,
                                     std::optional<std::int64_t> size_bytes, UnixMs expires_at_ms) const {
  std::string target(kUrlPath);
  target.append(key).append("?expires=").append(std::to_string(expires_at_ms / 1000));
  if (size_bytes) target.append("&length=").append(std::to_string(*size_bytes));
  target.append("&partNumber=").append(std::to_string(part_number)).append("&uploadId=").append(upload_id);
  return signed_target("PUT", std::move(target));
}

std::string FsStore::signed_put_url(std::string_view key, std::optional<std::int64_t> size_bytes,
                                    UnixMs expires_at_ms) const {
  std::string target(kUrlPath);
  target.append(key).append("?expires=").append(std::to_string(expires_at_ms / 1000));
  if (size_bytes) target.append("&length=").append(std::to_string(*size_bytes));
  return signed_target("PUT", std::move(target));
}

Result<SignedUrlVerifier::Grant> FsStore::verify(std::string_view target, UnixMs now_ms) const {
  const auto refused = [] {
    return fail(ErrorCode::kForbidden, "This link does not hold or has expired", "Please ask for a fresh one");
  };
  constexpr std::string_view kSignature = "&signature=";
  const std::size_t at = target.rfind(kSignature);
  if (!target.starts_with(kUrlPath) || at == std::string_view::npos) return refused();
  const std::string_view signed_part = target.substr(0, at);
  if (!constant_time_equal(signature_of("GET", signed_part), target.substr(at + kSignature.size()))) return refused();
  // From here on the target is one that we made.
  const std::size_t question = signed_part.find('?');
  constexpr std::string_view kExpires = "expires=";
  std::string_view query = signed_part.substr(question + 1);
  if (question == std::string_view::npos || !query.starts_with(kExpires)) return refused();
  std::int64_t expires = 0;
  std::from_chars(query.data() + kExpires.size(), query.data() + query.size(), expires);
  if (expires * 1000 <= now_ms) return refused();
  Grant grant{std::string(signed_part.substr(kUrlPath.size(), question - kUrlPath.size())), {expires * 1000, {}}};
  constexpr std::string_view kDownload = "&download=";
  if (const std::size_t name = query.find(kDownload); name != std::string_view::npos) {
    grant.delivery.download_name = percent_decode(query.substr(name + kDownload.size()), false).value_or("");
  }
  return grant;
}

}  // namespace tintype
