#include "engine/studio/plain_sides.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/picture_grain.h"

namespace tintype::engine {

namespace {

constexpr float kBegins = 6;          // pixels of the level, from the edge on
constexpr double kSoftness = 1;       // of the share, in pixels of the level
constexpr int kColourReach = 8;       // of the level's pixels, within which
constexpr float kColourEdge = 0.05F;  // what differs less is made even
constexpr float kStrangeLevels = 3;   // beyond what is usual, from where on a place is not
constexpr int kAroundStrange = 3;     // pixels of the level around it that become plain too
constexpr int kGrainRows = 64;
constexpr int kGrainReach = 128;  // pixels from an edge, where grain is taken from

// How much of a filled picture, as the small level sees it, is to become plain: what is not usual, and what is around.
Field share_of_strange(const PlainSides& plain, int scale, const Raster& picture) {
  Field share(plain.share.width, plain.share.height);
  for (int y = 0; y < share.height; ++y) {
    for (int x = 0; x < share.width; ++x) {
      if (plain.share.at(x, y) <= 0) continue;
      const auto& rows = plain.rows[x < plain.middle ? 0 : 1];
      const Usual& usual =
          rows[static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(y - plain.top, 0, std::ssize(rows) - 1))];
      std::array<float, 3> sums{};
      float count = 0;
      for (int j = y * scale; j < std::min(picture.height, (y + 1) * scale); ++j) {
        for (int i = x * scale; i < std::min(picture.width, (x + 1) * scale); ++i, ++count) {
          for (std::size_t channel = 0; channel < sums.size(); ++channel) sums[channel] += picture.at(i, j)[channel];
        }
      }
      float strange = 0;
      for (std::size_t channel = 0; channel < sums.size(); ++channel) {
        const float value = sums[channel] / std::max(count, 1.0F), low = usual.least[channel],
                    high = usual.most[channel];
        strange = std::max({strange, low - value, value - high});
      }
      share.at(x, y) = std::min(1.0F, strange / kStrangeLevels);
    }
  }
  share = gaussian_blur(dilated(share, kAroundStrange), kAroundStrange);
  for (std::size_t at = 0; at < share.values.size(); ++at) share.values[at] *= plain.share.values[at];
  return share;
}

}  // namespace

PlainSides plain_sides(const PatchLevel& level, const Marks& lacks) {
  PlainSides plain;
  plain.share = Field(level.canvas.width, level.canvas.height);
  bool is_any = false;
  for (int y = 0; y < plain.share.height; ++y) {
    for (int x = 0; x < plain.share.width; ++x) {
      const bool is_beside = x < level.known.x || x >= level.known.x + level.known.width;
      const UsualRows& usual = level.usual_beside(x);
      if (!is_beside || usual.is_empty() || lacks.row(y)[x] != kLeft) continue;
      const int row = std::clamp(y - level.known.y, 0, level.known.height - 1);
      plain.share.at(x, y) = usual.rows[static_cast<std::size_t>(row)].plain;
      is_any = is_any || plain.share.at(x, y) > 0;
    }
  }
  if (!is_any) return {};
  for (std::size_t side = 0; side < plain.rows.size(); ++side) plain.rows[side] = level.usual[side].rows;
  plain.middle = level.known.x + level.known.width / 2, plain.top = level.known.y;
  for (std::size_t channel = 0; channel < plain.colours.size(); ++channel) {
    Field& colour = plain.colours[channel];
    colour = Field(level.canvas.width, level.canvas.height);
    for (std::size_t at = 0; at < colour.values.size(); ++at) {
      colour.values[at] = static_cast<float>(level.canvas.values[at * Samples::kChannels + channel]) / 255;
    }
  }
  Field3 guide;
  guide.first = plain.colours[0], guide.second = plain.colours[1], guide.third = plain.colours[2];
  for (Field& colour : plain.colours) {
    colour = guided_filter(guide, colour, kColourReach, kColourEdge * kColourEdge);
    for (float& value : colour.values) value *= 255;
  }
  plain.share = gaussian_blur(eroded(plain.share, 1), kSoftness);
  for (int y = 0; y < plain.share.height; ++y) {
    for (int x = 0; x < plain.share.width; ++x) {
      plain.share.at(x, y) *= std::min(1.0F, static_cast<float>(level.depth_at(x, y)) / kBegins);
    }
  }
  return plain;
}

Result<void> put_plain_sides(const PlainSides& plain, int scale, const PatchLevel& finest, std::uint32_t seed,
                             const Task& task, Raster& picture) {
  const Box& known = finest.known;
  const Field strange = share_of_strange(plain, scale, picture);
  for (const bool is_right : {false, true}) {
    const int begin = is_right ? known.x + known.width : 0, end = is_right ? picture.width : known.x;
    if (begin == end) continue;
    const int reach = std::min(kGrainReach, known.width);
    const PictureGrain grain(finest, {is_right ? begin - reach : end, known.y, reach, known.height}, kGrainRows, seed);
    const auto done = task.rows(picture.height, [&](int first, int last) {
      for (int y = first; y < last; ++y) {
        const float in_y = (static_cast<float>(y) + 0.5F) / static_cast<float>(scale) - 0.5F;
        for (int x = begin; x < end; ++x) {
          const float in_x = (static_cast<float>(x) + 0.5F) / static_cast<float>(scale) - 0.5F;
          const float share = sample(strange, in_x, in_y);
          if (share <= 0 || picture.at(x, y)[3] != 255) continue;
          const auto fine = grain.at(x, y);
          for (std::size_t channel = 0; channel < fine.size(); ++channel) {
            std::uint8_t& own = picture.at(x, y)[channel];
            const float value = std::lerp(static_cast<float>(own), sample(plain.colours[channel], in_x, in_y), share);
            own = static_cast<std::uint8_t>(std::clamp(std::lround(value + share * fine[channel]), 0L, 255L));
          }
        }
      }
    });
    if (!done) return done;
  }
  return {};
}

}  // namespace tintype::engine
