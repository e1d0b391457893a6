// What lies beyond edges that cut a subject off, of which nobody knows how it goes on there.
#pragma once

#include <array>

#include "engine/studio/canvas_side.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

inline constexpr std::int64_t kSubjectPixelsMax = 160'000;

struct CutSubject {
  Field subject;                 // 1 is the subject; of the sides of a small picture
  std::array<float, 4> share{};  // of each edge that cuts it off, 0 to 1
};

// Where a subject reaches an edge and what it is made of does not simply go on straight across it, as a wall does but a
// body does not. None where there is no subject, and of a picture that is not opaque.
Result<CutSubject> find_cut_subject(const Raster& picture, const Saliency& network, const Task& task);

// Beyond edges at which it is over 0 `canvas` gets the background, by pieces where much of it is seen beside the edge
// and they join without a line, else as an EdgeTexture; and before it the subject as continue_bodies() has it go on.
// `picture` lies in the canvas with so much on its left and above it; it and what lies beyond other edges stays.
Result<void> continue_softly(const Raster& picture, const CutSubject& cut, int left, int top, const Task& task,
                             Raster& canvas);

// Held at most by continue_softly() beside its arguments.
std::int64_t continue_softly_bytes_max(const Extent& picture, const Extent& canvas);

}  // namespace tintype::engine
