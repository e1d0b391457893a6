#include "adapters/fs_store/presigned.h"

#include <algorithm>
#include <stdexcept>

#include "adapters/fs_store/fs_store.h"
#include "adapters/s3_signature/chunk_chain.h"
#include "adapters/s3_signature/verify.h"
#include "base/bytes.h"
#include "base/content_disposition.h"

namespace tintype {

namespace fs_store {

namespace {

constexpr std::size_t kIdDigits = 18;

}  // namespace

std::vector<s3::Credentials> credentials_of(const std::vector<std::string>& signing_keys) {
  std::vector<s3::Credentials> all;
  for (const std::string& key : signing_keys) {
    if (key.empty()) throw std::invalid_argument("a signing key is empty");
    all.push_back({"TT" + hex_encode(sha256(key)).substr(0, kIdDigits), key});
  }
  if (all.empty()) throw std::invalid_argument("there is no signing key");
  return all;
}

}  // namespace fs_store

using namespace fs_store;

namespace {

constexpr UnixMs kStableMs = 15 * 60 * 1'000;

// As clients write it into the Host header: without a port that is the scheme's own.
std::string_view host_of(std::string_view url) {
  const bool secure = url.starts_with("https:");
  url.remove_prefix(std::min(url.find("://") + 3, url.size()));
  url = url.substr(0, url.find('/'));
  const std::string_view own = secure ? ":443" : ":80";
  if (url.ends_with(own)) url.remove_suffix(own.size());
  return url;
}

std::string path_of(std::string_view key) {
  return std::string("/").append(kBucket).append("/").append(key);
}

class Chunks final : public ChunkSignatures {
 public:
  explicit Chunks(s3::ChunkChain chain) : chain_(std::move(chain)) {}
  bool accept_chunk(std::string_view sha256, std::string_view signature) override {
    return chain_.accept_chunk(sha256, signature);
  }
  bool accept_trailer(std::string_view trailers, std::string_view signature) override {
    return chain_.accept_trailer(trailers, signature);
  }

