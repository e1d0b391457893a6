// Objects as files under one folder: {root}/{key}, readable by us alone. {root}/tmp is for files on their way here:
// each running store has a locked folder of its own there, and removes those that a killed one has left behind.
// Symbolic links below the root are never followed. Several processes may use one folder.
#pragma once

#include <filesystem>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "ports/object_store.h"
#include "ports/signed_url_verifier.h"

namespace tintype {

struct FsStoreOptions {
  std::filesystem::path root;
  std::string public_url;  // no trailing slash; signed URLs begin with it
  std::string signing_key;
};

class FsStore final : public ObjectStore, public SignedUrlVerifier {
 public:
  // Makes the folders; throws std::filesystem::filesystem_error when it cannot.
  FsStore(FsStoreOptions options, Random& random);
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
  // {public_url}/objects/{key}?expires=SECONDS[&download=NAME]&signature=...: an HMAC-SHA256 over all before it.
  std::string signed_url(std::string_view key, const Delivery& delivery) const override;
  Result<void> check() override;
  std::filesystem::path spool_directory() const override { return spool_; }

  // Before anything is asked of it.
  void set_public_url(std::string url) { options_.public_url = std::move(url); }

  Result<Grant> verify(std::string_view target, UnixMs now_ms) const override;

 private:
  void make_spool();
  std::string signature_of(std::string_view signed_part) const;
  Result<ObjectInfo> publish(const std::filesystem::path& file, std::string_view key);

  FsStoreOptions options_;
  Random& random_;
  std::filesystem::path spool_;  // {root}/tmp/{id}
  int root_ = -1;                // the folder
  int lock_ = -1;                // {spool_}/lock; held as long as this lives
};

}  // namespace tintype
