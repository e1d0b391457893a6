// Signs requests to S3 with AWS Signature Version 4: by an Authorization header, or by a query that makes a URL which
// whoever has it can use until it expires. ("Authenticating Requests: Using the Authorization Header" and "... Using
// Query Parameters", Amazon S3 API Reference.)
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/s3_signature/canonical.h"

namespace tintype::s3 {

inline constexpr std::int64_t kPresignedSecondsMax = 7 * 24 * 3'600;

struct Credentials {
  std::string access_key_id;
  std::string secret_access_key;
};

struct RequestToSign {
  std::string_view method;
  std::string_view host;  // as the Host header says it: with the port where it is not the scheme's own
  std::string_view path;  // begins with '/', not encoded
  std::vector<Parameter> parameters;
  std::vector<Header> headers;  // besides Host; all of them are signed
};

class Signer {
 public:
  Signer(Credentials credentials, std::string region);

  // The target of a URL, path and query, that holds for `expires_seconds` (1 to kPresignedSecondsMax) from `begins_ms`
  // on, cut to its second. The same arguments make the same target. Whoever uses it has to send the signed headers as
  // they were given here, and any body.
  std::string presign(const RequestToSign& request, UnixMs begins_ms, std::int64_t expires_seconds) const;

  struct Signed {
    std::string target;           // path and query
    std::vector<Header> headers;  // to be sent beside those given: Authorization and two of x-amz-
  };
  // `payload` is the body's SHA-256 in hex, or kUnsignedPayload. A store takes it within 15 minutes of `now_ms`.
  Signed sign(const RequestToSign& request, std::string_view payload, UnixMs now_ms) const;

 private:
  // What all requests of one day share.
  struct Day {
    std::string day;
    std::string scope;
    std::string key;
  };
  std::shared_ptr<const Day> day_of(std::string_view date) const;

  Credentials credentials_;
  std::string region_;
  mutable std::mutex mutex_;
  // URLs that begin with their quarter of an hour and requests of now can be of two days at midnight.
  mutable std::array<std::shared_ptr<const Day>, 2> days_;
};

}  // namespace tintype::s3
