// Whole files: written, read through, joined.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tintype::fs_store {

// A new file, readable by us alone.
Result<void> write_file(const std::filesystem::path& path, std::string_view bytes);

// The file's MD5, raw. Its bytes are sent on their way to the disk first, so that an fsync afterwards has little left
// to wait for.
Result<std::string> md5_of(int file, std::string_view name);

// Appends what `from` holds to `to` at its offset, in the kernel where it can (copy_file_range(2): a file system that
// shares blocks copies none), and sends it on its way to the disk.
Result<void> append_file(int from, std::int64_t size_bytes, int to, std::string_view name);

}  // namespace tintype::fs_store
