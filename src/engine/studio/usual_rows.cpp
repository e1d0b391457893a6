#include "engine/studio/usual_rows.h"

#include <algorithm>
#include <cmath>

#include "engine/raster/filter.h"

namespace tintype::engine {

namespace {

constexpr int kRowsPart = 40;                                    // of the height: rows looked at together, either way
constexpr int kNearestWidth = 3, kNearPart = 8, kNearLeast = 6;  // pixels from the edge on; of the width
constexpr int kUsualPercent = 30, kMargin = 8;  // beyond so much of either end a value is unusual, but for some levels
constexpr int kGapPart = 7;                     // of the height: the longest that is no end of plain rows
constexpr int kBandPart = 20;                   // of the height: twice that is the least of plain rows together
// How rough what is plain may be, and how many levels apart; at twice that it is not plain.
constexpr float kPlainRoughness = 22, kPlainApart = 16, kPlainHalf = 0.5F;

// 1 up to `most`, nothing from twice of it on.
float below(float value, float most) {
  return std::clamp(2 - value / most, 0.0F, 1.0F);
}

// Of some pixels from the edge on, in as many rows either way.
Usual usual_in(const PatchLevel& level, int y, bool is_right, int wide, int reach) {
  const int first = is_right ? level.known.width - wide : 0;
  Usual usual;
  std::vector<std::uint8_t> values;
  int apart = 0;
  for (std::size_t channel = 0; channel < Samples::kChannels; ++channel) {
    values.clear();
    for (int from_y = std::max(0, y - reach); from_y <= std::min(level.known.height - 1, y + reach); ++from_y) {
      for (int x = first; x < first + wide; ++x) {
        if (level.is_known(x, from_y)) values.push_back(level.source.at(x, from_y)[channel]);
      }
    }
    if (values.empty()) return usual;
    const auto at_share = [&](int percent) {
      const auto nth = values.begin() + std::ssize(values) * percent / 100;
      std::ranges::nth_element(values, nth);
      return static_cast<int>(*nth);
    };
    const int low = at_share(kUsualPercent), high = at_share(100 - kUsualPercent);
    const int margin = (high - low) / 2 + kMargin;
    usual.least[channel] = static_cast<std::uint8_t>(std::max(0, low - margin));
    usual.most[channel] = static_cast<std::uint8_t>(std::min(255, high + margin));
    if (channel < 3) {
      apart = std::max(apart, high - low);
    } else {
      const float calm = below(static_cast<float>(low), kPlainRoughness);
      usual.plain = std::min(1.0F, 2 * calm * below(static_cast<float>(apart), kPlainApart));
    }
  }
  return usual;
}

int near_width(const PatchLevel& level) {
  return std::min(level.known.width, std::max(kNearLeast, level.known.width / kNearPart));
}

Usual usual_at(const PatchLevel& level, int y, bool is_right) {
  const int near = near_width(level), reach = std::max(1, level.known.height / kRowsPart);
  for (const int wide : {kNearestWidth, near, 2 * near}) {
    const Usual usual = usual_in(level, y, is_right, std::min(wide, level.known.width), reach);
    if (usual.plain > kPlainHalf) return usual;
  }
  return usual_in(level, y, is_right, near, reach);
}

float middle(const Usual& usual, std::size_t channel) {
  return static_cast<float>(usual.least[channel] + usual.most[channel]) / 2;
}

// How far apart two rows are at most, in levels of a channel.
float distance(const Usual& one, const Usual& other) {
  float most = 0;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    most = std::max(most, std::abs(middle(one, channel) - middle(other, channel)));
  }
  return most;
}

// What interrupts plain rows shortly is as they are: a leaf that reaches into the sky, but not a rail before a wall.
void bridge_gaps(const PatchLevel& level, bool is_right, std::vector<Usual>& rows) {
  const int longest = std::max(1, level.known.height / kGapPart), count = static_cast<int>(rows.size());
  const auto row = [&](int y) -> Usual& { return rows[static_cast<std::size_t>(y)]; };
  int last = count;  // the plain row before; none
  for (int y = 0; y < count; ++y) {
    if (row(y).plain < kPlainHalf) continue;
    bool is_short = last < y - 1 && y - last <= longest && distance(row(last), row(y)) < 2 * kPlainApart;
    for (int at = last + 1; at < y && is_short; ++at) {
      is_short = distance(usual_in(level, at, is_right, near_width(level), 0), row(y)) < 2 * kPlainApart;
    }
    for (int at = last + 1; at < y && is_short; ++at) row(at) = at - last < y - at ? row(last) : row(y);
    last = y;
  }
}

// Plain is what is so for some rows: a band between others is not.
void open_bands(std::vector<Usual>& rows) {
  Field plain(1, static_cast<int>(rows.size()));
  for (std::size_t y = 0; y < rows.size(); ++y) plain.values[y] = rows[y].plain;
  const int reach = std::max(1, plain.height / kBandPart);
  plain = dilated(eroded(plain, reach), reach);
  for (std::size_t y = 0; y < rows.size(); ++y) rows[y].plain = plain.values[y];
}

}  // namespace

int Usual::strangeness(const std::uint8_t* sample) const {
  int sum = 0;
  for (std::size_t channel = 0; channel < Samples::kChannels; ++channel) {
    sum += std::max({0, least[channel] - sample[channel], sample[channel] - most[channel]});
  }
  return sum;
}

float Usual::calmed(std::size_t channel, float value) const {
  const float low = least[channel], high = most[channel], nearest = std::clamp(value, low, high);
  const float beyond = std::min(1.0F, 2 * std::abs(value - nearest) / std::max(high - low, 1.0F));
  return std::lerp(nearest, (low + high) / 2, beyond);
}

void find_usual_rows(PatchLevel& level) {
  const Box& known = level.known;
  for (const bool is_right : {false, true}) {
    UsualRows& usual = level.usual[is_right ? 1 : 0];
    usual = {};
    if ((is_right ? level.canvas.width - known.x - known.width : known.x) == 0) continue;
    for (int y = 0; y < known.height; ++y) usual.rows.push_back(usual_at(level, y, is_right));
    bridge_gaps(level, is_right, usual.rows);
    open_bands(usual.rows);
    usual.strange = Marks(known.width, known.height);
    Marks rough = usual.strange;
    for (int y = 0; y < known.height; ++y) {
      const Usual& row = usual.rows[static_cast<std::size_t>(y)];
      for (int x = 0; x < known.width; ++x) {
        const int strangeness = std::min(255, row.strangeness(level.source.at(x, y)) / Samples::kChannels);
        usual.strange.row(y)[x] = static_cast<std::uint8_t>(row.plain * static_cast<float>(strangeness));
        rough.row(y)[x] = static_cast<std::uint8_t>(strangeness);
      }
    }
    spread_over_patches(usual.strange);
    for (std::size_t at = 0; at < rough.values.size(); ++at) {
      usual.strange.values[at] = std::max(usual.strange.values[at], rough.values[at]);
    }
  }
}

}  // namespace tintype::engine
