#include "engine/studio/subject_mask.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <opencv2/imgproc.hpp>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/border_saliency.h"
#include "engine/studio/even_background.h"
#include "engine/studio/matting.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kGrabPixels = 40'000;  // of the picture that GrabCut sees: more take it seconds
constexpr int kRounds = 4;
constexpr float kSure = 0.9F, kSurelyNot = 0.1F;    // of what a network says
constexpr float kFirm = 0.75F, kHardlyNot = 0.05F;  // GrabCut may not think otherwise
constexpr float kLikely = 0.3F;                     // no less is likely subject
constexpr int kDeepPx = 6;                          // from the edge of what rather is subject: all of it is
constexpr float kAnySure = 0.5F;                    // less than this everywhere: it knows of no subject
constexpr float kContrastMin = 0.06F;               // of what stands out
constexpr float kSureDifference = 4;                // from an even background, of its own unevenness
constexpr double kShareMin = 0.002, kShareMax = 0.97;

std::unexpected<Error> no_subject(std::string cause) {
  return fail(ErrorCode::kInvalidInput, "No subject stands out from the background of this picture",
              "Please send a picture with one clear subject", std::move(cause));
}

// Where GrabCut begins: of each pixel one of OpenCV's four classes.
using Seeds = cv::Mat;

constexpr int kRoughPx = 2;  // around a pixel

// How rough a picture is around each pixel: 0 for a wall that is out of focus, 1 for knitwear.
Field roughness_of(const Raster& picture) {
  constexpr float kSteps = 100, kOctaves = 5;  // of deviations
  Field mean = luma_of(picture), square = mean;
  for (float& value : square.values) value *= value;
  mean = box_blur(mean, kRoughPx);
  square = box_blur(square, kRoughPx);
  Field rough(picture.width, picture.height);
  for (std::size_t at = 0; at < rough.values.size(); ++at) {
    const float variance = square.values[at] - mean.values[at] * mean.values[at];
    rough.values[at] = std::min(1.0F, std::log2(1 + kSteps * std::sqrt(std::max(0.0F, variance))) / kOctaves);
  }
  return rough;
}

// The threshold that parts values best (Otsu, 1979).
float parting(const std::vector<float>& values) {
  cv::Mat bytes(1, static_cast<int>(values.size()), CV_8U);
  for (std::size_t at = 0; at < values.size(); ++at) {
    bytes.at<std::uint8_t>(0, static_cast<int>(at)) = cv::saturate_cast<std::uint8_t>(values[at] * 255.0F);
  }
  cv::Mat parted;
  return static_cast<float>(cv::threshold(bytes, parted, 0, 255, cv::THRESH_BINARY | cv::THRESH_OTSU)) / 255.0F;
}

// Where GrabCut begins to think that it is subject: what parts best that of which a network is not sure, as hair from
// the room beside it.
float likely_of(const Field& said) {
  constexpr float kLikelyMax = 0.35F;
  std::vector<float> unsure;
  std::ranges::copy_if(said.values, std::back_inserter(unsure),
                       [](float value) { return value > kHardlyNot && value < kSure; });
  return unsure.empty() ? kLikely : std::clamp(parting(unsure), kLikely, kLikelyMax);
}

Seeds seeds_of_network(const Field& said) {
  Seeds seeds(said.height, said.width, CV_8U);
  const float likely = likely_of(said);
  const Field around = dilated(said, 1), deep = eroded(said, kDeepPx);
  for (int y = 0; y < said.height; ++y) {
    for (int x = 0; x < said.width; ++x) {
      std::uint8_t& seed = seeds.at<std::uint8_t>(y, x);
      seed = said.at(x, y) > likely ? cv::GC_PR_FGD : cv::GC_PR_BGD;
      if (said.at(x, y) > kFirm || deep.at(x, y) > 0.5F) seed = cv::GC_FGD;
      if (around.at(x, y) < kHardlyNot) seed = cv::GC_BGD;
    }
  }
  return seeds;
}

