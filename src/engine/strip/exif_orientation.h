// The one thing in EXIF (CIPA DC-008) that belongs to how a picture looks.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tintype::engine {

// How much of a block is looked at: no writer puts its first directory behind that.
inline constexpr std::size_t kExifBytesMax = 65'536;

// The orientation, 1 to 8, that a block says, with or without "Exif\0\0" in front; 1, upright, when it says none.
int exif_orientation(std::string_view block);

// The smallest block, 26 bytes, that says an orientation and nothing else; without "Exif\0\0".
std::string exif_of_orientation(int orientation);

}  // namespace tintype::engine
