#include "engine/studio/picture_grain.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <utility>

#include "engine/raster/filter.h"
#include "engine/studio/hash.h"

namespace tintype::engine {

namespace {

constexpr int kReach = 2;                                // pixels; what is larger is no grain
constexpr float kQuietPart = 0.1F, kQuietFactor = 1.3F;  // of the blocks; of their variance
constexpr std::size_t kBlocksMost = 512;

// What a level's values within a box differ by from what is around them.
std::array<Field, 3> differences(const PatchLevel& level, const Box& part) {
  Field known(part.width, part.height);
  for (int y = 0; y < part.height; ++y) {
    for (int x = 0; x < part.width; ++x) {
      const int own_x = part.x + x, own_y = part.y + y;
      known.at(x, y) = level.is_hole(own_x, own_y) || level.is_spared(own_x, own_y) ? 0.0F : 1.0F;
    }
  }
  const Field share = box_blur(known, kReach);
  std::array<Field, 3> fine;
  for (std::size_t channel = 0; channel < fine.size(); ++channel) {
    Field values(part.width, part.height);
    for (int y = 0; y < part.height; ++y) {
      for (int x = 0; x < part.width; ++x) {
        values.at(x, y) = known.at(x, y) * static_cast<float>(level.canvas.at(part.x + x, part.y + y)[channel]);
      }
    }
    fine[channel] = box_blur(values, kReach);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      float& own = fine[channel].values[at];
      own = known.values[at] > 0 ? values.values[at] - own / share.values[at] : std::nanf("");
    }
  }
  return fine;
}

// The squares of what covers a pixel are 1 together, so that grain is nowhere weaker.
float window(int at, int side) {
  return std::sin(std::numbers::pi_v<float> * (static_cast<float>(at) + 0.5F) / static_cast<float>(side));
}

}  // namespace

PictureGrain::PictureGrain(const PatchLevel& level, const Box& part, std::uint32_t seed) : seed_(seed) {
  const auto fine = differences(level, part);
  std::vector<std::pair<float, Block>> blocks;
  const int step = std::max(kSide / 4, 1);
  std::vector<std::array<float, 3>> found;  // variance, x, y
  for (int y = 0; y + kSide <= part.height; y += step) {
    for (int x = 0; x + kSide <= part.width; x += step) {
      float variance = 0;
      for (int j = y; j < y + kSide; ++j) {
        for (int i = x; i < x + kSide; ++i) {
          for (const Field& channel : fine) variance += channel.at(i, j) * channel.at(i, j);
        }
      }
      if (!std::isnan(variance)) found.push_back({variance, static_cast<float>(x), static_cast<float>(y)});
    }
  }
  if (found.empty()) return;
  const auto quiet = found.begin() + static_cast<std::ptrdiff_t>(kQuietPart * static_cast<float>(found.size() - 1));
  std::ranges::nth_element(found, quiet, {}, [](const auto& block) { return block[0]; });
  const float most = kQuietFactor * (*quiet)[0];
  std::erase_if(found, [&](const auto& block) { return block[0] > most; });
  const std::size_t stride = (found.size() + kBlocksMost - 1) / kBlocksMost;
  for (std::size_t at = 0; at < found.size(); at += stride) {
    Block& block = blocks_.emplace_back();
    const int x = static_cast<int>(found[at][1]), y = static_cast<int>(found[at][2]);
    for (int j = 0; j < kSide; ++j) {
      for (int i = 0; i < kSide; ++i) {
        for (std::size_t channel = 0; channel < fine.size(); ++channel) {
          block[static_cast<std::size_t>(j * kSide + i)][channel] = fine[channel].at(x + i, y + j);
        }
      }
    }
  }
}

std::array<float, 3> PictureGrain::at(int x, int y) const {
  std::array<float, 3> sum{};
  if (blocks_.empty()) return sum;
  constexpr int kStep = kSide / 2;
  for (int row = y / kStep; row <= y / kStep + 1; ++row) {
    for (int column = x / kStep; column <= x / kStep + 1; ++column) {
      const int in_x = x - (column - 1) * kStep, in_y = y - (row - 1) * kStep;
      const std::uint32_t chance =
          hashed(seed_ ^ hashed(static_cast<std::uint32_t>(row) * 0x9e3779b9U + static_cast<std::uint32_t>(column)));
      const auto& own = blocks_[chance % blocks_.size()][static_cast<std::size_t>(in_y * kSide + in_x)];
      const float weight = window(in_x, kSide) * window(in_y, kSide);
      for (std::size_t channel = 0; channel < sum.size(); ++channel) sum[channel] += weight * own[channel];
    }
  }
  return sum;
}

}  // namespace tintype::engine