// `sure` is what is subject without doubt.
Seeds seeds_of(const Field& saliency, float threshold, float sure) {
  Seeds seeds(saliency.height, saliency.width, CV_8U);
  for (int y = 0; y < saliency.height; ++y) {
    for (int x = 0; x < saliency.width; ++x) {
      const float value = saliency.at(x, y);
      const bool is_border = x == 0 || y == 0 || x == saliency.width - 1 || y == saliency.height - 1;
      std::uint8_t& seed = seeds.at<std::uint8_t>(y, x);
      seed = value > threshold ? cv::GC_PR_FGD : cv::GC_PR_BGD;
      if (value > sure) seed = cv::GC_FGD;
      if (is_border && value < threshold) seed = cv::GC_BGD;
    }
  }
  return seeds;
}

// Of the picture alone. On an even background all that is not of its colour is subject; elsewhere what stands out.
Result<Seeds> seeds_of_picture(const Raster& picture, const std::optional<Field>& difference) {
  if (difference) return seeds_of(*difference, 1, kSureDifference);
  const BorderSaliency border = border_saliency(picture);
  if (border.contrast < kContrastMin) return no_subject("contrast " + std::to_string(border.contrast));
  const float threshold = parting(border.saliency.values);
  return seeds_of(border.saliency, threshold, (1 + threshold) / 2);
}

bool has_both(const Seeds& seeds) {
  const int subject = cv::countNonZero(seeds & 1);
  return subject > 0 && subject < static_cast<int>(seeds.total());
}

// Where a network is not sure, an even background has a say as well.
void sharpen_by_background(Field& said, const std::optional<Field>& difference) {
  if (!difference) return;
  for (std::size_t at = 0; at < said.values.size(); ++at) {
    float& value = said.values[at];
    if (value > kSurelyNot && value < kSure) value = (value + std::min(1.0F, difference->values[at] / 2)) / 2;
  }
}

// What a network says of places that are near and of a colour and roughness, on a coarse grid of all that (a bilateral
// grid: Chen, Paris, Durand, 2007).
class SaidOfLooks {
 public:
  SaidOfLooks(const Raster& picture, const Field& rough, const Field& said)
      : picture_(picture), rough_(rough), cells_(kSize) {
    for (int y = 0; y < said.height; ++y) {
      for (int x = 0; x < said.width; ++x) {
        const bool is_subject = said.at(x, y) > kSure, is_background = said.at(x, y) < kRatherNot;
        each_cell(x, y, [&](std::size_t cell, float weight) {
          Cell& to = cells_[cell];
          (is_subject ? to.subject : is_background ? to.background : to.unsure) += weight;
        });
      }
    }
  }

  // What the sure ones say, and how far that can be trusted: not where most of what looks so is not sure.
  Share at(int x, int y) const {
    constexpr float kSeenOften = 3;  // pixels
    constexpr float kFew = 0.1F, kMost = 0.35F, kDark = 0.17F, kLit = 0.25F, kPale = 0.7F, kWhite = 0.85F;
    Cell all;
    each_cell(x, y, [&](std::size_t cell, float weight) {
      all.subject += weight * cells_[cell].subject;
      all.background += weight * cells_[cell].background;
      all.unsure += weight * cells_[cell].unsure;
    });
    const float sure = all.subject + all.background;
    const float share = sure / std::max(sure + all.unsure, 1e-6F);
    // What is dark looks alike, and what is white.
    const std::uint8_t* pixel = picture_.at(x, y);
    const float light = static_cast<float>(std::max({pixel[0], pixel[1], pixel[2]})) / 255.0F;
    const float white = static_cast<float>(std::min({pixel[0], pixel[1], pixel[2]})) / 255.0F;
    const float tells = smooth_step(kDark, kLit, light) * (1 - smooth_step(kPale, kWhite, white));
    const float trust = tells * smooth_step(kFew, kMost, share);
    return {all.subject / std::max(sure, 1e-6F), trust * sure / (sure + kSeenOften)};
  }

 private:
  static constexpr float kRatherNot = 0.15F;
  static constexpr int kPlaces = 2, kLevels = 30, kRoughs = 9;  // along each side; of each channel
  static constexpr std::array<int, 6> kSides = {kPlaces, kPlaces, kLevels, kLevels, kLevels, kRoughs};
  static constexpr std::size_t kSize = std::size_t{kPlaces} * kPlaces * kLevels * kLevels * kLevels * kRoughs;
  struct Cell {
    float subject = 0, background = 0, unsure = 0;
  };

