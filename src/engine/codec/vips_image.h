// What the codec's sources share of libvips; for them alone.
#pragma once

#include <vips/vips.h>

#include <memory>

#include "engine/codec/codec.h"

namespace tintype::engine {

struct Unref {
  void operator()(VipsImage* image) const { g_object_unref(image); }
};
using ImagePointer = std::unique_ptr<VipsImage, Unref>;

// What libvips and the decoders take for themselves, whatever the picture.
inline constexpr std::int64_t kLibraryBytes = 8 << 20;

// Applies one libvips call to an image and lets go of what it was.
template <class Call>
bool apply(ImagePointer& image, Call call) {
  VipsImage* next = nullptr;
  if (call(image.get(), &next) != 0) return false;
  image.reset(next);
  return true;
}

// The last line of what libvips complained of, which says most; for the log. Clears it. libvips keeps one text for the
// whole process, so that of two pictures that fail at once one may get the other's words.
std::string vips_message();

VipsBandFormat band_format(const PictureShape& shape);
VipsInterpretation interpretation(const PictureShape& shape);

// An image over borrowed pixels. Null on failure.
ImagePointer borrow(const Pixels& pixels);

// The upper byte of each sample of 16 bits, alpha too: vips_colourspace() clips alpha to 255 instead of scaling it.
bool to_eight_bits(ImagePointer& image);

}  // namespace tintype::engine
