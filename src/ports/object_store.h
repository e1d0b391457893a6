// Bytes under keys. Keys are chosen by the server (see app/object_keys.h), end in the extension of what they hold and
// keep to the law of ports/object_key.h; anything else is refused by every adapter.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/function_ref.h"

namespace tintype {

struct ObjectInfo {
  std::int64_t size_bytes = 0;
  std::string etag;  // strong, with its quotes; opaque: stores make it in ways of their own
  std::string media_type;
  UnixMs modified_at_ms = 0;
};

// An open object. Reads are at an offset, so that one reader serves a Range.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  virtual const ObjectInfo& info() const = 0;
  // Fills `out` from `offset_bytes`; fewer bytes only at the end. May block.
  virtual Result<std::size_t> read(std::int64_t offset_bytes, std::span<char> out) = 0;
  // A file the operating system can send from, when the adapter has one.
  virtual std::optional<std::filesystem::path> file() const = 0;
};

// How a signed URL answers.
struct Delivery {
  UnixMs expires_at_ms = 0;
  std::string download_name;  // not empty: Content-Disposition: attachment with this file name
};

// One part of a multipart upload, as the store has it.
struct StoredPart {
  int number = 0;    // 1 to kPartsMax
  std::string etag;  // with its quotes
  std::int64_t size_bytes = 0;
  bool operator==(const StoredPart&) const = default;
};

// A multipart upload that was neither completed nor aborted.
struct OpenMultipart {
  std::string key;
  std::string upload_id;
  UnixMs begun_at_ms = 0;
};

// S3's own bounds. Every part but the last has kPartBytesMin at least.
inline constexpr int kPartsMax = 10'000;
inline constexpr std::int64_t kPartBytesMin = 5LL << 20;
inline constexpr std::int64_t kPartBytesMax = 5LL << 30;

class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  // Moves or copies a finished local file into the store, durably (file and folder are synced) and atomically: a
  // reader sees all of it or nothing. An object under the same key is replaced.
  virtual Result<ObjectInfo> put_file(std::string_view key, const std::filesystem::path& file,
                                      std::string_view media_type) = 0;
  virtual Result<ObjectInfo> put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) = 0;
  virtual Result<std::unique_ptr<ObjectReader>> open(std::string_view key) = 0;  // kNotFound
  virtual Result<std::optional<ObjectInfo>> stat(std::string_view key) = 0;
  virtual Result<void> remove(std::string_view key) = 0;  // none there is no error
  // remove() for many, in fewer requests where the store can. Answers those that are not there any more.
  virtual std::vector<std::string> remove_many(std::span<const std::string> keys) {
    std::vector<std::string> gone;
    for (const std::string& key : keys) {
      if (remove(key)) gone.push_back(key);
    }
    return gone;
  }
  // Every key under a prefix, in no order; for the doctor. Stops early when `visit` answers false.
  virtual Result<void> list(std::string_view prefix,
                            FunctionRef<bool(std::string_view key, std::int64_t size)> visit) = 0;
  // An absolute URL that clients can GET until it expires, signed for the public host. Does no I/O.
  virtual std::string signed_url(std::string_view key, const Delivery& delivery) const = 0;

  // ---- Multipart uploads (Amazon S3 API Reference): clients PUT parts to signed URLs, in any order and as often as
  // they like, and the last bytes under a number count. Parts are stored durably before they are acknowledged. Nothing
  // is visible under the key before complete_multipart().
  virtual Result<std::string> begin_multipart(std::string_view key, std::string_view media_type) = 0;  // its upload id
  // A URL for one PUT of this part. With `size_bytes` the content-length is signed, so that no other length is taken.
  virtual std::string signed_part_url(std::string_view key, std::string_view upload_id, int part_number,
                                      std::optional<std::int64_t> size_bytes, UnixMs expires_at_ms) const = 0;
  // Ascending by number, all of them. kNotFound when there is no such upload (any more).
  virtual Result<std::vector<StoredPart>> list_parts(std::string_view key, std::string_view upload_id) = 0;
  // Makes the object of exactly these parts (numbers ascending, etags those of list_parts). kNotFound when there is no
  // such upload, kInvalidInput for a part that is missing, has another etag or is too small; the upload stays then.
  // Some stores refuse as well, by kInvalidInput, that a part which they have is not named (Ceph).
  // Calling it again after a success whose answer was lost may be kNotFound: look with stat(). A link to a part can
  // damage the whole, for as long as it holds, where a store keeps a whole as its parts (Swift): reading fails then.
  virtual Result<ObjectInfo> complete_multipart(std::string_view key, std::string_view upload_id,
                                                std::span<const StoredPart> parts) = 0;
  virtual Result<void> abort_multipart(std::string_view key, std::string_view upload_id) = 0;  // none is no error
  // Those under a prefix, in no order; for the janitor and the doctor. Stops early when `visit` answers false.
  virtual Result<void> list_multiparts(std::string_view prefix, FunctionRef<bool(const OpenMultipart&)> visit) = 0;

  // A URL for PUTs of the whole object until it expires: whoever has it can replace the object that long, so it is for
  // keys that nothing names. With `size_bytes` the content-length is signed.
  virtual std::string signed_put_url(std::string_view key, std::optional<std::int64_t> size_bytes,
                                     UnixMs expires_at_ms) const = 0;
  // Copies within the store, durably. kConflict when `from_key` has another etag (by now), kNotFound when it is gone.
  virtual Result<ObjectInfo> copy(std::string_view from_key, std::string_view to_key, std::string_view from_etag,
                                  std::string_view media_type) = 0;

  virtual Result<void> check() = 0;  // a write, a read and a delete work
  // Where large bodies are spooled so that put_file can rename instead of copying; empty when any place will do.
  virtual std::filesystem::path spool_directory() const = 0;
};

}  // namespace tintype
