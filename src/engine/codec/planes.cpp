#include "engine/codec/planes.h"

#include <algorithm>

namespace tintype::engine {

Plane turned(Plane plane, int orientation) {
  if (orientation <= 1 || orientation > 8) return plane;
  // Where the stored picture's first row and column lie when it is shown: 2 is mirrored, 3 upside down, 4 both;
  // from 5 on rows are columns.
  const bool is_transposed = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
  const int width = plane.extent.width_px, height = plane.extent.height_px;
  Plane made{is_transposed ? Extent{height, width} : plane.extent, {}};
  made.bytes.resize(plane.bytes.size());
  auto* samples = reinterpret_cast<std::uint16_t*>(made.bytes.data());
  const int made_width = made.extent.width_px, made_height = made.extent.height_px;
  constexpr int kTile = 32;  // of both pictures' rows in the cache while one is read across the other
  for (int top = 0; top < made_height; top += kTile) {
    for (int left = 0; left < made_width; left += kTile) {
      for (int y = top; y < std::min(top + kTile, made_height); ++y) {
        std::uint16_t* out = samples + std::ptrdiff_t{y} * made_width;
        const int row = from_bottom ? made_height - 1 - y : y;
        for (int x = left; x < std::min(left + kTile, made_width); ++x) {
          const int column = from_right ? made_width - 1 - x : x;
          out[x] = is_transposed ? plane.row(column)[row] : plane.row(row)[column];
        }
      }
    }
  }
  return made;
}

}  // namespace tintype::engine
