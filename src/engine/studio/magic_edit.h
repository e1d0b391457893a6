// Finds out what a picture lacks and mends it, or takes away what a mask covers.
#pragma once

#include <string>

#include "domain/studio_operation.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

struct MagicEdited {
  Raster picture;
  std::string details;  // JSON: {"steps":[{"step":"white-balance","amount":0.31}]}, each amount from 0 to 1
};

// Without a mask: noise, dust, white balance, exposure and tone, local contrast and sharpness, each only where the
// picture lacks it; one that lacks nothing comes back as it is. `how.strength` scales all. With a mask (null: without),
// white is taken away: filled with what is around it, a little beyond the mask's edge, though not with other subjects
// that the network sees there; the rest stays to the bit.
Result<MagicEdited> magic_edit(const Raster& picture, const MagicEdit& how, const Raster* mask, const Saliency& network,
                               const Task& task);
std::int64_t magic_edit_bytes_max(const Extent& picture);  // held beside the picture and the mask

}  // namespace tintype::engine
