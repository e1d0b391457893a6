#include "engine/studio/patch_level.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/raster/filter.h"

namespace tintype::engine {

namespace {

constexpr int kRoughnessRadius = 2;
constexpr float kRoughnessScale = 8;
constexpr int kStripRows = 64;
constexpr int kBarrierSideMax = 96;  // pixels; in larger ones every texture is a barrier
constexpr int kBarrierSweeps = 4;
constexpr int kTextureReach = 2;  // pixels around each, in which
constexpr float kRough = 40;      // levels between the darkest and the lightest are a texture's
constexpr double kTextureFrom = 0.75, kTextureFull = 0.9;  // the share of such pixels

Box box_of_known(const Marks& hole) {
  int left = hole.width, right = -1, top = hole.height, bottom = -1;
  for (int y = 0; y < hole.height; ++y) {
    const std::uint8_t* row = hole.row(y);
    for (int x = 0; x < hole.width; ++x) {
      if (row[x] != 0) continue;
      left = std::min(left, x), right = std::max(right, x);
      top = std::min(top, y), bottom = y;
    }
  }
  return right < 0 ? Box{} : Box{left, top, right - left + 1, bottom - top + 1};
}

// 1 where all pixels of the patch at an anchor are 0 in `marks`; what does not fit in is none.
Marks all_clear(const Marks& marks) {
  Marks clear(marks.width, marks.height);
  std::vector<int> run_down(static_cast<std::size_t>(marks.width));
  for (int y = marks.height - 1; y >= 0; --y) {
    const std::uint8_t* row = marks.row(y);
    int run_right = 0;
    for (int x = marks.width - 1; x >= 0; --x) {
      int& down = run_down[static_cast<std::size_t>(x)];
      down = row[x] != 0 ? 0 : std::min(down + 1, kPatchSide);
      run_right = down == kPatchSide ? run_right + 1 : 0;
      clear.row(y)[x] = run_right >= kPatchSide ? 1 : 0;
    }
  }
  return clear;
}

void find_touched(PatchLevel& level) {
  level.touched = all_clear(level.hole);
  for (int y = 0; y < level.touched.height; ++y) {
    std::uint8_t* row = level.touched.row(y);
    for (int x = 0; x < level.touched.width; ++x) {
      row[x] = x < level.anchors_wide() && y < level.anchors_high() && row[x] == 0 ? 1 : 0;
    }
  }
}

// Steps along rows and columns to the nearest known pixel, in two sweeps (Rosenfeld and Pfaltz, 1966).
void find_depth(PatchLevel& level) {
  const int width = level.hole.width, height = level.hole.height;
  constexpr int kFar = std::numeric_limits<std::uint16_t>::max() - 1;
  level.depth.assign(level.hole.values.size(), 0);
  const auto depth = [&](int x, int y) -> std::uint16_t& {
    return level.depth[static_cast<std::size_t>(y) * width + x];
  };
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (level.hole.row(y)[x] == 0) continue;
      const int before = std::min(x > 0 ? depth(x - 1, y) : kFar, y > 0 ? depth(x, y - 1) : kFar);
      depth(x, y) = static_cast<std::uint16_t>(std::min(before + 1, kFar));
    }
  }
  const Box& known = level.known;
  const auto beyond = [&](int x, int y) {  // the edge of what is known; in it all is far away
    const int aside = std::max(known.x - x, x - known.x - known.width + 1);
    const int away = std::max({aside, known.y - y, y - known.y - known.height + 1});
    return away > 0 ? away : kFar;
  };
  level.depth_max = 0;
  for (int y = height - 1; y >= 0; --y) {
    for (int x = width - 1; x >= 0; --x) {
      const int behind = std::min(x + 1 < width ? depth(x + 1, y) : kFar, y + 1 < height ? depth(x, y + 1) : kFar);
      depth(x, y) = static_cast<std::uint16_t>(std::min<int>(depth(x, y), behind + 1));
      level.depth_max = std::max(level.depth_max, std::min<int>(depth(x, y), beyond(x, y)));
    }
  }
}

