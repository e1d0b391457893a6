// What lies under a hole when nothing but the colours around it is known.
#pragma once

#include "engine/raster/raster.h"

namespace tintype::engine {

// Values where `known` is 0 become smooth means of what is known around them, near things first: averages of ever
// larger squares, put back from the largest on (push and pull, Gortler et al. 1996). Others stay. Without anything
// known all stay.
Field smoothly_filled(const Field& values, const Field& known);

}  // namespace tintype::engine
