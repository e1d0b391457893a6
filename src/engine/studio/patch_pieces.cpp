#include "engine/studio/patch_pieces.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <opencv2/core.hpp>
#include <opencv2/imgproc/detail/gcgraph.hpp>
#include <optional>
#include <utility>

#include "engine/raster/filter.h"
#include "engine/studio/smooth_fill.h"

namespace tintype::engine {

namespace {

constexpr int kPixelsOfPatch = kPatchSide * kPatchSide;
constexpr int kAskedMax = 192;                 // pixels of the rim
constexpr int kPiecesEach = 2;                 // for one of them
constexpr int kSurroundings = 7;               // pixels around one that have to be alike
constexpr int kCountedAtOnce = 8;              // of them, between looks at whether it is enough
constexpr float kAwayLeast = 1.5F;             // of the hole's depth: what is nearer lies right beside
constexpr int kFarDepths = 8, kFarLeast = 32;  // of the same, and pixels: nothing is looked for farther away
constexpr int kMovesApart = 2;                 // pixels; nearer ones are the same piece
constexpr int kFinerReach = 2;                 // pixels to find the same place again at a finer level
constexpr int kReachLeast = 24;                // pixels around the rim's, up to which a piece may be laid, or
constexpr float kReach = 1.5F;                 // of the hole's depth
constexpr int kSweeps = 2;                     // of all pieces

// What a pixel costs, in levels of all its samples: where the canvas stays, and more so by the range of brightness
// around it; against what is known beside it, as a straight edge is seen better than a crooked one; and at a seam that
// only one or none of both sides reaches across.
constexpr int kStayCost = 12, kStayRangeCost = 4, kRangeReach = 3;
constexpr int kHoleStayCost = 6, kHoleStayRangeCost = 2, kHoleRangeDepths = 10;
constexpr int kOddFrom = 48;       // levels of all samples, from where on a piece is out of place
constexpr float kRougherCost = 2;  // of what is rougher than what is around the hole, as it is seen more
constexpr float kApartLeast = 25;  // levels between what meets in a hole, up to which it may be mixed
constexpr int kStrangeCostHalves = 1, kDrawnCostHalves = 4;
constexpr float kLevelledTexture = 0.5F;  // of which less has to be known for pieces to be laid as high as they lie
// What it costs where so much of a hole is out of place.
constexpr int kOddCostHalves = 4;
constexpr float kOddMost = 0.3F;
constexpr int kLineReach = 8, kLineMargin = 3;  // pixels around a line that its pieces reach; from the hole
constexpr float kBarrierWeight =
    4;  // of a texture with a known subject, how many times more a piece costs that stands apart
constexpr std::int64_t kExpectedPixelsMax = 1'000'000;  // in larger levels holes are thin
constexpr int kRimWeight = 6, kHoleRimWeight = 2, kBeyondCost = 400;

constexpr float kMisfitLevels = 8;  // between a piece and what is beside it, where they had better stay apart
constexpr int kLevelSweeps = 8;     // for each pixel of depth

constexpr int kAside[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
constexpr auto kNoCost = std::numeric_limits<std::int64_t>::max();

using Move = Piece::Move;

int difference(const std::uint8_t* one, const std::uint8_t* other) {
  int sum = 0;
  for (int channel = 0; channel < Samples::kChannels; ++channel) sum += std::abs(one[channel] - other[channel]);
  return sum;
}

int farther(int x, int y) {
  return std::max(std::abs(x), std::abs(y));
}

// What is known around a pixel of the rim, to be found again elsewhere.
class Surroundings {
 public:
  Surroundings(const PatchLevel& level, int x, int y) : level_(level), x_(x), y_(y) {
    for (int j = -kSurroundings; j <= kSurroundings; ++j) {
      for (int i = -kSurroundings; i <= kSurroundings; ++i) {
        if (level.is_inside(x + i, y + j) && !level.is_hole(x + i, y + j)) {
          near_.push_back({i, j, level.canvas.at(x + i, y + j)});
        }
      }
    }
    // What is nearest tells soonest.
    std::ranges::stable_sort(near_, {}, [](const Near& one) { return farther(one.x, one.y); });
  }

  // How unlike it is there and how unlikely the place; kNoCost where that is no less than `enough`, or not known.
  std::int64_t cost(const Move& move, std::int64_t enough) const {
    const int source_x = x_ + move.x, source_y = y_ + move.y;
    if (!level_.is_known(source_x, source_y)) return kNoCost;
    const bool is_mirrored = source_x >= level_.known.width;
    std::int64_t cost = static_cast<std::int64_t>(near_.size()) * distance_cost(level_, x_, y_, source_x, source_y);
    cost /= kPixelsOfPatch;
    int counted = 0;
    for (const Near& one : near_) {
      const int from_x = source_x + one.x, from_y = source_y + one.y;
      if ((from_x >= level_.known.width) != is_mirrored || !level_.is_known(from_x, from_y)) return kNoCost;
      cost += difference(one.colour, level_.source.at(from_x, from_y));
      if (++counted % kCountedAtOnce == 0 && cost >= enough) return kNoCost;
    }
    return cost < enough ? cost : kNoCost;
  }

  std::vector<Piece> pieces() const {
    std::vector<Found> best;
    const Box& known = level_.known;
    const int reach = std::max(kFarLeast, kFarDepths * level_.depth_max);
    const int near_x = std::clamp(x_ - known.x, 0, known.width - 1);
    const int near_y = std::clamp(y_ - known.y, 0, known.height - 1);
    for (int from_y = std::max(0, near_y - reach); from_y <= std::min(known.height - 1, near_y + reach); ++from_y) {
      for (int from_x = std::max(0, near_x - reach); from_x <= std::min(known.width - 1, near_x + reach); ++from_x) {
        for (const bool is_mirrored : {false, true}) {
          if (is_mirrored && !level_.is_continued()) continue;
          const Move move{(is_mirrored ? 2 * known.width - 1 - from_x : from_x) - x_, from_y - y_};
          if (is_beside(move)) continue;
          const auto now = cost(move, static_cast<int>(best.size()) < kPiecesEach ? kNoCost : best.back().cost);
          if (now != kNoCost) add({now, move}, best);
        }
      }
    }
    std::vector<Piece> pieces;
    for (const Found& one : best) pieces.push_back({x_, y_, one.move, x_ + one.move.x >= level_.known.width});
    return pieces;
  }

 private:
  struct Near {
    int x = 0, y = 0;
    const std::uint8_t* colour = nullptr;
  };
  struct Found {
    std::int64_t cost = 0;
    Move move;
  };

  static void add(const Found& found, std::vector<Found>& best) {
    const auto same = std::ranges::find_if(best, [&](const Found& other) {
      return farther(other.move.x - found.move.x, other.move.y - found.move.y) <= kMovesApart;
    });
    if (same != best.end()) {
      if (same->cost <= found.cost) return;
      best.erase(same);
    }
    best.insert(std::ranges::upper_bound(best, found.cost, {}, &Found::cost), found);
    if (static_cast<int>(best.size()) > kPiecesEach) best.pop_back();
  }
  bool is_beside(const Move& move) const {
    const Box& known = level_.known;
    const int least = std::max(kSurroundings, static_cast<int>(kAwayLeast * static_cast<float>(level_.depth_max)));
    if (x_ + move.x < known.width) return farther(move.x + known.x, move.y + known.y) < least;
    const bool has_mirror = x_ < known.x || x_ >= known.x + known.width;
    return has_mirror && std::abs(move.x - level_.edge_mirror(x_)) < 2 * least && std::abs(move.y + known.y) < least;
  }

  const PatchLevel& level_;
  int x_, y_;
  std::vector<Near> near_;
};

// What colours are likely in a hole in a picture: those within some pixels of its rim on average, give or take as much
// as they differ there, hung between the rims.
class Expectation {
 public:
  explicit Expectation(const PatchLevel& level) : drawn_(level.drawn) {
    Field known(level.canvas.width, level.canvas.height);
    for (std::size_t at = 0; at < known.values.size(); ++at)
      known.values[at] = level.hole.values[at] == 0 ? 1.0F : 0.0F;
    apart_ = Field(known.width, known.height);
    const Field share = box_blur(known, kSurroundings);
    const auto around = [&](Field values) {
      for (std::size_t at = 0; at < values.values.size(); ++at) values.values[at] *= known.values[at];
      values = box_blur(values, kSurroundings);
      for (std::size_t at = 0; at < values.values.size(); ++at) values.values[at] /= std::max(share.values[at], 1e-3F);
      return values;
    };
    for (int channel = 0; channel < Samples::kChannels; ++channel) {
      Field values(known.width, known.height);
      for (std::size_t at = 0; at < values.values.size(); ++at) {
        values.values[at] = level.canvas.values[at * Samples::kChannels + static_cast<std::size_t>(channel)];
      }
      Field &mean = means_[static_cast<std::size_t>(channel)], &spread = spreads_[static_cast<std::size_t>(channel)];
      mean = around(values);
      for (std::size_t at = 0; at < values.values.size(); ++at) {
        values.values[at] = std::abs(values.values[at] - mean.values[at]);
      }
      spread = around(std::move(values));
      hang(known, level.depth_max, spread);
      Field hung = known;
      for (int y = 0; y < level.canvas.height && channel < 3; ++y) {
        for (int x = 0; x < level.canvas.width; ++x) {
          if (level.is_drawn(x, y)) hung.at(x, y) = 1, mean.at(x, y) = level.canvas.at(x, y)[channel];
        }
      }
      Field square = mean;
      for (float& value : square.values) value *= value;
      hang(hung, level.depth_max, mean);
      hang(hung, level.depth_max, square);
      for (std::size_t at = 0; at < square.values.size(); ++at) {
        if (hung.values[at] > 0) continue;
        const float apart = std::max(
            0.0F, std::sqrt(std::max(0.0F, square.values[at] - mean.values[at] * mean.values[at])) - kApartLeast);
        spread.values[at] += apart;
        if (channel < 3) apart_.values[at] += apart;
      }
    }
  }

  // By how many levels of its channels a colour, and how rough it is there, is unlikelier at a pixel than what is
  // there.
  int strangeness(int x, int y, const std::uint8_t* sample) const {
    float sum = 0;
    // A line is rough, whatever is beside the hole.
    const std::size_t channels = drawn_.values.empty() || drawn_.row(y)[x] == 0 ? means_.size() : 3;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const float unlike = std::abs(static_cast<float>(sample[channel]) - means_[channel].at(x, y));
      const float beyond = std::max(0.0F, unlike - spreads_[channel].at(x, y));
      const bool is_rougher = channel == 3 && static_cast<float>(sample[channel]) > means_[channel].at(x, y);
      sum += is_rougher ? kRougherCost * beyond : beyond;
    }
    return static_cast<int>(sum);
  }

  // How far apart the colours are that meet at a pixel: what mixes them is fog.
  int fog(int x, int y) const { return static_cast<int>(apart_.at(x, y)); }

 private:
  std::array<Field, Samples::kChannels> means_, spreads_;
  Field apart_;
  const Marks& drawn_;
};

// Where a piece may be laid.
struct Offer {
  Move move;
  bool is_mirrored = false, is_edge_mirror = false;
  Box reach;
  int piece = -1;  // of which; none
};

// Which piece each pixel of the hole has: none to begin with.
class Layout {
 public:
  Layout(const std::vector<Piece>& pieces, const std::vector<Line>& lines, PatchLevel& level)
      : level_(level), offers_(1), offer_(level.hole.values.size()), node_(offer_.size(), -1) {
    Field luma(level.canvas.width, level.canvas.height);
    for (int y = 0; y < luma.height; ++y) {
      for (int x = 0; x < luma.width; ++x) luma.at(x, y) = level.canvas.luma_at(x, y);
    }
    const int reach_of_range = level.is_continued() ? kRangeReach : std::max(1, level.depth_max / kHoleRangeDepths);
    range_ = dilated(luma, reach_of_range);
    const Field least = eroded(luma, reach_of_range);
    for (std::size_t at = 0; at < least.values.size(); ++at) range_.values[at] -= least.values[at];
    const bool is_small = static_cast<std::int64_t>(luma.width) * luma.height <= kExpectedPixelsMax;
    if (!level.is_continued() && is_small) expectation_.emplace(level);
    const Box& known = level.known;
    for (const auto& [left, right] : {std::pair{0, known.x}, std::pair{known.x + known.width, luma.width}}) {
      if (left == right) continue;
      const Move move{level.edge_mirror(left), -known.y};
      offers_.push_back({move, true, true, {left, known.y, right - left, known.height}});
    }
    const int reach = std::max(kReachLeast, static_cast<int>(kReach * static_cast<float>(level.depth_max)));
    const bool has_levels = level.texture.value_or(1) < kLevelledTexture;
    for (std::size_t at = 0; at < pieces.size(); ++at) {
      const Piece& piece = pieces[at];
      const Box around{piece.x - reach, piece.y - reach, 2 * reach + 1, 2 * reach + 1};
      offers_.push_back({piece.move, piece.is_mirrored, false, around, static_cast<int>(at)});
      const bool is_beside = piece.x < known.x || piece.x >= known.x + known.width;
      if (!is_beside || !has_levels || piece.move.y == -known.y) continue;
      // And as high as it lies, so that what is level goes on without a step.
      offers_.push_back({{piece.move.x, -known.y}, piece.is_mirrored, false, around, static_cast<int>(at)});
    }
    for (const Line& line : lines) offer_along(line);
  }

