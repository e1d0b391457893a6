#include "engine/codec/webp_file.h"

#include <webp/encode.h>

#include "engine/codec/part_file.h"

namespace tintype::engine {

namespace {

// How strongly decoders smooth the edges of blocks, 0 to 100. libwebp takes 60 unless it is asked to look for the best
// (`autofilter`), which takes ten times as long and finds more for most photographs: see bench/RESULTS.md.
constexpr int kFilterStrength = 80;

// A picture of libwebp's that is freed with its owner.
class Picture {
 public:
  Picture(int width, int height) {
    is_usable_ = WebPPictureInit(&picture_) != 0;
    picture_.width = width;
    picture_.height = height;
  }
  ~Picture() { WebPPictureFree(&picture_); }
  Picture(const Picture&) = delete;
  Picture& operator=(const Picture&) = delete;
  WebPPicture* get() { return &picture_; }
  bool is_usable() const { return is_usable_; }

 private:
  WebPPicture picture_{};
  bool is_usable_ = false;
};

int append(const std::uint8_t* data, std::size_t size, const WebPPicture* picture) {
  return std::fwrite(data, 1, size, static_cast<std::FILE*>(picture->custom_ptr)) == size ? 1 : 0;
}

Result<std::int64_t> encode(Picture& picture, int quality, int effort, const std::filesystem::path& file) {
  WebPConfig config;
  if (WebPConfigInit(&config) == 0) return fail_internal("libwebp is another one than we were built for");
  config.quality = static_cast<float>(quality);
  config.method = effort;
  config.filter_strength = kFilterStrength;
  PartFile part(file);
  if (part.stream() == nullptr) return part.finish();
  picture.get()->writer = append;
  picture.get()->custom_ptr = part.stream();
  if (WebPEncode(&config, picture.get()) == 0) {
    return fail_internal("encode " + file.string() + ": libwebp says " + std::to_string(picture.get()->error_code));
  }
  return part.finish();
}

constexpr std::uint32_t kLightRange = 219, kColourRange = 224;

// libwebp takes no grey.
std::vector<std::uint8_t> with_colours(const Pixels& pixels) {
  std::vector<std::uint8_t> made;
  const bool has_alpha = pixels.has_alpha();
  const auto step = static_cast<std::size_t>(pixels.channels);
  made.reserve(pixels.data.size() / step * (has_alpha ? 4 : 3));
  for (std::size_t at = 0; at < pixels.data.size(); at += step) {
    made.insert(made.end(), 3, pixels.data[at]);
    if (has_alpha) made.push_back(pixels.data[at + 1]);
  }
  return made;
}

// WebP's samples are of Rec. 601's narrow range: from 16 on, `range` of them.
void fill(const Plane& plane, std::uint32_t range, std::uint8_t* out, int stride) {
  for (int y = 0; y < plane.extent.height_px; ++y, out += stride) {
    const std::uint16_t* row = plane.row(y);
    for (int x = 0; x < plane.extent.width_px; ++x) {
      out[x] = static_cast<std::uint8_t>(16 + (row[x] * range + Plane::kWhite / 2) / Plane::kWhite);
    }
  }
}

}  // namespace

Result<std::int64_t> write_webp(const Pixels& pixels, int quality, int effort, const std::filesystem::path& file) {
  Picture picture(pixels.width, pixels.height);
  const std::vector<std::uint8_t> coloured = pixels.channels <= 2 ? with_colours(pixels) : std::vector<std::uint8_t>();
  const std::uint8_t* samples = coloured.empty() ? pixels.data.data() : coloured.data();
  const int stride = pixels.width * (pixels.has_alpha() ? 4 : 3);
  const bool is_taken =
      picture.is_usable() && (pixels.has_alpha() ? WebPPictureImportRGBA(picture.get(), samples, stride)
                                                 : WebPPictureImportRGB(picture.get(), samples, stride)) != 0;
  if (!is_taken) return fail_internal("encode " + file.string() + ": libwebp does not take the pixels");
  return encode(picture, quality, effort, file);
}

Result<std::int64_t> write_webp(const Planes& planes, int quality, int effort, const std::filesystem::path& file) {
  Picture picture(planes.light.extent.width_px, planes.light.extent.height_px);
  picture.get()->use_argb = 0;
  picture.get()->colorspace = WEBP_YUV420;
  if (!picture.is_usable() || WebPPictureAlloc(picture.get()) == 0) {
    return fail_internal("encode " + file.string() + ": libwebp does not take the pixels");
  }
  fill(planes.light, kLightRange, picture.get()->y, picture.get()->y_stride);
  fill(planes.blue, kColourRange, picture.get()->u, picture.get()->uv_stride);
  fill(planes.red, kColourRange, picture.get()->v, picture.get()->uv_stride);
  return encode(picture, quality, effort, file);
}

}  // namespace tintype::engine