void take_source(PatchLevel& level) {
  const Box& known = level.known;
  const int again = std::min(known.width, kPatchSide - 1);
  level.source = Samples(2 * known.width + again, known.height);
  Marks unknown(level.source.width, known.height);
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) {
      const int canvas_x = known.x + x, canvas_y = known.y + y;
      const std::uint8_t is_none = level.is_hole(canvas_x, canvas_y) || level.is_spared(canvas_x, canvas_y) ? 1 : 0;
      const int mirrored = 2 * known.width - 1 - x;
      const std::uint8_t* pixel = level.canvas.at(canvas_x, canvas_y);
      std::copy_n(pixel, Samples::kChannels, level.source.at(x, y));
      std::copy_n(pixel, Samples::kChannels, level.source.at(mirrored, y));
      unknown.row(y)[x] = unknown.row(y)[mirrored] = is_none;
      if (x >= again) continue;
      std::copy_n(pixel, Samples::kChannels, level.source.at(2 * known.width + x, y));
      unknown.row(y)[2 * known.width + x] = is_none;
    }
  }
  level.usable = all_clear(unknown);
  for (int y = 0; y < known.height; ++y) {
    std::uint8_t* row = level.usable.row(y);
    for (const int line : {known.width, 2 * known.width}) {
      for (int x = line - again; x < line; ++x) row[x] = row[x] != 0 ? PatchLevel::kOverEdge : PatchLevel::kUnusable;
    }
  }
  level.usable_count = static_cast<int>(std::ranges::count(level.usable.values, PatchLevel::kUsable));
}

// One sweep of the minimum barrier distance (Zhang et al. 2015): the least range of values that any way from the edges
// has to cross. `least` and `most` are the range on the best way so far.
void sweep_barrier(const PatchLevel& level, int channel, bool is_forward, std::vector<std::uint8_t>& least,
                   std::vector<std::uint8_t>& most) {
  const Box& known = level.known;
  const int back = is_forward ? -1 : 1;
  for (int row = 0; row < known.height; ++row) {
    const int y = is_forward ? row : known.height - 1 - row;
    for (int column = 0; column < known.width; ++column) {
      const int x = is_forward ? column : known.width - 1 - column;
      const std::size_t at = static_cast<std::size_t>(y) * known.width + x;
      const std::uint8_t own = level.source.at(x, y)[channel];
      const auto pass_on = [&](std::size_t from) {
        const std::uint8_t low = std::min(least[from], own), high = std::max(most[from], own);
        if (high - low < most[at] - least[at]) least[at] = low, most[at] = high;
      };
      if (x + back >= 0 && x + back < known.width) pass_on(at + static_cast<std::size_t>(back));
      if (y + back >= 0 && y + back < known.height) pass_on(at + static_cast<std::size_t>(back * known.width));
    }
  }
}

// What stands apart from the edges that are continued: a subject, which had better not appear twice. 0 is like an edge.
void find_barrier(PatchLevel& level) {
  const Box& known = level.known;
  const bool is_beside = known.width < level.canvas.width, is_above = known.height < level.canvas.height;
  if ((!is_beside && !is_above) || std::min(known.width, known.height) > kBarrierSideMax) return;
  level.barrier = Marks(known.width, known.height);
  for (int channel = 0; channel < 3; ++channel) {
    std::vector<std::uint8_t> least(level.barrier.values.size()), most(level.barrier.values.size(), 255);
    for (int y = 0; y < known.height; ++y) {
      for (int x = 0; x < known.width; ++x) {
        const bool is_edge =
            (is_beside &&
             ((x == 0 && known.x > 0) || (x == known.width - 1 && known.x + known.width < level.canvas.width))) ||
            (is_above &&
             ((y == 0 && known.y > 0) || (y == known.height - 1 && known.y + known.height < level.canvas.height)));
        const std::size_t at = static_cast<std::size_t>(y) * known.width + x;
        if (is_edge) least[at] = most[at] = level.source.at(x, y)[channel];
      }
    }
    for (int sweep = 0; sweep < kBarrierSweeps; ++sweep) sweep_barrier(level, channel, sweep % 2 == 0, least, most);
    for (std::size_t at = 0; at < most.size(); ++at) {
      level.barrier.values[at] = std::max<std::uint8_t>(level.barrier.values[at], most[at] - least[at]);
    }
  }
  spread_over_patches(level.barrier);
}

