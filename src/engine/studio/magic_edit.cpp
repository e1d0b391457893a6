#include "engine/studio/magic_edit.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <opencv2/imgproc.hpp>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/detail.h"
#include "engine/studio/dust.h"
#include "engine/studio/noise.h"
#include "engine/studio/patch_fill.h"
#include "engine/studio/tone.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixels = 250'000;  // for light and tone
constexpr float kMaskMin = 0.5F;
constexpr int kMaskGrownMin = 2, kMaskGrownPart = 400;  // pixels; a part of the longer side
// So near a hole what stands out by so much is looked for that belongs to what is taken away.
constexpr int kRemnantMin = 8, kRemnantPart = 64;  // pixels; a part of the longer side
constexpr int kBeyondBands = 2;                    // so many times as far is looked at what it stands out from
constexpr float kRemnantContrast = 20.0F / 255, kThingContrast = 10.0F / 255;  // to all of that; to its mean
constexpr int kRemnantShare = 4;                   // of the square of so many pixels it is at most one part
constexpr float kNoiseMin = 1.8F, kNoiseFull = 4;  // levels: from where on noise is seen, and all of it is taken
constexpr float kBalanceMost = 0.85F;              // some of the light's colour belongs to the scene
// What is not in the hole and stands out is no filling for it, unless so much of a hole lies between such places that
// are alike by so many levels, or so much of the picture is such.
constexpr float kStandsOut = 0.5F, kBetween = 0.1F, kSubjectMost = 0.3F;
constexpr int kAlikeLevels = 40;
// Of the longer side, around a place; and of the pixels there, from where on it is enclosed by a hole.
constexpr int kEnclosedPart = 20;
constexpr float kEnclosedShare = 0.5F, kEnclosedMost = 0.3F;  // the latter of all that is no hole
constexpr int kRing = 4;                                      // pixels of the small picture that is looked at
constexpr float kNoticed = 0.04F;                             // amounts below are left alone
constexpr float kContrastLow = 0.028F, kContrastLeast = 0.012F, kContrastGain = 0.45F;
constexpr float kSoftFrom = 0.95F, kSoftFull = 1.7F, kSoftTooMuch = 3.2F, kSharpeningMax = 1.3F;
constexpr float kQuietNoise = 4.5F;  // levels beyond which nothing is sharpened

float rising(float value, float from, float to) {
  return std::clamp((value - from) / (to - from), 0.0F, 1.0F);
}

// What has been done, as JSON.
class Steps {
 public:
  void add(const char* step, float amount) {
    char text[80];
    std::snprintf(text, sizeof text, R"(%s{"step":"%s","amount":%.2f})", list_.empty() ? "" : ",", step,
                  static_cast<double>(amount));
    list_ += text;
  }
  std::string json() const { return "{\"steps\":[" + list_ + "]}"; }

 private:
  std::string list_;
};

// What is white in a mask and `reach` pixels around it, each with `value`.
Result<Field> hole_of(const Raster& mask, const Extent& sides, int reach, float value, const Task& task) {
  const Field drawn = mask_of(mask, sides);
  Field hole(sides.width_px, sides.height_px);
  const auto done = task.rows(hole.height, [&](int begin, int end) {
    const int first = std::max(0, begin - reach), last = std::min(hole.height, end + reach);
    Field rows(hole.width, last - first);
    for (int y = first; y < last; ++y) {
      for (int x = 0; x < hole.width; ++x) rows.at(x, y - first) = drawn.at(x, y) >= kMaskMin ? value : 0;
    }
    rows = dilated(rows, reach);
    for (int y = begin; y < end; ++y) std::copy_n(rows.row(y - first), hole.width, hole.row(y));
  });
  if (!done) return std::unexpected(done.error());
  return hole;
}

// The part of a field within `margin` pixels of what is over 0 in it.
struct Part {
  int left = 0, top = 0;
  Field field;
};

