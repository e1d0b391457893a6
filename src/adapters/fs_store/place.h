// From a key to its folder, without following a link on the way.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/fs_store/descriptor.h"
#include "base/error.h"

namespace tintype::fs_store {

// The store's own folders below its root, in which no key lies.
inline constexpr const char* kTemporaryFolder = "tmp";
inline constexpr const char* kMultipartFolder = "multipart";

std::unexpected<Error> bad_key(std::string_view key);

// kInternal with what errno says.
std::unexpected<Error> failed(const char* what, std::string_view name);

// A key's folders from the root to its own, each opened without following links, and its last segment.
struct Place {
  std::vector<Descriptor> folders;  // below the root; may end early, see `found`
  std::vector<std::string> names;   // of the folders
  std::string name;
  bool found = false;  // every folder is there

  int folder_or(int root) const { return folders.empty() ? root : folders.back().value(); }
};

// Opens a key's folders; with `make` those that are missing are made. Answers an errno in `error`, 0 for none.
Place find_place(int root, std::string_view key, bool make, int& error);

// A folder that is none (or a link) holds no object.
bool says_missing(int error);

}  // namespace tintype::fs_store
