#include "engine/studio/cut_out.h"

#include <algorithm>
#include <array>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/matting.h"
#include "engine/studio/subject_mask.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kMaskPixelsMax = 512LL * 512;             // of the picture that the subject is looked for in
constexpr std::int64_t kMattingPixelsMax = 1'000'000;            // of the one that alpha is solved for
constexpr double kMasked = 0.35, kSolved = 0.8, kLayered = 0.9;  // shares of the work

// What is known of the subject at reduced size, for the picture at its own.
struct Reduced {
  Field trimap;
  AlphaLines lines;
  Layers layers;
};

// How far a place of the picture is along its reduced one.
struct Scale {
  float across, down;

  Scale(const Field& reduced, const Raster& picture)
      : across(static_cast<float>(reduced.width) / static_cast<float>(picture.width)),
        down(static_cast<float>(reduced.height) / static_cast<float>(picture.height)) {}
  float x(int at) const { return (static_cast<float>(at) + 0.5F) * across - 0.5F; }
  float y(int at) const { return (static_cast<float>(at) + 0.5F) * down - 0.5F; }
};

// One pixel whose alpha is not known beforehand; `alpha` may have been solved for the picture itself.
float alpha_at(const Reduced& reduced, const std::array<float, 3>& colour, float x, float y) {
  const AlphaLines& lines = reduced.lines;
  const float alpha = sample(lines.slopes.first, x, y) * colour[0] + sample(lines.slopes.second, x, y) * colour[1] +
                      sample(lines.slopes.third, x, y) * colour[2] + sample(lines.offset, x, y);
  return std::clamp(alpha, 0.0F, 1.0F);
}

// The subject's share of a colour: the smooth layers first, then what they leave of the picture (Forte, "Approximate
// Fast Foreground Colour Estimation", 2021).
void take_background_out(const Layers& layers, const std::array<float, 3>& colour, float alpha, float x, float y,
                         std::uint8_t* pixel) {
  const std::array<const Field*, 3> front = {&layers.foreground.first, &layers.foreground.second,
                                             &layers.foreground.third};
  const std::array<const Field*, 3> behind = {&layers.background.first, &layers.background.second,
                                              &layers.background.third};
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const float f = sample(*front[channel], x, y), b = sample(*behind[channel], x, y);
    const float left = colour[channel] - alpha * f - (1 - alpha) * b;
    const float made = std::clamp(f + alpha * left, 0.0F, 1.0F);
    pixel[channel] = static_cast<std::uint8_t>(made * 255.0F + 0.5F);
  }
}

// `solved` is the alpha of the picture's own sides, or empty.
Result<CutOut> enlarge(const Raster& picture, const Reduced& reduced, const Field& solved, const Task& task) {
  CutOut result{Field(picture.width, picture.height), Raster(picture.width, picture.height)};
  const Scale scale(reduced.trimap, picture);
  auto done = task.rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const std::uint8_t* in = picture.row(y);
      std::uint8_t* out = result.foreground.row(y);
      for (int x = 0; x < picture.width; ++x, in += Raster::kChannels, out += Raster::kChannels) {
        const float at_x = scale.x(x), at_y = scale.y(y);
        float alpha = sample(reduced.trimap, at_x, at_y);
        if (is_known(alpha)) {
          if (alpha >= 1) std::copy_n(in, Raster::kChannels, out);
        } else {
          const std::array<float, 3> colour = {static_cast<float>(in[0]) / 255.0F, static_cast<float>(in[1]) / 255.0F,
                                               static_cast<float>(in[2]) / 255.0F};
          alpha = solved.values.empty() ? alpha_at(reduced, colour, at_x, at_y) : solved.at(x, y);
          take_background_out(reduced.layers, colour, alpha, at_x, at_y, out);
          out[3] = static_cast<std::uint8_t>(alpha * 255.0F + 0.5F);
        }
        result.alpha.at(x, y) = alpha;
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return result;
}

// Neither 0 nor 1 stays known where it is mixed with what is not.
Field larger_trimap(const Field& trimap, const Extent& sides) {
  return resized(trimap, sides);
}

}  // namespace

Result<CutOut> cut_out(const Raster& picture, const Saliency& network, const Task& task) {
  if (!is_opaque(picture)) return CutOut{alpha_of(picture), picture};
  const Raster small = resized(picture, extent_within(picture.extent(), kMaskPixelsMax));
  const auto trimap = subject_trimap(small, network, task.part(0, kMasked));
  if (!trimap) return std::unexpected(trimap.error());
  const Extent sides = extent_within(picture.extent(), kMattingPixelsMax);
  Reduced reduced{larger_trimap(*trimap, sides), {}, {}};
  const Field3 colours = coded_colours(resized(picture, sides));
  auto alpha = closed_form_alpha(colours, reduced.trimap, task.part(kMasked, kSolved));
  if (!alpha) return std::unexpected(alpha.error());
  auto layers = layers_of(colours, *alpha, task.part(kSolved, kLayered));
  if (!layers) return std::unexpected(layers.error());
  reduced.layers = std::move(*layers);
  if (sides == picture.extent()) return enlarge(picture, reduced, *alpha, task.part(kLayered, 1));
  reduced.lines = alpha_lines(colours, *alpha);
  return enlarge(picture, reduced, {}, task.part(kLayered, 1));
}

std::int64_t cut_out_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  return pixels * (Raster::kChannels + 4 * static_cast<std::int64_t>(sizeof(float))) + (64LL << 20);
}

}  // namespace tintype::engine
