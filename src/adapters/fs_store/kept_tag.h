// The tag of a file, kept with it: in an extended attribute (xattr(7)), which comes and goes with the file itself, or
// in a file beside it where the file system has no attributes. Tags are of hex digits and '-', without quotes.
//
// What lies beside a file names the file that it speaks of (see identity_of), so a reader who finds the two from
// different writes knows it, and takes the file for one that has no tag.
#pragma once

#include <sys/stat.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tintype::fs_store {

// One file may be both: a part that has become the whole of its object.
enum class TagOf { kObject, kPart };

// "inode-size-time": another file under the same name has another one.
std::string identity_of(const struct stat& status);

// Sets the attribute; false where the file system has none. Becomes durable with the file's own fsync.
Result<bool> keep_tag_inside(int file, TagOf kind, std::string_view tag);
// Writes the file beside `name`, before the file that it speaks of gets that name. Durable with its folder's fsync.
Result<void> keep_tag_beside(int folder, const std::string& name, const struct stat& status, std::string_view tag);
void forget_tag_beside(int folder, const std::string& name);

// Nothing when none is known.
std::optional<std::string> kept_tag(int file, TagOf kind, const struct stat& status, int folder,
                                    const std::string& name);

}  // namespace tintype::fs_store
