#include "engine/studio/noise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr int kSquare = 8, kStep = 4;  // pixels: the side of the squares, and how far they lie apart
constexpr int kStripRows = 64;
constexpr float kThreshold = 2.7F;  // deviations; in brightness, where less is taken for noise than in colours
constexpr float kColourThreshold = 3.3F;
constexpr int kMeasured = 32;     // pixels: the side of the squares that are measured
constexpr double kCalmest = 0.1;  // of the squares tell
// How many times what the calmest have those that are calm may have, to be noise, and what is none.
constexpr double kVeryCalmest = 0.02, kCalm = 0.15;
constexpr float kAlike = 1.32F, kUnlike = 1.5F;
constexpr double kDark = 12, kLight = 243;  // levels beyond which a square is cut off
constexpr int kLumaPlane = 0, kPlanes = 3;

using Plane = std::vector<float>;
using Square = std::array<float, kSquare * kSquare>;

// Y', and how much blue and red lie over it: of Rec. 709, but for the scale of the differences.
std::array<float, kPlanes> planes_of(const std::uint8_t* pixel) {
  const float red = pixel[0], green = pixel[1], blue = pixel[2];
  const float luma = 0.2126F * red + 0.7152F * green + 0.0722F * blue;
  return {luma, blue - luma, red - luma};
}

std::array<float, 3> colours_of(float luma, float blue, float red) {
  const float red_level = luma + red, blue_level = luma + blue;
  return {red_level, (luma - 0.2126F * red_level - 0.0722F * blue_level) / 0.7152F, blue_level};
}

// Rows are cosines of the square, by which its rows and columns are multiplied (DCT-II, orthonormal).
const std::array<std::array<float, kSquare>, kSquare>& cosines() {
  static const auto table = [] {
    std::array<std::array<float, kSquare>, kSquare> values{};
    for (int wave = 0; wave < kSquare; ++wave) {
      for (int at = 0; at < kSquare; ++at) {
        const double scale = std::sqrt((wave == 0 ? 1.0 : 2.0) / kSquare);
        values[static_cast<std::size_t>(wave)][static_cast<std::size_t>(at)] =
            static_cast<float>(scale * std::cos((at + 0.5) * wave * std::numbers::pi / kSquare));
      }
    }
    return values;
  }();
  return table;
}

// One direction, the result lying on its side, so that twice is both directions.
Square turned(const Square& in, bool is_back) {
  const auto& table = cosines();
  Square out{};
  for (std::size_t row = 0; row < kSquare; ++row) {
    for (std::size_t wave = 0; wave < kSquare; ++wave) {
      const float value = in[row * kSquare + wave];
      for (std::size_t at = 0; at < kSquare; ++at) {
        out[row * kSquare + at] += value * (is_back ? table[wave][at] : table[at][wave]);
      }
    }
  }
  Square side;
  for (std::size_t row = 0; row < kSquare; ++row) {
    for (std::size_t at = 0; at < kSquare; ++at) side[at * kSquare + row] = out[row * kSquare + at];
  }
  return side;
}

// A part of one plane, and what its squares said of each pixel so far.
struct Part {
  int width = 0, height = 0;
  Plane values, sums, weights;

  Part(int width_px, int height_px)
      : width(width_px),
        height(height_px),
        values(static_cast<std::size_t>(width) * height),
        sums(values.size()),
        weights(values.size()) {}
};

void shrink(Part& part, int x, int y, float threshold) {
  Square square;
  for (int row = 0; row < kSquare; ++row) {
    std::copy_n(part.values.begin() + static_cast<std::ptrdiff_t>(y + row) * part.width + x, kSquare,
                square.begin() + row * kSquare);
  }
  Square waves = turned(turned(square, false), false);
  int kept = 1;  // the mean is
  for (std::size_t at = 1; at < waves.size(); ++at) {
    if (std::abs(waves[at]) < threshold) {
      waves[at] = 0;
    } else {
      ++kept;
    }
  }
  const Square calm = turned(turned(waves, true), true);
  const float weight = 1.0F / static_cast<float>(kept);  // what needs few waves is the surer
  for (int row = 0; row < kSquare; ++row) {
    const std::size_t at = static_cast<std::size_t>(y + row) * part.width + x;
    for (std::size_t column = 0; column < kSquare; ++column) {
      part.sums[at + column] += weight * calm[static_cast<std::size_t>(row) * kSquare + column];
      part.weights[at + column] += weight;
    }
  }
}

void shrink(Part& part, int first_row, float threshold) {
  // Squares lie by steps of the whole picture, whatever the strip, and at its ends.
  for (int y = (kStep - first_row % kStep) % kStep; y < part.height; y += kStep) {
    for (int x = 0; x < part.width; x += kStep) {
      shrink(part, std::min(x, part.width - kSquare), std::min(y, part.height - kSquare), threshold);
    }
  }
}

