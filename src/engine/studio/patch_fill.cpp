#include "engine/studio/patch_fill.h"

#include <algorithm>
#include <cmath>

#include "engine/studio/patch_blend.h"
#include "engine/studio/patch_level.h"
#include "engine/studio/patch_lines.h"
#include "engine/studio/patch_match.h"
#include "engine/studio/patch_pieces.h"
#include "engine/studio/plain_fill.h"
#include "engine/studio/plain_sides.h"
#include "engine/studio/smooth_fill.h"
#include "engine/studio/usual_rows.h"

namespace tintype::engine {

namespace {

constexpr int kCoarsestSide = 32;  // pixels, of the shorter side
// Of the hole, in pixels: where pieces for it are looked for; just beside a picture, where its shapes are to be told
// apart; they are laid where it is twice as deep at most. And where plain places are filled from their rim inwards.
constexpr int kPiecesDepth = 12, kPiecesDepthBeside = 32, kPlainDepth = 48;
constexpr int kUsableMin = 64;  // patches to choose from, at the coarsest level
constexpr int kCoarsestRounds = 14, kFinestRounds = 1;
constexpr int kLaidRounds = 3;            // of the coarsest, for pieces that fit: their seams alone are to be mended
constexpr float kOutOfPlaceMost = 0.88F;  // of how much pieces as they are look out of place, where even ones are taken
constexpr int kCoarsestRadius = 1 << 14;
constexpr int kFineRadius = 8;       // of guesses at levels that only refine
constexpr float kContinuedMax = 20;  // levels by which a gradient may go on beyond an edge
// How rough a place is that has no gradient to go on with, what stands between it and the edge when it is no part of
// what goes on there, and from where on it has less of one; how deep it is looked for, as a part of the picture.
constexpr float kRoughFrom = 40, kRoughFull = 120, kBarrierFrom = 12, kBarrierFull = 36;
constexpr int kDepthPart = 10;
// How far along an edge a gradient has to be the same to go on, as a part of the picture; and what is so much alike
// goes on together, in levels.
constexpr int kAlongPart = 6;
constexpr float kAlikeLevels = 10;
constexpr float kCalmWithin = 4;  // of the depth, that part within which a plain row becomes as calm as it is usually

bool grows_just_beside(const PatchLevel& level) {
  return level.grows_beside() && level.known.height == level.canvas.height;
}

int pieces_depth(const PatchLevel& level) {
  return grows_just_beside(level) ? kPiecesDepthBeside : kPiecesDepth;
}

// From the finest on; none where no patch is known.
Result<std::vector<PatchLevel>> levels_of(const Raster& picture, const Field& hole, const PatchFill& how,
                                          const Task& task) {
  std::vector<PatchLevel> levels;
  if (std::min(picture.width, picture.height) < kPatchSide) return levels;
  auto finest = finest_level(picture, hole, how.spared, task);
  if (!finest) return std::unexpected(finest.error());
  if (finest->usable_count == 0) return levels;
  levels.push_back(std::move(*finest));
  while (levels.back().depth_max > pieces_depth(levels.back()) &&
         std::min(levels.back().canvas.width, levels.back().canvas.height) / 2 >= kCoarsestSide) {
    auto half = halved(levels.back(), task);
    if (!half) return std::unexpected(half.error());
    if (half->usable_count < kUsableMin) break;
    levels.push_back(std::move(*half));
  }
  for (PatchLevel& level : levels) level.texture = levels.back().texture;
  return levels;
}

float fading(float value, float from, float to) {
  return std::clamp((to - value) / (to - from), 0.0F, 1.0F);
}

// Where the edge is that a pixel lies beyond, how far away, and from how deep inside a gradient comes.
struct Beyond {
  int edge_x = 0, edge_y = 0, in_x = 0, in_y = 0, away = 0;
  bool is_beside = false;  // and not above or below
};

Beyond beyond_edge(const PatchLevel& level, int x, int y) {
  const Box& box = level.known;
  Beyond beyond;
  beyond.edge_x = std::clamp(x, box.x, box.x + box.width - 1);
  beyond.edge_y = std::clamp(y, box.y, box.y + box.height - 1);
  const int away_x = x - beyond.edge_x, away_y = y - beyond.edge_y;
  beyond.away = std::max(std::abs(away_x), std::abs(away_y));
  beyond.is_beside = std::abs(away_x) >= std::abs(away_y);
  if (beyond.away == 0) return beyond;
  const int deep = std::max(1, std::min(box.width, box.height) / kDepthPart);
  beyond.in_x = beyond.edge_x - away_x * deep / beyond.away;
  beyond.in_y = beyond.edge_y - away_y * deep / beyond.away;
  return beyond;
}

// How steep a channel is where it goes on at a pixel beyond the edge, for a pixel, as far as places along the edge
// agree, or colours would drift apart: nothing where a texture or another thing is there.
float slope_beyond(const PatchLevel& level, const Field& values, const Beyond& beyond) {
  const Box& box = level.known;
  const int reach = std::max(1, std::min(box.width, box.height) / kAlongPart);
  double sum = 0, square = 0, count = 0, shares = 0;
  for (int along = -reach; along <= reach; ++along) {
    const int edge_x = beyond.edge_x + (beyond.is_beside ? 0 : along),
              in_x = beyond.in_x + (beyond.is_beside ? 0 : along);
    const int edge_y = beyond.edge_y + (beyond.is_beside ? along : 0),
              in_y = beyond.in_y + (beyond.is_beside ? along : 0);
    const auto is_within = [&](int x, int y) {
      return x >= box.x && y >= box.y && x < box.x + box.width && y < box.y + box.height;
    };
    if (!is_within(edge_x, edge_y) || !is_within(in_x, in_y)) continue;
    float share = fading(level.canvas.at(edge_x, edge_y)[3], kRoughFrom, kRoughFull);
    if (!level.barrier.values.empty()) {
      share *= fading(level.barrier.row(in_y - box.y)[in_x - box.x], kBarrierFrom, kBarrierFull);
    }
    const double deep = std::max(std::abs(edge_x - in_x), std::abs(edge_y - in_y));
    const double slope = (values.at(edge_x, edge_y) - values.at(in_x, in_y)) / std::max(deep, 1.0);
    sum += share * slope, square += share * slope * slope, shares += share, count += 1;
  }
  if (shares <= 0) return 0;
  const double mean = sum / shares, spread = std::max(square / shares - mean * mean, 0.0);
  const double agreed = mean * mean / (mean * mean + spread + 1e-9);
  return static_cast<float>(mean * agreed * shares / count);
}

// What goes on straight from the edge: the more of what is like it along the edge, the farther away.
float level_beyond(const PatchLevel& level, const Field& values, const Beyond& beyond) {
  const Box& box = level.known;
  const float own = values.at(beyond.edge_x, beyond.edge_y);
  float sum = 0, weights = 0;
  for (int along = -beyond.away; along <= beyond.away; ++along) {
    const int x = beyond.edge_x + (beyond.is_beside ? 0 : along), y = beyond.edge_y + (beyond.is_beside ? along : 0);
    if (x < box.x || y < box.y || x >= box.x + box.width || y >= box.y + box.height) continue;
    const float unlike = (values.at(x, y) - own) / kAlikeLevels;
    const float weight = std::exp(-unlike * unlike) * static_cast<float>(beyond.away + 1 - std::abs(along));
    sum += weight * values.at(x, y), weights += weight;
  }
  return weights > 0 ? sum / weights : own;
}

// The canvas' hole from what is around it: smooth means inside of the box, and beyond it gradients that go on.
void begin_smoothly(PatchLevel& level) {
  if (level.grows_beside() && level.texture) find_usual_rows(level);  // where it is seen small
  const int width = level.canvas.width, height = level.canvas.height;
  Field known(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) known.at(x, y) = !level.is_hole(x, y) || level.is_drawn(x, y) ? 1.0F : 0.0F;
  }
  for (std::size_t channel = 0; channel < Samples::kChannels; ++channel) {
    if (channel == 3 && !level.drawn.values.empty()) {
      for (std::size_t at = 0; at < known.values.size(); ++at)
        known.values[at] = level.hole.values[at] == 0 ? 1.0F : 0.0F;
    }
    Field values(width, height);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      values.values[at] = level.canvas.values[at * Samples::kChannels + channel];
    }
    values = smoothly_filled(values, known);
    if (!level.is_continued()) hang(known, level.depth_max, values);
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        if (level.hole.row(y)[x] == 0 || known.at(x, y) > 0) continue;
        float value = values.at(x, y);
        if (const Beyond beyond = beyond_edge(level, x, y); beyond.away > 0) {
          value = level_beyond(level, values, beyond);
          if (channel < 3) {
            const float change = slope_beyond(level, values, beyond) * static_cast<float>(beyond.away);
            value += kContinuedMax * std::tanh(change / kContinuedMax);
          }
          if (const UsualRows& usual = level.usual_beside(x); beyond.is_beside && !usual.is_empty()) {
            const Usual& row = usual.rows[static_cast<std::size_t>(beyond.edge_y - level.known.y)];
            const float deep =
                std::min(1.0F, kCalmWithin * static_cast<float>(beyond.away) / static_cast<float>(level.depth_max));
            value = std::lerp(value, row.calmed(channel, value), deep * row.plain);
          }
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
Result<void> begin_from(const PatchLevel& coarse, const Task& task, PatchLevel& fine) {
  return task.rows(fine.canvas.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
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
  });
}

// A level's rounds: better patches for what the canvas holds, then the canvas from the patches. Of the finest the last
// round is without: its pixels are blended.
Result<void> refine(PatchLevel& level, const Search& search, int rounds, bool is_finest, const Task& task,
                    Matches& matches) {
  for (int round = 0; round < rounds; ++round) {
    if (round == rounds - kLaidRounds) level.settled = Marks();
    Search now = search;
    now.seed += static_cast<std::uint32_t>(round) * 8;
    const Task part = task.part(static_cast<double>(round) / rounds, (round + 1.0) / rounds);
    if (const auto done = improve(level, now, part.part(0, 0.7), matches); !done) return done;
    if (is_finest && round == rounds - 1) break;
    if (const auto done = vote(level, matches, part.part(0.7, 1)); !done) return done;
  }
  return {};
}

struct Beginning {
  Matches matches;
  Laid laid;
  std::vector<Line> lines;
};

// What the smallest of the levels begins with. Those at which pieces are too coarse to be laid are done with.
Result<Beginning> begun(std::vector<PatchLevel>& levels, const PatchFill& how, const Task& task) {
  auto pieces = pieces_for(levels.back(), task.part(0, 0.3));
  if (!pieces) return std::unexpected(pieces.error());
  std::vector<Line> lines;
  if (!levels.back().is_continued()) lines = lines_through(levels.back(), {});
  while (levels.size() > 1 && levels[levels.size() - 2].depth_max <= 2 * pieces_depth(levels.back())) {
    PatchLevel& fine = levels[levels.size() - 2];
    if (grows_just_beside(levels.back())) {  // many pixels: fewer pieces
      begin_smoothly(levels.back());
      pieces = those_laid(*pieces, task.part(0.3, 0.7), levels.back());
      if (!pieces) return std::unexpected(pieces.error());
    }
    take_barrier(levels.back(), fine);
    make_finer(levels.back(), fine, *pieces);
    if (!fine.is_continued()) lines = lines_through(fine, lines);
    levels.pop_back();
  }
  PatchLevel& level = levels.back();
  if (!level.is_continued()) draw(lines, 1, level);
  begin_smoothly(level);
  Matches matches = random_matches(level, how.seed);
  auto laid = lay(*pieces, lines, task.part(0.7, 1), level, matches);
  if (!laid) return std::unexpected(laid.error());
  return Beginning{std::move(matches), std::move(*laid), std::move(lines)};
}

// From pieces as they are and from pieces made even, what is between them refined: what looks less out of place. Even
// ones let no seam be seen in water, grass, plaster; things with an outline had better stay as they are.
Result<void> refine_better(const std::vector<Levelled>& levelled, const Search& search, int rounds, const Task& task,
                           std::vector<PatchLevel>& levels, Matches& matches) {
  PatchLevel& level = levels.back();
  level.settled = Marks(level.canvas.width, level.canvas.height);
  for (const Levelled& one : levelled) level.settled.row(one.y)[one.x] = one.is_laid ? 1 : 0;
  PatchLevel even = level;
  Matches even_matches = matches;
  even.is_even = true;
  for (const Levelled& one : levelled) std::ranges::copy(one.colour, even.canvas.at(one.x, one.y));
  if (auto done = refine(level, search, rounds, false, task.part(0, 0.5), matches); !done) return done;
  if (auto done = refine(even, search, rounds, false, task.part(0.5, 1), even_matches); !done) return done;
  if (strangeness(even) > kOutOfPlaceMost * strangeness(level)) return {};
  level = std::move(even), matches = std::move(even_matches);
  for (PatchLevel& each : levels) each.is_even = true;
  return {};
}

// Leaves the finest of the levels alone.
Result<Matches> matched(Beginning beginning, std::vector<PatchLevel>& levels, const PatchFill& how, const Task& task) {
  Matches matches = std::move(beginning.matches);
  const int count = static_cast<int>(levels.size());
  for (int at = count - 1; at >= 0; --at) {
    PatchLevel& level = levels[static_cast<std::size_t>(at)];
    const bool is_coarsest = at == count - 1;
    // Finer levels have more pixels and fewer rounds: half of the time is for the finest, half of the rest for the
    // next.
    const Task span = task.part(is_coarsest ? 0.05 * std::pow(0.5, at) : std::pow(0.5, at + 1), std::pow(0.5, at));
    if (!is_coarsest) {
      const PatchLevel& coarse = levels.back();
      auto larger = doubled(matches, coarse, level, span.part(0, 0.05));
      if (!larger) return std::unexpected(larger.error());
      matches = std::move(*larger);
      if (const auto done = begin_from(coarse, span.part(0.05, 0.1), level); !done) {
        return std::unexpected(done.error());
      }
      levels.pop_back();
    }
    const Search search{2, is_coarsest ? kCoarsestRadius : kFineRadius,
                        how.seed + static_cast<std::uint32_t>(at) * 512};
    const int rounds = rounds_at(at, count);
    const bool is_choice = is_coarsest && at > 0 && !beginning.laid.levelled.empty();
    const auto done = is_choice
                          ? refine_better(beginning.laid.levelled, search, rounds, span.part(0.1, 1), levels, matches)
                          : refine(level, search, rounds, at == 0, span.part(0.1, 1), matches);
    if (!done) return std::unexpected(done.error());
  }
  return matches;
}

// Where the picture is too small for patches, or riddled with holes.
void fill_smoothly(const Field& hole, Raster& picture) {
  Field known(hole.width, hole.height);
  for (std::size_t at = 0; at < hole.values.size(); ++at) known.values[at] = hole.values[at] > 0 ? 0.0F : 1.0F;
  for (std::size_t channel = 0; channel < Raster::kChannels; ++channel) {
    Field values(picture.width, picture.height);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      values.values[at] = picture.rgba[at * Raster::kChannels + channel];
    }
    values = smoothly_filled(values, known);
    for (std::size_t at = 0; at < values.values.size(); ++at) {
      std::uint8_t& own = picture.rgba[at * Raster::kChannels + channel];
      const float mixed = own + std::clamp(hole.values[at], 0.0F, 1.0F) * (values.values[at] - own);
      own = static_cast<std::uint8_t>(std::clamp(std::lround(mixed), 0L, 255L));
    }
  }
}

// Those of a level, as they are at the finest.
std::vector<Line> finest_lines(const std::vector<PatchLevel>& levels, std::size_t at, std::vector<Line> lines) {
  for (; at > 0; --at) lines = made_finer(levels[at - 1], lines);
  return lines;
}

// Where holes are looked at to see whether they are plain.
struct View {
  std::size_t at = 0;  // of the levels
  std::vector<Line> lines;
};

View view_of(const std::vector<PatchLevel>& levels) {
  View view{levels.size() - 1, lines_through(levels.back(), {})};
  for (; view.at > 0 && levels[view.at - 1].depth_max <= kPlainDepth; --view.at) {
    view.lines = lines_through(levels[view.at - 1], view.lines);
  }
  return view;
}

// Fills holes in what is plain, and leaves the others. `lacks` is of a level so many times smaller.
bool fill_plain_holes(const View& view, const Marks* lacks, int times, std::uint32_t seed,
                      std::vector<PatchLevel>& levels, Field& hole, Raster& picture) {
  const Marks plain = plain_holes(levels[view.at], view.lines, lacks, times);
  const auto lines = finest_lines(levels, view.at, view.lines);
  return fill_plain(plain, lines, 1 << view.at, seed, levels.front(), hole, picture);
}

// The rest of a hole, from what its smallest level begins with.
Result<void> fill_by_patches(Result<Beginning> beginning, std::vector<PatchLevel>& levels, const Field& hole,
                             const PatchFill& how, const Task& task, Raster& picture) {
  if (!beginning) return std::unexpected(beginning.error());
  const PatchLevel& smallest = levels.back();
  const int scale = 1 << (levels.size() - 1);
  const PlainSides plain = smallest.grows_beside() ? plain_sides(smallest, beginning->laid.lacks) : PlainSides{};
  const auto matches = matched(std::move(*beginning), levels, how, task.part(0.1, 0.8));
  if (!matches) return std::unexpected(matches.error());
  if (auto done = blend(levels.front(), *matches, hole, task.part(0.8, 0.95), picture); !done) return done;
  if (plain.share.values.empty()) return {};
  return put_plain_sides(plain, scale, levels.front(), how.seed, task.part(0.95, 1), picture);
}

// A hole within the picture: plain places first, and again those in which pieces turn out not to fit.
Result<void> fill_hole(std::vector<PatchLevel>& levels, Field hole, const PatchFill& how, const Task& task,
                       Raster& picture) {
  const auto is_done = [&] { return std::ranges::none_of(hole.values, [](float share) { return share > 0; }); };
  const auto again = [&]() -> Result<void> {
    levels.clear();  // not both at a time
    auto anew = levels_of(picture, hole, how, task);
    if (!anew) return std::unexpected(anew.error());
    levels = std::move(*anew);
    return {};
  };
  View view = view_of(levels);
  if (fill_plain_holes(view, nullptr, 1, how.seed, levels, hole, picture)) {
    if (is_done()) return {};
    if (auto ready = again(); !ready) return ready;
    view = view_of(levels);
  }
  auto beginning = begun(levels, how, task.part(0.05, 0.1));
  if (!beginning) return std::unexpected(beginning.error());
  const int times = 1 << (levels.size() - 1 - view.at);
  if (fill_plain_holes(view, &beginning->laid.lacks, times, how.seed, levels, hole, picture)) {
    if (is_done()) return {};
    if (auto ready = again(); !ready) return ready;
    beginning = begun(levels, how, task.part(0.05, 0.1));
  }
  return fill_by_patches(std::move(beginning), levels, hole, how, task, picture);
}

}  // namespace

