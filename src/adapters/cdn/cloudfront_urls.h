// Amazon CloudFront's signed URLs with a canned policy, whose origin is the S3 bucket of the objects:
//   {cdn_url}/{key}?[response-content-disposition=...&]Expires=SECONDS&Signature=...&Key-Pair-Id=...
// "Create a signed URL using a canned policy", Amazon CloudFront Developer Guide: RSA PKCS #1 v1.5 with SHA-1 over the
// policy, in base64 with '-', '_' and '~' for '+', '=' and '/'. For downloads the distribution has to pass the query
// parameter response-content-disposition on to the bucket.
#pragma once

#include <memory>
#include <string>

#include "ports/url_signer.h"

namespace tintype {

struct CloudfrontOptions {
  std::string cdn_url;      // no trailing slash
  std::string key_pair_id;  // of the public key that the distribution trusts
  std::string private_key;  // PEM, RSA
};

// The canned policy's text, without blanks. `resource` is the URL with its own query.
std::string canned_policy(std::string_view resource, std::int64_t expires_at_s);

class CloudfrontUrls final : public UrlSigner {
 public:
  // kInvalidInput when the key cannot be read or is no RSA key.
  static Result<std::unique_ptr<CloudfrontUrls>> create(CloudfrontOptions options);
  ~CloudfrontUrls() override;
  CloudfrontUrls(const CloudfrontUrls&) = delete;
  CloudfrontUrls& operator=(const CloudfrontUrls&) = delete;

  std::string object_url(std::string_view key, const Delivery& delivery) const override;

 private:
  struct State;
  explicit CloudfrontUrls(std::unique_ptr<State> state);
  std::string signed_url(const std::string& resource, std::int64_t expires_at_s) const;
  std::unique_ptr<State> state_;
};

}  // namespace tintype
