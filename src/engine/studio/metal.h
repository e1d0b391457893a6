// Makes gold of silver, and the other way.
#pragma once

#include <cstdint>

#include "domain/instruction.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// The metal of a subject in another metal's colour. What is metal is told by colour: yellow to red hues of some chroma
// where the subject has much of them, what has hardly a colour otherwise, so that stones of other colours stay. Skin,
// which is reddish beside something yellower or beside cloth, stays too. What is matt is no metal, nor what is dark on
// the whole, as a black car is, nor what is grey on somebody if it is more than a piece of jewellery: hair, beards and
// cloth cannot be told from it. Metals colour what they mirror: a highlight stays near white, what is mirrored twice
// and dark goes deep. `subject` is its alpha, of the picture's sides; `amount`, 0 to 1, of the change is seen.
// kInvalidInput where there is no metal; kCancelled.
Result<void> recolour_metal(Raster& picture, const Field& subject, Metal metal, float amount, const Task& task);
std::int64_t recolour_metal_bytes_max(const Extent& picture);

}  // namespace tintype::engine
