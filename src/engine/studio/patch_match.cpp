#include "engine/studio/patch_match.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <utility>

#include "engine/studio/hash.h"

namespace tintype::engine {

namespace {

using Bytes8 = std::uint8_t __attribute__((vector_size(8)));
using Lanes = std::int16_t __attribute__((vector_size(16)));

constexpr int kBlocks = kPatchSide / 2;  // of two pixels, in a patch's row
constexpr int kSamples = kPatchSide * kPatchSide * Samples::kChannels;
constexpr int kPixels = kPatchSide * kPatchSide;
constexpr int kCostMax = std::numeric_limits<std::uint16_t>::max();
constexpr float kShiftUnit = 64;
// How far colours may be shifted, in levels: in smooth places far, in rough ones hardly; and what a level costs.
constexpr int kSmoothShiftMax = 16, kRoughShiftMax = 4, kSmoothRoughness = 40, kRoughRoughness = 140;
constexpr float kEvenRoughness = 12;   // of walls and clear skies, where nothing is seen to come again
constexpr int kShiftCostQuarters = 1;  // a pixel and channel
// What it costs to take from far away, in levels a sample over the whole side: where a picture is continued, along its
// edge, and beside it more, as sky has to stay sky and a meadow a meadow; inwards (by the square), as the middle is for
// the subject; in corners; in a mirror at the edge, by the square of how far outside, as that hides the edge, and is
// seen when it goes on for long; and in holes, where by the square of the hole's depth away what is there has less to
// do with what is around the hole.
constexpr float kAlongCost = 24, kRowsCost = 150, kInwardsCost = 100, kCornerCost = 8, kMirrorCost = 800;
// Beside a picture whose subject is spared the middle is free where it is not even, and it costs the more the sooner a
// thing comes again, by the square of what is missing to a part of the width: rows of the same are seen at once.
constexpr float kAgainCost = 60, kAgainPart = 0.33F;
constexpr float kStrangeWithin =
    4;  // of the depth, that part within which what is strange comes to cost all that it is
constexpr float kAwayCost = 3, kDepthsAwayCost = 1.25F;
constexpr int kBarrierCostShift = 1;  // of what stands between a place and the edge, squared
constexpr float kTextureInwards = 0.65F, kTextureBarrier = 0.875F;  // of these costs textures are spared
constexpr float kKnownSubjectBarrier = 0.25F;  // beside a picture, of that cost, where its subject is spared anyway
constexpr int kBandRows = 32;
constexpr float kAlikeLevels = 4;     // a difference a sample at which a patch's word counts a quarter
constexpr float kSharpness = 2;       // and how soon it counts nothing beside better ones, in textures
constexpr float kDepthFactor = 1.2F;  // what a step nearer to what is known is worth

// A stream of numbers that depends on where it is used alone.
class Random {
 public:
  Random(std::uint32_t seed, int x, int y)
      : state_(hashed(seed ^ hashed(static_cast<std::uint32_t>(x) * 0x9e3779b9U + static_cast<std::uint32_t>(y)))) {}
  int within(int first, int last) {  // both are possible
    state_ = hashed(state_ + 0x9e3779b9U);
    return first + static_cast<int>((std::uint64_t{state_} * static_cast<std::uint32_t>(last - first + 1)) >> 32);
  }