  // Those around, by how near each is.
  template <class Work>
  void each_cell(int x, int y, const Work& work) const {
    const std::uint8_t* pixel = picture_.at(x, y);
    const std::array<float, 6> shares = {(static_cast<float>(x) + 0.5F) / static_cast<float>(picture_.width),
                                         (static_cast<float>(y) + 0.5F) / static_cast<float>(picture_.height),
                                         static_cast<float>(pixel[0]) / 255,
                                         static_cast<float>(pixel[1]) / 255,
                                         static_cast<float>(pixel[2]) / 255,
                                         rough_.at(x, y)};
    std::array<int, 6> first;
    std::array<float, 6> beyond;
    for (std::size_t i = 0; i < 6; ++i) {
      const float place = shares[i] * static_cast<float>(kSides[i] - 1);
      first[i] = std::min(static_cast<int>(place), kSides[i] - 2);
      beyond[i] = place - static_cast<float>(first[i]);
    }
    for (unsigned corner = 0; corner < 64; ++corner) {
      float weight = 1;
      std::size_t cell = 0;
      for (std::size_t i = 0; i < 6; ++i) {
        const bool is_next = (corner >> i & 1U) != 0;
        weight *= is_next ? beyond[i] : 1 - beyond[i];
        cell = cell * static_cast<std::size_t>(kSides[i]) + static_cast<std::size_t>(first[i] + is_next);
      }
      if (weight > 0) work(cell, weight);
    }
  }

  const Raster& picture_;
  const Field& rough_;
  std::vector<Cell> cells_;
};

// What a network says of each pixel, and that where it is not sure with what it says of others that look so.
struct Belief {
  Field said, agreed;
};

// What a network says, where it is not sure also by what it is sure of elsewhere: hair that leaves the frame is the
// hair beside it, and the wall between spokes is the wall beside the wheel.
Field agreed_with_looks(const Raster& picture, const Field& rough, const Field& said) {
  const Field own = eroded(rough, kRoughPx);  // on whichever side of an edge a pixel is
  const SaidOfLooks looks(picture, own, said);
  Field agreed = said;
  for (int y = 0; y < said.height; ++y) {
    for (int x = 0; x < said.width; ++x) {
      float& value = agreed.at(x, y);
      if (value <= kHardlyNot || value >= kSure) continue;
      const Share by_look = looks.at(x, y);
      // A white wall is no white shirt: nothing becomes subject that does not look like it by its place too.
      const float may = by_look.share > value ? smooth_step(1.5F * kLikely, 2 * kLikely, value) : 1;
      value += may * by_look.trust * std::abs(2 * by_look.share - 1) * (by_look.share - value);
    }
  }
  return agreed;
}

// Without the specks that GrabCut leaves where colours mingle; what was sure stays.
void clear_specks(cv::Mat& classes) {
  cv::Mat even;
  cv::medianBlur(classes & 1, even, 5);
  for (int y = 0; y < classes.rows; ++y) {
    for (int x = 0; x < classes.cols; ++x) {
      std::uint8_t& value = classes.at<std::uint8_t>(y, x);
      if (value >= cv::GC_PR_BGD) value = even.at<std::uint8_t>(y, x) != 0 ? cv::GC_PR_FGD : cv::GC_PR_BGD;
    }
  }
}

// 1 where GrabCut ends with subject.
Result<Field> grab(const Raster& picture, Seeds seeds, bool has_even_background, const Task& task) {
  if (!has_both(seeds)) return no_subject("nothing to begin with");
  cv::Mat colours, background, foreground;
  const cv::Mat rgba(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.rgba.data()));
  cv::cvtColor(rgba, colours, cv::COLOR_RGBA2BGR);
  cv::theRNG().state = 1;  // clusters of colours begin at random, but always the same
  for (int round = 0; round < kRounds; ++round) {
    if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
    if (!has_both(seeds)) return no_subject("nothing is left");
    try {
      cv::grabCut(colours, seeds, {}, background, foreground, 1, round == 0 ? cv::GC_INIT_WITH_MASK : cv::GC_EVAL);
    } catch (const cv::Exception& exception) {
      return fail_internal(std::string("GrabCut: ") + exception.what());
    }
    task.done(static_cast<double>(round + 1) / kRounds);
  }
  if (!has_even_background) clear_specks(seeds);  // on an even one they are thin parts
  Field result(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) result.at(x, y) = static_cast<float>(seeds.at<std::uint8_t>(y, x) & 1);
  }
  return result;
}

