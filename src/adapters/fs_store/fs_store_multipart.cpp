// Multipart uploads on disk, see fs_store.h for how they lie.
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "adapters/fs_store/file_bytes.h"
#include "adapters/fs_store/fs_store.h"
#include "adapters/fs_store/kept_tag.h"
#include "adapters/fs_store/place.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "ports/object_key.h"

namespace tintype {

using namespace fs_store;

namespace {

constexpr const char* kUploadName = "upload";
constexpr std::size_t kUploadBytesMax = 1'024;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
constexpr int kFileFlags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
constexpr std::size_t kPartNameDigits = 5;

std::unexpected<Error> no_such_upload() {
  return fail(ErrorCode::kNotFound, "There is no such upload (any more)", "Please begin a new one");
}

bool is_upload_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

std::string part_name(int number) {
  const std::string digits = std::to_string(number);
  return std::string(kPartNameDigits - digits.size(), '0') + digits;
}

std::optional<int> part_number_of(std::string_view name) {
  int number = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
  if (name.size() != kPartNameDigits || error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  return number;
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.front() == '"' && etag.back() == '"') etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

// What the file "upload" says: the key and when it began, a line each.
std::optional<OpenMultipart> read_upload(int folder, std::string_view upload_id) {
  const Descriptor file(::openat(folder, kUploadName, kFileFlags));
  std::string bytes(kUploadBytesMax, '\0');
  const ssize_t count = file.open() ? ::read(file.value(), bytes.data(), bytes.size()) : -1;
  if (count <= 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(count));
  const std::size_t end = bytes.find('\n');
  if (end == bytes.npos) return std::nullopt;
  OpenMultipart upload{bytes.substr(0, end), std::string(upload_id), 0};
  std::from_chars(bytes.data() + end + 1, bytes.data() + bytes.size(), upload.begun_at_ms);
  return upload;
}

// The names in a folder, in no order; none when it went away meanwhile.
Result<std::vector<std::string>> names_in(int folder, std::string_view what) {
  std::vector<std::string> names;
  const int again = ::openat(folder, ".", kFolderFlags);  // closed with the stream
  if (again < 0 && errno == ENOENT) return names;
  DIR* stream = again < 0 ? nullptr : ::fdopendir(again);
  if (stream == nullptr) return failed("list", what);
  while (const dirent* entry = ::readdir(stream)) names.emplace_back(entry->d_name);
  ::closedir(stream);
  return names;
}

struct OpenPart {
  Descriptor file;
  std::int64_t size_bytes = 0;
  std::string tag;
};

// Nothing when there is no such part. A tag that is not known (see kept_tag.h) is found from the bytes.
Result<std::optional<OpenPart>> open_part(int folder, int number) {
  const std::string name = part_name(number);
  Descriptor file(::openat(folder, name.c_str(), kFileFlags));
  if (!file.open() && says_missing(errno)) return std::nullopt;
  struct stat status{};
  if (!file.open() || ::fstat(file.value(), &status) != 0) return failed("open part", name);
  auto tag = kept_tag(file.value(), TagOf::kPart, status, folder, name);
  if (!tag) {
    const auto md5 = md5_of(file.value(), name);
    if (!md5) return std::unexpected(md5.error());
    tag = hex_encode(*md5);
  }
  return OpenPart{std::move(file), status.st_size, std::move(*tag)};
}

std::unexpected<Error> bad_part(int number, const char* what) {
  return fail(ErrorCode::kInvalidInput, "Part " + std::to_string(number) + " " + what,
              "Please upload it again and complete with the ETag of the answer");
}

// The part that is meant, as it lies there now.
Result<OpenPart> open_meant(int folder, const StoredPart& meant) {
  auto part = open_part(folder, meant.number);
  if (!part) return std::unexpected(part.error());
  if (!*part) return bad_part(meant.number, "was not uploaded");
  if ((*part)->tag != unquoted(meant.etag)) return bad_part(meant.number, "has another ETag");
  return std::move(**part);
}

Result<void> check_parts(int folder, std::span<const StoredPart> parts) {
  if (parts.empty()) return fail(ErrorCode::kInvalidInput, "An upload is completed with one part at least");
  int before = 0;
  for (const StoredPart& meant : parts) {
    if (meant.number <= before || meant.number > kPartsMax) return bad_part(meant.number, "is out of order");
    before = meant.number;
    const auto part = open_meant(folder, meant);
    if (!part) return std::unexpected(part.error());
    if (part->size_bytes < kPartBytesMin && &meant != &parts.back()) {
      return bad_part(meant.number, "is smaller than 5 MiB, which only the last may be");
    }
  }
  return {};
}

}  // namespace

struct FsStore::Upload {
  Descriptor folder;
  OpenMultipart facts;
};

Result<FsStore::Upload> FsStore::open_upload(std::string_view key, std::string_view upload_id) const {
  if (!is_valid_object_key(key)) return bad_key(key);
  if (!is_upload_id(upload_id)) return no_such_upload();
  const std::string path = std::string(kMultipartFolder) + "/" + std::string(upload_id);
  Descriptor folder(::openat(root_, path.c_str(), kFolderFlags));
  if (!folder.open() && says_missing(errno)) return no_such_upload();
  if (!folder.open()) return failed("open upload", upload_id);
  auto facts = read_upload(folder.value(), upload_id);
  if (!facts || facts->key != key) return no_such_upload();
  return Upload{std::move(folder), std::move(*facts)};
}

// Made aside and renamed, so that there is no upload without its file.
Result<std::string> FsStore::begin_multipart(std::string_view key, std::string_view) {
  if (!is_valid_object_key(key)) return bad_key(key);
  std::string upload_id = new_id(random_, "");
  const std::filesystem::path aside = new_temporary();
  if (::mkdir(aside.c_str(), 0700) != 0) return failed("make", aside.string());
  const auto written =
      write_file(aside / kUploadName, std::string(key) + "\n" + std::to_string(clock_.now_ms()) + "\n");
  if (!written) return std::unexpected(written.error());
  const Descriptor file(::open((aside / kUploadName).c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor folder(::open(aside.c_str(), kFolderFlags));
  const std::filesystem::path place = options_.root / kMultipartFolder / upload_id;
  const Descriptor above(::open((options_.root / kMultipartFolder).c_str(), kFolderFlags));
  if (::fsync(file.value()) != 0 || ::fsync(folder.value()) != 0 || ::rename(aside.c_str(), place.c_str()) != 0 ||
      ::fsync(above.value()) != 0) {
    return failed("begin upload", key);
  }
  return upload_id;
}

Result<StoredPart> FsStore::put_part(std::string_view key, std::string_view upload_id, int part_number,
                                     const std::filesystem::path& file, std::string_view md5) {
  if (part_number < 1 || part_number > kPartsMax) return bad_part(part_number, "is not between 1 and 10000");
  const auto upload = open_upload(key, upload_id);
  if (!upload) return std::unexpected(upload.error());
  const int folder = upload->folder.value();
  const std::string name = part_name(part_number);
  const std::string tag = hex_encode(md5);
  const Descriptor bytes(::open(file.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
  if (!bytes.open()) return failed("open", file.string());
  const Result<bool> inside =
      options_.attributes ? keep_tag_inside(bytes.value(), TagOf::kPart, tag) : Result<bool>(false);
  if (!inside) return std::unexpected(inside.error());
  struct stat status{};
  if (::fsync(bytes.value()) != 0 || ::fstat(bytes.value(), &status) != 0) return failed("sync", file.string());
  if (!*inside) {
    if (auto kept = keep_tag_beside(folder, name, status, tag); !kept) return std::unexpected(kept.error());
  }
  if (::renameat(AT_FDCWD, file.c_str(), folder, name.c_str()) != 0) {
    return says_missing(errno) ? Result<StoredPart>(no_such_upload()) : failed("keep part", name);
  }
  if (::fsync(folder) != 0) return failed("sync the folder of part", name);
  return StoredPart{part_number, "\"" + tag + "\"", status.st_size};
}

Result<std::vector<StoredPart>> FsStore::list_parts(std::string_view key, std::string_view upload_id) {
  const auto upload = open_upload(key, upload_id);
  if (!upload) return std::unexpected(upload.error());
  std::vector<StoredPart> parts;
  const auto names = names_in(upload->folder.value(), upload_id);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    const auto number = part_number_of(name);
    if (!number) continue;
    const auto part = open_part(upload->folder.value(), *number);
    if (!part) return std::unexpected(part.error());
    if (*part) parts.push_back({*number, "\"" + (*part)->tag + "\"", (*part)->size_bytes});
  }
  std::ranges::sort(parts, {}, &StoredPart::number);
  return parts;
}

// Makes the file `joined` of the parts, as they lie there now; answers its tag.
Result<std::string> FsStore::join_parts(const Upload& upload, std::span<const StoredPart> parts,
                                        const std::filesystem::path& joined) const {
  const int folder = upload.folder.value();
  std::string md5s;
  std::int64_t size_bytes = 0;
  Descriptor target(-1);
  for (const StoredPart& meant : parts) {
    const auto part = open_meant(folder, meant);
    if (!part) return std::unexpected(part.error());
    md5s += hex_decode(part->tag).value_or("");
    if (parts.size() == 1) {
      const std::string itself = "/proc/self/fd/" + std::to_string(part->file.value());
      if (::linkat(AT_FDCWD, itself.c_str(), AT_FDCWD, joined.c_str(), AT_SYMLINK_FOLLOW) == 0) break;
    }
    if (!target.open()) {
      target = Descriptor(::open(joined.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (!target.open()) return failed("create", joined.string());
    }
    const auto appended = append_file(part->file.value(), part->size_bytes, target.value(), part_name(meant.number));
    if (!appended) return std::unexpected(appended.error());
    size_bytes += part->size_bytes;
  }
  struct stat status{};
  if (target.open() && (::fstat(target.value(), &status) != 0 || status.st_size != size_bytes)) {
    return failed("join the parts of", upload.facts.key);
  }
  return hex_encode(md5(md5s)) + "-" + std::to_string(parts.size());
}

Result<ObjectInfo> FsStore::complete_multipart(std::string_view key, std::string_view upload_id,
                                               std::span<const StoredPart> parts) {
  const auto upload = open_upload(key, upload_id);
  if (!upload) return std::unexpected(upload.error());
  // One at a time, in whatever process; who comes second finds the folder gone.
  if (::flock(upload->folder.value(), LOCK_EX) != 0) return failed("lock upload", upload_id);
  if (auto still_there = open_upload(key, upload_id); !still_there) return std::unexpected(still_there.error());
  if (auto checked = check_parts(upload->folder.value(), parts); !checked) return std::unexpected(checked.error());
  const std::filesystem::path joined = new_temporary();
  const auto tag = join_parts(*upload, parts, joined);
  Result<ObjectInfo> info = tag ? publish(joined, key, *tag) : Result<ObjectInfo>(std::unexpected(tag.error()));
  ::unlink(joined.c_str());  // where it failed; or where a call before it was killed right here, see copy()
  // What cannot be dropped now is still listed, for the sweep.
  if (info) static_cast<void>(drop_upload(upload_id));
  return info;
}

// Gone at once for everybody, and then bit by bit; what a kill leaves goes with the spool.
Result<void> FsStore::drop_upload(std::string_view upload_id) {
  const std::filesystem::path above = options_.root / kMultipartFolder;
  const std::filesystem::path doomed = new_temporary();
  if (::rename((above / upload_id).c_str(), doomed.c_str()) != 0) {
    return errno == ENOENT ? Result<void>() : failed("drop upload", upload_id);
  }
  const Descriptor folder(::open(above.c_str(), kFolderFlags));
  if (::fsync(folder.value()) != 0) return failed("sync the folder of upload", upload_id);
  std::error_code ignored;
  std::filesystem::remove_all(doomed, ignored);
  return {};
}

Result<void> FsStore::abort_multipart(std::string_view key, std::string_view upload_id) {
  const auto upload = open_upload(key, upload_id);
  if (!upload && upload.error().code == ErrorCode::kNotFound) return {};
  if (!upload) return std::unexpected(upload.error());
  return drop_upload(upload_id);
}

Result<void> FsStore::list_multiparts(std::string_view prefix, FunctionRef<bool(const OpenMultipart&)> visit) {
  const Descriptor above(::openat(root_, kMultipartFolder, kFolderFlags));
  if (!above.open()) return failed("open", kMultipartFolder);
  const auto names = names_in(above.value(), kMultipartFolder);
  if (!names) return std::unexpected(names.error());
  for (const std::string& name : *names) {
    if (!is_upload_id(name)) continue;
    const Descriptor folder(::openat(above.value(), name.c_str(), kFolderFlags));
    if (!folder.open()) continue;
    const auto upload = read_upload(folder.value(), name);
    if (upload && upload->key.starts_with(prefix) && !visit(*upload)) return {};
  }
  return {};
}

}  // namespace tintype
