// Faces and eyes by cascades of simple features (Viola and Jones 2001; Lienhart and Maydt 2002), for where no network
// that finds faces is installed. OpenCV and the cascades that Debian's opencv-data has are behind it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

// In pixels, from the picture's upper left corner.
struct EyePair {
  double left_x = 0, left_y = 0;  // of the eye that is to the left in the picture
  double right_x = 0, right_y = 0;
};

struct FaceBox {
  double x = 0, y = 0, width = 0, height = 0;
};

// One thread at a time.
class Cascades {
 public:
  // kNotFound when the cascades are not installed.
  static Result<Cascades> open();
  Cascades(Cascades&&) noexcept;
  Cascades& operator=(Cascades&&) noexcept;
  ~Cascades();

  // Upright faces that look into the camera and are at least `smallest_px` wide, of a grey picture, row by row.
  Result<std::vector<FaceBox>> faces(std::span<const std::uint8_t> grey, int width, int height, int smallest_px);
  // The two eyes of a face, if both are seen.
  Result<std::optional<EyePair>> eyes(std::span<const std::uint8_t> grey, int width, int height, const FaceBox& face);

 private:
  struct State;
  explicit Cascades(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tintype::engine
