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
constexpr std::size_t kPlacesMost = 128;

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
template <std::size_t side>
std::array<float, side> window() {
  std::array<float, side> weights{};
  for (std::size_t at = 0; at < side; ++at) {
    weights[at] = std::sin(std::numbers::pi_v<float> * (static_cast<float>(at) + 0.5F) / static_cast<float>(side));
  }
  return weights;
}

struct Place {
  int x = 0, y = 0;
};

// Where a square of that side is as quiet as it gets within some rows, and all known.
std::vector<Place> quiet_places(const std::array<Field, 3>& fine, int top, int bottom, int side) {
  std::vector<std::pair<float, Place>> found;  // with the variance
  for (int y = top; y + side <= bottom; y += side / 4) {
    for (int x = 0; x + side <= fine[0].width; x += side / 4) {
      float variance = 0;
      for (int j = y; j < y + side; ++j) {
        for (int i = x; i < x + side; ++i) {
          for (const Field& channel : fine) variance += channel.at(i, j) * channel.at(i, j);
        }
      }
      if (!std::isnan(variance)) found.push_back({variance, {x, y}});
    }
  }
  if (found.empty()) return {};
  const auto quiet = found.begin() + static_cast<std::ptrdiff_t>(kQuietPart * static_cast<float>(found.size() - 1));
  std::ranges::nth_element(found, quiet, {}, &std::pair<float, Place>::first);
  const float most = kQuietFactor * quiet->first;
  std::erase_if(found, [&](const auto& place) { return place.first > most; });
  std::vector<Place> places;
  const std::size_t stride = (found.size() + kPlacesMost - 1) / kPlacesMost;
  for (std::size_t at = 0; at < found.size(); at += stride) places.push_back(found[at].second);
  return places;
}

}  // namespace

PictureGrain::PictureGrain(const PatchLevel& level, const Box& part, int band_rows, std::uint32_t seed)
    : top_(part.y), band_rows_(band_rows), seed_(seed) {
  const auto fine = differences(level, part);
  for (int top = 0; top + std::min(kSide, band_rows) <= part.height; top += band_rows) {
    const int bottom = std::min(part.height, top + std::max(kSide, band_rows));
    auto& blocks = bands_.emplace_back();
    for (const auto& [x, y] : quiet_places(fine, top, bottom, kSide)) {
      Block& block = blocks.emplace_back();
      for (int at = 0; at < kSide * kSide; ++at) {
        for (std::size_t channel = 0; channel < fine.size(); ++channel) {
          block[static_cast<std::size_t>(at)][channel] = fine[channel].at(x + at % kSide, y + at / kSide);
        }
      }
    }
  }
  std::erase_if(bands_, [](const auto& blocks) { return blocks.empty(); });
}

std::array<float, 3> PictureGrain::at(int x, int y) const {
  std::array<float, 3> sum{};
  if (bands_.empty()) return sum;
  static const auto kWindow = window<kSide>();
  constexpr int kStep = kSide / 2;
  for (int row = y / kStep; row <= y / kStep + 1; ++row) {
    const auto last = std::ssize(bands_) - 1;
    const auto& blocks =
        bands_[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>((row * kStep - top_) / band_rows_, 0, last))];
    for (int column = x / kStep; column <= x / kStep + 1; ++column) {
      const int in_x = x - (column - 1) * kStep, in_y = y - (row - 1) * kStep;
      const std::uint32_t chance =
          hashed(seed_ ^ hashed(static_cast<std::uint32_t>(row) * 0x9e3779b9U + static_cast<std::uint32_t>(column)));
      const auto& own =
          blocks[chance % blocks.size()][static_cast<std::size_t>(in_y) * kSide + static_cast<std::size_t>(in_x)];
      const float weight = kWindow[static_cast<std::size_t>(in_x)] * kWindow[static_cast<std::size_t>(in_y)];
      for (std::size_t channel = 0; channel < sum.size(); ++channel) sum[channel] += weight * own[channel];
    }
  }
  return sum;
}

}  // namespace tintype::engine