Part part_around(const Field& hole, int margin) {
  int left = hole.width, right = -1, top = hole.height, bottom = -1;
  for (int y = 0; y < hole.height; ++y) {
    const float* row = hole.row(y);
    for (int x = 0; x < hole.width; ++x) {
      if (row[x] <= 0) continue;
      left = std::min(left, x), right = std::max(right, x);
      top = std::min(top, y), bottom = y;
    }
  }
  if (right < 0) return {};
  left = std::max(0, left - margin), top = std::max(0, top - margin);
  right = std::min(hole.width, right + margin + 1), bottom = std::min(hole.height, bottom + margin + 1);
  Part part{left, top, Field(right - left, bottom - top)};
  for (int y = top; y < bottom; ++y) std::copy_n(hole.row(y) + left, right - left, part.field.row(y - top));
  return part;
}

// What is darker, lighter or of another colour than the mean of what is a little farther away from the hole, and 1
// where it is so than all of that.
Field standing_out(const Raster& picture, const Part& hole, const Field& near, int band) {
  const int reach = kBeyondBands * band;
  Field out(near.width, near.height), beyond(near.width, near.height);
  for (std::size_t at = 0; at < near.values.size(); ++at) beyond.values[at] = near.values[at] > 0 ? 0.0F : 1.0F;
  const Field share = box_blur(beyond, reach);
  for (int channel = 0; channel < 3; ++channel) {
    Field values(near.width, near.height), mean = values;
    for (int y = 0; y < near.height; ++y) {
      for (int x = 0; x < near.width; ++x) {
        values.at(x, y) = static_cast<float>(picture.at(hole.left + x, hole.top + y)[channel]) / 255;
        mean.at(x, y) = beyond.at(x, y) * values.at(x, y);
      }
    }
    mean = box_blur(mean, reach);
    Field least(near.width, near.height, 1), most(near.width, near.height);
    for (std::size_t at = 0; at < near.values.size(); ++at) {
      if (beyond.values[at] > 0) least.values[at] = most.values[at] = values.values[at];
    }
    least = eroded(least, reach), most = dilated(most, reach);
    for (std::size_t at = 0; at < near.values.size(); ++at) {
      if (hole.field.values[at] > 0 || most.values[at] < least.values[at]) continue;
      const float value = values.values[at], apart = std::abs(value - mean.values[at] / share.values[at]);
      const bool is_unlike_all =
          value > most.values[at] + kRemnantContrast || value < least.values[at] - kRemnantContrast;
      if (is_unlike_all) out.values[at] = 1;
      if (apart > kThingContrast) out.values[at] = std::max(out.values[at], 0.5F);
    }
  }
  return out;
}

cv::Mat labels_of(const Field& marked, int& count) {
  cv::Mat marks(marked.height, marked.width, CV_8U), labels;
  for (int y = 0; y < marked.height; ++y) {
    for (int x = 0; x < marked.width; ++x) marks.at<std::uint8_t>(y, x) = marked.at(x, y) > 0 ? 1 : 0;
  }
  count = cv::connectedComponents(marks, labels);
  return labels;
}

