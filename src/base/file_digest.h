// Digests of files, read piece by piece.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace tintype {

// SHA-256 of the file's bytes in lower-case hex; kInternal when it cannot be read to its end.
Result<std::string> sha256_of_file(const std::filesystem::path& file);

}  // namespace tintype