// Of pebbles, a crowd, leaves: there is no subject before a background, and any of it may go on. Judged where it is
// first seen small: in larger ones things are smooth between their edges.
void find_texture(PatchLevel& level) {
  const Box& known = level.known;
  if (level.texture || std::min(known.width, known.height) > kBarrierSideMax) return;
  Field luma(known.width, known.height);
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) luma.at(x, y) = level.source.luma_at(x, y);
  }
  const Field most = dilated(luma, kTextureReach), least = eroded(luma, kTextureReach);
  double rough = 0;
  for (std::size_t at = 0; at < luma.values.size(); ++at) rough += most.values[at] - least.values[at] > kRough ? 1 : 0;
  const double share = rough / static_cast<double>(luma.values.size());
  level.texture = static_cast<float>(std::clamp((share - kTextureFrom) / (kTextureFull - kTextureFrom), 0.0, 1.0));
}

Result<PatchLevel> finished(PatchLevel level, const Task& task) {
  level.known = box_of_known(level.hole);
  for (void (*step)(PatchLevel&) : {find_touched, find_depth, take_source, find_barrier, find_texture}) {
    if (const auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
    step(level);
  }
  return level;
}

float luma_at(const Raster& picture, int x, int y) {
  const std::uint8_t* pixel = picture.at(x, y);
  return (0.2126F * pixel[0] + 0.7152F * pixel[1] + 0.0722F * pixel[2]) / 255;
}

// How much neighbours differ on average around each pixel of some rows, as far as they are known.
Field roughness_of(const Raster& picture, const Marks& hole, int begin, int end) {
  const int first = std::max(0, begin - kRoughnessRadius), last = std::min(picture.height, end + kRoughnessRadius);
  Field rough(picture.width, last - first);
  for (int y = first; y < std::min(last, picture.height - 1); ++y) {
    for (int x = 0; x + 1 < picture.width; ++x) {
      if (hole.row(y)[x] != 0 || hole.row(y)[x + 1] != 0 || hole.row(y + 1)[x] != 0) continue;
      const float own = luma_at(picture, x, y);
      rough.at(x, y - first) = std::abs(luma_at(picture, x + 1, y) - own) + std::abs(luma_at(picture, x, y + 1) - own);
    }
  }
  return box_blur(rough, kRoughnessRadius);
}

void take_rows(const Raster& picture, int begin, int end, PatchLevel& level) {
  const Field rough = roughness_of(picture, level.hole, begin, end);
  const int first = std::max(0, begin - kRoughnessRadius);
  for (int y = begin; y < end; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (level.hole.row(y)[x] != 0) continue;
      const std::uint8_t* from = picture.at(x, y);
      std::uint8_t* to = level.canvas.at(x, y);
      for (int channel = 0; channel < 3; ++channel) {
        to[channel] = static_cast<std::uint8_t>((from[channel] * from[3] + 127) / 255);
      }
      to[3] = static_cast<std::uint8_t>(std::min(255.0F, 255 * kRoughnessScale * rough.at(x, y - first)));
    }
  }
}

}  // namespace

