#include "engine/studio/dust.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/patch_fill.h"
#include "engine/studio/tone.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixels = 2'000'000;
constexpr int kSpecksMax = 40;
constexpr float kContrastNoises = 8, kRoughNoises = 1.3F;
// What tells dust on a sensor, which is out of focus: the greatest step beside its darkness, how much of its box is it,
// and how much of it fades around that.
constexpr float kSoftStep = 0.3F, kFilled = 0.6F, kSoftMargin = 1.5F;

struct Kind {
  double radius_share;  // of the longer side, at most
  int radius_min, radius_max;
  float contrast_min, contrast_max;  // over the surroundings
  float rough_max;                   // deviation of the surroundings
  int lonely_radii;                  // so far from any other
  bool is_soft;                      // and dark and round
};
constexpr Kind kSpeck{0.0025, 2, 5, 12.0F / 255, 1, 2.2F / 255, 12, false};
constexpr Kind kSensorDust{0.011, 4, 20, 5.0F / 255, 50.0F / 255, 1.5F / 255, 4, true};
constexpr int kCropMargin = 40;  // pixels of surroundings to take patches from

struct Found {
  int left = 0, top = 0, right = 0, bottom = 0;  // both ends belong to it
};

// What differs from its closing by squares, and where light things are meant too from its opening: what is smaller.
Field unlike_surroundings(const Field& luma, int radius, bool is_dark) {
  const Field closed = eroded(dilated(luma, radius), radius);
  const Field opened = is_dark ? luma : dilated(eroded(luma, radius), radius);
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

// Whether a thing is round and fades at its edge: `least` is the least darkness that counts.
bool is_soft_spot(const Field& luma, const Field& unlike, const Found& found, float least, float contrast_max) {
  float darkest = 0, step = 0;
  int inside = 0;
  for (int y = found.top; y <= found.bottom; ++y) {
    for (int x = found.left; x <= found.right; ++x) {
      darkest = std::max(darkest, unlike.at(x, y));
      inside += unlike.at(x, y) >= least / 2 ? 1 : 0;
      step = std::max({step, std::abs(luma.at(x + 1, y) - luma.at(x, y)), std::abs(luma.at(x, y + 1) - luma.at(x, y))});
    }
  }
  const int width = found.right - found.left + 1, height = found.bottom - found.top + 1;
  const bool is_round = 3 * std::min(width, height) >= 2 * std::max(width, height) &&
                        static_cast<float>(inside) > kFilled * static_cast<float>(width * height);
  return is_round && darkest <= contrast_max && step <= kSoftStep * darkest + least / 2;
}

// What is on skin is a mole.
bool is_on_skin(const Raster& picture, const Found& found) {
  for (const int x : {found.left - 2, found.right + 2}) {
    const std::uint8_t* pixel = picture.at(x, (found.top + found.bottom) / 2);
    if (is_skin(oklab_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])}))) return true;
  }
  return false;
}

// Of one kind, in a picture seen small by `scale`.
Result<std::vector<Speck>> specks_of_kind(const Raster& small, const Field& luma, double scale, float noise,
                                          const Kind& kind, const Task& task) {
  const int radius = std::clamp(static_cast<int>(std::lround(kind.radius_share * std::max(luma.width, luma.height))),
                                kind.radius_min, kind.radius_max);
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  const Field unlike = unlike_surroundings(luma, radius, kind.is_soft);
  if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  const float grain = noise / 255 / static_cast<float>(scale);
  const float least = std::max(kind.contrast_min, kContrastNoises * grain),
              rough_max = std::max(kind.rough_max, kRoughNoises * grain);
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
  for (const Found& one : lonely(things, kind.lonely_radii * radius)) {
    const int width = one.right - one.left + 1, height = one.bottom - one.top + 1;
    if (std::max(width, height) > 2 * radius + 1 || std::max(width, height) > 3 * std::min(width, height)) continue;
    if (one.left < reach || one.top < reach || one.right >= luma.width - reach || one.bottom >= luma.height - reach) {
      continue;
    }
    if (roughness_around(luma, one, reach) > rough_max || is_on_skin(small, one)) continue;
    if (kind.is_soft && !is_soft_spot(luma, unlike, one, least, kind.contrast_max)) continue;
    const auto at = [&](int first, int last) { return static_cast<float>(((first + last + 1) * scale - 1) / 2); };
    specks.push_back(
        {at(one.left, one.right), at(one.top, one.bottom),
         static_cast<float>((std::hypot(width, height) / 2 * (kind.is_soft ? kSoftMargin : 1) + 1) * scale)});
  }
  if (specks.size() > kSpecksMax) specks.clear();
  return specks;
}

}  // namespace

Result<std::vector<Speck>> specks_of(const Raster& picture, float noise, const Task& task) {
  const Extent sides = extent_within(picture.extent(), kLookedAtPixels);
  const Raster small = resized(picture, sides);
  const Field luma = luma_of(small);
  const double scale = static_cast<double>(picture.width) / sides.width_px;
  auto specks = specks_of_kind(small, luma, scale, noise, kSpeck, task);
  if (!specks) return specks;
  const auto soft = specks_of_kind(small, luma, scale, noise, kSensorDust, task);
  if (!soft) return soft;
  for (const Speck& one : *soft) {
    const auto is_same = [&](const Speck& other) {
      return std::hypot(one.x - other.x, one.y - other.y) < one.radius + other.radius;
    };
    std::erase_if(*specks, is_same);
    specks->push_back(one);
  }
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
    const Raster crop = cropped(result, {left, top, right - left, bottom - top});
    Field hole(crop.width, crop.height);
    for (int y = 0; y < crop.height; ++y) {
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