  Result<void> improve(const Task& task) {
    const int count = static_cast<int>(offers_.size());
    constexpr int kStride = 7'919;  // a prime: not along the rim, but every one in its turn
    for (int step = 0; step < kSweeps * count; ++step) {
      if (const auto wanted = task.check(); !wanted) return wanted;
      const int which = static_cast<int>(std::int64_t{step} * kStride % count);
      if (which > 0) expand(which);
      task.done((step + 1.0) / (kSweeps * count));
    }
    return {};
  }

  // Those of the pieces that a pixel has.
  std::vector<Piece> used(const std::vector<Piece>& pieces) const {
    std::vector<bool> is_used(pieces.size());
    for (const int which : offer_) {
      const int piece = offers_[static_cast<std::size_t>(which)].piece;
      if (piece >= 0) is_used[static_cast<std::size_t>(piece)] = true;
    }
    std::vector<Piece> used;
    for (std::size_t at = 0; at < pieces.size(); ++at) {
      if (is_used[at]) used.push_back(pieces[at]);
    }
    return used;
  }

  // By successive over-relaxation. What is beside the hole and does not fit has little to say.
  std::vector<Levelled> levelled() const {
    struct Pull {
      std::size_t to = 0;  // among the hole's pixels; past them: known
      float share = 0;
      std::array<float, 3> wanted{};  // to add to the other's, or all of it
    };
    std::vector<Levelled> pixels;
    std::vector<std::size_t> numbers(offer_.size());
    for (int y = 0; y < level_.canvas.height; ++y) {
      for (int x = 0; x < level_.canvas.width; ++x) {
        if (!level_.is_hole(x, y)) continue;
        numbers[level_.index(x, y)] = pixels.size();
        pixels.push_back({x, y, offer_[level_.index(x, y)] > 0, {}});
      }
    }
    std::vector<std::array<float, 3>> values(pixels.size());
    std::vector<std::array<Pull, 4>> pulls(pixels.size());
    for (std::size_t at = 0; at < pixels.size(); ++at) {
      const int x = pixels[at].x, y = pixels[at].y;
      const std::uint8_t* own = colour(offer_[level_.index(x, y)], x, y);
      std::copy_n(own, 3, values[at].begin());
      for (std::size_t aside = 0; aside < 4; ++aside) {
        const int to_x = x + kAside[aside][0], to_y = y + kAside[aside][1];
        if (!level_.is_inside(to_x, to_y)) continue;
        Pull& pull = pulls[at][aside];
        const auto step = step_to(x, y, to_x, to_y);
        const bool is_known = !level_.is_hole(to_x, to_y);
        pull.to = is_known ? pixels.size() : numbers[level_.index(to_x, to_y)];
        float misfit = 0;
        for (std::size_t channel = 0; channel < 3; ++channel) {
          pull.wanted[channel] = -step[channel];
          if (!is_known) continue;
          pull.wanted[channel] += level_.canvas.at(to_x, to_y)[channel];
          misfit = std::max(misfit, std::abs(pull.wanted[channel] - static_cast<float>(own[channel])) / kMisfitLevels);
        }
        pull.share = is_known ? 1 / (1 + misfit * misfit * misfit * misfit) : 1;
      }
    }
    const float beyond = over_relaxation(level_.depth_max);
    for (int sweep = 0; sweep < kLevelSweeps * level_.depth_max; ++sweep) {
      for (std::size_t at = 0; at < pixels.size(); ++at) {
        std::array<float, 3> sum{};
        float shares = 0;
        for (const Pull& pull : pulls[at]) {
          for (std::size_t channel = 0; channel < 3; ++channel) {
            sum[channel] +=
                pull.share * (pull.wanted[channel] + (pull.to < pixels.size() ? values[pull.to][channel] : 0));
          }
          shares += pull.share;
        }
        for (std::size_t channel = 0; channel < 3; ++channel) {
          values[at][channel] += beyond * (sum[channel] / shares - values[at][channel]);
        }
      }
    }
    for (std::size_t at = 0; at < pixels.size(); ++at) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        pixels[at].colour[channel] = static_cast<std::uint8_t>(std::clamp(std::lround(values[at][channel]), 0L, 255L));
      }
    }
    return pixels;
  }

