#include "engine/studio/cut_out.h"

#include <algorithm>
#include <array>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/framing.h"
#include "engine/studio/matting.h"
#include "engine/studio/subject_mask.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kMaskPixelsMax = 512LL * 512;   // of the picture that the subject is looked for in
constexpr std::int64_t kMattingPixelsMax = 1'000'000;  // of the one that alpha is solved for
constexpr double kMasked = 0.3, kSettled = 0.5, kSolved = 0.7, kLayered = 0.75, kRefined = 0.95;  // shares of the work
constexpr float kGuessMin = 1 - kGuessMax;  // a guess that is not yet known
constexpr float kOpen = 0.001F;             // the same where the guess is nearly right
constexpr int kSideMin = 16;                // of the first of them
constexpr int kPartPx = 256;                // of a picture that is larger than the last of them

// What is known of alpha at reduced size, for the picture at its own.
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

// One pixel whose alpha is not known beforehand.
float alpha_at(const Reduced& reduced, const std::array<float, 3>& colour, float x, float y) {
  const AlphaLines& lines = reduced.lines;
  const float alpha = sample(lines.slopes.first, x, y) * colour[0] + sample(lines.slopes.second, x, y) * colour[1] +
                      sample(lines.slopes.third, x, y) * colour[2] + sample(lines.offset, x, y);
  return std::clamp(alpha, sample(lines.least, x, y), sample(lines.most, x, y));
}

std::array<float, 3> sample3(const Field3& field, float x, float y) {
  return {sample(field.first, x, y), sample(field.second, x, y), sample(field.third, x, y)};
}

std::array<float, 3> colour_of(const std::uint8_t* pixel) {
  constexpr float kWhite = 255;
  return {static_cast<float>(pixel[0]) / kWhite, static_cast<float>(pixel[1]) / kWhite,
          static_cast<float>(pixel[2]) / kWhite};
}

// The subject's share of a colour: the smooth layers first, then what they leave of the picture (Forte, "Approximate
// Fast Foreground Colour Estimation", 2021).
void take_background_out(const Layers& layers, float alpha, float x, float y, const std::uint8_t* in,
                         std::uint8_t* out) {
  const std::array<float, 3> colour = colour_of(in), front = sample3(layers.foreground, x, y),
                             behind = sample3(layers.background, x, y);
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const float left = colour[channel] - alpha * front[channel] - (1 - alpha) * behind[channel];
    const float made = std::clamp(front[channel] + alpha * left, 0.0F, 1.0F);
    out[channel] = static_cast<std::uint8_t>(made * 255.0F + 0.5F);
  }
}

// Of a part of the picture, 0 and 1 known: by the layers as far as they tell, else by the lines.
Field guess_of(const Raster& picture, const Reduced& reduced, const Box& part) {
  const Scale scale(reduced.trimap, picture);
  Field guess(part.width, part.height);
  for (int y = 0; y < part.height; ++y) {
    const std::uint8_t* in = picture.at(part.x, part.y + y);
    for (int x = 0; x < part.width; ++x, in += Raster::kChannels) {
      const float at_x = scale.x(part.x + x), at_y = scale.y(part.y + y);
      float& alpha = guess.at(x, y);
      alpha = sample(reduced.trimap, at_x, at_y);
      if (is_known(alpha)) continue;
      const std::array<float, 3> colour = colour_of(in);
      const Share share = share_between(sample3(reduced.layers.background, at_x, at_y),
                                        sample3(reduced.layers.foreground, at_x, at_y), colour);
      const float by_lines = alpha_at(reduced, colour, at_x, at_y);
      alpha = std::clamp(by_lines + share.trust * (share.share - by_lines), kOpen, 1 - kOpen);
    }
  }
  return guess;
}

// Not known is what has an edge nearby.
Field trimap_around_edges(const Field& alpha) {
  constexpr int kNear = 1;
  const Field most = dilated(alpha, kNear), least = eroded(alpha, kNear);
  Field trimap = alpha;
  for (std::size_t at = 0; at < trimap.values.size(); ++at) {
    const bool is_far = most.values[at] <= 0 || least.values[at] >= 1;
    if (!is_far) trimap.values[at] = std::clamp(trimap.values[at], kGuessMin, kGuessMax);
  }
  return trimap;
}

// What lies as near to 0 or 1 as rounding does is meant to be that.
void settle(Field& alpha) {
  constexpr float kNear = 0.005F;
  for (float& value : alpha.values) value = std::clamp((value - kNear) / (1 - 2 * kNear), 0.0F, 1.0F);
}

