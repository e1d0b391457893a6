// Filters over fields. Edges go on outside as they end.
#pragma once

#include "engine/raster/raster.h"

namespace tintype::engine {

// The mean of (2 radius + 1)^2 pixels, of as many as there are at the edges; takes the same time at any radius.
Field box_blur(const Field& field, int radius);

// A Gaussian of this standard deviation in pixels: by its own weights up to 2, beyond by three boxes, which are within
// 3 % of it (Wells, 1986).
Field gaussian_blur(const Field& field, double sigma);

// The guided filter (He, Sun, Tang, 2010): `field` smoothed within windows of `radius`, but not across what is an edge
// in `guide`; of the same sides, `epsilon` is the variance that is no edge, of values from 0 to 1.
Field guided_filter(const Field& guide, const Field& field, int radius, float epsilon);
// By three guides at once, which tells edges between colours that are equally bright.
Field guided_filter(const Field3& guide, const Field& field, int radius, float epsilon);

// The greatest and the least within `radius`, in squares.
Field dilated(const Field& field, int radius);
Field eroded(const Field& field, int radius);

}  // namespace tintype::engine
