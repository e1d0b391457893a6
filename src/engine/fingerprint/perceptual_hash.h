// A picture's 64 bits that stay nearly the same when it is scaled, encoded anew or made a little brighter.
#pragma once

#include <cstdint>
#include <span>

namespace tintype::engine {

inline constexpr int kPerceptualHashSidePx = 32;

// The DCT hash of Zauner, "Implementation and Benchmarking of Perceptual Image Hash Functions" (2010), 3.2.1:
// `light` is the picture's luminance on kPerceptualHashSidePx x kPerceptualHashSidePx pixels whatever its aspect; of
// its cosine transform each of the 8 x 8 terms behind the first row and column is a bit, set where it is above their
// median, the first term the highest bit. Alike are pictures of which about 10 bits or fewer differ.
std::uint64_t perceptual_hash(std::span<const std::uint8_t> light);

}  // namespace tintype::engine
