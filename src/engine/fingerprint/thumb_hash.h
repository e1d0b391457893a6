// A picture in so few bytes that it fits into a page beside its link, to be shown until the picture itself is there.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace tintype::engine {

inline constexpr int kThumbHashSideMaxPx = 100;

// ThumbHash, as Evan Wallace published it in 2023 (https://evanw.github.io/thumbhash/): the lowest terms of a cosine
// transform of luminance, two differences of colour and, where there is any, transparency, four bits each, behind a
// header with average, contrast and aspect. `rgba` are width x height pixels, alpha not multiplied in, of at most
// kThumbHashSideMaxPx a side. Answers 5 to 25 bytes.
std::string thumb_hash(int width, int height, std::span<const std::uint8_t> rgba);

}  // namespace tintype::engine
