// Checks the AWS Signature Version 4 of a request as S3 does, whichever of its two forms it has: a presigned target,
// or an Authorization header. Refusals have the codes that S3's clients know ("Error Responses", Amazon S3 API
// Reference).
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/s3_signature/signer.h"

namespace tintype::s3 {

inline constexpr std::int64_t kClockSkewMsMax = 15 * 60 * 1'000;

enum class RefusalCode {
  kAccessDenied,  // no signature, one that has expired or is not valid yet, or a header that had to be signed
  kAuthorizationHeaderMalformed,
  kAuthorizationQueryParametersError,
  kInvalidAccessKeyId,
  kInvalidArgument,
  kInvalidRequest,
  kInvalidToken,
  kInvalidUri,
  kRequestTimeTooSkewed,
  kSignatureDoesNotMatch,
};

// S3's name of it, e.g. "SignatureDoesNotMatch".
const char* refusal_name(RefusalCode code);
int refusal_status(RefusalCode code);  // 400 or 403

struct Refusal {
  RefusalCode code = RefusalCode::kAccessDenied;
  std::string message;  // a public sentence
};

// What the signature says of the body, which whoever reads the body has to hold it to.
enum class Payload {
  kUnsigned,                  // any bytes
  kSha256,                    // bytes of this digest
  kStreamingUnsignedTrailer,  // aws-chunked with a trailer: STREAMING-UNSIGNED-PAYLOAD-TRAILER
  kStreamingSigned,           // aws-chunked, each chunk signed: STREAMING-AWS4-HMAC-SHA256-PAYLOAD
  kStreamingSignedTrailer,    // the same with a trailer: STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER
};

// Headers as they came; names in any case.
struct HeaderView {
  std::string_view name;
  std::string_view value;
};

struct RequestToVerify {
  std::string_view method;
  std::string_view target;  // path and query as they were sent
  std::span<const HeaderView> headers;
};

struct Verified {
  std::string access_key_id;
  bool presigned = false;
  Payload payload = Payload::kUnsigned;
  std::string payload_sha256;               // lower-case hex, with kSha256
  UnixMs expires_at_ms = 0;                 // of a presigned target; 0 otherwise
  std::string path;                         // decoded; may hold any byte
  std::vector<Parameter> parameters;        // decoded, in the order of the query, without those of the signature
  std::vector<std::string> signed_headers;  // lower case
};

// Pure: what it answers depends on its arguments alone. Any of `keys` may have signed. Signatures are compared in
// constant time. A parameter that comes twice is refused, as one reader would take the first and another the last.
std::expected<Verified, Refusal> verify(const RequestToVerify& request, std::span<const Credentials> keys,
                                        std::string_view region, UnixMs now_ms);

}  // namespace tintype::s3
