// Objects as files under one folder: {root}/{key}, readable by us alone. {root}/tmp is for files on their way here:
// each running store has a locked folder of its own there, and removes those that a killed one has left behind.
// Symbolic links below the root are never followed. Several processes may use one folder.
//
// {root}/multipart/{upload_id} is an open multipart upload: a file "upload" that says of what, and a file for each part
// under its number. Completing joins the parts into a file of its own, so that for so long the bytes lie on the disk
// twice; a single part, and a copy, is linked and costs nothing, and file systems that share blocks copy none.
//
// ETags are those of S3: the hex MD5 of an object that came as one, and of a multipart's the MD5 of its parts' MD5s
// with their number behind a dash. They are kept with the file (see kept_tag.h); what has none goes by inode, size and
// time.
//
// To clients it is the bucket "objects" of an S3 in us-east-1 at the server's public URL, path-style. The credentials
// are a signing key as the secret and "TT" with the first 18 hex digits of its SHA-256 as the access key id.
#pragma once

#include <filesystem>
#include <string>

#include "adapters/s3_signature/signer.h"
#include "base/clock.h"
#include "base/process_folder.h"
#include "base/random.h"
#include "ports/object_gateway.h"
#include "ports/object_store.h"

namespace tintype {

struct FsStoreOptions {
  std::filesystem::path root;
  std::string public_url;                 // no trailing slash; signed URLs begin with it
  std::vector<std::string> signing_keys;  // one at least: the first signs, all are accepted
  bool attributes = true;                 // false: no extended attributes, as on file systems that have none
};

class FsStore final : public ObjectStore, public ObjectGateway {
 public:
  // Makes the folders; throws std::filesystem::filesystem_error when it cannot.
  FsStore(FsStoreOptions options, const Clock& clock, Random& random);
  ~FsStore() override;
  FsStore(const FsStore&) = delete;
  FsStore& operator=(const FsStore&) = delete;

  Result<ObjectInfo> put_file(std::string_view key, const std::filesystem::path& file,
                              std::string_view media_type) override;
  Result<ObjectInfo> put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) override;
  Result<std::unique_ptr<ObjectReader>> open(std::string_view key) override;
  Result<std::optional<ObjectInfo>> stat(std::string_view key) override;
  Result<void> remove(std::string_view key) override;
  Result<void> list(std::string_view prefix, FunctionRef<bool(std::string_view key, std::int64_t size)> visit) override;
  // A presigned S3 URL that begins to hold with the present quarter of an hour, so that it is the same for so long and
  // caches know it again. It holds for a week at most.
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
  std::filesystem::path spool_directory() const override { return spool_.path(); }

  std::expected<Grant, Refusal> verify(const Request& request, UnixMs now_ms) const override;
  Result<StoredPart> put_part(std::string_view key, std::string_view upload_id, int part_number,
                              const std::filesystem::path& file, std::string_view md5) override;
  Result<ObjectInfo> put_digested(std::string_view key, const std::filesystem::path& file, std::string_view md5,
                                  bool only_new) override;

  // Before anything is asked of it.
  void set_public_url(std::string url) { options_.public_url = std::move(url); }

 private:
  struct Upload;
  std::string presigned(s3::RequestToSign request, std::string_view key, UnixMs expires_at_ms) const;
  std::filesystem::path new_temporary() const;
  Result<ObjectInfo> publish(const std::filesystem::path& file, std::string_view key, std::string_view tag,
                             bool only_new = false);
  Result<ObjectInfo> publish_digested(const std::filesystem::path& file, std::string_view key);
  Result<Upload> open_upload(std::string_view key, std::string_view upload_id) const;
  Result<std::string> join_parts(const Upload& upload, std::span<const StoredPart> parts,
                                 const std::filesystem::path& joined) const;
  Result<void> drop_upload(std::string_view upload_id);

  FsStoreOptions options_;
  std::vector<s3::Credentials> credentials_;  // of the signing keys
  s3::Signer signer_;
  const Clock& clock_;
  Random& random_;
  ProcessFolder spool_;  // {root}/tmp/{id}
  int root_ = -1;        // the folder
};

}  // namespace tintype