  bool has_expectation() const { return expectation_.has_value(); }

  // From now on what is out of place costs more.
  void mind_odd_pieces() { strange_halves_ = kOddCostHalves; }
  bool is_much_odd() const {
    const Marks now = lacks();
    const auto hole = std::ranges::count(level_.hole.values, 1), odd = std::ranges::count(now.values, kOdd);
    return static_cast<float>(odd) > kOddMost * static_cast<float>(hole);
  }

  // Where in the hole no piece is laid, or one that is out of place.
  Marks lacks() const {
    Marks lacks(level_.canvas.width, level_.canvas.height);
    for (int y = 0; y < lacks.height; ++y) {
      for (int x = 0; x < lacks.width; ++x) {
        if (!level_.is_hole(x, y)) continue;
        const int which = offer_[level_.index(x, y)];
        const bool is_odd = expectation_ && expectation_->strangeness(x, y, colour(which, x, y)) > kOddFrom;
        lacks.row(y)[x] = which == 0 ? kLeft : is_odd ? kOdd : 0;
      }
    }
    return lacks;
  }
  void write(Matches& matches) const {
    for (int y = 0; y < matches.height; ++y) {
      for (int x = 0; x < matches.width; ++x) {
        if (level_.touched.row(y)[x] == 0) continue;
        const int which = offer_[level_.index(x + kPatchSide / 2, y + kPatchSide / 2)];
        const Move& move = offers_[static_cast<std::size_t>(which)].move;
        if (which == 0 || !level_.is_usable_for(x, y, x + move.x, y + move.y)) continue;
        matches.at(x, y) = {static_cast<std::int16_t>(x + move.x), static_cast<std::int16_t>(y + move.y), {}, 0};
      }
    }
    for (int y = 0; y < level_.canvas.height; ++y) {
      for (int x = 0; x < level_.canvas.width; ++x) {
        const int which = offer_[level_.index(x, y)];
        if (which > 0) std::copy_n(colour(which, x, y), Samples::kChannels, level_.canvas.at(x, y));
      }
    }
  }