double mean_of(const Field& field) {
  return std::accumulate(field.values.begin(), field.values.end(), 0.0) / static_cast<double>(field.values.size());
}

// The deviation of the background's colours from their own surroundings: what is no more than this is no difference.
float roughness(const Field3& colours, const Field& mask) {
  double sum = 0, count = 0;
  for (const Field* channel : {&colours.first, &colours.second, &colours.third}) {
    const Field smooth = gaussian_blur(*channel, 3);
    for (std::size_t at = 0; at < mask.values.size(); ++at) {
      if (mask.values[at] > 0) continue;
      sum += std::abs(channel->values[at] - smooth.values[at]);
      ++count;
    }
  }
  return static_cast<float>(count > 0 ? sum / count : 1);
}

// What may be taken for a hole in a subject, by how rough the background is.
struct HoleRule {
  float difference_max = 0;            // of the background behind
  double agreed_max = 0, rim_max = 1;  // by a network on average; the share of it that lies along the mask's edge
};

HoleRule hole_rule(float roughness) {
  constexpr float kEven = 0.006F, kRoughnessMax = 0.02F, kDifferenceMin = 0.02F, kDifferenceOfRoughness = 4;
  if (roughness > kRoughnessMax) return {};
  const float difference = std::max(kDifferenceMin, kDifferenceOfRoughness * roughness);
  // What a network is surer of is rather glass, or as pale as an even background; and GrabCut was right where it left
  // what is beside what it took.
  return roughness <= kEven ? HoleRule{difference, 0.97, 1} : HoleRule{difference, 0.5, 0.05};
}

// Takes out of the mask what shows the background that surrounds the subject: the inside of a ring. The rougher that
// is, the less it can be told from a part of the subject, as hair before a blurred wood. And what is hardly the subject
// by what a network says of such looks: the wall that is seen between handlebars. Of what was taken out a network is
// not asked any more.
Result<void> open_holes(const Field3& colours, Belief& belief, Field& mask, const Task& task) {
  constexpr double kHoleShareMin = 0.0004;  // a smaller one is rather a highlight
  constexpr float kRatherNot = 0.2F;        // of what a network says
  constexpr double kRimOfLooks = 0.02;      // what reaches the mask's edge with more of it is no hole
  const HoleRule rule = hole_rule(roughness(colours, dilated(mask, 4)));
  const auto layers = layers_of(colours, dilated(mask, 2), task);
  if (!layers) return std::unexpected(layers.error());
  const Field3& behind = layers->background;
  cv::Mat holes(mask.height, mask.width, CV_8U);
  for (int y = 0; y < mask.height; ++y) {
    for (int x = 0; x < mask.width; ++x) {
      const float apart = std::max({std::abs(colours.first.at(x, y) - behind.first.at(x, y)),
                                    std::abs(colours.second.at(x, y) - behind.second.at(x, y)),
                                    std::abs(colours.third.at(x, y) - behind.third.at(x, y))});
      const bool is_like_behind = apart < rule.difference_max || belief.agreed.at(x, y) < kRatherNot;
      holes.at<std::uint8_t>(y, x) = mask.at(x, y) > 0 && is_like_behind ? 1 : 0;
    }
  }
  cv::morphologyEx(holes, holes, cv::MORPH_OPEN, cv::getStructuringElement(cv::MORPH_ELLIPSE, {5, 5}));
  cv::Mat labels, figures, middles;
  const int count = cv::connectedComponentsWithStats(holes, labels, figures, middles, 4);
  const double area_min = kHoleShareMin * static_cast<double>(mask.values.size());
  const Field inner = eroded(mask, 2);
  struct Sums {
    double agreed = 0, rim = 0;
  };
  std::vector<Sums> sums(static_cast<std::size_t>(count));
  const auto each = [&](const auto& work) {
    for (int y = 0; y < mask.height; ++y) {
      for (int x = 0; x < mask.width; ++x) work(x, y, static_cast<std::size_t>(labels.at<int>(y, x)));
    }
  };
  each([&](int x, int y, std::size_t label) {
    sums[label].agreed += belief.agreed.at(x, y);
    sums[label].rim += inner.at(x, y) > 0 ? 0 : 1;
  });
  each([&](int x, int y, std::size_t label) {
    const int area = figures.at<int>(static_cast<int>(label), cv::CC_STAT_AREA);
    const bool shows_behind = sums[label].agreed < rule.agreed_max * area && sums[label].rim <= rule.rim_max * area;
    const bool is_hole =
        shows_behind || (sums[label].agreed < kRatherNot * area && sums[label].rim <= kRimOfLooks * area);
    if (label > 0 && area >= area_min && is_hole) belief.said.at(x, y) = belief.agreed.at(x, y) = mask.at(x, y) = 0;
  });
  return {};
}