void denoise_strip(const Raster& picture, const Noise& noise, float share, int begin, Raster& result) {
  const int end = std::min(picture.height, begin + kStripRows);
  const int first = std::max(0, std::min(begin - kSquare, picture.height - 2 * kSquare));
  const int last = std::min(picture.height, end + kSquare);
  const float thresholds[kPlanes] = {noise.luma * kThreshold, noise.blue * kColourThreshold,
                                     noise.red * kColourThreshold};
  std::vector<Part> parts(kPlanes, Part(picture.width, last - first));
  for (int y = first; y < last; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const auto planes = planes_of(picture.at(x, y));
      for (std::size_t plane = 0; plane < kPlanes; ++plane) {
        parts[plane].values[static_cast<std::size_t>(y - first) * picture.width + x] = planes[plane];
      }
    }
  }
  for (std::size_t plane = 0; plane < kPlanes; ++plane) {
    if (thresholds[plane] > 0) shrink(parts[plane], first, thresholds[plane]);
  }
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::size_t at = static_cast<std::size_t>(y - first) * picture.width + x;
      float calm[kPlanes];
      for (std::size_t plane = 0; plane < kPlanes; ++plane) {
        const Part& part = parts[plane];
        calm[plane] = part.weights[at] > 0
                          ? part.values[at] + share * (part.sums[at] / part.weights[at] - part.values[at])
                          : part.values[at];
      }
      const auto colours = colours_of(calm[kLumaPlane], calm[1], calm[2]);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        result.at(x, y)[channel] = static_cast<std::uint8_t>(std::clamp(std::lround(colours[channel]), 0L, 255L));
      }
    }
  }
}

// Immerkaer's sum over one square of a plane; negative where the square is cut off at black or white.
double measured(const Raster& picture, int left, int top, std::size_t plane) {
  double sum = 0, mean = 0;
  for (int y = top; y < top + kMeasured; ++y) {
    for (int x = left; x < left + kMeasured; ++x) {
      static constexpr int kMask[3] = {1, -2, 1};
      float value = 0;
      for (int row = -1; row <= 1; ++row) {
        for (int column = -1; column <= 1; ++column) {
          value += static_cast<float>(kMask[row + 1] * kMask[column + 1]) *
                   planes_of(picture.at(x + column, y + row))[plane];
        }
      }
      sum += std::abs(value);
      mean += planes_of(picture.at(x, y))[kLumaPlane];
    }
  }
  mean /= kMeasured * kMeasured;
  if (mean < kDark || mean > kLight) return -1;
  return sum * std::sqrt(std::numbers::pi / 2) / (6.0 * kMeasured * kMeasured);
}

// Of all squares but those that are cut off, the calmest first.
std::vector<double> all_measured(const Raster& picture, std::size_t plane) {
  constexpr int kSquaresMax = 24;  // each way
  const int across = std::min(kSquaresMax, (picture.width - 2) / kMeasured);
  const int down = std::min(kSquaresMax, (picture.height - 2) / kMeasured);
  std::vector<double> found;
  for (int row = 0; row < down; ++row) {
    for (int column = 0; column < across; ++column) {
      const int left = 1 + (picture.width - 2 - kMeasured) * column / std::max(1, across - 1);
      const int top = 1 + (picture.height - 2 - kMeasured) * row / std::max(1, down - 1);
      const double noise = measured(picture, left, top, plane);
      if (noise >= 0) found.push_back(noise);
    }
  }
  std::ranges::sort(found);
  return found;
}

float at_share(const std::vector<double>& sorted, double share) {
  if (sorted.empty()) return 0;
  return static_cast<float>(sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size()))]);
}

}  // namespace

Noise noise_of(const Raster& picture) {
  const std::vector<double> luma = all_measured(picture, kLumaPlane);
  const double times = at_share(luma, kCalm) / std::max(1e-3F, at_share(luma, kVeryCalmest));
  return {at_share(luma, kCalmest), at_share(all_measured(picture, 1), kCalmest),
          at_share(all_measured(picture, 2), kCalmest), 1 - smooth_step(kAlike, kUnlike, static_cast<float>(times))};
}

Result<Raster> denoised(const Raster& picture, const Noise& noise, float share, const Task& task) {
  Raster result = picture;
  if (std::min(picture.width, picture.height) < 2 * kSquare) return result;
  const int strips = (picture.height + kStripRows - 1) / kStripRows;
  const auto done = task.rows(strips, [&](int begin, int end) {
    for (int strip = begin; strip < end && !task.is_cancelled(); ++strip) {
      denoise_strip(picture, noise, share, strip * kStripRows, result);
    }
  });
  if (!done) return std::unexpected(done.error());
  return result;
}

}  // namespace tintype::engine
