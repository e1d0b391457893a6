// What a client says of its body, held against the bytes as they pass: Content-MD5, x-amz-content-sha256, and the
// x-amz-checksum- headers or trailers of the SDKs ("Checking object integrity", Amazon S3 User Guide).
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/objects/operation.h"
#include "base/digest.h"

namespace tintype::api {

class BodyChecks {
 public:
  // InvalidDigest or InvalidRequest for a claim that cannot be one.
  static S3Result<BodyChecks> of(const http::Request& request, const ObjectGateway::Grant& grant);

  void update(std::string_view bytes);
  // The MD5, raw, of bytes for which every claim holds; BadDigest, XAmzContentSHA256Mismatch or MalformedTrailerError
  // otherwise. Call once.
  S3Result<std::string> finish(const std::vector<std::pair<std::string, std::string>>& trailers);

 private:
  struct Claim {
    std::string name;  // as the client calls it
    Digest digest;
    std::optional<std::string> expected;  // raw; none yet of a trailer
  };
  BodyChecks() = default;

  Digest md5_{DigestKind::kMd5};
  std::optional<std::string> expected_md5_;
  std::vector<Claim> claims_;
};

}  // namespace tintype::api