Result<Raster> patch_filled(const Raster& picture, const Field& hole, const PatchFill& how, const Task& task) {
  Raster filled = picture;
  if (const auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  if (std::ranges::none_of(hole.values, [](float share) { return share > 0; })) {
    task.done(1);
    return filled;
  }
  auto levels = levels_of(picture, hole, how, task.part(0, 0.05));
  if (!levels) return std::unexpected(levels.error());
  if (levels->empty()) {
    fill_smoothly(hole, filled);
    task.done(1);
    return filled;
  }
  auto done = levels->front().is_continued()
                  ? fill_by_patches(begun(*levels, how, task.part(0.05, 0.1)), *levels, hole, how, task, filled)
                  : fill_hole(*levels, hole, how, task, filled);
  if (!done) return std::unexpected(done.error());
  task.done(1);
  return filled;
}

std::int64_t patch_filled_bytes_max(const Extent& picture, const Extent& known) {
  // All levels together are a third more than the finest; of matches there are those of two at once. What is left of a
  // hole within the picture is held beside them.
  constexpr std::int64_t kLevelBytes = 11, kSourceBytes = 16, kMatchesBytes = 15, kResultBytes = Raster::kChannels;
  const std::int64_t left_bytes = picture == known ? 5 : 0;
  constexpr std::int64_t kTilesBytes = 256LL << 20;  // of as many threads as there may be
  const auto pixels = [](const Extent& sides) { return std::int64_t{sides.width_px} * sides.height_px; };
  return pixels(picture) * (kLevelBytes + kMatchesBytes + kResultBytes + left_bytes) + pixels(known) * kSourceBytes +
         kTilesBytes;
}

}  // namespace tintype::engine