// Widens a hole by what sticks out of it a little and ends there, and so belongs to what is taken away: a fingertip, a
// strand of hair, the shade under a foot. What goes on farther away was left out by whoever drew the mask.
Result<void> take_remnants(const Raster& picture, int reach, float value, const Task& task, Field& hole) {
  const int band = std::max(kRemnantMin, std::max(picture.width, picture.height) / kRemnantPart);
  const Part part = part_around(hole, (1 + kBeyondBands) * band);
  if (part.field.values.empty()) return {};
  const Field near = dilated(part.field, band);
  if (const auto wanted = task.check(); !wanted) return wanted;
  const Field out = standing_out(picture, part, near, band);
  if (const auto wanted = task.check(); !wanted) return wanted;
  int count = 0;
  const cv::Mat labels = labels_of(out, count);
  std::vector<bool> begins(static_cast<std::size_t>(count)), goes_on(begins.size()), is_unlike_all(begins.size());
  std::vector<int> sizes(begins.size());
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const auto label = static_cast<std::size_t>(labels.at<int>(y, x));
      if (label == 0) continue;
      ++sizes[label];
      if (out.at(x, y) >= 1) is_unlike_all[label] = true;
      for (int to_y = std::max(0, y - 1); to_y <= std::min(out.height - 1, y + 1); ++to_y) {
        for (int to_x = std::max(0, x - 1); to_x <= std::min(out.width - 1, x + 1); ++to_x) {
          if (part.field.at(to_x, to_y) > 0) begins[label] = true;
          if (near.at(to_x, to_y) <= 0) goes_on[label] = true;
        }
      }
    }
  }
  Field remnants(out.width, out.height);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      const auto label = static_cast<std::size_t>(labels.at<int>(y, x));
      const bool is_small = kRemnantShare * sizes[label] <= band * band;
      if (begins[label] && !goes_on[label] && is_unlike_all[label] && is_small) remnants.at(x, y) = value;
    }
  }
  remnants = dilated(remnants, reach);
  for (int y = 0; y < out.height; ++y) {
    for (int x = 0; x < out.width; ++x) {
      float& own = hole.at(part.left + x, part.top + y);
      own = std::max(own, remnants.at(x, y));
    }
  }
  return {};
}

// Whether a subject goes on behind a hole, for each label of a subject: much of the hole lies straight between places
// of subjects that are alike. Label 0 is none.
std::vector<bool> going_on_behind(const Raster& picture, const Field& hole, const cv::Mat& subjects, int count) {
  int holes = 0;
  const cv::Mat hole_labels = labels_of(hole, holes);
  std::vector<int> sizes(static_cast<std::size_t>(holes));
  std::vector<std::vector<int>> between(sizes.size(), std::vector<int>(static_cast<std::size_t>(count)));
  const auto are_alike = [](const std::uint8_t* one, const std::uint8_t* other) {
    return std::equal(one, one + 3, other, [](int a, int b) { return std::abs(a - b) <= kAlikeLevels; });
  };
  const auto look = [&](int lines, int length, const auto& place) {
    for (int line = 0; line < lines; ++line) {
      for (int at = 0, begin = -1; at < length; ++at) {  // the last place that is no hole
        const auto [x, y] = place(line, at);
        if (hole.at(x, y) > 0) continue;
        if (begin >= 0 && at > begin + 1) {
          const auto [from_x, from_y] = place(line, begin);
          const auto [in_x, in_y] = place(line, at - 1);
          const int before = subjects.at<int>(from_y, from_x), behind = subjects.at<int>(y, x);
          if (before != 0 && behind != 0 && are_alike(picture.at(from_x, from_y), picture.at(x, y))) {
            auto& pixels = between[static_cast<std::size_t>(hole_labels.at<int>(in_y, in_x))];
            pixels[static_cast<std::size_t>(before)] += at - begin - 1;
            if (behind != before) pixels[static_cast<std::size_t>(behind)] += at - begin - 1;
          }
        }
        begin = at;
      }
    }
  };
  look(hole.height, hole.width, [](int line, int at) { return std::pair(at, line); });
  look(hole.width, hole.height, [](int line, int at) { return std::pair(line, at); });
  for (int y = 0; y < hole.height; ++y) {
    for (int x = 0; x < hole.width; ++x) ++sizes[static_cast<std::size_t>(hole_labels.at<int>(y, x))];
  }
  std::vector<bool> goes_on(static_cast<std::size_t>(count));
  for (std::size_t which = 1; which < sizes.size(); ++which) {
    for (std::size_t label = 1; label < goes_on.size(); ++label) {
      if (static_cast<float>(between[which][label]) > kBetween * static_cast<float>(sizes[which]))
        goes_on[label] = true;
    }
  }
  return goes_on;
}

