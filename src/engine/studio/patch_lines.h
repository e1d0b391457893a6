// Straight lines that go on behind a hole: a horizon, the edge of a board, a rail, the joint of a wall.
#pragma once

#include <vector>

#include "engine/studio/patch_level.h"

namespace tintype::engine {

// From one rim of a hole to the other, or to the picture's edge.
struct Line {
  float x = 0, y = 0;              // where it goes into the hole
  float along_x = 0, along_y = 0;  // one pixel on
  float length = 0;
  bool ends_at_edge = false;
};

// Lines that meet the hole at both of its sides and look alike there; and long ones that the picture's edge ends. None
// crosses another (after Sun, Yuan, Jia, Shum, Image Completion with Structure Propagation, 2005, which asks a person
// for them). Those of the level that is half as large are looked for again.
std::vector<Line> lines_through(const PatchLevel& level, const std::vector<Line>& coarse);
// Only those.
std::vector<Line> made_finer(const PatchLevel& level, const std::vector<Line>& coarse);

// Draws them `scale` times as wide as on the level where they were found: what is across a line at its ends, mixed on
// the way from one to the other.
void draw(const std::vector<Line>& lines, int scale, PatchLevel& level);

}  // namespace tintype::engine
