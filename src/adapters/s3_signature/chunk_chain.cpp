#include "adapters/s3_signature/chunk_chain.h"

#include "base/bytes.h"

namespace tintype::s3 {

namespace {

std::string_view header_of(const RequestToVerify& request, std::string_view lower_name) {
  for (const HeaderView& header : request.headers) {
    if (lower_case(header.name) == lower_name) return header.value;
  }
  return {};
}

// Between a name and what ends it in the Authorization header.
std::string_view field_of(std::string_view authorization, std::string_view name) {
  const std::size_t at = authorization.find(name);
  if (at == authorization.npos) return {};
  const std::string_view rest = authorization.substr(at + name.size());
  return rest.substr(0, rest.find_first_of(", "));
}

}  // namespace

ChunkChain::ChunkChain(const RequestToVerify& request, std::string_view secret_access_key)
    : date_(canonical_value(header_of(request, "x-amz-date"))) {
  const std::string_view authorization = header_of(request, "authorization");
  previous_ = field_of(authorization, "Signature=");
  // The credential's last four fields; the id before them may hold slashes.
  const std::string_view credential = field_of(authorization, "Credential=");
  std::size_t begin = credential.size();
  for (int slashes = 0; slashes < 4 && begin > 0; --begin) slashes += credential[begin - 1] == '/' ? 1 : 0;
  scope_ = credential.substr(std::min(begin + 1, credential.size()));
  const std::string_view day = std::string_view(scope_).substr(0, scope_.find('/'));
  const std::string_view after = std::string_view(scope_).substr(std::min(day.size() + 1, scope_.size()));
  key_ = derive_signing_key(secret_access_key, day, after.substr(0, after.find('/')));
}

std::string ChunkChain::sign(std::string_view text) const {
  return hex_encode(hmac_sha256(key_, text));
}

std::string ChunkChain::sign_chunk(std::string_view sha256_of_chunk) const {
  return sign("AWS4-HMAC-SHA256-PAYLOAD\n" + date_ + "\n" + scope_ + "\n" + previous_ + "\n" + hex_encode(sha256("")) +
              "\n" + hex_encode(sha256_of_chunk));
}

std::string ChunkChain::sign_trailer(std::string_view trailers) const {
  return sign("AWS4-HMAC-SHA256-TRAILER\n" + date_ + "\n" + scope_ + "\n" + previous_ + "\n" +
              hex_encode(sha256(trailers)));
}

bool ChunkChain::accept_chunk(std::string_view sha256_of_chunk, std::string_view signature) {
  std::string expected = sign_chunk(sha256_of_chunk);
  const bool holds = constant_time_equal(expected, signature);
  previous_ = std::move(expected);
  return holds;
}

bool ChunkChain::accept_trailer(std::string_view trailers, std::string_view signature) {
  return constant_time_equal(sign_trailer(trailers), signature);
}

}  // namespace tintype::s3
