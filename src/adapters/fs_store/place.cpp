#include "adapters/fs_store/place.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

namespace tintype::fs_store {

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

}  // namespace

std::unexpected<Error> failed(const char* what, std::string_view name) {
  return fail_internal(std::string(what) + " " + std::string(name) + ": " + std::strerror(errno));
}

std::unexpected<Error> bad_key(std::string_view key) {
  return fail_internal("not an object key: " + std::string(key.substr(0, 100)));
}

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

bool says_missing(int error) {
  return error == ENOENT || error == ENOTDIR || error == ELOOP;
}

}  // namespace tintype::fs_store
