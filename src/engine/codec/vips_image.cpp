#include "engine/codec/vips_image.h"

#include <mutex>

namespace tintype::engine {

std::string vips_message() {
  const std::unique_ptr<char, void (*)(void*)> copy(vips_error_buffer_copy(), g_free);
  std::string text = copy ? copy.get() : "";
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

VipsBandFormat band_format(const PictureShape& shape) {
  return shape.bytes_per_sample == 2 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR;
}

VipsInterpretation interpretation(const PictureShape& shape) {
  const bool grey = shape.channels <= 2;
  if (shape.bytes_per_sample == 2) return grey ? VIPS_INTERPRETATION_GREY16 : VIPS_INTERPRETATION_RGB16;
  return grey ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
}

ImagePointer borrow(const Pixels& pixels) {
  const PictureShape shape = pixels.shape();
  ImagePointer image(vips_image_new_from_memory(pixels.data.data(), pixels.data.size(), shape.width, shape.height,
                                                shape.channels, band_format(shape)));
  if (image) image->Type = interpretation(shape);
  return image;
}

Result<void> start_codec() {
  static std::once_flag once;
  static bool started = false;
  std::call_once(once, [] {
    started = vips_init("tintype") == 0;
    if (!started) return;
    vips_concurrency_set(1);
    vips_cache_set_max(0);
    vips_operation_block_set("VipsForeignLoad", TRUE);
    for (const char* loader : {"VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp",
                               "VipsForeignLoadHeif", "VipsForeignLoadTiff", "VipsForeignLoadNsgif"}) {
      vips_operation_block_set(loader, FALSE);
    }
    // libvips' warnings are about pictures; what matters of them comes back as an error.
    g_log_set_handler(
        "VIPS", static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_INFO),
        [](const char*, GLogLevelFlags, const char*, void*) {}, nullptr);
  });
  if (!started) return fail_internal("libvips does not start: " + vips_message());
  return {};
}

bool to_eight_bits(ImagePointer& image) {
  if (image->BandFmt != VIPS_FORMAT_USHORT) return true;
  const VipsInterpretation narrow = interpretation({image->Xsize, image->Ysize, image->Bands, 1});
  return apply(image, [](VipsImage* in, VipsImage** out) { return vips_msb(in, out, nullptr); }) &&
         apply(image,
               [&](VipsImage* in, VipsImage** out) { return vips_copy(in, out, "interpretation", narrow, nullptr); });
}

}  // namespace tintype::engine