// 1 for what is thinner than its surroundings are wide, and of another colour: hairs, threads, and the gaps between
// them. By as much more than the background's own roughness, as the median of what is around tells it.
Field thin_parts(const Raster& picture, const Field& mask) {
  constexpr int kAroundPx = 9, kAwayPx = 8;
  constexpr double kDifferenceMin = 0.015, kDifferenceOfRoughness = 4;
  const cv::Mat rgba(picture.height, picture.width, CV_8UC4, const_cast<std::uint8_t*>(picture.rgba.data()));
  cv::Mat around, apart, greatest;
  cv::medianBlur(rgba, around, kAroundPx);
  cv::absdiff(rgba, around, apart);
  std::vector<cv::Mat> channels;
  cv::split(apart, channels);
  cv::max(channels[0], channels[1], greatest);
  cv::max(greatest, channels[2], greatest);
  const Field near = dilated(mask, kAwayPx);
  double sum = 0, count = 0;
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      if (near.at(x, y) > 0) continue;
      sum += greatest.at<std::uint8_t>(y, x);
      ++count;
    }
  }
  const double rough = count > 0 ? sum / count : 255;
  const double least = std::max(kDifferenceMin * 255, kDifferenceOfRoughness * rough);
  Field thin(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) thin.at(x, y) = greatest.at<std::uint8_t>(y, x) > least ? 1.0F : 0.0F;
  }
  return dilated(thin, 1);
}

