// What stands in for a picture that nobody has seen yet, to find out whether the rest of a call holds.
#pragma once

#include "ports/image_engine.h"

namespace tintype::app {

// Of a shape that nobody asks for.
inline constexpr ImageFacts kUnseenPicture{ImageFormat::kJpeg, 67, 61, false, 1};

}  // namespace tintype::app
