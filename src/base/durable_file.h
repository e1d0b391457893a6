// Files that are there whole after a power cut, or not at all.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/error.h"

namespace tintype {

// Gives a file that is written its name, on the same file system: syncs the file, renames it over what has the name,
// and syncs the folder. kInternal.
Result<void> rename_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// Writes `path`.new and renames it. One caller for a path at a time. kInternal; nothing is left beside it then.
Result<void> write_durably(const std::filesystem::path& path, std::string_view bytes);

}  // namespace tintype
