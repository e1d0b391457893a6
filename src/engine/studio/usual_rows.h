// What is usual in the rows of a picture near the edges at which it grows to its sides: as sky, hills, meadows and
// floors lie, that is what goes on there.
#pragma once

#include "engine/studio/patch_level.h"

namespace tintype::engine {

// For a small level. Takes each row by what is nearest to the edge and plain, else by what is near it.
void find_usual_rows(PatchLevel& level);

}  // namespace tintype::engine
