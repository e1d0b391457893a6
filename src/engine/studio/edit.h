// The operation edit.
#pragma once

#include <cstdint>
#include <string>

#include "domain/instruction.h"
#include "domain/studio_operation.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

struct Edited {
  Raster picture;
  std::string details;  // plan_json() of what was done
};

// Carries the prompt's plan out, step by step, each as far as Edit::strength says where it has a strength. The wanted
// sides are reached by a larger canvas, which the backdrop, or what surrounds the subject, goes on in; an extent of
// another size by scaling after. kInvalidInput for a prompt that is not understood (see parse_instruction()), where a
// step needs a subject and none stands out, and where there is no metal to recolour; kCancelled.
Result<Edited> edit(const Raster& picture, const Edit& how, const Saliency& network, const Task& task);

// The sides of its result: at most these where it is cropped to the subject. kInvalidInput as edit(), and where they
// would be larger than studio results may be.
Result<Extent> edited_sides(const Extent& picture, const Edit& how);

// What it holds at most beside the picture, the result included.
std::int64_t edit_bytes_max(const Extent& picture, const Extent& edited);

}  // namespace tintype::engine
