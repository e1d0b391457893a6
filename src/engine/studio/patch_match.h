// For every patch that reaches into a hole, one of what is known that looks alike (PatchMatch: Barnes, Shechtman,
// Finkelstein, Goldman, 2009), and what the patches together say of each pixel (Wexler, Shechtman, Irani, 2007).
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/raster/task.h"
#include "engine/studio/patch_level.h"

namespace tintype::engine {

// What stands in for a patch: the source's patch at this anchor, its colours shifted a little (Darabi et al., Image
// Melding, 2012), which lets a smooth gradient go on where no patch has just its colour.
struct Match {
  std::int16_t x = 0, y = 0;
  std::array<std::int16_t, 3> shift{};  // in 64ths of a level
  std::uint16_t cost = 0;
};

// A match for each of a level's anchors; of those that do not touch the hole, nothing.
struct Matches {
  int width = 0;
  int height = 0;
  std::vector<Match> values;

  Match& at(int x, int y) { return values[static_cast<std::size_t>(y) * width + x]; }
  const Match& at(int x, int y) const { return values[static_cast<std::size_t>(y) * width + x]; }
};

// What it costs a patch of the canvas with its middle at a pixel to take one of the source because of where that is, in
// levels of all samples: see PatchFill, and PatchLevel::barrier.
int distance_cost(const PatchLevel& level, int x, int y, int source_x, int source_y);
// The part of it for what stands between that place and the edge.
int barrier_cost(const PatchLevel& level, int source_x, int source_y);

Matches random_matches(const PatchLevel& level, std::uint32_t seed);
// From the matches of the level that is half as large.
Result<Matches> doubled(const Matches& matches, const PatchLevel& coarse, const PatchLevel& fine, const Task& task);

struct Search {
  int passes = 2;
  int radius_max = 1 << 14;  // of guesses around what has been found, in pixels
  std::uint32_t seed = 0;
};

// Finds better ones for what the canvas holds now. The same whatever the number of threads.
Result<void> improve(const PatchLevel& level, const Search& search, const Task& task, Matches& matches);

// What the patches over a pixel of the hole say of it, by how alike and how near to what is known they are.
std::array<float, Samples::kChannels> voted(const PatchLevel& level, const Matches& matches, int x, int y);
Result<void> vote(PatchLevel& level, const Matches& matches, const Task& task);

}  // namespace tintype::engine
