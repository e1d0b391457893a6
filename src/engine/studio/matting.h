// How much of each pixel is subject, and of what colour that part is.
#pragma once

#include <array>

#include "base/error.h"
#include "engine/raster/raster.h"
#include "engine/raster/task.h"

namespace tintype::engine {

// What is not known of a pixel is neither 0 nor 1.
inline bool is_known(float alpha) {
  return alpha <= 0 || alpha >= 1;
}

// A picture's colours as numbers from 0 to 1.
Field3 coded_colours(const Raster& picture);

// What may be guessed at most of what is not known; and what a wire or a spoke is given, which has background on both
// sides and nothing that is known of itself: that guess counts.
inline constexpr float kGuessMax = 0.98F, kWire = 0.995F;

// Alpha where it is not known, so that within any 3 x 3 pixels it is as nearly as can be a linear function of the
// colours there: the closed form of Levin, Lischinski and Weiss (2008), solved by conjugate gradients from half the
// sides up. Of `trimap` 0 and 1 are kept; what lies between is a guess, and stays where colours say nothing.
// `colours` are coded, 0 to 1, of the same sides. kCancelled.
Result<Field> closed_form_alpha(const Field3& colours, const Field& trimap, const Task& task);

// The share of one colour in a mixture of two, and how far that can be trusted, 0 to 1: little where the two are alike,
// and where they do not mix to it.
struct Share {
  float share, trust;
};
Share share_between(const std::array<float, 3>& behind, const std::array<float, 3>& front,
                    const std::array<float, 3>& colour);

// The closed form for a part of a picture whose alpha is nearly known: a few steps from a guess on. 0 and 1 are kept.
// kCancelled.
Result<Field> refined_alpha(const Field3& colours, const Field& guess, const Task& task);
inline constexpr int kRefinedReach = 16;  // so far from an edge of the part alpha is not what it is in the whole

// alpha = slopes * colours + offset around each pixel, within the least and the most there: what enlarges alpha by a
// larger picture's own edges.
struct AlphaLines {
  Field3 slopes;
  Field offset;
  Field least, most;
};
AlphaLines alpha_lines(const Field3& colours, const Field& alpha);

// Colours of subject and background that mix to the picture's by `alpha`, both smooth where alpha is (Germer, Uelwer,
// Conrad, Harmeling: "Fast Multi-Level Foreground Estimation", 2020). All coded, of the same sides. kCancelled.
struct Layers {
  Field3 foreground, background;
};
Result<Layers> layers_of(const Field3& colours, const Field& alpha, const Task& task);

}  // namespace tintype::engine
