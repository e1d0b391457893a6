// Holes in what is plain: a plate, painted metal, sky. Nothing is looked for that would fit them: they are calm.
#pragma once

#include <cstdint>
#include <vector>

#include "base/error.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/patch_lines.h"
#include "engine/studio/patch_pieces.h"

namespace tintype::engine {

// The holes of a level into which nothing leads but colours and the `lines` that go on through them; or, when `lacks`
// says of each pixel what the pieces there lack, of a level so many times smaller, those that pieces do not fill.
Marks plain_holes(const PatchLevel& level, const std::vector<Line>& lines, const Marks* lacks, int times);

// Fills them in the picture, whose finest level is `scale` times as large and has these lines drawn in its holes, and
// takes them out of `hole`. Their grain is that of what is around. Answers whether there are any.
bool fill_plain(const Marks& plain, const std::vector<Line>& lines, int scale, std::uint32_t seed, PatchLevel& finest,
                Field& hole, Raster& picture);

}  // namespace tintype::engine
