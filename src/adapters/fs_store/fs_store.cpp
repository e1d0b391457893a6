#include "adapters/fs_store/fs_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "adapters/fs_store/file_bytes.h"
#include "adapters/fs_store/kept_tag.h"
#include "adapters/fs_store/place.h"
#include "adapters/fs_store/presigned.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "ports/object_key.h"

namespace tintype {

using namespace fs_store;

namespace {

constexpr int kPublishTriesMax = 100;  // a folder can go away between its making and its use

// Keys end in what they hold; the type is not kept elsewhere.
const char* media_type_of(std::string_view key) {
  struct Row {
    std::string_view extension;
    const char* media_type;
  };
  constexpr Row kRows[] = {{".jpg", "image/jpeg"},  {".png", "image/png"},   {".webp", "image/webp"},
                           {".avif", "image/avif"}, {".heic", "image/heic"}, {".tiff", "image/tiff"},
                           {".gif", "image/gif"},   {".mp4", "video/mp4"},   {".webm", "video/webm"}};
  for (const Row& row : kRows) {
    if (key.ends_with(row.extension)) return row.media_type;
  }
  return "application/octet-stream";
}

std::unexpected<Error> is_there() {
  return fail(ErrorCode::kConflict, "There is an object under this key already");
}

ObjectInfo info_of(const struct stat& status, std::string_view key, const std::optional<std::string>& tag) {
  ObjectInfo info;
  info.size_bytes = status.st_size;
  info.etag = "\"" + (tag ? *tag : identity_of(status)) + "\"";
  info.media_type = media_type_of(key);
  info.modified_at_ms = status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000;
  return info;
}

class FileReader final : public ObjectReader {
 public:
  FileReader(Descriptor descriptor, ObjectInfo info, std::filesystem::path path)
      : descriptor_(std::move(descriptor)), info_(std::move(info)), path_(std::move(path)) {}
  const ObjectInfo& info() const override { return info_; }
  Result<std::size_t> read(std::int64_t offset_bytes, std::span<char> out) override {
    const ssize_t count = ::pread(descriptor_.value(), out.data(), out.size(), offset_bytes);
    if (count < 0) return failed("read", path_.string());
    return static_cast<std::size_t>(count);
  }
  std::optional<std::filesystem::path> file() const override { return path_; }
  int descriptor() const { return descriptor_.value(); }

