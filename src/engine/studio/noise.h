// How noisy a picture is, and the same picture with less of it.
#pragma once

#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// Deviations in levels of 0 to 255, of brightness and of the two differences of colour.
struct Noise {
  float luma = 0, blue = 0, red = 0;
  float certainty = 1;  // 0 to 1: that it is noise, and no texture such as bark
};

// By the differences of two Laplacians (Immerkaer, 1996) in small squares, of which the calmest tell: elsewhere there
// are textures. Noise is alike in all of those that show nothing else; where the calmest differ, they show something.
Noise noise_of(const Raster& picture);

// Takes out what is no stronger than the noise in the cosines of small overlapping squares (Yu and Sapiro, DCT image
// denoising, 2011); `share` from 0 to 1 is how much of it. Alpha stays.
Result<Raster> denoised(const Raster& picture, const Noise& noise, float share, const Task& task);

}  // namespace tintype::engine