// What lies in gaps and corners of a hole: there are the ropes of a ship, the shadow of a letter. Nothing where much of
// what is left would be such.
Field enclosed_by(const Field& hole) {
  Field enclosed = box_blur(hole, std::max(hole.width, hole.height) / kEnclosedPart);
  int outside = 0, count = 0;
  for (std::size_t at = 0; at < hole.values.size(); ++at) {
    const int is_enclosed = hole.values[at] <= 0 && enclosed.values[at] > kEnclosedShare ? 1 : 0;
    enclosed.values[at] = static_cast<float>(is_enclosed);
    outside += hole.values[at] <= 0 ? 1 : 0, count += is_enclosed;
  }
  if (static_cast<float>(count) > kEnclosedMost * static_cast<float>(outside)) return {hole.width, hole.height};
  return enclosed;
}

// The other subjects of a small picture, of which no second one is wanted where one has been taken away; empty where
// there are none. What the hole lies before, or all of the picture, is no other subject.
Result<Field> others_of(const Raster& small, const Field& marked, const Saliency& network, const Task& task) {
  auto said = network(small, task.cancel());
  if (!said) return said;
  const Field saliency = resized(*said, small.extent());
  Field others(small.width, small.height);
  int outside = 0, standing = 0;
  for (std::size_t at = 0; at < marked.values.size(); ++at) {
    if (marked.values[at] > 0) continue;
    const int stands_out = saliency.values[at] >= kStandsOut ? 1 : 0;
    others.values[at] = static_cast<float>(stands_out);
    ++outside, standing += stands_out;
  }
  if (static_cast<float>(standing) > kSubjectMost * static_cast<float>(outside)) return Field();
  int count = 0;
  const cv::Mat labels = labels_of(others, count);
  const std::vector<bool> goes_on = going_on_behind(small, marked, labels, count);
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      if (goes_on[static_cast<std::size_t>(labels.at<int>(y, x))]) others.at(x, y) = 0;
    }
  }
  return dilated(others, kRing);
}

// What is not to fill a hole; empty: all may.
Result<Field> spared_of(const Raster& picture, const Field& hole, const Saliency& network, const Task& task) {
  const Raster small = resized(picture, extent_within(picture.extent(), kLookedAtPixels));
  Field marked = resized(hole, small.extent());
  for (float& value : marked.values) value = value > 0 ? 1.0F : 0.0F;
  // What is right beside the hole is less sure than what is a little farther away.
  marked = dilated(marked, kRing);
  Field spared = enclosed_by(marked);
  if (network) {
    const auto others = others_of(small, marked, network, task);
    if (!others) return others;
    for (std::size_t at = 0; at < others->values.size(); ++at)
      spared.values[at] = std::max(spared.values[at], others->values[at]);
  }
  if (std::ranges::none_of(spared.values, [](float value) { return value > 0; })) return Field();
  return resized(spared, picture.extent());
}

Result<MagicEdited> without_masked(const Raster& picture, const MagicEdit& how, const Raster& mask,
                                   const Saliency& network, const Task& task) {
  const int reach = std::max(kMaskGrownMin, std::max(picture.width, picture.height) / kMaskGrownPart);
  const float strength = static_cast<float>(how.strength);
  auto hole = hole_of(mask, picture.extent(), reach, strength, task.part(0, 0.05));
  if (!hole) return std::unexpected(hole.error());
  if (auto taken = take_remnants(picture, reach, strength, task, *hole); !taken) return std::unexpected(taken.error());
  const auto spared = spared_of(picture, *hole, network, task);
  if (!spared) return std::unexpected(spared.error());
  const PatchFill filling{.seed = how.seed, .spared = spared->values.empty() ? nullptr : &*spared};
  auto filled = patch_filled(picture, *hole, filling, task.part(0.1, 1));
  if (!filled) return std::unexpected(filled.error());
  Steps steps;
  steps.add("remove", strength);
  return MagicEdited{std::move(*filled), steps.json()};
}