 private:
  bool shows(int which, int x, int y) const {
    if (which == 0) return true;
    const Offer& offer = offers_[static_cast<std::size_t>(which)];
    const int source_x = x + offer.move.x, source_y = y + offer.move.y;
    return (source_x >= level_.known.width) == offer.is_mirrored && level_.is_known(source_x, source_y);
  }
  const std::uint8_t* colour(int which, int x, int y) const {
    if (which == 0) return level_.canvas.at(x, y);
    const Move& move = offers_[static_cast<std::size_t>(which)].move;
    return level_.source.at(x + move.x, y + move.y);
  }

  // How a colour goes on from a pixel to the one beside it, as far as the pieces of the two show it.
  std::array<float, 3> step_to(int x, int y, int to_x, int to_y) const {
    std::array<float, 3> step{};
    float count = 0;
    const auto add = [&](int which) {
      if (!shows(which, x, y) || !shows(which, to_x, to_y)) return;
      const std::uint8_t *from = colour(which, x, y), *to = colour(which, to_x, to_y);
      for (std::size_t channel = 0; channel < step.size(); ++channel)
        step[channel] += static_cast<float>(to[channel] - from[channel]);
      count += 1;
    };
    const int own = offer_[level_.index(x, y)], other = offer_[level_.index(to_x, to_y)];
    add(own);
    if (other != own && level_.is_hole(to_x, to_y)) add(other);
    for (float& channel : step) channel /= std::max(count, 1.0F);
    return step;
  }