// Not known: a band along the mask's edge, and around it what a network was not sure of, and what is thin unless a
// network is quite sure of that.
Field trimap_of(const Raster& picture, const Field& rough, const Field& mask, const Belief* belief) {
  constexpr float kQuiteSure = 0.01F, kRather = 0.5F, kInFocus = 0.3F;
  const int longest = std::max(mask.width, mask.height);
  const int narrow = std::max(2, longest / 128), wide = std::max(4, longest / 32);
  const Field inside = eroded(mask, narrow), outside = dilated(mask, narrow);
  const Field far_inside = eroded(mask, wide), far_outside = dilated(mask, wide);
  // What rather is subject and so slim that the band along an edge would leave nothing of it: wires, tubes and spokes.
  Field wires(mask.width, mask.height);
  if (belief != nullptr) {
    std::ranges::transform(belief->agreed.values, wires.values.begin(),
                           [](float agreed) { return agreed > kRather ? 1.0F : 0.0F; });
    const Field opened = dilated(eroded(wires, narrow), narrow + 1);
    for (std::size_t at = 0; at < wires.values.size(); ++at) wires.values[at] *= 1 - opened.values[at];
  }
  const Field rough_near = dilated(rough, narrow), core = eroded(mask, 1);
  const Field thin = thin_parts(picture, mask), reached = dilated(mask, 2 * wide);
  Field trimap(mask.width, mask.height);
  for (std::size_t at = 0; at < mask.values.size(); ++at) {
    const bool is_near = inside.values[at] < 0.5F && outside.values[at] > 0.5F;
    const bool is_outside = mask.values[at] < 0.5F;
    const bool is_around =
        is_outside ? far_outside.values[at] > 0.5F && rough_near.values[at] > kInFocus : far_inside.values[at] < 0.5F;
    const float belongs = belief != nullptr ? belief->said.values[at] : 0.5F;
    const float agreed = belief != nullptr ? belief->agreed.values[at] : 0.5F;
    const bool is_denied = agreed < kSurelyNot && belongs > kRather;  // the wall between spokes
    const bool is_unsure = belief != nullptr && belongs > kSurelyNot && belongs < kSure && !is_denied;
    const bool is_thin = is_outside && thin.values[at] > 0 && reached.values[at] > 0.5F && belongs > kQuiteSure;
    const float sure = mask.values[at] > 0.5F ? 1 : 0;
    const bool is_its_edge = is_outside ? is_near && thin.values[at] <= 0 : core.values[at] < 0.5F;
    const bool is_wire = wires.values[at] > 0 && !is_its_edge;
    const bool is_open = is_near || is_thin || is_wire || (is_around && is_unsure);
    // Where colours do not tell, a network is asked: the shadow under a thing is rather not it.
    const bool is_rather = !is_outside && agreed > kLikely;
    const float guess = is_wire ? kWire : is_rather ? 0.9F : 0.1F;
    trimap.values[at] = is_open ? guess : sure;
  }
  return trimap;
}

}  // namespace

Result<Field> subject_trimap(const Raster& picture, const Saliency& network, const Task& task) {
  constexpr double kSaid = 0.4, kGrabbed = 0.8;
  const Raster small = resized(picture, extent_within(picture.extent(), kGrabPixels));
  const auto difference = difference_from_even_background(coded_colours(small));
  const Field rough = roughness_of(picture);
  Belief belief{Field(picture.width, picture.height, 0.5F), Field(picture.width, picture.height, 0.5F)};
  Seeds seeds;
  if (network) {
    const auto answer = network(picture, task.cancel());
    if (!answer) return std::unexpected(answer.error());
    if (*std::ranges::max_element(answer->values) < kAnySure) return no_subject("the network is sure of nothing");
    belief.said = resized(*answer, picture.extent());
    belief.agreed = agreed_with_looks(picture, rough, belief.said);
    // What it rather takes for subject stays so, but for holes: a white plate looks like the white wall behind it.
    Field seed = belief.agreed;
    for (std::size_t at = 0; at < seed.values.size(); ++at) {
      const float said = belief.said.values[at];
      if (said > 0.5F) seed.values[at] = std::max(seed.values[at], said);
    }
    Field small_said = resized(seed, small.extent());
    sharpen_by_background(small_said, difference);
    seeds = seeds_of_network(small_said);
  } else {
    auto found = seeds_of_picture(small, difference);
    if (!found) return std::unexpected(found.error());
    seeds = std::move(*found);
  }
  task.done(kSaid);
  auto grabbed = grab(small, std::move(seeds), difference.has_value(), task.part(kSaid, kGrabbed));
  if (!grabbed) return std::unexpected(grabbed.error());
  Field mask = resized(*grabbed, picture.extent());
  for (float& value : mask.values) value = value > 0.5F ? 1 : 0;
  const Field3 colours = coded_colours(picture);
  if (auto opened = open_holes(colours, belief, mask, task.part(kGrabbed, 1)); !opened) {
    return std::unexpected(opened.error());
  }
  if (auto has = check_subject(mask); !has) return std::unexpected(has.error());
  task.done(1);
  return trimap_of(picture, rough, mask, network ? &belief : nullptr);
}

Result<void> check_subject(const Field& alpha) {
  const double share = mean_of(alpha);
  if (share < kShareMin || share > kShareMax) return no_subject("share " + std::to_string(share));
  const bool is_ghost = std::ranges::none_of(alpha.values, [](float value) { return value > kSure; });
  return is_ghost ? Result<void>(no_subject("nothing is solid")) : Result<void>();
}

}  // namespace tintype::engine
