#include "engine/studio/patch_fill.h"

#include <algorithm>
#include <cmath>

#include "engine/studio/patch_level.h"
#include "engine/studio/patch_match.h"
#include "engine/studio/smooth_fill.h"

namespace tintype::engine {

namespace {

constexpr int kCoarsestSide = 32;  // pixels, of the shorter side
constexpr int kCoarsestDepth = 5;  // of the hole, in pixels
constexpr int kUsableMin = 64;     // patches to choose from, at the coarsest level
constexpr int kCoarsestRounds = 14, kFinestRounds = 1;
constexpr int kFineRadius = 8;       // of guesses at levels that only refine
constexpr float kContinuedMax = 40;  // levels by which a gradient may go on beyond an edge

std::vector<PatchLevel> levels_of(const Raster& picture, const Field& hole) {
  std::vector<PatchLevel> levels;
  levels.push_back(finest_level(picture, hole));
  while (levels.back().depth_max > kCoarsestDepth &&
         std::min(levels.back().canvas.width, levels.back().canvas.height) / 2 >= kCoarsestSide) {
    PatchLevel half = halved(levels.back());
    if (half.usable_count < kUsableMin) break;
    levels.push_back(std::move(half));
  }
  return levels;
}

// The canvas' hole from what is around it: smooth means inside of the box, and beyond it gradients that go on (what is
// as far inside of the edge, seen in a mirror and upside down).
void begin_smoothly(PatchLevel& level) {
  const int width = level.canvas.width, height = level.canvas.height;
  Field known(width, height);
  for (std::size_t at = 0; at < known.values.size(); ++at) known.values[at] = level.hole.values[at] != 0 ? 0.0F : 1.0F;
  const Box& box = level.known;
  for (std::size_t channel = 0; channel < Samples::kChannels; ++channel) {
    Field values(width, height);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      values.values[at] = level.canvas.values[at * Samples::kChannels + channel];
    }
    values = smoothly_filled(values, known);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        if (level.hole.row(y)[x] == 0) continue;
        const int near_x = std::clamp(x, box.x, box.x + box.width - 1);
        const int near_y = std::clamp(y, box.y, box.y + box.height - 1);
        float value = values.at(x, y);
        if (near_x != x || near_y != y) {
          const int in_x = std::clamp(2 * near_x - x, box.x, box.x + box.width - 1);
          const int in_y = std::clamp(2 * near_y - y, box.y, box.y + box.height - 1);
          const float edge = values.at(near_x, near_y);
          value = edge + std::clamp(edge - values.at(in_x, in_y), -kContinuedMax, kContinuedMax);
        }
        level.canvas.at(x, y)[channel] = static_cast<std::uint8_t>(std::clamp(std::lround(value), 0L, 255L));
      }
    }
  }
}

int rounds_at(int level, int levels) {
  if (level == levels - 1) return kCoarsestRounds;
  return std::max(kFinestRounds, kCoarsestRounds >> (levels - 1 - level));
}

// Between pixels of a canvas half as large, whose pixels lie under two by two of these.
void begin_from(const PatchLevel& coarse, PatchLevel& fine) {
  for (int y = 0; y < fine.canvas.height; ++y) {
    for (int x = 0; x < fine.canvas.width; ++x) {
      if (fine.hole.row(y)[x] == 0) continue;
      const int near_x = x / 2, near_y = y / 2;
      const int next_x = std::clamp(near_x + (x % 2 == 0 ? -1 : 1), 0, coarse.canvas.width - 1);
      const int next_y = std::clamp(near_y + (y % 2 == 0 ? -1 : 1), 0, coarse.canvas.height - 1);
      for (int channel = 0; channel < Samples::kChannels; ++channel) {
        fine.canvas.at(x, y)[channel] = static_cast<std::uint8_t>(
            (9 * coarse.canvas.at(near_x, near_y)[channel] + 3 * coarse.canvas.at(next_x, near_y)[channel] +
             3 * coarse.canvas.at(near_x, next_y)[channel] + coarse.canvas.at(next_x, next_y)[channel] + 8) /
            16);
      }
    }
  }
}

Result<Matches> matched(std::vector<PatchLevel>& levels, std::uint32_t seed, const Task& task) {
  const int count = static_cast<int>(levels.size());
  begin_smoothly(levels.back());
  Matches matches = random_matches(levels.back(), seed);
  for (int at = count - 1; at >= 0; --at) {
    PatchLevel& level = levels[static_cast<std::size_t>(at)];
    // A level has four times the pixels of the one before it.
    const Task span = task.part(std::pow(0.4, at + 1), std::pow(0.4, at));
    if (at < count - 1) {
      const PatchLevel& coarse = levels[static_cast<std::size_t>(at) + 1];
      matches = doubled(matches, coarse, level);
      begin_from(coarse, level);
    }
    const int rounds = rounds_at(at, count);
    for (int round = 0; round < rounds; ++round) {
      const Search search{2, at == count - 1 ? 1 << 14 : kFineRadius,
                          seed + static_cast<std::uint32_t>(at * 64 + round) * 8};
      const Task part = span.part(static_cast<double>(round) / rounds, (round + 1.0) / rounds);
      if (const auto done = improve(level, search, part.part(0, 0.7), matches); !done) {
        return std::unexpected(done.error());
      }
      if (at == 0 && round == rounds - 1) break;
      if (const auto done = vote(level, matches, part.part(0.7, 1)); !done) return std::unexpected(done.error());
    }
    if (at < count - 1) levels.pop_back();
  }
  return matches;
}

}  // namespace

Result<Raster> patch_filled(const Raster& picture, const Field& hole, std::uint32_t seed, const Task& task) {
  Raster filled = picture;
  std::vector<PatchLevel> levels = levels_of(picture, hole);
  if (levels.back().usable_count == 0) return filled;
  const auto matches = matched(levels, seed, task.part(0.05, 0.9));
  if (!matches) return std::unexpected(matches.error());
  const PatchLevel& level = levels.front();
  const auto done = task.part(0.9, 1).rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < picture.width; ++x) {
        if (level.hole.row(y)[x] == 0) continue;
        const auto values = voted(level, *matches, x, y);
        const float share = std::clamp(hole.at(x, y), 0.0F, 1.0F);
        std::uint8_t* pixel = filled.at(x, y);
        for (std::size_t channel = 0; channel < 3; ++channel) {
          const float own = pixel[channel];
          pixel[channel] =
              static_cast<std::uint8_t>(std::clamp(std::lround(own + share * (values[channel] - own)), 0L, 255L));
        }
        pixel[3] = 255;
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return filled;
}

std::int64_t patch_filled_bytes_max(const Extent& picture) {
  return std::int64_t{picture.width_px} * picture.height_px * 40;
}

}  // namespace tintype::engine