  // What lies on either side of the hole, moved along a line until it fills half of it, or all.
  void offer_along(const Line& line) {
    const float end_x = line.x + line.length * line.along_x, end_y = line.y + line.length * line.along_y;
    const int left = static_cast<int>(std::min(line.x, end_x)) - kLineReach;
    const int top = static_cast<int>(std::min(line.y, end_y)) - kLineReach;
    const int right = static_cast<int>(std::max(line.x, end_x)) + kLineReach;
    const int bottom = static_cast<int>(std::max(line.y, end_y)) + kLineReach;
    for (const float share : {-1.0F, -0.5F, 0.5F, 1.0F}) {
      if (share > 0 && line.ends_at_edge) continue;
      const float away = share * line.length + (share > 0 ? kLineMargin : -kLineMargin);
      const Move move{static_cast<int>(std::lround(away * line.along_x)) - level_.known.x,
                      static_cast<int>(std::lround(away * line.along_y)) - level_.known.y};
      offers_.push_back({move, false, false, {left, top, right - left + 1, bottom - top + 1}});
    }
  }

  int stay_cost(int x, int y) const {
    const auto range = static_cast<int>(range_.at(x, y));
    if (level_.is_continued()) return kStayCost + kStayRangeCost * range;
    const int fog = expectation_ ? expectation_->fog(x, y) : 0;
    return kHoleStayCost + kHoleStayRangeCost * range + fog + level_.canvas.at(x, y)[3];
  }