 private:
  std::uint32_t state_;
};

Lanes lanes_at(const std::uint8_t* at) {
  Bytes8 bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return __builtin_convertvector(bytes, Lanes);
}

Lanes size_of(Lanes value) {
  const Lanes sign = value >> 15;
  return (value ^ sign) - sign;
}

// Whether the picture is seen in a mirror that stands at its edge, or not far from it.
bool is_near_edge_mirror(const PatchLevel& level, int x, int y, int source_x, int source_y) {
  const Box& known = level.known;
  if (source_x < known.width || (x >= known.x && x < known.x + known.width)) return false;
  return std::abs(source_x - x - level.edge_mirror(x)) <= level.depth_max &&
         std::abs(source_y - y + known.y) <= level.depth_max;
}

int shift_max(int roughness) {
  if (roughness <= kSmoothRoughness) return kSmoothShiftMax;
  if (roughness >= kRoughRoughness) return kRoughShiftMax;
  return kSmoothShiftMax -
         (kSmoothShiftMax - kRoughShiftMax) * (roughness - kSmoothRoughness) / (kRoughRoughness - kSmoothRoughness);
}

float rough_share(int roughness) {
  return std::clamp(static_cast<float>(roughness - kEvenRoughness) / (kSmoothRoughness - kEvenRoughness), 0.0F, 1.0F);
}

// How far a place of the source is from the nearest to one of the canvas, as parts of the sides.
struct Away {
  float x = 0, y = 0;
};

float inwards_cost(const PatchLevel& level, float away) {
  return kInwardsCost * (1 - kTextureInwards * level.texture.value_or(0)) * away * away;
}

// How soon a thing comes again beside a picture: 1 at once, 0 from a part of the width on.
float soon_again(const PatchLevel& level, int x, int source_x) {
  const float again =
      static_cast<float>(std::abs(level.known.x + source_x - x)) / static_cast<float>(level.known.width);
  return std::max(0.0F, 1 - again / kAgainPart);
}

float beside_cost(const PatchLevel& level, int source_x, int source_y, const Away& away, float soon) {
  const float free = level.spared.values.empty() ? 0 : rough_share(level.source.at(source_x, source_y)[3]);
  return free * kAgainCost * soon * soon + (1 - free) * inwards_cost(level, away.x);
}

// What is not usual in its row had better stay close to the edge, but in a texture, which is of many things.
float strange_cost(const PatchLevel& level, int x, int y, int source_x, int source_y) {
  const UsualRows& usual = level.usual_beside(x);
  if (usual.is_empty()) return 0;
  const float depths = static_cast<float>(level.depth_at(x, y)) / static_cast<float>(level.depth_max);
  const float share = (1 - level.texture.value_or(1)) * std::min(1.0F, kStrangeWithin * depths);
  return share * static_cast<float>(usual.strange.row(source_y)[source_x]);
}

int far_cost(const PatchLevel& level, int x, int y, int source_x, int source_y) {
  constexpr int kMiddle = kPatchSide / 2;
  return distance_cost(level, x + kMiddle, y + kMiddle, source_x + kMiddle, source_y + kMiddle);
}

// Compares patches of the canvas with patches of the source.
class Comparison {
 public:
  explicit Comparison(const PatchLevel& level) : level_(level) {}

  bool usable(int x, int y, int source_x, int source_y) const { return level_.is_usable_for(x, y, source_x, source_y); }

  // The match with its cost and shift; kCostMax, or a cost that is not better than `enough`, where it is no better.
  Match compared(int x, int y, int source_x, int source_y, int enough) const {
    Match match{static_cast<std::int16_t>(source_x), static_cast<std::int16_t>(source_y), {}, kCostMax};
    const int far = far_cost(level_, x, y, source_x, source_y);
    if (far >= enough) return match;
    Lanes differences[kPatchSide * kBlocks];
    Lanes sums{};
    const std::uint8_t* to = level_.canvas.at(x, y);
    const std::uint8_t* from = level_.source.at(source_x, source_y);
    for (int row = 0; row < kPatchSide; ++row) {
      for (int block = 0; block < kBlocks; ++block) {
        const std::ptrdiff_t at = std::ptrdiff_t{8} * block;
        const Lanes difference = lanes_at(to + at) - lanes_at(from + at);
        differences[row * kBlocks + block] = difference;
        sums += difference;
      }
      to += level_.canvas.stride();
      from += level_.source.stride();
    }
    const int roughness = level_.source.at(source_x + kPatchSide / 2, source_y + kPatchSide / 2)[3];
    const int most = (level_.is_even ? kSmoothShiftMax : shift_max(roughness)) * kPixels;
    int shift_cost = 0;
    Lanes shift{};
    for (int channel = 0; channel < 3; ++channel) {
      const int sum = std::clamp(sums[channel] + sums[channel + 4], -most, most);
      match.shift[static_cast<std::size_t>(channel)] = static_cast<std::int16_t>(sum);  // of 64 pixels: in 64ths
      shift_cost += std::abs(sum) * kShiftCostQuarters / 4;
      shift[channel] = shift[channel + 4] =
          static_cast<std::int16_t>((sum + (sum < 0 ? -kPixels / 2 : kPixels / 2)) / kPixels);
    }
    Lanes sizes{};
    for (const Lanes& difference : differences) sizes += size_of(difference - shift);
    int cost = far + shift_cost;
    for (int lane = 0; lane < 8; ++lane) cost += sizes[lane];
    match.cost = static_cast<std::uint16_t>(std::min(cost, kCostMax));
    return match;
  }