// Noise and dust, which would be made stronger by what comes after them.
Result<Raster> cleaned(const Raster& picture, const MagicEdit& how, const Noise& noise, const Task& task,
                       Steps& steps) {
  const float strength = static_cast<float>(how.strength);
  Raster clean = picture;
  const float noisy =
      strength * noise.certainty * rising(std::max({noise.luma, noise.blue / 2, noise.red / 2}), kNoiseMin, kNoiseFull);
  if (noisy > kNoticed) {
    auto calm = denoised(picture, noise, noisy, task.part(0, 0.6));
    if (!calm) return calm;
    clean = std::move(*calm);
    steps.add("noise", noisy);
  }
  const auto specks = specks_of(clean, noisy > kNoticed ? noise.luma * (1 - noisy) : noise.luma, task);
  if (!specks) return std::unexpected(specks.error());
  if (!specks->empty() && strength > kNoticed) {
    auto dusted = without_specks(clean, *specks, strength, how.seed, task.part(0.7, 1));
    if (!dusted) return dusted;
    clean = std::move(*dusted);
    steps.add("dust", strength);
  }
  return clean;
}

// Light first, as tone is measured in the right one.
Curves curves_for(const Raster& picture, float strength, Steps& steps) {
  const Raster small = resized(picture, extent_within(picture.extent(), kLookedAtPixels));
  Curves curves = plain_curves();
  const Illuminant light = illuminant_of(small);
  const float wanted = kBalanceMost * strength * light.sureness;
  const float share = wanted > kNoticed ? share_that_keeps_skin(small, light, wanted) : 0;
  if (share > kNoticed) {
    balance(light, share, curves);
    steps.add("white-balance", share);
  }
  const Tone tone = tone_of(small, curves);
  if (!tone.lacks_nothing() && strength > kNoticed) {
    correct(tone, strength, curves);
    if (tone.stops > 0) steps.add("exposure", strength * std::min(1.0F, tone.stops / 2));
    if (tone.black > 0 || tone.middle != 0) {
      steps.add("tone", strength * std::min(1.0F, 5 * tone.black + 2 * std::abs(tone.middle)));
    }
  }
  return curves;
}

Finish finish_for(const Raster& picture, const Noise& noise, float strength, Steps& steps) {
  Finish finish;
  finish.curves = curves_for(picture, strength, steps);
  const float flat = strength * (1 - rising(local_contrast_of(picture), kContrastLeast, kContrastLow));
  if (flat > kNoticed && noise.luma < kQuietNoise) {
    finish.contrast = kContrastGain * flat;
    steps.add("local-contrast", flat);
  }
  const float softness = softness_of(picture);
  const float soft = strength * rising(softness, kSoftFrom, kSoftFull) *
                     (1 - rising(softness, kSoftFull, kSoftTooMuch)) * (1 - rising(noise.luma, kNoiseMin, kQuietNoise));
  if (soft > kNoticed) {
    finish.sharpening = kSharpeningMax * soft;
    finish.radius = std::max(0.7F, softness);
    finish.noise = noise.luma;
    steps.add("sharpness", soft);
  }
  return finish;
}

}  // namespace

Result<MagicEdited> magic_edit(const Raster& picture, const MagicEdit& how, const Raster* mask, const Saliency& network,
                               const Task& task) {
  if (mask != nullptr) return without_masked(picture, how, *mask, network, task);
  Steps steps;
  const Noise noise = noise_of(picture);
  task.done(0.1);
  if (const auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  const auto clean = cleaned(picture, how, noise, task.part(0.1, 0.6), steps);
  if (!clean) return std::unexpected(clean.error());
  const Finish finish = finish_for(*clean, noise, static_cast<float>(how.strength), steps);
  if (const auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
  auto result = finished(*clean, finish, task.part(0.7, 1));
  if (!result) return std::unexpected(result.error());
  return MagicEdited{std::move(*result), steps.json()};
}

std::int64_t magic_edit_bytes_max(const Extent& picture) {
  const std::int64_t pixels = std::int64_t{picture.width_px} * picture.height_px;
  // A mask's fields are held while a hole is filled; without one there are copies of the picture, and strips.
  constexpr std::int64_t kFieldsBytes = 3 * sizeof(float), kSparedBytes = 2;  // the latter of all levels together
  return pixels * (kFieldsBytes + kSparedBytes) + patch_filled_bytes_max(picture, picture);
}

}  // namespace tintype::engine