  // What a pixel costs by itself, and against what is known beside it.
  int own_cost(int which, int x, int y) const {
    if (which == 0) return stay_cost(x, y);
    const Offer& offer = offers_[static_cast<std::size_t>(which)];
    int cost = distance_cost(level_, x, y, x + offer.move.x, y + offer.move.y) / kPixelsOfPatch;
    if (!level_.spared.values.empty()) {
      const float weight = kBarrierWeight * level_.texture.value_or(0);
      const int barrier = barrier_cost(level_, x + offer.move.x, y + offer.move.y);
      cost += static_cast<int>(weight * static_cast<float>(barrier) / kPixelsOfPatch);
    }
    if (expectation_) {
      const int halves = level_.is_drawn(x, y) ? kDrawnCostHalves : strange_halves_;
      cost += halves * expectation_->strangeness(x, y, colour(which, x, y)) / 2;
    }
    if (offer.is_edge_mirror || level_.depth_at(x, y) > 1) return cost;
    for (const auto& [aside_x, aside_y] : kAside) {
      const int to_x = x + aside_x, to_y = y + aside_y;
      if (!level_.is_inside(to_x, to_y) || level_.is_hole(to_x, to_y)) continue;
      if (!shows(which, to_x, to_y)) {
        cost += kBeyondCost / 2;
        continue;
      }
      const int unlike = difference(level_.canvas.at(to_x, to_y), colour(which, to_x, to_y));
      cost += (level_.is_continued() ? kRimWeight : kHoleRimWeight) * unlike;
    }
    return cost;
  }