 private:
  const PatchLevel& level_;
};

// One anchor's search: what its neighbours have found, moved along, and guesses ever nearer to the best.
class Anchor {
 public:
  Anchor(const Comparison& comparison, int x, int y, const Match& match) : comparison_(comparison), x_(x), y_(y) {
    best_ = match;
    best_.cost = kCostMax;
    if (comparison.usable(x, y, match.x, match.y)) best_ = comparison.compared(x, y, match.x, match.y, kCostMax);
  }
  void try_at(int source_x, int source_y) {
    if (!comparison_.usable(x_, y_, source_x, source_y) || (source_x == best_.x && source_y == best_.y)) return;
    const Match match = comparison_.compared(x_, y_, source_x, source_y, best_.cost);
    if (match.cost < best_.cost) best_ = match;
  }
  void guess(int radius, Random random) {
    for (; radius >= 1; radius /= 2) {
      try_at(best_.x + random.within(-radius, radius), best_.y + random.within(-radius, radius));
    }
  }
  const Match& best() const { return best_; }

 private:
  const Comparison& comparison_;
  int x_, y_;
  Match best_;
};

// One sweep over the anchors, in bands that do not see each other: of rows in other bands the state before is read.
class Sweep {
 public:
  Sweep(const PatchLevel& level, const Search& search, int pass, Matches& matches)
      : level_(level), search_(search), pass_(pass), matches_(matches), comparison_(level) {
    first_ = pass / 2 % 2 == 0 ? 0 : -kBandRows / 2;
    for (int band = 0; band < bands(); ++band) {
      const int beside = is_forward() ? first_ + band * kBandRows - 1 : first_ + (band + 1) * kBandRows;
      auto& row = beside_.emplace_back();
      if (beside < 0 || beside >= matches.height) continue;
      const auto from = matches.values.begin() + static_cast<std::ptrdiff_t>(beside) * matches.width;
      row.assign(from, from + matches.width);
    }
  }
  int bands() const { return (matches_.height - first_ + kBandRows - 1) / kBandRows; }
  void run_band(int band) {
    const int begin = std::max(0, first_ + band * kBandRows);
    const int end = std::min(matches_.height, first_ + (band + 1) * kBandRows);
    for (int step = 0; step < end - begin; ++step) {
      const int y = is_forward() ? begin + step : end - 1 - step;
      for (int column = 0; column < matches_.width; ++column) {
        const int x = is_forward() ? column : matches_.width - 1 - column;
        const bool is_open =
            level_.touched.row(y)[x] != 0 && !level_.is_settled(x + kPatchSide / 2, y + kPatchSide / 2);
        if (is_open) visit(x, y, step == 0 ? &beside_[static_cast<std::size_t>(band)] : nullptr);
      }
    }
  }

 private:
  bool is_forward() const { return pass_ % 2 == 0; }
  void visit(int x, int y, const std::vector<Match>* beside) {
    Anchor anchor(comparison_, x, y, matches_.at(x, y));
    const int back = is_forward() ? -1 : 1;
    if (x + back >= 0 && x + back < matches_.width && level_.touched.row(y)[x + back] != 0) {
      const Match& match = matches_.at(x + back, y);
      anchor.try_at(match.x - back, match.y);
    }
    if (y + back >= 0 && y + back < matches_.height && level_.touched.row(y + back)[x] != 0) {
      const Match& match = beside != nullptr ? (*beside)[static_cast<std::size_t>(x)] : matches_.at(x, y + back);
      anchor.try_at(match.x, match.y - back);
    }
    const int radius = std::min(search_.radius_max, std::max(level_.source.width, level_.source.height));
    anchor.guess(radius, Random(search_.seed + static_cast<std::uint32_t>(pass_), x, y));
    matches_.at(x, y) = anchor.best();
  }

