#include "engine/studio/dust.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/patch_fill.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixels = 2'000'000;
constexpr double kRadiusShare = 0.0025;  // of the longer side, at most
constexpr int kRadiusMin = 2, kRadiusMax = 5;
constexpr int kSpecksMax = 40;
constexpr float kContrastMin = 12.0F / 255, kContrastNoises = 8;  // over the surroundings
constexpr float kRoughMax = 2.2F / 255, kRoughNoises = 1.3F;      // deviation of the surroundings
constexpr int kLonelyRadii = 12;
constexpr int kCropMargin = 40;  // pixels of surroundings to take patches from

struct Found {
  int left = 0, top = 0, right = 0, bottom = 0;  // both ends belong to it
};

// What differs from both its opening and its closing by squares: dark and light things smaller than those.
Field unlike_surroundings(const Field& luma, int radius) {
  const Field opened = dilated(eroded(luma, radius), radius), closed = eroded(dilated(luma, radius), radius);
  Field unlike(luma.width, luma.height);
  for (std::size_t at = 0; at < luma.values.size(); ++at) {
    unlike.values[at] = std::max(closed.values[at] - luma.values[at], luma.values[at] - opened.values[at]);
  }
  return unlike;
}

// The box around all that is connected over `least`; marks it as seen. Gives up what grows over `side_max`.
Found spread_from(const Field& unlike, int x, int y, float least, int side_max, std::vector<char>& seen) {
  Found found{x, y, x, y};
  std::vector<std::pair<int, int>> open{{x, y}};
  seen[static_cast<std::size_t>(y) * unlike.width + x] = 1;
  while (!open.empty()) {
    const auto [at_x, at_y] = open.back();
    open.pop_back();
    found.left = std::min(found.left, at_x), found.right = std::max(found.right, at_x);
    found.top = std::min(found.top, at_y), found.bottom = std::max(found.bottom, at_y);
    if (found.right - found.left > 4 * side_max || found.bottom - found.top > 4 * side_max) break;
    for (int next_y = std::max(0, at_y - 1); next_y <= std::min(unlike.height - 1, at_y + 1); ++next_y) {
      for (int next_x = std::max(0, at_x - 1); next_x <= std::min(unlike.width - 1, at_x + 1); ++next_x) {
        char& mark = seen[static_cast<std::size_t>(next_y) * unlike.width + next_x];
        if (mark != 0 || unlike.at(next_x, next_y) < least) continue;
        mark = 1;
        open.emplace_back(next_x, next_y);
      }
    }
  }
  return found;
}

// The deviation of what lies around a thing, but not the slope that it lies on.
float roughness_around(const Field& luma, const Found& found, int reach) {
  double sum = 0, squares = 0, count = 0;
  for (int y = found.top - reach; y <= found.bottom + reach; ++y) {
    for (int x = found.left - reach; x <= found.right + reach; ++x) {
      const bool is_near = x >= found.left - 2 && x <= found.right + 2 && y >= found.top - 2 && y <= found.bottom + 2;
      if (is_near) continue;
      // Against the opposite pixel, which takes a slope's part away.
      const int other_x = found.left + found.right - x, other_y = found.top + found.bottom - y;
      const double value = 0.5 * (luma.at(x, y) + luma.at(other_x, other_y));
      sum += value, squares += value * value, count += 1;
    }
  }
  const double mean = sum / count;
  return static_cast<float>(std::sqrt(2 * std::max(0.0, squares / count - mean * mean)));
}

std::vector<Found> lonely(const std::vector<Found>& all, int distance) {
  std::vector<Found> alone;
  for (const Found& one : all) {
    const auto is_near = [&](const Found& other) {
      return &other != &one && std::abs(other.left - one.left) < distance && std::abs(other.top - one.top) < distance;
    };
    if (std::ranges::none_of(all, is_near)) alone.push_back(one);
  }
  return alone;
}

}  // namespace

