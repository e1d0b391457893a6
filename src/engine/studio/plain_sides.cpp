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
constexpr int kGrainRows = 64;
constexpr int kGrainReach = 128;  // pixels from an edge, where grain is taken from

}  // namespace

PlainSides plain_sides(const PatchLevel& level, const Marks& lacks) {
  PlainSides plain{Field(level.canvas.width, level.canvas.height), {}};
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
  Field luma(level.canvas.width, level.canvas.height);
  for (int y = 0; y < luma.height; ++y) {
    for (int x = 0; x < luma.width; ++x) luma.at(x, y) = level.canvas.luma_at(x, y) / 255;
  }
  for (std::size_t channel = 0; channel < plain.colours.size(); ++channel) {
    Field& colour = plain.colours[channel];
    colour = luma;
    for (std::size_t at = 0; at < colour.values.size(); ++at) {
      colour.values[at] = level.canvas.values[at * Samples::kChannels + channel];
    }
    colour = guided_filter(luma, colour, kColourReach, kColourEdge * kColourEdge);
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
          const float share = sample(plain.share, in_x, in_y);
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