  const PatchLevel& level_;
  const Search& search_;
  int pass_;
  Matches& matches_;
  Comparison comparison_;
  int first_ = 0;
  std::vector<std::vector<Match>> beside_;
};

std::array<float, 2 * kPatchSide + 1> depth_weights() {
  std::array<float, 2 * kPatchSide + 1> weights{};
  for (int step = -kPatchSide; step <= kPatchSide; ++step) {
    const int at = step + kPatchSide;
    weights[static_cast<std::size_t>(at)] = std::pow(kDepthFactor, static_cast<float>(-step));
  }
  return weights;
}

}  // namespace

int barrier_cost(const PatchLevel& level, int source_x, int source_y) {
  if (level.barrier.values.empty()) return 0;
  const Box& known = level.known;
  if (source_x >= known.width) source_x = std::clamp(2 * known.width - source_x, 0, known.width - 1);
  const int barrier = level.barrier.row(source_y)[source_x];
  // Where a subject is known, the rest of a texture is what stands apart.
  const bool knows_subject = !level.spared.values.empty();
  const float texture = knows_subject ? 0 : level.texture.value_or(0);
  const float share = knows_subject && level.grows_beside() ? kKnownSubjectBarrier : 1 - kTextureBarrier * texture;
  return static_cast<int>(share * static_cast<float>(barrier * barrier >> kBarrierCostShift));
}

int distance_cost(const PatchLevel& level, int x, int y, int source_x, int source_y) {
  const Box& known = level.known;
  const int barrier = barrier_cost(level, source_x, source_y);
  const bool is_mirror = is_near_edge_mirror(level, x, y, source_x, source_y);
  if (source_x >= known.width) source_x = std::clamp(2 * known.width - source_x, 0, known.width - 1);
  const int near_x = std::clamp(x - known.x, 0, known.width - 1);
  const int near_y = std::clamp(y - known.y, 0, known.height - 1);
  const bool is_beside = near_x != x - known.x, is_above = near_y != y - known.y;
  const int across = std::abs(source_x - near_x), down = std::abs(source_y - near_y);
  const Away away{static_cast<float>(across) / static_cast<float>(known.width),
                  static_cast<float>(down) / static_cast<float>(known.height)};
  float levels = 0;
  if (is_beside && is_above) {
    levels = kCornerCost * (away.x + away.y);
  } else if (is_beside) {
    const float soon = is_mirror ? 0 : soon_again(level, x, source_x);
    levels = kRowsCost * away.y + beside_cost(level, source_x, source_y, away, soon) +
             strange_cost(level, x, y, source_x, source_y);
  } else if (is_above) {
    levels = kAlongCost * away.x + inwards_cost(level, away.y);
  } else {
    const float depths = static_cast<float>(std::max(across, down)) / static_cast<float>(level.depth_max);
    levels = kAwayCost * (away.x + away.y) + std::min(255.0F, kDepthsAwayCost * depths * depths);
  }
  if (is_mirror) {
    const float depth = static_cast<float>(level.depth_at(x, y)) / static_cast<float>(known.width);
    levels += kMirrorCost * depth * depth;
  }
  return barrier + static_cast<int>(levels * kSamples);
}

Matches random_matches(const PatchLevel& level, std::uint32_t seed) {
  std::vector<int> usable;
  for (std::size_t at = 0; at < level.usable.values.size(); ++at) {
    if (level.usable.values[at] == PatchLevel::kUsable) usable.push_back(static_cast<int>(at));
  }
  Matches matches{level.anchors_wide(), level.anchors_high(), {}};
  matches.values.resize(static_cast<std::size_t>(matches.width) * matches.height);
  for (int y = 0; y < matches.height; ++y) {
    for (int x = 0; x < matches.width; ++x) {
      const int chosen =
          usable[static_cast<std::size_t>(Random(seed, x, y).within(0, static_cast<int>(usable.size()) - 1))];
      matches.at(x, y).x = static_cast<std::int16_t>(chosen % level.usable.width);
      matches.at(x, y).y = static_cast<std::int16_t>(chosen / level.usable.width);
    }
  }
  return matches;
}

Result<Matches> doubled(const Matches& matches, const PatchLevel& coarse, const PatchLevel& fine, const Task& task) {
  Matches larger{fine.anchors_wide(), fine.anchors_high(), {}};
  larger.values.resize(static_cast<std::size_t>(larger.width) * larger.height);
  // Both canvases' first pixels lie upon each other, those of the boxes need not.
  const int move_x = 2 * coarse.known.x - fine.known.x, move_y = 2 * coarse.known.y - fine.known.y;
  const auto done = task.rows(larger.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < larger.width; ++x) {
        if (fine.touched.row(y)[x] == 0) continue;
        const int from_x = std::min(x / 2, matches.width - 1), from_y = std::min(y / 2, matches.height - 1);
        const Match& match = matches.at(from_x, from_y);
        const int edge_x = x + fine.edge_mirror(x), edge_y = y - fine.known.y;
        if (coarse.is_edge_mirror(from_x, from_y, match.x, match.y) && fine.is_usable_for(x, y, edge_x, edge_y)) {
          larger.at(x, y) = {static_cast<std::int16_t>(edge_x), static_cast<std::int16_t>(edge_y), match.shift,
                             match.cost};
          continue;
        }
        const bool is_mirrored = match.x >= coarse.known.width;
        int to_x = 2 * match.x + (x - 2 * from_x) + move_x;
        if (is_mirrored) {
          const int coarse_left = 2 * coarse.known.width - kPatchSide - match.x;  // where the mirror shows it
          const int fine_left = 2 * coarse_left + kPatchSide - (x - 2 * from_x) + move_x;
          to_x = 2 * fine.known.width - kPatchSide - fine_left;
        }
        int to_y = 2 * match.y + (y - 2 * from_y) + move_y;
        to_x =
            std::clamp(to_x, is_mirrored ? fine.known.width : 0, (is_mirrored ? 2 : 1) * fine.known.width - kPatchSide);
        to_y = std::clamp(to_y, 0, fine.known.height - kPatchSide);
        larger.at(x, y) = {static_cast<std::int16_t>(to_x), static_cast<std::int16_t>(to_y), match.shift, match.cost};
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return larger;
}

Result<void> improve(const PatchLevel& level, const Search& search, const Task& task, Matches& matches) {
  for (int pass = 0; pass < search.passes; ++pass) {
    Sweep sweep(level, search, pass, matches);
    const Task part = task.part(static_cast<double>(pass) / search.passes, (pass + 1.0) / search.passes);
    const auto done = part.rows(sweep.bands(), [&](int begin, int end) {
      for (int band = begin; band < end; ++band) sweep.run_band(band);
    });
    if (!done) return done;
  }
  return {};
}

std::array<float, Samples::kChannels> voted(const PatchLevel& level, const Matches& matches, int x, int y) {
  static const auto kDepthWeights = depth_weights();
  const int first_x = std::max(0, x - kPatchSide + 1), last_x = std::min(matches.width - 1, x);
  const int first_y = std::max(0, y - kPatchSide + 1), last_y = std::min(matches.height - 1, y);
  const int own_depth = level.depth_at(x, y);
  const float sharpness = level.is_continued() ? kSharpness * level.texture.value_or(0) : 0;
  std::array<float, Samples::kChannels> sums{};
  float weights = 0;
  for (int anchor_y = first_y; anchor_y <= last_y; ++anchor_y) {
    for (int anchor_x = first_x; anchor_x <= last_x; ++anchor_x) {
      const Match& match = matches.at(anchor_x, anchor_y);
      const int deeper = std::clamp(level.depth_at(anchor_x + kPatchSide / 2, anchor_y + kPatchSide / 2) - own_depth,
                                    -kPatchSide, kPatchSide);
      const float unlike = static_cast<float>(match.cost) / (kSamples * kAlikeLevels);
      const float alike = 1 / (1 + unlike * unlike);
      const float sharp = sharpness > 0 ? std::exp(-sharpness * unlike) : 1;
      const int at = deeper + kPatchSide;
      const float weight = sharp * alike * alike * kDepthWeights[static_cast<std::size_t>(at)];
      const std::uint8_t* from = level.source.at(match.x + x - anchor_x, match.y + y - anchor_y);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        sums[channel] += weight * (static_cast<float>(from[channel]) + match.shift[channel] / kShiftUnit);
      }
      sums[3] += weight * static_cast<float>(from[3]);
      weights += weight;
    }
  }
  for (float& sum : sums) sum /= weights;
  return sums;
}

Result<void> vote(PatchLevel& level, const Matches& matches, const Task& task) {
  return task.rows(level.canvas.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < level.canvas.width; ++x) {
        if (level.hole.row(y)[x] == 0 || level.is_settled(x, y)) continue;
        const auto values = voted(level, matches, x, y);
        for (std::size_t channel = 0; channel < Samples::kChannels; ++channel) {
          level.canvas.at(x, y)[channel] =
              static_cast<std::uint8_t>(std::clamp(std::lround(values[channel]), 0L, 255L));
        }
      }
    }
  });
}

}  // namespace tintype::engine
