// From a picture's samples to what networks see, three numbers from 0 to 1 a pixel, and back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tintype::engine {

struct Samples {
  int channels = 3;          // of the picture
  int bytes_per_sample = 1;  // 1 or 2
  bool is_alpha = false;     // the alpha channel alone, as grey; else the colours alone

  // `count` pixels from the x-th of a row on.
  void widen(const std::uint8_t* row, int x, int count, float* out) const;
  // The other way, clamped and rounded, into its channels of the row; grey is the mean of the three. A pixel's numbers
  // lie `pixel` apart. False when one of them is not finite.
  bool narrow(const float* in, int pixel, std::uint8_t* row, int x, int count) const;
};

}  // namespace tintype::engine
