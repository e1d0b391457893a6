#include "engine/studio/patch_blend.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace tintype::engine {

namespace {

constexpr int kTileSide = 256;  // solved at a time, so that memory does not grow with the picture
constexpr int kMargin = 24;     // around a tile; farther away nothing is felt through the screen
constexpr int kRounds = 32;
constexpr float kScreen = 0.02F;     // of the common level against differences
constexpr int kOffsetsMax = 12;      // that a pixel's patches are sorted into
constexpr float kMisfitLevels = 20;  // between the fill and what is beside it, where they had better stay apart
constexpr int kNeighbours = 4;
constexpr int kAside[kNeighbours][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};

using Triple = std::array<float, 3>;

// value * count = right + the values of the neighbours in the hole
struct Equation {
  Triple right{};
  float count = 1;
};

// From a pixel of the canvas to one of the source.
struct Offset {
  int x = 0, y = 0;
  bool operator==(const Offset&) const = default;
};

// A place in what the source shows of the picture.
struct Place {
  int x = 0, y = 0;
};

// A part of the canvas with what is being solved of it.
class Tile {
 public:
  Tile(const PatchLevel& level, const Matches& matches, int x, int y)
      : level_(level),
        matches_(matches),
        left_(std::max(0, x - kMargin)),
        top_(std::max(0, y - kMargin)),
        right_(std::min(level.canvas.width, x + kTileSide + kMargin)),
        bottom_(std::min(level.canvas.height, y + kTileSide + kMargin)) {}
  bool touches_hole() const {
    for (int y = top_; y < bottom_; ++y) {
      const std::uint8_t* row = level_.hole.row(y);
      if (std::any_of(row + left_, row + right_, [](std::uint8_t mark) { return mark != 0; })) return true;
    }
    return false;
  }
  void begin() {
    const std::size_t count = static_cast<std::size_t>(bottom_ - top_) * static_cast<std::size_t>(right_ - left_);
    offsets_.resize(count);
    values_.resize(count);
    equations_.resize(count);
    for (int y = top_; y < bottom_; ++y) {
      for (int x = left_; x < right_; ++x) {
        const std::size_t at = index(x, y);
        if (!is_hole(x, y)) {
          const std::uint8_t* pixel = level_.canvas.at(x, y);
          values_[at] = {static_cast<float>(pixel[0]), static_cast<float>(pixel[1]), static_cast<float>(pixel[2])};
          continue;
        }
        const auto all = voted(level_, matches_, x, y);
        values_[at] = {all[0], all[1], all[2]};
        offsets_[at] = most_common_offset(x, y);
      }
    }
    for (int y = top_; y < bottom_; ++y) {
      for (int x = left_; x < right_; ++x) {
        if (is_hole(x, y)) equations_[index(x, y)] = equation(x, y);
      }
    }
  }
  void relax() {
    for (int round = 0; round < 2 * kRounds; ++round) {
      for (int y = top_; y < bottom_; ++y) {
        for (int x = left_ + (left_ + y + round) % 2; x < right_; x += 2) {
          if (is_hole(x, y)) relax(x, y);
        }
      }
    }
  }
  const Triple& value(int x, int y) const { return values_[index(x, y)]; }
  Place place(int x, int y) const {
    const Offset& offset = offsets_[index(x, y)];
    const Box& known = level_.known;
    const int source_x = x + offset.x;
    return {known.x + (source_x < known.width ? source_x : 2 * known.width - 1 - source_x), known.y + y + offset.y};
  }

