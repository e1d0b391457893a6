#include "adapters/fs_store/kept_tag.h"

#include <fcntl.h>
#include <sys/xattr.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "adapters/fs_store/descriptor.h"
#include "adapters/fs_store/place.h"

namespace tintype::fs_store {

namespace {

constexpr std::size_t kLineBytesMax = 256;
constexpr std::size_t kTagBytesMax = 64;

const char* attribute_of(TagOf kind) {
  switch (kind) {
    case TagOf::kObject: return "user.etag";
    case TagOf::kPart: return "user.part_etag";
  }
  return "";
}

// '~' is in no key, so this is nobody's object.
std::string name_beside(const std::string& name) {
  return name + "~etag";
}

std::optional<std::string> checked(std::string_view tag) {
  if (tag.empty() || tag.size() > kTagBytesMax) return std::nullopt;
  if (tag.find_first_not_of("0123456789abcdef-") != tag.npos) return std::nullopt;
  return std::string(tag);
}

}  // namespace

std::string identity_of(const struct stat& status) {
  char text[80];
  const auto time_ns = static_cast<unsigned long long>(status.st_mtim.tv_sec) * 1'000'000'000ULL +
                       static_cast<unsigned long long>(status.st_mtim.tv_nsec);
  const int length = std::snprintf(text, sizeof text, "%llx-%llx-%llx", static_cast<unsigned long long>(status.st_ino),
                                   static_cast<unsigned long long>(status.st_size), time_ns);
  return std::string(text, static_cast<std::size_t>(length));
}

Result<bool> keep_tag_inside(int file, TagOf kind, std::string_view tag) {
  if (::fsetxattr(file, attribute_of(kind), tag.data(), tag.size(), 0) == 0) return true;
  // ENOSPC: the file system keeps them in a block that is full of somebody else's.
  if (errno == ENOTSUP || errno == ENOSPC || errno == EPERM) return false;
  return failed("set an attribute", tag);
}

Result<void> keep_tag_beside(int folder, const std::string& name, const struct stat& status, std::string_view tag) {
  const std::string beside = name_beside(name);
  const Descriptor file(::openat(folder, beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
  const std::string line = identity_of(status) + " " + std::string(tag) + "\n";
  if (!file.open() || ::write(file.value(), line.data(), line.size()) != static_cast<ssize_t>(line.size()) ||
      ::fsync(file.value()) != 0) {
    return failed("write", beside);
  }
  return {};
}

void forget_tag_beside(int folder, const std::string& name) {
  ::unlinkat(folder, name_beside(name).c_str(), 0);
}

std::optional<std::string> kept_tag(int file, TagOf kind, const struct stat& status, int folder,
                                    const std::string& name) {
  std::array<char, kLineBytesMax> bytes{};
  const ssize_t inside = ::fgetxattr(file, attribute_of(kind), bytes.data(), bytes.size());
  if (inside > 0) return checked({bytes.data(), static_cast<std::size_t>(inside)});
  const Descriptor beside(::openat(folder, name_beside(name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!beside.open()) return std::nullopt;
  const ssize_t count = ::read(beside.value(), bytes.data(), bytes.size());
  if (count <= 0) return std::nullopt;
  std::string_view line(bytes.data(), static_cast<std::size_t>(count));
  const std::string identity = identity_of(status) + " ";
  if (!line.starts_with(identity) || !line.ends_with('\n')) return std::nullopt;
  line.remove_prefix(identity.size());
  line.remove_suffix(1);
  return checked(line);
}

}  // namespace tintype::fs_store