void spread_over_patches(Marks& marks) {
  const Marks before = marks;
  constexpr int kBack = kPatchSide / 2, kOn = kPatchSide - kBack;
  for (int y = 0; y < marks.height; ++y) {
    for (int x = 0; x < marks.width; ++x) {
      for (int from_y = std::max(0, y - kBack); from_y < std::min(marks.height, y + kOn); ++from_y) {
        const std::uint8_t* row = before.row(from_y);
        marks.row(y)[x] = std::max(
            marks.row(y)[x], *std::max_element(row + std::max(0, x - kBack), row + std::min(marks.width, x + kOn)));
      }
    }
  }
}

Result<PatchLevel> finest_level(const Raster& picture, const Field& hole, const Field* spared, const Task& task) {
  PatchLevel level;
  level.canvas = Samples(picture.width, picture.height);
  level.hole = Marks(picture.width, picture.height);
  for (std::size_t at = 0; at < hole.values.size(); ++at) level.hole.values[at] = hole.values[at] > 0 ? 1 : 0;
  if (spared != nullptr) {
    level.spared = Marks(picture.width, picture.height);
    for (int y = 0; y < picture.height; ++y) {
      const float* row = spared->row(y * spared->height / picture.height);
      for (int x = 0; x < picture.width; ++x)
        level.spared.row(y)[x] = row[x * spared->width / picture.width] > 0 ? 1 : 0;
    }
  }
  // Strips of the same rows whatever the threads, as means are rounded on their way down a strip.
  const int strips = (picture.height + kStripRows - 1) / kStripRows;
  const auto done = task.rows(strips, [&](int first, int last) {
    for (int strip = first; strip < last; ++strip) {
      const int begin = strip * kStripRows;
      take_rows(picture, begin, std::min(picture.height, begin + kStripRows), level);
    }
  });
  if (!done) return std::unexpected(done.error());
  return finished(std::move(level), task);
}

void take_barrier(const PatchLevel& coarse, PatchLevel& fine) {
  if (coarse.barrier.values.empty() || !fine.barrier.values.empty()) return;
  fine.barrier = Marks(fine.known.width, fine.known.height);
  for (int y = 0; y < fine.known.height; ++y) {
    const int from_y = std::clamp((fine.known.y + y) / 2 - coarse.known.y, 0, coarse.known.height - 1);
    for (int x = 0; x < fine.known.width; ++x) {
      const int from_x = std::clamp((fine.known.x + x) / 2 - coarse.known.x, 0, coarse.known.width - 1);
      fine.barrier.row(y)[x] = coarse.barrier.row(from_y)[from_x];
    }
  }
}

Result<PatchLevel> halved(const PatchLevel& level, const Task& task) {
  PatchLevel half;
  const int width = (level.canvas.width + 1) / 2, height = (level.canvas.height + 1) / 2;
  half.canvas = Samples(width, height);
  half.hole = Marks(width, height);
  if (!level.spared.values.empty()) half.spared = Marks(width, height);
  half.texture = level.texture;
  const auto done = task.rows(height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const int rows[] = {2 * y, std::min(2 * y + 1, level.canvas.height - 1)};
      for (int x = 0; x < width; ++x) {
        const int columns[] = {2 * x, std::min(2 * x + 1, level.canvas.width - 1)};
        int sums[Samples::kChannels] = {};
        for (const int from_y : rows) {
          for (const int from_x : columns) {
            half.hole.row(y)[x] |= level.hole.row(from_y)[from_x];
            if (level.is_spared(from_x, from_y)) half.spared.row(y)[x] = 1;
            const std::uint8_t* pixel = level.canvas.at(from_x, from_y);
            for (int channel = 0; channel < Samples::kChannels; ++channel) sums[channel] += pixel[channel];
          }
        }
        for (int channel = 0; channel < Samples::kChannels; ++channel) {
          half.canvas.at(x, y)[channel] = static_cast<std::uint8_t>((sums[channel] + 2) / 4);
        }
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return finished(std::move(half), task);
}

}  // namespace tintype::engine