  // What is seen where one piece ends and another begins.
  int seam_cost(int one, int x, int y, int other, int to_x, int to_y) const {
    if (one == other) return 0;
    const bool is_before = shows(other, x, y), is_behind = shows(one, to_x, to_y);
    const int before = is_before ? difference(colour(one, x, y), colour(other, x, y)) : 0;
    const int behind = is_behind ? difference(colour(one, to_x, to_y), colour(other, to_x, to_y)) : 0;
    if (!is_before && !is_behind) return kBeyondCost;
    return is_before && is_behind ? before + behind : 2 * (before + behind);
  }

  // Gives a piece all pixels within its reach where the whole costs less for it: an alpha expansion.
  void expand(int which) {
    const auto pixels = take_pixels(which);
    if (pixels.empty()) return;
    cv::detail::GCGraph<int> graph;
    graph.create(static_cast<unsigned>(pixels.size()), static_cast<unsigned>(pixels.size()) * 4);
    for (std::size_t at = 0; at < pixels.size(); ++at) graph.addVtx();
    std::vector<int> gained(pixels.size());  // by not taking it
    bool has_edge = false;
    for (std::size_t at = 0; at < pixels.size(); ++at) {
      const auto& [x, y] = pixels[at];
      const int own = offer_[level_.index(x, y)];
      gained[at] += own_cost(which, x, y) - own_cost(own, x, y);
      for (const auto& [aside_x, aside_y] : kAside) {
        const int to_x = x + aside_x, to_y = y + aside_y;
        if (!level_.is_inside(to_x, to_y) || !level_.is_hole(to_x, to_y)) continue;
        const int other = offer_[level_.index(to_x, to_y)], node = node_[level_.index(to_x, to_y)];
        const int neither = seam_cost(own, x, y, other, to_x, to_y), mine = seam_cost(which, x, y, other, to_x, to_y);
        if (node < 0) {
          gained[at] += mine - neither;
        } else if (aside_x + aside_y > 0) {  // each pair once
          gained[at] += mine - neither;
          gained[static_cast<std::size_t>(node)] -= mine;
          const int its = seam_cost(own, x, y, which, to_x, to_y);
          graph.addEdges(static_cast<int>(at), node, std::max(0, its + mine - neither), 0);
          has_edge = true;
        }
      }
    }
    for (std::size_t at = 0; at < pixels.size(); ++at) {
      graph.addTermWeights(static_cast<int>(at), std::max(0, gained[at]), std::max(0, -gained[at]));
    }
    if (has_edge) graph.maxFlow();
    for (std::size_t at = 0; at < pixels.size(); ++at) {
      const std::size_t pixel = level_.index(pixels[at].first, pixels[at].second);
      const bool is_better = has_edge ? !graph.inSourceSegment(static_cast<int>(at)) : gained[at] < 0;
      if (is_better) offer_[pixel] = which;
      node_[pixel] = -1;
    }
  }

  // Those that could have a piece and have not; numbers them in `node_`.
  std::vector<std::pair<int, int>> take_pixels(int which) {
    const Box& reach = offers_[static_cast<std::size_t>(which)].reach;
    std::vector<std::pair<int, int>> pixels;
    for (int y = std::max(0, reach.y); y < std::min(level_.canvas.height, reach.y + reach.height); ++y) {
      for (int x = std::max(0, reach.x); x < std::min(level_.canvas.width, reach.x + reach.width); ++x) {
        const std::size_t pixel = level_.index(x, y);
        if (!level_.is_hole(x, y) || offer_[pixel] == which || !shows(which, x, y)) continue;
        node_[pixel] = static_cast<int>(pixels.size());
        pixels.emplace_back(x, y);
      }
    }
    return pixels;
  }

  PatchLevel& level_;
  std::optional<Expectation> expectation_;  // none where a picture is continued, or large
  Field range_;                             // of brightness around each pixel, as the canvas was
  std::vector<Offer> offers_;               // the first is none
  std::vector<int> offer_;                  // of each pixel
  std::vector<int> node_;                   // of each pixel in the graph; -1: it is not in it
  int strange_halves_ = kStrangeCostHalves;
};

}  // namespace

