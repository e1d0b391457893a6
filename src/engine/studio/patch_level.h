// A picture with a hole at one scale, as the search for patches reads it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

inline constexpr int kPatchSide = 8;  // pixels; a patch lies right of and below its anchor

// Four numbers a pixel: red, green and blue, coded and multiplied with alpha, and how rough the picture is around it
// (Newson et al. 2014: without that, smooth patches win wherever a texture's pixels have been averaged away).
struct Samples {
  static constexpr int kChannels = 4;

  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> values;

  Samples() = default;
  Samples(int width_px, int height_px)
      : width(width_px), height(height_px), values(static_cast<std::size_t>(width) * height * kChannels) {}

  int stride() const { return width * kChannels; }
  std::uint8_t* at(int x, int y) { return values.data() + (static_cast<std::size_t>(y) * width + x) * kChannels; }
  const std::uint8_t* at(int x, int y) const {
    return values.data() + (static_cast<std::size_t>(y) * width + x) * kChannels;
  }
  float luma_at(int x, int y) const {
    const std::uint8_t* pixel = at(x, y);
    return 0.2126F * pixel[0] + 0.7152F * pixel[1] + 0.0722F * pixel[2];
  }
};

// One byte a pixel.
struct Marks {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> values;

  Marks() = default;
  Marks(int width_px, int height_px)
      : width(width_px), height(height_px), values(static_cast<std::size_t>(width) * height) {}

  std::uint8_t* row(int y) { return values.data() + static_cast<std::size_t>(y) * width; }
  const std::uint8_t* row(int y) const { return values.data() + static_cast<std::size_t>(y) * width; }
};

// What is usual in a row near an edge.
struct Usual {
  std::array<std::uint8_t, Samples::kChannels> least{}, most{255, 255, 255, 255};
  float plain = 0;  // to 1: how much nothing but one calm colour is there

  // By how many levels of its channels a sample is beyond it.
  int strangeness(const std::uint8_t* sample) const;
  // A channel's value as it is, but what is far beyond the usual becomes the middle of it.
  float calmed(std::size_t channel, float value) const;
};

// Of a picture that grows to its sides: what else stands in a row than is usual, a bird or a leaf, would come again and
// again beside it.
struct UsualRows {
  std::vector<Usual> rows;  // of the source
  Marks strange;            // of the source: by how many levels it is beyond what is usual in its row

  bool is_empty() const { return rows.empty(); }
};

struct PatchLevel {
  enum Usable : std::uint8_t {
    kUnusable = 0,
    kUsable = 1,
    kOverEdge = 2,  // half a picture and half its mirror image: only for the edge that it shows
  };

  Samples canvas;  // what is known, and what the hole holds so far
  Marks hole;      // of the canvas: 1 is to be filled
  Marks spared;    // of the canvas: 1 is known and fills nothing; empty: there is no such thing
  Marks settled;   // of the canvas: 1 is in the hole and keeps its colour until the last rounds; empty: nothing does
  Marks drawn;     // of the canvas: 1 is in the hole, on a line that goes on through it; empty: nothing is
  Marks touched;   // of the canvas' anchors: 1 where a patch reaches into the hole
  Box known;       // around all that is known
  Samples source;  // what `known` holds, right of it the same seen in a mirror, and right of that its first columns
  Marks usable;    // of the source's anchors: kUsable where all of a patch is known, or kOverEdge
  int usable_count = 0;
  Marks barrier;                     // of the source, where a picture is continued and seen small: see find_barrier()
  std::array<UsualRows, 2> usual;    // near the left and right edge, where a picture grows to its sides; else empty
  std::optional<float> texture;      // how much what is known is a texture all over, 0 to 1; none: not seen small yet
  bool is_even = false;              // levels of what fills it have been made even: patches may be shifted far
  std::vector<std::uint16_t> depth;  // of the canvas: steps to what is known
  int depth_max = 0;                 // in a corner beyond what is known, that of the sides

  int anchors_wide() const { return canvas.width - kPatchSide + 1; }
  int anchors_high() const { return canvas.height - kPatchSide + 1; }
  std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(canvas.width) + static_cast<std::size_t>(x);
  }
  bool is_inside(int x, int y) const { return x >= 0 && y >= 0 && x < canvas.width && y < canvas.height; }
  bool is_hole(int x, int y) const { return hole.row(y)[x] != 0; }
  int depth_at(int x, int y) const { return depth[index(x, y)]; }
  // Of the source, also outside of it, where there is nothing.
  Usable usable_at(int x, int y) const {
    const bool is_there = x >= 0 && y >= 0 && x < usable.width && y < usable.height;
    return is_there ? static_cast<Usable>(usable.row(y)[x]) : kUnusable;
  }
  bool is_usable(int x, int y) const { return usable_at(x, y) == kUsable; }
  // Whether the source's patch there can stand in for that of an anchor of the canvas.
  bool is_usable_for(int x, int y, int source_x, int source_y) const {
    const Usable usable = usable_at(source_x, source_y);
    return usable == kUsable || (usable == kOverEdge && is_edge_mirror(x, y, source_x, source_y));
  }
  // The move from the canvas to the source that shows the picture in a mirror at the edge beside a place.
  int edge_mirror(int x) const { return x < known.x ? 2 * known.width - known.x : -known.x; }
  bool is_edge_mirror(int x, int y, int source_x, int source_y) const {
    return source_x - x == edge_mirror(x) && source_y - y == -known.y;
  }
  bool is_known(int source_x, int source_y) const {
    if (source_x < 0 || source_y < 0 || source_x >= 2 * known.width || source_y >= source.height) return false;
    const int x = known.x + unmirrored(source_x), y = known.y + source_y;
    return !is_hole(x, y) && !is_spared(x, y);
  }
  bool is_settled(int x, int y) const { return !settled.values.empty() && settled.row(y)[x] != 0; }
  bool is_drawn(int x, int y) const { return !drawn.values.empty() && drawn.row(y)[x] != 0; }
  bool is_spared(int x, int y) const { return !spared.values.empty() && spared.row(y)[x] != 0; }
  const UsualRows& usual_beside(int x) const { return usual[x < known.x ? 0 : 1]; }
  int unmirrored(int source_x) const { return source_x < known.width ? source_x : 2 * known.width - 1 - source_x; }
  // Whether the hole lies around what is known, and not in it: then what is smooth goes on as it is.
  bool is_continued() const { return grows_beside() || known.height < canvas.height; }
  bool grows_beside() const { return known.width < canvas.width; }
};

// The finest level; the hole is what is over 0 in `hole`, and its colours are not read. Both sides of the picture are
// kPatchSide at least. What is over 0 in `spared` (null: nothing) is no source.
Result<PatchLevel> finest_level(const Raster& picture, const Field& hole, const Field* spared, const Task& task);

// Lets a level that is too large to find barriers in have those of the level that is half as large.
void take_barrier(const PatchLevel& coarse, PatchLevel& fine);

// What a patch of the source holds counts at its middle.
void spread_over_patches(Marks& marks);

// Of half the sides; all that is partly hole is hole.
Result<PatchLevel> halved(const PatchLevel& level, const Task& task);

}  // namespace tintype::engine
