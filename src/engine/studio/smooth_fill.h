// What lies under a hole when nothing but the colours around it is known.
#pragma once

#include "engine/raster/raster.h"

namespace tintype::engine {

// Values where `known` is 0 become smooth means of what is known around them, near things first: averages of ever
// larger squares, put back from the largest on (push and pull, Gortler et al. 1996). Others stay. Without anything
// known all stay.
Field smoothly_filled(const Field& values, const Field& known);

// Lets what is not known hang between what is known right around it, whatever is farther away (Laplace's equation),
// from a beginning that may be far off; `depth` is the farthest way to what is known, in pixels.
void hang(const Field& known, int depth, Field& values);

// How far beyond the mean of its neighbours a value is best set on its way there, in holes of such a depth (Young
// 1954).
float over_relaxation(int depth);

}  // namespace tintype::engine