// Solves alpha at the picture's own size, in square parts that overlap: what is thinner than a pixel of the reduced one
// is seen there alone.
Result<Field> alpha_at_full_size(const Raster& picture, const Reduced& reduced, const Task& task) {
  Field alpha(picture.width, picture.height);
  const int across = (picture.width + kPartPx - 1) / kPartPx, down = (picture.height + kPartPx - 1) / kPartPx;
  const auto work = [&](int index) {
    const int left = index % across * kPartPx, top = index / across * kPartPx;
    const int right = std::min(left + kPartPx, picture.width), bottom = std::min(top + kPartPx, picture.height);
    Box part{std::max(0, left - kRefinedReach), std::max(0, top - kRefinedReach), 0, 0};
    part.width = std::min(right + kRefinedReach, picture.width) - part.x;
    part.height = std::min(bottom + kRefinedReach, picture.height) - part.y;
    Field made = guess_of(picture, reduced, part);
    if (!std::ranges::all_of(made.values, is_known)) {
      auto refined = refined_alpha(coded_colours(cropped(picture, part)), made, task.part(0, 0));
      if (refined) made = std::move(*refined);  // else it is cancelled, and so is all
    }
    for (int y = top; y < bottom; ++y) {
      std::copy_n(made.row(y - part.y) + (left - part.x), right - left, alpha.row(y) + left);
    }
  };
  const auto done = task.rows(across * down, [&](int begin, int end) {
    for (int index = begin; index < end; ++index) work(index);
  });
  if (!done) return std::unexpected(done.error());
  settle(alpha);
  return alpha;
}

// The picture without what its background lends to the colours of its edges.
Result<CutOut> with_own_colours(const Raster& picture, const Layers& layers, Field alpha, const Task& task) {
  CutOut result{std::move(alpha), Raster(picture.width, picture.height)};
  const Scale scale(layers.foreground.first, picture);
  auto done = task.rows(picture.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      const std::uint8_t* in = picture.row(y);
      std::uint8_t* out = result.foreground.row(y);
      for (int x = 0; x < picture.width; ++x, in += Raster::kChannels, out += Raster::kChannels) {
        const float share = result.alpha.at(x, y);
        if (share >= 1) std::copy_n(in, Raster::kChannels, out);
        if (is_known(share)) continue;
        take_background_out(layers, share, scale.x(x), scale.y(y), in, out);
        out[3] = static_cast<std::uint8_t>(share * 255.0F + 0.5F);
      }
    }
  });
  if (!done) return std::unexpected(done.error());
  return result;
}

// How far apart subject and background are in colour: the square.
float contrast_at(const Layers& layers, int x, int y) {
  float square = 0;
  for (const auto& [front, behind] : {std::pair(&layers.foreground.first, &layers.background.first),
                                      {&layers.foreground.second, &layers.background.second},
                                      {&layers.foreground.third, &layers.background.third}}) {
    const float apart = front->at(x, y) - behind->at(x, y);
    square += apart * apart;
  }
  return square;
}

// 1 for what is known of the trimap where alpha does not arrive at it: there the edge is softer than the band is wide.
// Not where subject and background are too alike for colours to say so, as black hair before a dark wall.
Field missed_by(const Field& alpha, const Field& trimap, const Layers& layers) {
  constexpr float kArrived = 0.06F, kAlike = 0.04F;
  Field missed(trimap.width, trimap.height);
  for (int y = 0; y < trimap.height; ++y) {
    for (int x = 0; x < trimap.width; ++x) {
      if (!is_known(trimap.at(x, y))) continue;
      for (const auto& [dx, dy] : {std::pair(-1, 0), {1, 0}, {0, -1}, {0, 1}}) {
        const int at_x = std::clamp(x + dx, 0, trimap.width - 1), at_y = std::clamp(y + dy, 0, trimap.height - 1);
        if (is_known(trimap.at(at_x, at_y)) || std::abs(alpha.at(at_x, at_y) - trimap.at(x, y)) < kArrived) continue;
        if (contrast_at(layers, x, y) >= kAlike) missed.at(x, y) = 1;
      }
    }
  }
  return missed;
}

// Where subject and background are alike, as a white hat before a white wall, colours say nothing of alpha: a little
// away from the edge of what rather is subject it is what it rather is.
void decide_what_is_alike(const Layers& layers, const Field& guess, Field& alpha) {
  constexpr float kAlike = 0.03F, kApart = 0.09F;
  constexpr int kEdgePx = 4;
  Field mask = guess;
  for (float& value : mask.values) value = value > 0.5F ? 1 : 0;
  const Field inside = eroded(mask, kEdgePx), outside = dilated(mask, kEdgePx);
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) {
      const float rather = mask.at(x, y);
      if (rather > 0 ? inside.at(x, y) < 1 : outside.at(x, y) > 0) continue;
      float& value = alpha.at(x, y);
      value += (1 - smooth_step(kAlike, kApart, contrast_at(layers, x, y))) * (rather - value);
    }
  }
}

