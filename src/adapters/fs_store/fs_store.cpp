#include "adapters/fs_store/fs_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/bytes.h"

namespace tintype {

namespace {

constexpr std::string_view kUrlPath = "/objects/";
constexpr std::size_t kKeyLengthMax = 512;
constexpr const char* kLockName = "lock";
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kPublishTriesMax = 100;  // a folder can go away between its making and its use

std::unexpected<Error> failed(const char* what, std::string_view name) {
  return fail_internal(std::string(what) + " " + std::string(name) + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  int value() const { return value_; }
  bool open() const { return value_ >= 0; }

 private:
  int value_;
};

bool is_valid_key(std::string_view key) {
  if (key.empty() || key.size() > kKeyLengthMax) return false;
  for (std::size_t begin = 0; begin <= key.size();) {
    const std::size_t end = std::min(key.find('/', begin), key.size());
    const std::string_view segment = key.substr(begin, end - begin);
    if (segment.empty() || segment == "." || segment == "..") return false;
    for (const char c : segment) {
      const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
                         c == '_' || c == '-';
      if (!plain) return false;
    }
    begin = end + 1;
  }
  return true;
}

std::unexpected<Error> bad_key(std::string_view key) {
  return fail_internal("not an object key: " + std::string(key.substr(0, 100)));
}

// Keys end in what they hold; the type is not kept elsewhere.
const char* media_type_of(std::string_view key) {
  struct Row {
    std::string_view extension;
    const char* media_type;
  };
  constexpr Row kRows[] = {{".jpg", "image/jpeg"},  {".png", "image/png"},   {".webp", "image/webp"},
                           {".avif", "image/avif"}, {".heic", "image/heic"}, {".tiff", "image/tiff"},
                           {".gif", "image/gif"}};
  for (const Row& row : kRows) {
    if (key.ends_with(row.extension)) return row.media_type;
  }
  return "application/octet-stream";
}

// A file's identity: another file under the same key has another inode or another time.
ObjectInfo info_of(const struct stat& status, std::string_view key) {
  ObjectInfo info;
  info.size_bytes = status.st_size;
  char tag[80];
  const int length =
      std::snprintf(tag, sizeof tag, "\"%llx-%llx-%llx\"", static_cast<unsigned long long>(status.st_ino),
                    static_cast<unsigned long long>(status.st_size),
                    static_cast<unsigned long long>(status.st_mtim.tv_sec) * 1'000'000'000ULL +
                        static_cast<unsigned long long>(status.st_mtim.tv_nsec));
  info.etag.assign(tag, static_cast<std::size_t>(length));
  info.media_type = media_type_of(key);
  info.modified_at_ms = status.st_mtim.tv_sec * 1000 + status.st_mtim.tv_nsec / 1'000'000;
  return info;
}

// A key's folders from the root to its own, each opened without following links, and its last segment.
struct Place {
  std::vector<Descriptor> folders;  // below the root; may end early, see `found`
  std::vector<std::string> names;   // of the folders
  std::string name;
  bool found = false;  // every folder is there
};

// Opens a key's folders; with `make` those that are missing are made. Answers an errno in `error`, 0 for none.
Place find_place(int root, std::string_view key, bool make, int& error) {
  Place place;
  error = 0;
  int folder = root;
  for (std::size_t slash = key.find('/'); slash != std::string_view::npos; slash = key.find('/')) {
    const std::string name(key.substr(0, slash));
    key.remove_prefix(slash + 1);
    if (make && ::mkdirat(folder, name.c_str(), 0700) != 0 && errno != EEXIST) {
      error = errno;
      return place;
    }
    Descriptor next(::openat(folder, name.c_str(), kFolderFlags));
    if (!next.open()) {
      error = errno;
      return place;
    }
    folder = next.value();
    place.folders.push_back(std::move(next));
    place.names.push_back(name);
  }
  place.name = key;
  place.found = true;
  return place;
}

int last_of(const Place& place, int root) {
  return place.folders.empty() ? root : place.folders.back().value();
}

// A folder that is none (or a link) holds no object.
bool says_missing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

Result<void> sync_file(const std::filesystem::path& path) {
  const Descriptor descriptor(::open(path.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!descriptor.open() || ::fsync(descriptor.value()) != 0) return failed("sync", path.string());
  return {};
}

Result<void> write_file(const std::filesystem::path& path, std::string_view bytes) {
  const Descriptor descriptor(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!descriptor.open()) return failed("create", path.string());
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor.value(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("write", path.string());
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
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

 private:
  Descriptor descriptor_;
  ObjectInfo info_;
  std::filesystem::path path_;
};

}  // namespace

FsStore::FsStore(FsStoreOptions options, Random& random) : options_(std::move(options)), random_(random) {
  std::filesystem::create_directories(options_.root / "tmp");
  make_spool();
  root_ = ::open(options_.root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (root_ < 0) {
    ::close(lock_);
    throw std::filesystem::filesystem_error("open", options_.root, std::error_code(errno, std::generic_category()));
  }
}

FsStore::~FsStore() {
  std::error_code ignored;
  std::filesystem::remove_all(spool_, ignored);
  ::close(lock_);
  ::close(root_);
}

void FsStore::make_spool() {
  // A folder whose lock nobody holds was left behind. The lock goes with its process, however that ends.
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(options_.root / "tmp", ignored)) {
    const Descriptor lock(::open((entry.path() / kLockName).c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (lock.open() && ::flock(lock.value(), LOCK_EX | LOCK_NB) == 0) {
      std::filesystem::remove_all(entry.path(), ignored);
    } else if (!lock.open() && errno == ENOENT) {
      ::rmdir(entry.path().c_str());  // empty: made and not locked yet; its maker makes another
    }
  }
  while (true) {
    spool_ = options_.root / "tmp" / new_id(random_, "run-");
    std::filesystem::create_directory(spool_);
    lock_ = ::open((spool_ / kLockName).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    struct stat status{};
    if (lock_ >= 0 && ::flock(lock_, LOCK_EX) == 0 && ::fstat(lock_, &status) == 0 && status.st_nlink == 1) return;
    const int error = lock_ < 0 ? errno : ENOENT;
    if (lock_ >= 0) ::close(lock_);
    if (error == ENOENT) continue;  // another store swept it away in between
    throw std::filesystem::filesystem_error("lock", spool_, std::error_code(error, std::generic_category()));
  }
}

// Renames a finished, synced file to its place. Every folder on the way is synced, not only those made here: who made
// them may not have come to it yet. Where nothing changed that costs nothing.
Result<ObjectInfo> FsStore::publish(const std::filesystem::path& file, std::string_view key) {
  for (int tries = 1;; ++tries) {
    int error = 0;
    const Place place = find_place(root_, key, true, error);
    const int folder = last_of(place, root_);
    if (place.found) {
      struct stat status{};
      if (::lstat(file.c_str(), &status) != 0) return failed("stat", file.string());
      if (::renameat(AT_FDCWD, file.c_str(), folder, place.name.c_str()) == 0) {
        for (auto at = place.folders.rbegin(); at != place.folders.rend(); ++at) {
          if (::fsync(at->value()) != 0) return failed("sync the folder of", key);
        }
        if (::fsync(root_) != 0) return failed("sync the folder of", key);
        return info_of(status, key);
      }
      error = errno;
    }
    // Somebody removed the last object of the folder, and the folder with it.
    if (error == ENOENT && tries < kPublishTriesMax) continue;
    errno = error;
    return failed("publish", key);
  }
}

Result<ObjectInfo> FsStore::put_file(std::string_view key, const std::filesystem::path& file, std::string_view) {
  if (!is_valid_key(key)) return bad_key(key);
  struct stat source{}, target{};
  if (::lstat(file.c_str(), &source) != 0 || ::fstat(root_, &target) != 0) return failed("stat", file.string());
  if (source.st_dev == target.st_dev) {
    if (auto synced = sync_file(file); !synced) return std::unexpected(synced.error());
    return publish(file, key);
  }
  const std::filesystem::path copy = spool_ / new_id(random_, "put-");
  std::error_code error;
  std::filesystem::copy_file(file, copy, error);
  if (error) return fail_internal("copy " + file.string() + ": " + error.message());
  Result<ObjectInfo> put = fail_internal("");
  if (auto synced = sync_file(copy); synced) {
    put = publish(copy, key);
  } else {
    put = std::unexpected(synced.error());
  }
  std::filesystem::remove(put ? file : copy, error);
  return put;
}

Result<ObjectInfo> FsStore::put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) {
  if (!is_valid_key(key)) return bad_key(key);
  const std::filesystem::path temporary = spool_ / new_id(random_, "put-");
  Result<ObjectInfo> info = fail_internal("");
  if (auto written = write_file(temporary, bytes); written) {
    info = put_file(key, temporary, media_type);
  } else {
    info = std::unexpected(written.error());
  }
  std::error_code ignored;
  if (!info) std::filesystem::remove(temporary, ignored);
  return info;
}

Result<std::unique_ptr<ObjectReader>> FsStore::open(std::string_view key) {
  if (!is_valid_key(key)) return bad_key(key);
  int error = 0;
  const Place place = find_place(root_, key, false, error);
  Descriptor descriptor(-1);
  if (place.found) {
    // A pipe that somebody put there must not hold us up.
    descriptor =
        Descriptor(::openat(last_of(place, root_), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    error = descriptor.open() ? 0 : errno;
  }
  struct stat status{};
  if (descriptor.open() && ::fstat(descriptor.value(), &status) != 0) error = errno;
  if (says_missing(error) || (error == 0 && !S_ISREG(status.st_mode))) {
    return fail(ErrorCode::kNotFound, "The file is not there any more");
  }
  if (error != 0) {
    errno = error;
    return failed("open", key);
  }
  return std::make_unique<FileReader>(std::move(descriptor), info_of(status, key), options_.root / key);
}

Result<std::optional<ObjectInfo>> FsStore::stat(std::string_view key) {
  if (!is_valid_key(key)) return bad_key(key);
  int error = 0;
  const Place place = find_place(root_, key, false, error);
  struct stat status{};
  if (place.found && ::fstatat(last_of(place, root_), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    error = errno;
  }
  if (says_missing(error) || (error == 0 && !S_ISREG(status.st_mode))) return std::nullopt;
  errno = error;
  if (error != 0) return failed("stat", key);
  return info_of(status, key);
}

// Durable as well: the row that names the object is forgotten next, and nobody would look for a file that came back.
Result<void> FsStore::remove(std::string_view key) {
  if (!is_valid_key(key)) return bad_key(key);
  int error = 0;
  Place place = find_place(root_, key, false, error);
  if (place.found && ::unlinkat(last_of(place, root_), place.name.c_str(), 0) != 0) error = errno;
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
  if (::fsync(last_of(place, root_)) != 0) return failed("sync the folder of", key);
  return {};
}

Result<void> FsStore::list(std::string_view prefix, FunctionRef<bool(std::string_view key, std::int64_t size)> visit) {
  std::error_code error;
  std::filesystem::recursive_directory_iterator entry(options_.root, error), end;
  for (; !error && entry != end; entry.increment(error)) {
    if (entry.depth() == 0 && entry->path().filename() == "tmp") {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code gone;  // files come and go while we look
    if (!std::filesystem::is_regular_file(entry->symlink_status(gone)) || gone) continue;
    const std::string key = entry->path().lexically_relative(options_.root).generic_string();
    const auto size = entry->file_size(gone);
    if (gone || !key.starts_with(prefix)) continue;
    if (!visit(key, static_cast<std::int64_t>(size))) return {};
  }
  if (error && error != std::errc::no_such_file_or_directory) return fail_internal("list: " + error.message());
  return {};
}

std::string FsStore::signature_of(std::string_view signed_part) const {
  return base64url_encode(hmac_sha256(options_.signing_key, "GET\n" + std::string(signed_part)));
}

std::string FsStore::signed_url(std::string_view key, const Delivery& delivery) const {
  std::string target;
  target.reserve(256);
  target.append(kUrlPath).append(key).append("?expires=").append(std::to_string(delivery.expires_at_ms / 1000));
  if (!delivery.download_name.empty()) target += "&download=" + percent_encode(delivery.download_name);
  const std::string signature = signature_of(target);
  return options_.public_url + target + "&signature=" + signature;
}

Result<SignedUrlVerifier::Grant> FsStore::verify(std::string_view target, UnixMs now_ms) const {
  const auto refused = [] {
    return fail(ErrorCode::kForbidden, "This link does not hold or has expired", "Please ask for a fresh one");
  };
  constexpr std::string_view kSignature = "&signature=";
  const std::size_t at = target.rfind(kSignature);
  if (!target.starts_with(kUrlPath) || at == std::string_view::npos) return refused();
  const std::string_view signed_part = target.substr(0, at);
  if (!constant_time_equal(signature_of(signed_part), target.substr(at + kSignature.size()))) return refused();
  // From here on the target is one that we made.
  const std::size_t question = signed_part.find('?');
  constexpr std::string_view kExpires = "expires=";
  std::string_view query = signed_part.substr(question + 1);
  if (question == std::string_view::npos || !query.starts_with(kExpires)) return refused();
  std::int64_t expires = 0;
  std::from_chars(query.data() + kExpires.size(), query.data() + query.size(), expires);
  if (expires * 1000 <= now_ms) return refused();
  Grant grant{std::string(signed_part.substr(kUrlPath.size(), question - kUrlPath.size())), {expires * 1000, {}}};
  constexpr std::string_view kDownload = "&download=";
  if (const std::size_t name = query.find(kDownload); name != std::string_view::npos) {
    grant.delivery.download_name = percent_decode(query.substr(name + kDownload.size()), false).value_or("");
  }
  return grant;
}

Result<void> FsStore::check() {
  // In the store's own corner, where a probe that was cut off goes with its folder.
  const std::string key = "tmp/" + spool_.filename().string() + "/" + new_id(random_, "probe-");
  if (auto put = put_bytes(key, "tintype", "text/plain"); !put) return std::unexpected(put.error());
  const auto reader = open(key);
  if (!reader) return std::unexpected(reader.error());
  std::array<char, 16> bytes{};
  const auto count = (*reader)->read(0, bytes);
  if (!count) return std::unexpected(count.error());
  if (std::string_view(bytes.data(), *count) != "tintype") return fail_internal("the store answers other bytes");
  return remove(key);
}

}  // namespace tintype
