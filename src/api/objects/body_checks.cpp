#include "api/objects/body_checks.h"

#include <algorithm>

#include "base/bytes.h"

namespace tintype::api {

namespace {

constexpr std::string_view kPayload = "x-amz-content-sha256";
constexpr std::pair<std::string_view, DigestKind> kChecksums[] = {{"x-amz-checksum-crc32", DigestKind::kCrc32},
                                                                  {"x-amz-checksum-crc32c", DigestKind::kCrc32c},
                                                                  {"x-amz-checksum-crc64nvme", DigestKind::kCrc64Nvme},
                                                                  {"x-amz-checksum-sha1", DigestKind::kSha1},
                                                                  {"x-amz-checksum-sha256", DigestKind::kSha256}};

std::size_t bytes_of(DigestKind kind) {
  switch (kind) {
    case DigestKind::kMd5: return 16;
    case DigestKind::kSha1: return 20;
    case DigestKind::kSha256: return 32;
    case DigestKind::kCrc32:
    case DigestKind::kCrc32c: return 4;
    case DigestKind::kCrc64Nvme: return 8;
  }
  return 0;
}

S3Result<std::string> decoded(std::string_view name, std::string_view text, DigestKind kind) {
  auto raw = base64_decode(text);
  if (raw && raw->size() == bytes_of(kind)) return std::move(*raw);
  if (kind == DigestKind::kMd5) return s3_fail(400, "InvalidDigest", "The Content-MD5 you specified is not valid.");
  return s3_fail(400, "InvalidRequest", "Value for " + std::string(name) + " header is invalid.");
}

}  // namespace

S3Result<BodyChecks> BodyChecks::of(const http::Request& request, const ObjectGateway::Grant& grant) {
  BodyChecks checks;
  if (const auto md5 = request.headers.find("content-md5")) {
    auto raw = decoded("content-md5", *md5, DigestKind::kMd5);
    if (!raw) return std::unexpected(raw.error());
    checks.expected_md5_ = std::move(*raw);
  }
  if (grant.body == ObjectGateway::Body::kSha256) {
    checks.claims_.push_back(
        {std::string(kPayload), Digest(DigestKind::kSha256), hex_decode(grant.sha256).value_or(std::string())});
  }
  const std::string trailer = lower_case_of(request.headers.find("x-amz-trailer").value_or(""));
  bool trailer_known = trailer.empty();
  for (const auto& [name, kind] : kChecksums) {
    const auto claimed = header_or_parameter(request, grant, name);
    if (claimed) {
      auto raw = decoded(name, *claimed, kind);
      if (!raw) return std::unexpected(raw.error());
      // The SDKs presign without a body at hand, and put the checksum of no bytes into the URL.
      if (!request.headers.find(name) && *raw == Digest(kind).finish()) continue;
      checks.claims_.push_back({std::string(name), Digest(kind), std::move(*raw)});
    } else if (trailer == name) {
      checks.claims_.push_back({std::string(name), Digest(kind), std::nullopt});
      trailer_known = true;
    }
  }
  if (!trailer_known) {
    return s3_fail(400, "InvalidRequest", "The value specified in the x-amz-trailer header is not supported.");
  }
  return checks;
}

void BodyChecks::update(std::string_view bytes) {
  md5_.update(bytes);
  for (Claim& claim : claims_) claim.digest.update(bytes);
}

S3Result<std::string> BodyChecks::finish(const std::vector<std::pair<std::string, std::string>>& trailers) {
  for (Claim& claim : claims_) {
    if (!claim.expected) {
      const auto trailer = std::ranges::find(trailers, claim.name, &std::pair<std::string, std::string>::first);
      if (trailer == trailers.end()) {
        return s3_fail(400, "MalformedTrailerError", "The request lacks the trailer " + claim.name + ".");
      }
      auto raw = decoded(claim.name, trailer->second, claim.digest.kind());
      if (!raw) return raw;
      claim.expected = std::move(*raw);
    }
    if (claim.digest.finish() == *claim.expected) continue;
    if (claim.name == kPayload) {
      return s3_fail(400, "XAmzContentSHA256Mismatch",
                     "The provided 'x-amz-content-sha256' header does not match what was computed.");
    }
    return s3_fail(400, "BadDigest", "The " + claim.name + " you specified did not match the calculated checksum.");
  }
  std::string md5 = md5_.finish();
  if (expected_md5_ && md5 != *expected_md5_) {
    return s3_fail(400, "BadDigest", "The Content-MD5 you specified did not match what we received.");
  }
  return md5;
}

}  // namespace tintype::api