 private:
  s3::ChunkChain chain_;
};

bool is_host(const s3::HeaderView& header) {
  return s3::lower_case(header.name) == "host";
}

ObjectGateway::Body body_of(s3::Payload payload) {
  switch (payload) {
    case s3::Payload::kUnsigned: return ObjectGateway::Body::kUnsigned;
    case s3::Payload::kSha256: return ObjectGateway::Body::kSha256;
    case s3::Payload::kStreamingUnsignedTrailer: return ObjectGateway::Body::kChunked;
    case s3::Payload::kStreamingSigned:
    case s3::Payload::kStreamingSignedTrailer: return ObjectGateway::Body::kChunkedSigned;
  }
  return ObjectGateway::Body::kUnsigned;
}

// As it came, and where that does not match: with our public host, as a proxy may have written its own into the header;
// and a HEAD as the GET that it is without its body.
std::expected<s3::Verified, s3::Refusal> verify_forms(s3::RequestToVerify request, std::vector<s3::HeaderView> headers,
                                                      std::span<const s3::Credentials> keys,
                                                      std::string_view public_host, UnixMs now_ms) {
  const auto mismatch = [](const auto& outcome) {
    return !outcome && outcome.error().code == s3::RefusalCode::kSignatureDoesNotMatch;
  };
  const bool head = request.method == "HEAD";
  request.headers = headers;
  auto first = s3::verify(request, keys, kRegion, now_ms);
  for (const bool ours : {false, true}) {
    if (!mismatch(first)) return first;
    if (ours) {
      for (s3::HeaderView& header : headers) {
        if (is_host(header)) header.value = public_host;
      }
    }
    for (const std::string_view method : {request.method, std::string_view("GET")}) {
      if ((!ours && method == request.method) || (method != request.method && !head)) continue;
      auto again = s3::verify({method, request.target, headers}, keys, kRegion, now_ms);
      if (!mismatch(again)) return again;
    }
  }
  return first;
}

}  // namespace

std::string FsStore::presigned(s3::RequestToSign request, std::string_view key, UnixMs expires_at_ms) const {
  const UnixMs now_ms = clock_.now_ms();
  const UnixMs begins_ms = now_ms - now_ms % kStableMs;
  const std::int64_t seconds =
      std::clamp<std::int64_t>((expires_at_ms - begins_ms) / 1'000, 1, s3::kPresignedSecondsMax);
  const std::string path = path_of(key);
  request.host = host_of(options_.public_url);
  request.path = path;
  return options_.public_url + signer_.presign(request, begins_ms, seconds);
}

std::string FsStore::signed_url(std::string_view key, const Delivery& delivery) const {
  s3::RequestToSign request{.method = "GET", .host = {}, .path = {}, .parameters = {}, .headers = {}};
  if (!delivery.download_name.empty()) {
    request.parameters.push_back({"response-content-disposition", attachment_named(delivery.download_name)});
  }
  return presigned(std::move(request), key, delivery.expires_at_ms);
}

std::string FsStore::signed_part_url(std::string_view key, std::string_view upload_id, int part_number,
                                     std::optional<std::int64_t> size_bytes, UnixMs expires_at_ms) const {
  s3::RequestToSign request{.method = "PUT", .host = {}, .path = {}, .parameters = {}, .headers = {}};
  request.parameters = {{"partNumber", std::to_string(part_number)}, {"uploadId", std::string(upload_id)}};
  if (size_bytes) request.headers.push_back({"content-length", std::to_string(*size_bytes)});
  return presigned(std::move(request), key, expires_at_ms);
}

std::string FsStore::signed_put_url(std::string_view key, std::optional<std::int64_t> size_bytes,
                                    UnixMs expires_at_ms) const {
  s3::RequestToSign request{.method = "PUT", .host = {}, .path = {}, .parameters = {}, .headers = {}};
  if (size_bytes) request.headers.push_back({"content-length", std::to_string(*size_bytes)});
  return presigned(std::move(request), key, expires_at_ms);
}

std::expected<ObjectGateway::Grant, ObjectGateway::Refusal> FsStore::verify(const Request& request,
                                                                            UnixMs now_ms) const {
  std::vector<s3::HeaderView> headers;
  headers.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers) headers.push_back({name, value});
  const s3::RequestToVerify to_verify{request.method, request.target, headers};
  auto verified = verify_forms(to_verify, headers, credentials_, host_of(options_.public_url), now_ms);
  if (!verified) {
    const s3::Refusal& refusal = verified.error();
    return std::unexpected(Refusal{s3::refusal_status(refusal.code), s3::refusal_name(refusal.code), refusal.message});
  }
  const std::string bucket = std::string("/") + kBucket;
  if (verified->path != bucket && !verified->path.starts_with(bucket + "/")) {
    return std::unexpected(Refusal{404, "NoSuchBucket", "The specified bucket does not exist."});
  }
  Grant grant;
  grant.key = verified->path.substr(std::min(bucket.size() + 1, verified->path.size()));
  for (s3::Parameter& parameter : verified->parameters) {
    grant.parameters.emplace_back(std::move(parameter.name), std::move(parameter.value));
  }
  grant.signed_headers = std::move(verified->signed_headers);
  if (verified->presigned) grant.expires_at_ms = verified->expires_at_ms;
  grant.body = body_of(verified->payload);
  grant.sha256 = std::move(verified->payload_sha256);
  if (grant.body == Body::kChunkedSigned) {
    const auto key = std::ranges::find(credentials_, verified->access_key_id, &s3::Credentials::access_key_id);
    grant.chunks = std::make_shared<Chunks>(s3::ChunkChain(to_verify, key->secret_access_key));
  }
  return grant;
}

}  // namespace tintype
