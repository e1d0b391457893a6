#include "engine/studio/cut_out.h"

#include <algorithm>
#include <array>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/matting.h"
#include "engine/studio/subject_mask.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kMaskPixelsMax = 512LL * 512;   // of the picture that the subject is looked for in
constexpr std::int64_t kMattingPixelsMax = 1'000'000;  // of the one that alpha is solved for
constexpr double kMasked = 0.35, kSettled = 0.6, kSolved = 0.85, kLayered = 0.9;  // shares of the work
constexpr float kGuessMin = 0.02F;

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
  return std::clamp(alpha, sample(lines.least, x, y), sample(lines.most, x, y));
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

// What is known of the trimap becomes unknown where alpha does not arrive at it: there the edge is softer than the
// band is wide. False where it does everywhere.
bool widen(Field& trimap, const Field& alpha) {
  constexpr float kArrived = 0.06F;
  constexpr int kReach = 6;
  Field missed(trimap.width, trimap.height);
  bool any = false;
  for (int y = 0; y < trimap.height; ++y) {
    for (int x = 0; x < trimap.width; ++x) {
      if (!is_known(trimap.at(x, y))) continue;
      for (const auto& [dx, dy] : {std::pair(-1, 0), {1, 0}, {0, -1}, {0, 1}}) {
        const int at_x = std::clamp(x + dx, 0, trimap.width - 1), at_y = std::clamp(y + dy, 0, trimap.height - 1);
        if (is_known(trimap.at(at_x, at_y)) || std::abs(alpha.at(at_x, at_y) - trimap.at(x, y)) < kArrived) continue;
        missed.at(x, y) = 1;
        any = true;
      }
    }
  }
  const Field reached = dilated(missed, kReach);
  for (std::size_t at = 0; at < trimap.values.size(); ++at) {
    if (reached.values[at] > 0) trimap.values[at] = std::clamp(trimap.values[at], kGuessMin, 1 - kGuessMin);
  }
  return any;
}

// The trimap of a picture for a larger one of it: not known is what has an edge nearby.
Result<Field> settled_trimap(const Raster& small, Field trimap, const Task& task) {
  constexpr int kWidenedMax = 3;
  constexpr float kAtMost = 0.01F;
  const Field3 colours = coded_colours(small);
  Field alpha;
  for (int round = 0; round <= kWidenedMax; ++round) {
    auto solved = closed_form_alpha(colours, trimap, task.part(round / (kWidenedMax + 1.0), 1));
    if (!solved) return solved;
    alpha = std::move(*solved);
    if (!widen(trimap, alpha)) break;
  }
  const Field most = dilated(alpha, 2), least = eroded(alpha, 2);
  for (std::size_t at = 0; at < alpha.values.size(); ++at) {
    float& value = trimap.values[at];
    value = std::clamp(alpha.values[at], kGuessMin, 1 - kGuessMin);
    if (most.values[at] < kAtMost) value = 0;
    if (least.values[at] > 1 - kAtMost) value = 1;
  }
  task.done(1);
  return trimap;
}

// What lies as near to 0 or 1 as rounding does is meant to be that.
void settle(Field& alpha) {
  constexpr float kNear = 0.005F;
  for (float& value : alpha.values) value = std::clamp((value - kNear) / (1 - 2 * kNear), 0.0F, 1.0F);
}

}  // namespace

Result<CutOut> cut_out(const Raster& picture, const Saliency& network, const Task& task) {
  if (!is_opaque(picture)) return CutOut{alpha_of(picture), picture};
  const Raster small = resized(picture, extent_within(picture.extent(), kMaskPixelsMax));
  auto rough = subject_trimap(small, network, task.part(0, kMasked));
  if (!rough) return std::unexpected(rough.error());
  const auto trimap = settled_trimap(small, std::move(*rough), task.part(kMasked, kSettled));
  if (!trimap) return std::unexpected(trimap.error());
  const Extent sides = extent_within(picture.extent(), kMattingPixelsMax);
  Reduced reduced{resized(*trimap, sides), {}, {}};
  const Field3 colours = coded_colours(resized(picture, sides));
  auto alpha = closed_form_alpha(colours, reduced.trimap, task.part(kSettled, kSolved));
  if (!alpha) return std::unexpected(alpha.error());
  settle(*alpha);
  auto layers = layers_of(colours, *alpha, task.part(kSolved, kLayered));
  if (!layers) return std::unexpected(layers.error());
  reduced.layers = std::move(*layers);
  if (sides == picture.extent()) return enlarge(picture, reduced, *alpha, task.part(kLayered, 1));
  reduced.lines = alpha_lines(colours, *alpha);
  return enlarge(picture, reduced, {}, task.part(kLayered, 1));
}

std::int64_t cut_out_bytes_max(const Extent& picture) {
  // Of each pixel of the reduced picture: some forty fields, and a window of the matting's; as measured.
  constexpr std::int64_t kReducedBytes = 300, kFewBytes = 24 << 20;
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  const std::int64_t full = Raster::kChannels + static_cast<std::int64_t>(sizeof(float));
  return pixels * full + std::min(pixels, kMattingPixelsMax) * kReducedBytes + kFewBytes;
}

}  // namespace tintype::engine
