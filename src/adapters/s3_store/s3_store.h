// Objects in a bucket of any store that speaks S3 (Amazon S3 API Reference, API version 2006-03-01). It rests on
// little, so that it works on many: signatures of version 4, Content-MD5 on every write, conditional and ranged reads,
// and multipart uploads. It does not rest on x-amz-checksum-*, on the ETag in the answer to a completed upload (Ceph's
// is empty), on conditional writes, nor on a success being one before its body is read.
//
// The bucket's other objects are left alone and not listed when their keys are none of ours.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "adapters/s3_store/s3_options.h"
#include "base/clock.h"
#include "base/random.h"
#include "ports/object_store.h"

namespace tintype {

namespace s3 {
class Client;
}

// Uploads that nobody has ended by then are the bucket's lifecycle's.
inline constexpr int kAbandonedUploadDays = 7;

// One thing about a bucket that is not as it should be.
struct BucketFinding {
  std::string sentence;
  bool mended = false;
  bool required = true;  // false: it works without, see the sentence
};

class S3Store final : public ObjectStore {
 public:
  // Both outlive it. Asks nothing of the store yet.
  S3Store(S3Options options, const Clock& clock, Random& random);
  ~S3Store() override;

  // Files over single_put_bytes_max are sent in parts. A part that fails is sent again, and the upload aborted when
  // that does not help.
  Result<ObjectInfo> put_file(std::string_view key, const std::filesystem::path& file,
                              std::string_view media_type) override;
  Result<ObjectInfo> put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) override;
  // Reads the beginning at once and the rest as it is asked for, on the condition of its ETag: when the object has been
  // replaced meanwhile, read() is kConflict.
  Result<std::unique_ptr<ObjectReader>> open(std::string_view key) override;
  Result<std::optional<ObjectInfo>> stat(std::string_view key) override;
  Result<void> remove(std::string_view key) override;
  std::vector<std::string> remove_many(std::span<const std::string> keys) override;
  Result<void> list(std::string_view prefix, FunctionRef<bool(std::string_view key, std::int64_t size)> visit) override;
  // Signed URLs begin with the current quarter of an hour: asked for twice with the same end, it is the same URL, and
  // caches know it. They hold for seven days at most, as S3 has it.
  std::string signed_url(std::string_view key, const Delivery& delivery) const override;

  Result<std::string> begin_multipart(std::string_view key, std::string_view media_type) override;
  std::string signed_part_url(std::string_view key, std::string_view upload_id, int part_number,
                              std::optional<std::int64_t> size_bytes, UnixMs expires_at_ms) const override;
  Result<std::vector<StoredPart>> list_parts(std::string_view key, std::string_view upload_id) override;
  Result<ObjectInfo> complete_multipart(std::string_view key, std::string_view upload_id,
                                        std::span<const StoredPart> parts) override;
  Result<void> abort_multipart(std::string_view key, std::string_view upload_id) override;
  Result<void> list_multiparts(std::string_view prefix, FunctionRef<bool(const OpenMultipart&)> visit) override;
  std::string signed_put_url(std::string_view key, std::optional<std::int64_t> size_bytes,
                             UnixMs expires_at_ms) const override;
  Result<ObjectInfo> copy(std::string_view from_key, std::string_view to_key, std::string_view from_etag,
                          std::string_view media_type) override;

  Result<void> check() override;
  std::filesystem::path spool_directory() const override;

  // What the bucket lacks: itself, CORS for browsers of these origins (GET, HEAD and PUT, ETag exposed), and a
  // lifecycle that aborts uploads which nobody ends. With `mend` it is given that, beside the rules it has. Also
  // whether the store keeps to the conditions of reads and copies, which is tried.
  Result<std::vector<BucketFinding>> examine_bucket(std::span<const std::string> origins, bool mend);

 private:
  Result<ObjectInfo> put_in_parts(std::string_view key, int file, std::int64_t size_bytes, std::string_view media_type);
  Result<std::vector<StoredPart>> send_parts(std::string_view key, std::string_view upload_id, int file,
                                             std::int64_t size_bytes);
  Result<ObjectInfo> info_after_write(std::string_view key);
  Result<bool> is_open(std::string_view key, std::string_view upload_id);
  Result<ObjectInfo> info_if_joined(std::string_view key, std::span<const StoredPart> parts, bool by_us);
  std::string presign(std::string_view method, std::string_view key, UnixMs expires_at_ms,
                      std::optional<std::int64_t> size_bytes,
                      std::vector<std::pair<std::string, std::string>> parameters) const;

  const Clock& clock_;
  Random& random_;
  std::unique_ptr<s3::Client> client_;
};

}  // namespace tintype