Result<std::vector<Speck>> specks_of(const Raster& picture, float noise, const Task& task) {
  const Extent sides = extent_within(picture.extent(), kLookedAtPixels);
  const Field luma = luma_of(resized(picture, sides));
  const double scale = static_cast<double>(picture.width) / sides.width_px;
  const int radius = std::clamp(static_cast<int>(std::lround(kRadiusShare * std::max(sides.width_px, sides.height_px))),
                                kRadiusMin, kRadiusMax);
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  const Field unlike = unlike_surroundings(luma, radius);
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  const float grain = noise / 255 / static_cast<float>(scale);
  const float least = std::max(kContrastMin, kContrastNoises * grain),
              rough_max = std::max(kRoughMax, kRoughNoises * grain);
  const int reach = 2 * radius + 4;
  std::vector<char> seen(luma.values.size());
  std::vector<Found> things;
  for (int y = 0; y < luma.height; ++y) {
    for (int x = 0; x < luma.width; ++x) {
      if (unlike.at(x, y) < least || seen[static_cast<std::size_t>(y) * luma.width + x] != 0) continue;
      things.push_back(spread_from(unlike, x, y, least / 2, radius, seen));
      if (things.size() > 200'000) return std::vector<Speck>{};
    }
  }
  std::vector<Speck> specks;
  for (const Found& one : lonely(things, kLonelyRadii * radius)) {
    const int width = one.right - one.left + 1, height = one.bottom - one.top + 1;
    if (std::max(width, height) > 2 * radius + 1 || std::max(width, height) > 3 * std::min(width, height)) continue;
    if (one.left < reach || one.top < reach || one.right >= luma.width - reach || one.bottom >= luma.height - reach) {
      continue;
    }
    if (roughness_around(luma, one, reach) > rough_max) continue;
    const auto at = [&](int first, int last) { return static_cast<float>(((first + last + 1) * scale - 1) / 2); };
    specks.push_back({at(one.left, one.right), at(one.top, one.bottom),
                      static_cast<float>((std::hypot(width, height) / 2 + 1) * scale)});
  }
  if (specks.size() > kSpecksMax) specks.clear();
  return specks;
}

Result<Raster> without_specks(const Raster& picture, const std::vector<Speck>& specks, float share, std::uint32_t seed,
                              const Task& task) {
  Raster result = picture;
  for (std::size_t which = 0; which < specks.size(); ++which) {
    const Speck& speck = specks[which];
    const int reach = static_cast<int>(std::ceil(speck.radius)) + kCropMargin;
    const int left = std::max(0, static_cast<int>(speck.x) - reach),
              top = std::max(0, static_cast<int>(speck.y) - reach);
    const int right = std::min(picture.width, static_cast<int>(speck.x) + reach + 1);
    const int bottom = std::min(picture.height, static_cast<int>(speck.y) + reach + 1);
    Raster crop(right - left, bottom - top);
    Field hole(crop.width, crop.height);
    for (int y = 0; y < crop.height; ++y) {
      std::copy_n(result.at(left, top + y), static_cast<std::size_t>(crop.width) * Raster::kChannels, crop.row(y));
      for (int x = 0; x < crop.width; ++x) {
        const float away = std::hypot(static_cast<float>(left + x) - speck.x, static_cast<float>(top + y) - speck.y);
        hole.at(x, y) = away <= speck.radius ? share : 0;
      }
    }
    const Task part = task.part(static_cast<double>(which) / static_cast<double>(specks.size()),
                                (static_cast<double>(which) + 1) / static_cast<double>(specks.size()));
    const auto filled = patch_filled(crop, hole, {.seed = seed + static_cast<std::uint32_t>(which)}, part);
    if (!filled) return std::unexpected(filled.error());
    for (int y = 0; y < crop.height; ++y) {
      std::copy_n(filled->row(y), static_cast<std::size_t>(crop.width) * Raster::kChannels, result.at(left, top + y));
    }
  }
  return result;
}

}  // namespace tintype::engine
