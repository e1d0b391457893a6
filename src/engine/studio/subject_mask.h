// Where a picture's subject is, roughly.
#pragma once

#include "engine/studio/cut_out.h"

namespace tintype::engine {

// 1 is the subject, 0 the background, between them is not known: along edges, and wider where they are soft. Of the
// sides of `picture`, which is small. By the network where there is one, else by what stands out from the border; both
// are made exact by GrabCut (Rother, Kolmogorov, Blake, 2004). What is seen of the background through the subject is
// background. The errors of cut_out().
Result<Field> subject_trimap(const Raster& picture, const Saliency& network, const Task& task);

}  // namespace tintype::engine
