// For any CDN that takes this program for its origin and passes path and query on as they are:
//   {cdn_url}/cdn/{key}?[download=NAME&]expires=SECONDS&signature=...   (base/signed_target.h)
// The origin checks the signature, and the CDN keeps the answer under the whole URL until it expires.
#pragma once

#include <string>
#include <vector>

#include "base/signed_target.h"
#include "ports/url_signer.h"

namespace tintype {

class HmacUrls final : public UrlSigner, public OriginVerifier {
 public:
  // `cdn_url` without a trailing slash; `keys` newest first, one at least.
  HmacUrls(std::string cdn_url, std::vector<std::string> keys);
  std::string object_url(std::string_view key, const Delivery& delivery) const override;
  Result<Grant> verify(std::string_view target, UnixMs now_ms) const override;

 private:
  const std::string cdn_url_;
  const TargetSigner signer_;
};

}  // namespace tintype
