#include "adapters/fs_store/fs_store.h"

#include <fcntl.h>
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

std::unexpected<Error> failed(const char* what, const std::filesystem::path& path) {
  return fail_internal(std::string(what) + " " + path.string() + ": " + std::strerror(errno));
}

class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(Descriptor&& other) noexcept : value_(std::exchange(other.value_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
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

Result<void> sync_path(const std::filesystem::path& path, int flags) {
  const Descriptor descriptor(::open(path.c_str(), flags | O_CLOEXEC));
  if (!descriptor.open() || ::fsync(descriptor.value()) != 0) return failed("sync", path);
  return {};
}

class FileReader final : public ObjectReader {
 public:
  FileReader(Descriptor descriptor, ObjectInfo info, std::filesystem::path path)
      : descriptor_(std::move(descriptor)), info_(std::move(info)), path_(std::move(path)) {}
  const ObjectInfo& info() const override { return info_; }
  Result<std::size_t> read(std::int64_t offset_bytes, std::span<char> out) override {
    const ssize_t count = ::pread(descriptor_.value(), out.data(), out.size(), offset_bytes);
    if (count < 0) return failed("read", path_);
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
}

std::filesystem::path FsStore::path_of(std::string_view key) const {
  return options_.root / key;
}

// Renames a finished, synced file to its place and syncs every folder that changed.
Result<ObjectInfo> FsStore::publish(const std::filesystem::path& temporary, std::string_view key) {
  const std::filesystem::path path = path_of(key);
  std::vector<std::filesystem::path> changed = {path.parent_path()};
  while (!std::filesystem::exists(changed.back())) changed.push_back(changed.back().parent_path());
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (!error) std::filesystem::rename(temporary, path, error);
  if (error) return fail_internal("publish " + path.string() + ": " + error.message());
  for (const std::filesystem::path& folder : changed) {
    if (auto synced = sync_path(folder, O_RDONLY | O_DIRECTORY); !synced) return std::unexpected(synced.error());
  }
  auto info = stat(key);
  if (!info) return std::unexpected(info.error());
  if (!*info) return fail_internal("published but not there: " + path.string());
  return std::move(**info);
}

Result<ObjectInfo> FsStore::put_file(std::string_view key, const std::filesystem::path& file, std::string_view) {
  if (!is_valid_key(key)) return bad_key(key);
  const std::filesystem::path temporary = spool_directory() / new_id(random_, "put-");
  std::error_code error;
  std::filesystem::rename(file, temporary, error);
  if (error) {  // another file system
    error.clear();
    std::filesystem::copy_file(file, temporary, error);
    if (error) return fail_internal("copy " + file.string() + ": " + error.message());
  }
  Result<ObjectInfo> put = fail_internal("");
  if (auto synced = sync_path(temporary, O_RDWR); synced) {
    put = publish(temporary, key);
  } else {
    put = std::unexpected(synced.error());
  }
  if (!put) std::filesystem::remove(temporary, error);
  return put;
}

Result<ObjectInfo> FsStore::put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) {
  if (!is_valid_key(key)) return bad_key(key);
  const std::filesystem::path temporary = spool_directory() / new_id(random_, "put-");
  {
    const Descriptor descriptor(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!descriptor.open()) return failed("create", temporary);
    for (std::size_t done = 0; done < bytes.size();) {
      const ssize_t count = ::write(descriptor.value(), bytes.data() + done, bytes.size() - done);
      if (count < 0) return failed("write", temporary);
      done += static_cast<std::size_t>(count);
    }
  }
  return put_file(key, temporary, media_type);
}

Result<std::unique_ptr<ObjectReader>> FsStore::open(std::string_view key) {
  if (!is_valid_key(key)) return bad_key(key);
  const std::filesystem::path path = path_of(key);
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
  if (!descriptor.open()) {
    if (errno == ENOENT || errno == ENOTDIR) return fail(ErrorCode::kNotFound, "The file is not there any more");
    return failed("open", path);
  }
  struct stat status{};
  if (::fstat(descriptor.value(), &status) != 0 || !S_ISREG(status.st_mode)) return failed("stat", path);
  return std::make_unique<FileReader>(std::move(descriptor), info_of(status, key), path);
}

Result<std::optional<ObjectInfo>> FsStore::stat(std::string_view key) {
  if (!is_valid_key(key)) return bad_key(key);
  struct stat status{};
  if (::lstat(path_of(key).c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
    return failed("stat", path_of(key));
  }
  if (!S_ISREG(status.st_mode)) return std::nullopt;
  return info_of(status, key);
}

Result<void> FsStore::remove(std::string_view key) {
  if (!is_valid_key(key)) return bad_key(key);
  const std::filesystem::path path = path_of(key);
  if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) return failed("remove", path);
  // Empty folders go too, up to the first level, which stays.
  for (auto folder = path.parent_path(); folder != options_.root && folder.parent_path() != options_.root;
       folder = folder.parent_path()) {
    if (::rmdir(folder.c_str()) != 0) break;
  }
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
    if (!entry->is_regular_file(gone) || gone) continue;
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
  const std::string key = new_id(random_, "probe-");
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
