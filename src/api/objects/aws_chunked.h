// The aws-chunked coding that S3's clients send bodies in when they sign them in pieces or add a checksum behind them:
//
//   HEX-SIZE[;chunk-signature=HEX] CRLF bytes CRLF ... 0[;chunk-signature=HEX] CRLF [name:value CRLF]... CRLF
//
// ("Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks" and "... Including
// trailing headers", Amazon S3 API Reference.)
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/error.h"
#include "base/function_ref.h"
#include "ports/object_gateway.h"

namespace tintype::api {

class AwsChunked {
 public:
  // With `signatures` every chunk, and a trailer, has to be signed.
  explicit AwsChunked(std::shared_ptr<ChunkSignatures> signatures) : signatures_(std::move(signatures)) {}

  // Any cut of the coded body; `take` gets the bytes within. kForbidden for a signature that does not hold,
  // kInvalidInput for whatever is not of this coding. Bytes are handed on before their signature is checked: none count
  // before finish().
  Result<void> feed(std::string_view coded, FunctionRef<Result<void>(std::string_view)> take);
  Result<void> finish() const;  // kInvalidInput when the end never came

  // Names in lower case.
  const std::vector<std::pair<std::string, std::string>>& trailers() const { return trailers_; }

 private:
  enum class State { kSize, kBytes, kBytesEnd, kTrailers, kDone };
  Result<void> take_line(std::string_view line);
  Result<void> begin_chunk(std::string_view line);
  Result<void> end_chunk();
  Result<void> take_trailer(std::string_view line);
  Result<void> end_trailers();

  std::shared_ptr<ChunkSignatures> signatures_;
  State state_ = State::kSize;
  std::string line_;  // as much of it as has come
  std::uint64_t left_bytes_ = 0;
  std::string signature_;
  Digest digest_{DigestKind::kSha256};
  std::vector<std::pair<std::string, std::string>> trailers_;
  std::string trailer_text_;
};

}  // namespace tintype::api
