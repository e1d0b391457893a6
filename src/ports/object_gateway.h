// A store whose objects this program serves itself, to clients that take it for Amazon S3: the store says who may do
// what, and takes over what they sent. All refusals and names are those of the Amazon S3 API Reference.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "ports/object_store.h"

namespace tintype {

// Checks the signatures of a body that comes in chunks (aws-chunked), each of which signs the one before it.
class ChunkSignatures {
 public:
  virtual ~ChunkSignatures() = default;
  virtual bool accept_chunk(std::string_view sha256, std::string_view signature) = 0;      // 32 raw bytes; hex
  virtual bool accept_trailer(std::string_view trailers, std::string_view signature) = 0;  // "name:value\n" each
};

class ObjectGateway {
 public:
  virtual ~ObjectGateway() = default;

  struct Refusal {
    int status = 403;
    std::string code = "AccessDenied";  // S3's
    std::string message;                // a public sentence
  };

  struct Request {
    std::string_view method;
    std::string_view target;  // path and query as they were sent
    std::span<const std::pair<std::string, std::string>> headers;
  };

  // How the body is vouched for.
  enum class Body {
    kUnsigned,
    kSha256,         // it has Grant::sha256
    kChunked,        // aws-chunked, with a trailer
    kChunkedSigned,  // the same with a signature of each chunk, see Grant::chunks
  };

  struct Grant {
    std::string key;                                              // empty: the bucket itself
    std::vector<std::pair<std::string, std::string>> parameters;  // decoded, each once, without the signature's own
    std::vector<std::string> signed_headers;                      // lower case
    std::optional<UnixMs> expires_at_ms;                          // of a presigned URL
    Body body = Body::kUnsigned;
    std::string sha256;  // lower-case hex
    std::shared_ptr<ChunkSignatures> chunks;
  };

  // Whether the request is signed, by its URL or its Authorization header, with a key of ours that is still live, and
  // addresses our bucket. In constant time.
  virtual std::expected<Grant, Refusal> verify(const Request& request, UnixMs now_ms) const = 0;

  // Takes a finished file of the spool directory over as a part, durably; `md5` are its bytes' 16. A part that is there
  // under this number is replaced. kNotFound when there is no such upload, and the file stays then.
  virtual Result<StoredPart> put_part(std::string_view key, std::string_view upload_id, int part_number,
                                      const std::filesystem::path& file, std::string_view md5) = 0;
  // put_file() for one of the spool directory whose MD5 is known. With `only_new` kConflict where there is an object.
  virtual Result<ObjectInfo> put_digested(std::string_view key, const std::filesystem::path& file, std::string_view md5,
                                          bool only_new) = 0;
};

}  // namespace tintype