Result<std::vector<Piece>> pieces_for(const PatchLevel& level, const Task& task) {
  std::vector<std::pair<int, int>> rim;
  for (int y = 0; y < level.canvas.height; ++y) {
    for (int x = 0; x < level.canvas.width; ++x) {
      if (level.depth_at(x, y) == 1) rim.emplace_back(x, y);
    }
  }
  const int step = std::max(1, (static_cast<int>(rim.size()) + kAskedMax - 1) / kAskedMax);
  std::vector<std::vector<Piece>> found((rim.size() + static_cast<std::size_t>(step) - 1) /
                                        static_cast<std::size_t>(step));
  const auto done = task.rows(static_cast<int>(found.size()), [&](int begin, int end) {
    for (int at = begin; at < end; ++at) {
      const auto& [x, y] = rim[static_cast<std::size_t>(at) * static_cast<std::size_t>(step)];
      found[static_cast<std::size_t>(at)] = Surroundings(level, x, y).pieces();
    }
  });
  if (!done) return std::unexpected(done.error());
  std::vector<Piece> pieces;
  for (const auto& some : found) pieces.insert(pieces.end(), some.begin(), some.end());
  return pieces;
}

Result<std::vector<Piece>> those_laid(const std::vector<Piece>& pieces, const Task& task, PatchLevel& level) {
  Layout layout(pieces, {}, level);
  if (const auto done = layout.improve(task); !done) return std::unexpected(done.error());
  return layout.used(pieces);
}

void make_finer(const PatchLevel& coarse, const PatchLevel& fine, std::vector<Piece>& pieces) {
  // Both canvases' first pixels lie upon each other, those of the boxes need not.
  const int off_x = 2 * coarse.known.x - fine.known.x, off_y = 2 * coarse.known.y - fine.known.y;
  for (Piece& piece : pieces) {
    const int coarse_x = piece.x + piece.move.x, last = 2 * fine.known.width - 1;
    const int source_x =
        piece.is_mirrored ? last - (2 * (2 * coarse.known.width - 1 - coarse_x) + off_x) : 2 * coarse_x + off_x;
    const Move about{source_x - 2 * piece.x, 2 * (piece.y + piece.move.y) + off_y - 2 * piece.y};
    piece.x = std::min(2 * piece.x, fine.canvas.width - 1), piece.y = std::min(2 * piece.y, fine.canvas.height - 1);
    piece.move = about;
    const Surroundings surroundings(fine, piece.x, piece.y);
    std::int64_t least = kNoCost;
    for (int j = -kFinerReach; j <= kFinerReach; ++j) {
      for (int i = -kFinerReach; i <= kFinerReach; ++i) {
        const Move move{about.x + i, about.y + j};
        if ((piece.x + move.x >= fine.known.width) != piece.is_mirrored) continue;
        const std::int64_t cost = surroundings.cost(move, least);
        if (cost < least) least = cost, piece.move = move;
      }
    }
  }
}

Result<Laid> lay(const std::vector<Piece>& pieces, const std::vector<Line>& lines, const Task& task, PatchLevel& level,
                 Matches& matches) {
  Layout layout(pieces, lines, level);
  if (const auto done = layout.improve(task.part(0, 0.6)); !done) return std::unexpected(done.error());
  if (layout.is_much_odd()) {
    layout.mind_odd_pieces();
    if (const auto done = layout.improve(task.part(0.6, 1)); !done) return std::unexpected(done.error());
  }
  Laid laid{layout.lacks(), {}};
  if (layout.has_expectation()) laid.levelled = layout.levelled();
  layout.write(matches);
  return laid;
}

float strangeness(const PatchLevel& level) {
  const Expectation expectation(level);
  double sum = 0;
  int count = 0;
  for (int y = 0; y < level.canvas.height; ++y) {
    for (int x = 0; x < level.canvas.width; ++x) {
      if (!level.is_hole(x, y)) continue;
      sum += expectation.strangeness(x, y, level.canvas.at(x, y)), ++count;
    }
  }
  return static_cast<float>(sum / std::max(count, 1));
}

}  // namespace tintype::engine
