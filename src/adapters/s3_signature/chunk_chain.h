// The signatures of a body that is sent in chunks, each of which signs the one before it, the first that of the request
// ("Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks", and "... Including
// trailing headers", Amazon S3 API Reference).
#pragma once

#include <string>
#include <string_view>

#include "adapters/s3_signature/verify.h"

namespace tintype::s3 {

class ChunkChain {
 public:
  // Of a request that verify() has let through, with a signed streaming payload.
  ChunkChain(const RequestToVerify& request, std::string_view secret_access_key);

  // Whether this is the signature of the next chunk, whose bytes have this SHA-256 (32 raw bytes). In constant time.
  bool accept_chunk(std::string_view sha256, std::string_view signature);
  // The same for the trailers, written as "name:value\n" each.
  bool accept_trailer(std::string_view trailers, std::string_view signature);

  // What a client sends with the next chunk.
  std::string sign_chunk(std::string_view sha256) const;
  std::string sign_trailer(std::string_view trailers) const;

 private:
  std::string sign(std::string_view text) const;
  std::string date_, scope_, key_, previous_;
};

}  // namespace tintype::s3