 private:
  Descriptor descriptor_;
  ObjectInfo info_;
  std::filesystem::path path_;
};

// Whether an open folder is in no other any more.
bool is_removed(int folder) {
  struct stat status{};
  return ::fstat(folder, &status) == 0 && status.st_nlink == 0;
}

}  // namespace

FsStore::FsStore(FsStoreOptions options, const Clock& clock, Random& random)
    : options_(std::move(options)),
      credentials_(credentials_of(options_.signing_keys)),
      signer_(credentials_.front(), kRegion),
      clock_(clock),
      random_(random),
      spool_(options_.root / kTemporaryFolder, random) {
  std::filesystem::create_directories(options_.root / kMultipartFolder);
  root_ = ::open(options_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root_ < 0) {
    throw std::filesystem::filesystem_error("open", options_.root, std::error_code(errno, std::generic_category()));
  }
}

FsStore::~FsStore() {
  ::close(root_);
}

std::filesystem::path FsStore::new_temporary() const {
  return spool_.path() / new_id(random_, "put-");
}

// Syncs a finished file and renames it to its place. Every folder on the way is synced, not only those made here: who
// made them may not have come to it yet. Where nothing changed that costs nothing.
Result<ObjectInfo> FsStore::publish(const std::filesystem::path& file, std::string_view key, std::string_view tag,
                                    bool only_new) {
  const Descriptor descriptor(::open(file.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!descriptor.open()) return failed("open", file.string());
  const Result<bool> inside =
      options_.attributes ? keep_tag_inside(descriptor.value(), TagOf::kObject, tag) : Result<bool>(false);
  if (!inside) return std::unexpected(inside.error());
  struct stat status{};
  if (::fsync(descriptor.value()) != 0 || ::fstat(descriptor.value(), &status) != 0) {
    return failed("sync", file.string());
  }
  for (int tries = 1;; ++tries) {
    int error = 0;
    const Place place = find_place(root_, key, true, error);
    const int folder = place.folder_or(root_);
    if (place.found) {
      if (only_new && ::faccessat(folder, place.name.c_str(), F_OK, AT_SYMLINK_NOFOLLOW) == 0) return is_there();
      if (!*inside) {
        if (auto kept = keep_tag_beside(folder, place.name, status, tag); !kept) {
          if (is_removed(folder) && tries < kPublishTriesMax) continue;
          return std::unexpected(kept.error());
        }
      }
      const unsigned how = only_new ? RENAME_NOREPLACE : 0;
      if (::renameat2(AT_FDCWD, file.c_str(), folder, place.name.c_str(), how) == 0) {
        for (auto at = place.folders.rbegin(); at != place.folders.rend(); ++at) {
          if (::fsync(at->value()) != 0) return failed("sync the folder of", key);
        }
        if (::fsync(root_) != 0) return failed("sync the folder of", key);
        return info_of(status, key, std::string(tag));
      }
      error = errno;
    }
    if (error == EEXIST) return is_there();
    // Somebody removed the last object of the folder, and the folder with it.
    if (error == ENOENT && tries < kPublishTriesMax) continue;
    errno = error;
    return failed("publish", key);
  }
}

Result<ObjectInfo> FsStore::publish_digested(const std::filesystem::path& file, std::string_view key) {
  const Descriptor descriptor(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!descriptor.open()) return failed("open", file.string());
  const auto md5 = md5_of(descriptor.value(), file.string());
  if (!md5) return std::unexpected(md5.error());
  return publish(file, key, hex_encode(*md5));
}

Result<ObjectInfo> FsStore::put_digested(std::string_view key, const std::filesystem::path& file, std::string_view md5,
                                         bool only_new) {
  if (!is_valid_object_key(key)) return bad_key(key);
  return publish(file, key, hex_encode(md5), only_new);
}

Result<ObjectInfo> FsStore::put_file(std::string_view key, const std::filesystem::path& file, std::string_view) {
  if (!is_valid_object_key(key)) return bad_key(key);
  struct stat source{}, target{};
  if (::lstat(file.c_str(), &source) != 0 || ::fstat(root_, &target) != 0) return failed("stat", file.string());
  if (source.st_dev == target.st_dev) return publish_digested(file, key);
  const std::filesystem::path temporary = new_temporary();
  std::error_code error;
  std::filesystem::copy_file(file, temporary, error);
  if (error) return fail_internal("copy " + file.string() + ": " + error.message());
  auto put = publish_digested(temporary, key);
  std::filesystem::remove(put ? file : temporary, error);
  return put;
}

Result<ObjectInfo> FsStore::put_bytes(std::string_view key, std::string_view bytes, std::string_view) {
  if (!is_valid_object_key(key)) return bad_key(key);
  const std::filesystem::path temporary = new_temporary();
  const auto written = write_file(temporary, bytes);
  Result<ObjectInfo> info =
      written ? publish(temporary, key, hex_encode(md5(bytes))) : Result<ObjectInfo>(std::unexpected(written.error()));
  std::error_code ignored;
  if (!info) std::filesystem::remove(temporary, ignored);
  return info;
}

Result<std::unique_ptr<ObjectReader>> FsStore::open(std::string_view key) {
  if (!is_valid_object_key(key)) return bad_key(key);
  int error = 0;
  const Place place = find_place(root_, key, false, error);
  Descriptor file(-1);
  if (place.found) {
    // A pipe that somebody put there must not hold us up.
    file = Descriptor(
        ::openat(place.folder_or(root_), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    error = file.open() ? 0 : errno;
  }
  struct stat status{};
  if (file.open() && ::fstat(file.value(), &status) != 0) error = errno;
  if (says_missing(error) || error == ENXIO || (error == 0 && !S_ISREG(status.st_mode))) {
    return fail(ErrorCode::kNotFound, "The file is not there any more");
  }
  if (error != 0) {
    errno = error;
    return failed("open", key);
  }
  const auto tag = kept_tag(file.value(), TagOf::kObject, status, place.folder_or(root_), place.name);
  return std::make_unique<FileReader>(std::move(file), info_of(status, key, tag), options_.root / key);
}

Result<std::optional<ObjectInfo>> FsStore::stat(std::string_view key) {
  const auto reader = open(key);
  if (reader) return (*reader)->info();
  if (reader.error().code == ErrorCode::kNotFound) return std::nullopt;
  return std::unexpected(reader.error());
}

// Durable as well: the row that names the object is forgotten next, and nobody would look for a file that came back.
Result<void> FsStore::remove(std::string_view key) {
  if (!is_valid_object_key(key)) return bad_key(key);
  int error = 0;
  Place place = find_place(root_, key, false, error);
  if (place.found) {
    forget_tag_beside(place.folder_or(root_), place.name);
    if (::unlinkat(place.folder_or(root_), place.name.c_str(), 0) != 0) error = errno;
  }
  if (error != 0 && !says_missing(error)) {
    errno = error;
    return failed("remove", key);
  }
  // Empty folders go too, up to the first level, which stays.
  while (place.folders.size() > 1) {
    const int above = place.folders[place.folders.size() - 2].value();
    if (::unlinkat(above, place.names.back().c_str(), AT_REMOVEDIR) != 0) break;
    place.folders.pop_back();
    place.names.pop_back();
  }
  if (::fsync(place.folder_or(root_)) != 0) return failed("sync the folder of", key);
  return {};
}

Result<void> FsStore::list(std::string_view prefix, FunctionRef<bool(std::string_view key, std::int64_t size)> visit) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(options_.root, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (entry.depth() == 0 && (name == kTemporaryFolder || name == kMultipartFolder)) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code gone;  // files come and go while we look
    if (!std::filesystem::is_regular_file(entry->symlink_status(gone)) || gone) continue;
    const std::string key = entry->path().lexically_relative(options_.root).generic_string();
    if (!is_valid_object_key(key)) continue;  // a tag beside its object
    const auto size = entry->file_size(gone);
    if (gone || !key.starts_with(prefix)) continue;
    if (!visit(key, static_cast<std::int64_t>(size))) return {};
  }
  if (error && error != std::errc::no_such_file_or_directory) return fail_internal("list: " + error.message());
  return {};
}

// An object is replaced and never changed, so two keys may name one file. One whose tag is not known is copied, as the
// tag of the copy would otherwise become the original's too.
Result<ObjectInfo> FsStore::copy(std::string_view from_key, std::string_view to_key, std::string_view from_etag,
                                 std::string_view) {
  if (!is_valid_object_key(to_key)) return bad_key(to_key);
  const auto reader = open(from_key);
  if (!reader) return std::unexpected(reader.error());
  const auto& file = static_cast<const FileReader&>(**reader);
  if (file.info().etag != from_etag) {
    return fail(ErrorCode::kConflict, "The object is not the one that was meant any more");
  }
  const std::filesystem::path temporary = new_temporary();
  struct stat status{};
  if (::fstat(file.descriptor(), &status) != 0) return failed("stat", from_key);
  const std::string tag = file.info().etag.substr(1, file.info().etag.size() - 2);
  const bool tagged = tag != identity_of(status);
  const std::string itself = "/proc/self/fd/" + std::to_string(file.descriptor());
  Result<ObjectInfo> copied = fail_internal("");
  if (tagged && ::linkat(AT_FDCWD, itself.c_str(), AT_FDCWD, temporary.c_str(), AT_SYMLINK_FOLLOW) == 0) {
    copied = publish(temporary, to_key, tag);
  } else {
    const Descriptor target(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!target.open()) return failed("create", temporary.string());
    const auto appended = append_file(file.descriptor(), status.st_size, target.value(), from_key);
    if (!appended) {
      copied = std::unexpected(appended.error());
    } else {
      copied = tagged ? publish(temporary, to_key, tag) : publish_digested(temporary, to_key);
    }
  }
  ::unlink(temporary.c_str());  // rename(2) leaves it when both names are links to one file already
  return copied;
}

Result<void> FsStore::check() {
  const std::filesystem::path probe = new_temporary();
  if (auto written = write_file(probe, "tintype"); !written) return written;
  const Descriptor file(::open(probe.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  std::array<char, 16> bytes{};
  const ssize_t count = ::read(file.value(), bytes.data(), bytes.size());
  if (count < 0 || ::fsync(file.value()) != 0) return failed("read", probe.string());
  if (std::string_view(bytes.data(), static_cast<std::size_t>(count)) != "tintype") {
    return fail_internal("the store answers other bytes");
  }
  if (::unlink(probe.c_str()) != 0) return failed("remove", probe.string());
  return {};
}

}  // namespace tintype