 private:
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y - top_) * static_cast<std::size_t>(right_ - left_) +
           static_cast<std::size_t>(x - left_);
  }
  bool is_inside(int x, int y) const { return x >= left_ && x < right_ && y >= top_ && y < bottom_; }
  bool is_hole(int x, int y) const { return level_.hole.row(y)[x] != 0; }

  Offset most_common_offset(int x, int y) const {
    std::array<std::pair<Offset, int>, kOffsetsMax> counted;
    int kinds = 0;
    for (int from_y = std::max(0, y - kPatchSide + 1); from_y <= std::min(matches_.height - 1, y); ++from_y) {
      for (int from_x = std::max(0, x - kPatchSide + 1); from_x <= std::min(matches_.width - 1, x); ++from_x) {
        const Match& match = matches_.at(from_x, from_y);
        const Offset offset{match.x - from_x, match.y - from_y};
        // Patches whose middle is near know a pixel best.
        const int weight = kPatchSide - std::max(std::abs(x - from_x - 3), std::abs(y - from_y - 3));
        int kind = 0;
        while (kind < kinds && counted[static_cast<std::size_t>(kind)].first != offset) ++kind;
        if (kind == kOffsetsMax) continue;
        if (kind == kinds) counted[static_cast<std::size_t>(kinds++)] = {offset, 0};
        counted[static_cast<std::size_t>(kind)].second += weight;
      }
    }
    return std::max_element(counted.begin(), counted.begin() + kinds,
                            [](const auto& one, const auto& other) { return one.second < other.second; })
        ->first;
  }

  // The difference between two places of the source, if both are known.
  bool add_difference(const Offset& offset, int x, int y, int to_x, int to_y, Triple& sum) const {
    const int from_x = x + offset.x, from_y = y + offset.y, next_x = to_x + offset.x, next_y = to_y + offset.y;
    if (!is_known(from_x, from_y) || !is_known(next_x, next_y)) return false;
    if ((from_x < level_.known.width) != (next_x < level_.known.width)) return false;
    const std::uint8_t *from = level_.source.at(from_x, from_y), *next = level_.source.at(next_x, next_y);
    for (std::size_t channel = 0; channel < 3; ++channel)
      sum[channel] += static_cast<float>(next[channel] - from[channel]);
    return true;
  }
  bool is_known(int source_x, int source_y) const {
    if (source_x < 0 || source_y < 0 || source_x >= 2 * level_.known.width || source_y >= level_.source.height) {
      return false;
    }
    const Box& known = level_.known;
    const int x = source_x < known.width ? source_x : 2 * known.width - 1 - source_x;
    return level_.hole.row(known.y + source_y)[known.x + x] == 0;
  }

  // How much a pixel of the hole has to do with a neighbour: little with a known one that does not fit.
  float bond(int x, int y, int to_x, int to_y, const Triple& difference) const {
    if (is_hole(to_x, to_y)) return 1;
    const Triple &own = values_[index(x, y)], &other = values_[index(to_x, to_y)];
    float misfit = 0;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      misfit = std::max(misfit, std::abs(other[channel] - own[channel] - difference[channel]));
    }
    const float share = misfit / kMisfitLevels;
    return 1 / (1 + share * share * share * share);
  }

  // A pixel's equation: its level by the screen, and its neighbours less the wanted differences to them.
  Equation equation(int x, int y) const {
    Equation result;
    result.count = kScreen;
    for (std::size_t channel = 0; channel < 3; ++channel) result.right[channel] = kScreen * value(x, y)[channel];
    const Offset& own = offsets_[index(x, y)];
    for (const auto& [aside_x, aside_y] : kAside) {
      const int to_x = x + aside_x, to_y = y + aside_y;
      if (!is_inside(to_x, to_y)) continue;
      Triple wanted{};
      int count = add_difference(own, x, y, to_x, to_y, wanted) ? 1 : 0;
      if (is_hole(to_x, to_y)) count += add_difference(offsets_[index(to_x, to_y)], x, y, to_x, to_y, wanted) ? 1 : 0;
      for (float& channel : wanted) channel /= static_cast<float>(std::max(count, 1));
      const float share = bond(x, y, to_x, to_y, wanted);
      const float fixed = is_hole(to_x, to_y) ? 0 : share;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        result.right[channel] += fixed * value(to_x, to_y)[channel] - share * wanted[channel];
      }
      result.count += share;
    }
    return result;
  }

  void relax(int x, int y) {
    const Equation& own = equations_[index(x, y)];
    Triple sum = own.right;
    for (const auto& [aside_x, aside_y] : kAside) {
      const int to_x = x + aside_x, to_y = y + aside_y;
      if (!is_inside(to_x, to_y) || !is_hole(to_x, to_y)) continue;
      const Triple& other = value(to_x, to_y);
      for (std::size_t channel = 0; channel < 3; ++channel) sum[channel] += other[channel];
    }
    for (std::size_t channel = 0; channel < 3; ++channel) values_[index(x, y)][channel] = sum[channel] / own.count;
  }

  const PatchLevel& level_;
  const Matches& matches_;
  int left_, top_, right_, bottom_;
  std::vector<Offset> offsets_;
  std::vector<Triple> values_;
  std::vector<Equation> equations_;
};

// A pixel between what it was and what fills it, both with alpha.
void mix(const Triple& value, std::uint8_t alpha, float share, std::uint8_t* pixel) {
  const float own_alpha = pixel[3], mixed = own_alpha + share * (alpha - own_alpha);
  for (std::size_t channel = 0; channel < 3 && mixed > 0; ++channel) {
    const float own = pixel[channel] * own_alpha / 255;  // as the levels have it, multiplied
    const float coded = (own + share * (value[channel] - own)) * 255 / mixed;
    pixel[channel] = static_cast<std::uint8_t>(std::clamp(std::lround(coded), 0L, 255L));
  }
  pixel[3] = static_cast<std::uint8_t>(std::lround(mixed));
}

}  // namespace

Result<void> blend(const PatchLevel& level, const Matches& matches, const Field& hole, const Task& task,
                   Raster& picture) {
  const int across = (picture.width + kTileSide - 1) / kTileSide, down = (picture.height + kTileSide - 1) / kTileSide;
  return task.rows(across * down, [&](int first, int last) {
    for (int at = first; at < last && !task.is_cancelled(); ++at) {
      const int left = at % across * kTileSide, top = at / across * kTileSide;
      Tile tile(level, matches, left, top);
      if (!tile.touches_hole()) continue;
      tile.begin();
      tile.relax();
      for (int y = top; y < std::min(picture.height, top + kTileSide); ++y) {
        for (int x = left; x < std::min(picture.width, left + kTileSide); ++x) {
          if (level.hole.row(y)[x] == 0) continue;
          // What is known is never written, so that all tiles may read it at the same time.
          const Place place = tile.place(x, y);
          const std::uint8_t alpha = picture.at(place.x, place.y)[3];
          mix(tile.value(x, y), alpha, std::clamp(hole.at(x, y), 0.0F, 1.0F), picture.at(x, y));
        }
      }
    }
  });
}

}  // namespace tintype::engine
