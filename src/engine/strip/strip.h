// Copies pictures without what is no part of them: place and time of taking, names, comments, previews, whatever stands
// behind the end. The coded pixels are copied as they are; memory does not grow with the file.
//
// What stays is listed, so that what nobody has thought of goes. An orientation other than upright stays as an EXIF
// block of 26 bytes.
#pragma once

#include <istream>
#include <ostream>

#include "base/error.h"

namespace tintype::engine {

// kInvalidInput when the file is not whole or not what its format says. Whether the pixels decode is not looked at.
// Whether `out` took all of it is the caller's to check.

// ITU T.81: tables, frames and scans; of the application's segments JFIF without its thumbnail, ICC profiles and
// Adobe's, which says what the colours are.
Result<void> strip_jpeg(std::istream& in, std::ostream& out);

// PNG, third edition: the critical chunks, those of colour, transparency, resolution and animation.
Result<void> strip_png(std::istream& in, std::ostream& out);

// RFC 9649: pictures, alpha, animation and ICC profile. Reads `in` twice, so it has to be one that can seek.
Result<void> strip_webp(std::istream& in, std::ostream& out);

}  // namespace tintype::engine
