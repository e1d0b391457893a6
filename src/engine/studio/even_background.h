// Backgrounds of one colour, or of a gradient: those of product photos.
#pragma once

#include <optional>

#include "engine/raster/raster.h"

namespace tintype::engine {

// How far each pixel's colour is from the background, 1 where that is all the background's own unevenness can be.
// Nothing where the border shows no even background. `colours` are coded, 0 to 1, of a small picture.
std::optional<Field> difference_from_even_background(const Field3& colours);

}  // namespace tintype::engine