// What is known becomes unknown around what was missed. False where nothing was.
bool widen(Field& trimap, const Field& missed) {
  constexpr int kReach = 6;
  if (std::ranges::none_of(missed.values, [](float value) { return value > 0; })) return false;
  const Field reached = dilated(missed, kReach);
  for (std::size_t at = 0; at < trimap.values.size(); ++at) {
    if (reached.values[at] > 0) trimap.values[at] = std::clamp(trimap.values[at], kGuessMin, kGuessMax);
  }
  return true;
}

// The trimap of a picture for a larger one of it: not known is what has an edge nearby.
Result<Field> settled_trimap(const Raster& small, Field trimap, const Task& task) {
  constexpr int kWidenedMax = 3;
  constexpr float kAtMost = 0.01F;
  const Field3 colours = coded_colours(small);
  const Field guess = trimap;
  Field alpha;
  for (int round = 0; round <= kWidenedMax; ++round) {
    auto solved = closed_form_alpha(colours, trimap, task.part(round / (kWidenedMax + 1.0), 1));
    if (!solved) return solved;
    alpha = std::move(*solved);
    const auto layers = layers_of(colours, alpha, task.part(0, 0));
    if (!layers) return std::unexpected(layers.error());
    decide_what_is_alike(*layers, guess, alpha);
    if (!widen(trimap, missed_by(alpha, trimap, *layers))) break;
  }
  const Field most = dilated(alpha, 2), least = eroded(alpha, 2);
  for (std::size_t at = 0; at < alpha.values.size(); ++at) {
    float& value = trimap.values[at];
    const bool is_wire = !is_known(guess.values[at]) && guess.values[at] > kGuessMax && alpha.values[at] > 0.5F;
    value = is_wire ? kWire : std::clamp(alpha.values[at], kGuessMin, kGuessMax);
    if (most.values[at] < kAtMost) value = 0;
    if (least.values[at] > 1 - kAtMost) value = 1;
  }
  task.done(1);
  return trimap;
}

std::unexpected<Error> too_small() {
  return fail(ErrorCode::kInvalidInput,
              "The picture is too small, or too narrow, to tell a subject from its background",
              "Please send a larger one");
}

}  // namespace

Result<CutOut> cut_out(const Raster& picture, const Saliency& network, const Task& task) {
  if (!is_opaque(picture)) return CutOut{alpha_of(picture), picture};
  const Extent small_sides = extent_within(picture.extent(), kMaskPixelsMax);
  if (std::min(small_sides.width_px, small_sides.height_px) < kSideMin) return too_small();
  const Raster small = resized(picture, small_sides);
  auto rough = subject_trimap(small, network, task.part(0, kMasked));
  if (!rough) return std::unexpected(rough.error());
  const auto trimap = settled_trimap(small, std::move(*rough), task.part(kMasked, kSettled));
  if (!trimap) return std::unexpected(trimap.error());
  const Extent sides = extent_within(picture.extent(), kMattingPixelsMax);
  const Field3 colours = coded_colours(resized(picture, sides));
  auto alpha = closed_form_alpha(colours, resized(*trimap, sides), task.part(kSettled, kSolved));
  if (!alpha) return std::unexpected(alpha.error());
  settle(*alpha);
  if (auto has = check_subject(*alpha); !has) return std::unexpected(has.error());
  auto layers = layers_of(colours, *alpha, task.part(kSolved, kLayered));
  if (!layers) return std::unexpected(layers.error());
  const Reduced reduced{trimap_around_edges(*alpha), alpha_lines(colours, *alpha), std::move(*layers)};
  auto full = alpha_at_full_size(picture, reduced, task.part(kLayered, kRefined));
  if (!full) return std::unexpected(full.error());
  return with_own_colours(picture, reduced.layers, std::move(*full), task.part(kRefined, 1));
}

std::int64_t cut_out_bytes_max(const Extent& picture) {
  // Of each pixel of the reduced picture: some forty fields, and a window of the matting's; as measured.
  constexpr std::int64_t kReducedBytes = 300, kFewBytes = 24 << 20;
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  const std::int64_t full = Raster::kChannels + static_cast<std::int64_t>(sizeof(float));
  return pixels * full + std::min(pixels, kMattingPixelsMax) * kReducedBytes + kFewBytes;
}

}  // namespace tintype::engine
