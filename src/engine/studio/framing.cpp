#include "engine/studio/framing.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <opencv2/imgproc.hpp>

#include "engine/raster/resample.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kLookedAtPixelsMax = 800'000;
constexpr float kEdgeMin = 3, kEdgeMost = 24;  // steps of grey a pixel
constexpr double kTiltStep = 0.2;              // degrees
constexpr int kTiltSteps = 50;                 // to either side
constexpr double kEdgeDegrees = 4;  // by which a pixel's own edge may differ from the line that it is part of
constexpr double kPeakMin = 1.7, kPeakPerDegree = 0.2;        // of the middle score
constexpr double kBetterMin = 1.12, kBetterPerDegree = 0.14;  // than leaving it: large tilts are seldom meant
constexpr float kSeen = 0.35F;                                // the alpha that belongs to a subject
constexpr double kStrayShare = 0.0015;                        // of a subject that may lie outside of its box
constexpr double kAir = 0.08;                                 // of a box's longer side

double radians(double degrees) {
  return degrees * std::numbers::pi / 180;
}

Raster quarter_turned(const Raster& picture, int quarters) {
  const bool is_across = quarters % 2 == 1;
  Raster result(is_across ? picture.height : picture.width, is_across ? picture.width : picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const int right = picture.width - 1 - x, below = picture.height - 1 - y;
      std::uint8_t* to = quarters == 1   ? result.at(below, x)
                         : quarters == 2 ? result.at(right, below)
                                         : result.at(y, right);
      std::copy_n(picture.at(x, y), Raster::kChannels, to);
    }
  }
  return result;
}

// The colour at a place between pixels, mixed by alpha; outside of a picture with alpha there is nothing.
void sample_cubic(const Raster& picture, double x, double y, bool ends, std::uint8_t* out) {
  const int left = static_cast<int>(std::floor(x)), top = static_cast<int>(std::floor(y));
  const auto across = keys_weights(static_cast<float>(x - left)), down = keys_weights(static_cast<float>(y - top));
  std::array<float, 4> sum{};
  for (int row = 0; row < 4; ++row) {
    for (int column = 0; column < 4; ++column) {
      const int there_x = left - 1 + column, there_y = top - 1 + row;
      const bool is_outside = there_x < 0 || there_y < 0 || there_x >= picture.width || there_y >= picture.height;
      if (is_outside && ends) continue;
      const std::uint8_t* pixel =
          picture.at(std::clamp(there_x, 0, picture.width - 1), std::clamp(there_y, 0, picture.height - 1));
      const float weight = across[static_cast<std::size_t>(column)] * down[static_cast<std::size_t>(row)];
      const float alpha = weight * static_cast<float>(pixel[3]) / 255.0F;
      for (std::size_t channel = 0; channel < 3; ++channel) sum[channel] += alpha * static_cast<float>(pixel[channel]);
      sum[3] += alpha;
    }
  }
  for (std::size_t channel = 0; channel < 3; ++channel) {
    const float value = sum[3] > 1e-4F ? sum[channel] / sum[3] : 0;
    out[channel] = static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0F, 255.0F)));
  }
  out[3] = static_cast<std::uint8_t>(std::lround(std::clamp(sum[3], 0.0F, 1.0F) * 255.0F));
}

// Where, from `begin` on, sums of what lies before come to this much.
int place_of(const std::vector<double>& sums, double share) {
  double total = 0, seen = 0;
  for (const double sum : sums) total += sum;
  for (std::size_t at = 0; at < sums.size(); ++at) {
    seen += sums[at];
    if (seen > share * total) return static_cast<int>(at);
  }
  return static_cast<int>(sums.size()) - 1;
}

// The box without air.
Box tight_box(const Field& alpha) {
  std::vector<double> columns(static_cast<std::size_t>(alpha.width)), rows(static_cast<std::size_t>(alpha.height));
  double total = 0;
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) {
      const float value = alpha.at(x, y);
      if (value < kSeen) continue;
      columns[static_cast<std::size_t>(x)] += value;
      rows[static_cast<std::size_t>(y)] += value;
      total += value;
    }
  }
  if (total <= 0) return {0, 0, alpha.width, alpha.height};
  const int left = place_of(columns, kStrayShare), right = place_of(columns, 1 - kStrayShare);
  const int top = place_of(rows, kStrayShare), bottom = place_of(rows, 1 - kStrayShare);
  return {left, top, right - left + 1, bottom - top + 1};
}

Extent extent_of_aspect(const Extent& picture, const AspectRatio& aspect) {
  const double wanted = static_cast<double>(aspect.width) / aspect.height;
  Extent sides = picture;
  if (picture.width_px > picture.height_px * wanted) {
    sides.width_px = std::max(1, static_cast<int>(std::lround(picture.height_px * wanted)));
  } else {
    sides.height_px = std::max(1, static_cast<int>(std::lround(picture.width_px / wanted)));
  }
  return {std::min(sides.width_px, picture.width_px), std::min(sides.height_px, picture.height_px)};
}

// Pixels on edges that are nearly level or upright, in the middle's coordinates.
struct Edge {
  float x = 0, y = 0, weight = 0;
  float tilt = 0;  // degrees clockwise, from level or from upright
  bool is_upright = false;
};
struct Edges {
  std::vector<Edge> all;
  int side = 0;
};

Edges edges_of(const Raster& small) {
  cv::Mat grey, across, down;
  cv::cvtColor(cv::Mat(small.height, small.width, CV_8UC4, const_cast<std::uint8_t*>(small.rgba.data())), grey,
               cv::COLOR_RGBA2GRAY);
  cv::GaussianBlur(grey, grey, {7, 7}, 1.6);
  cv::Scharr(grey, across, CV_32F, 1, 0, 1.0 / 32);
  cv::Scharr(grey, down, CV_32F, 0, 1, 1.0 / 32);
  Edges edges;
  edges.side = std::max(small.width, small.height);
  const int middle_x = small.width / 2, middle_y = small.height / 2;
  for (int y = 2; y + 2 < small.height; ++y) {
    for (int x = 2; x + 2 < small.width; ++x) {
      const float right = across.at<float>(y, x), below = down.at<float>(y, x);
      const float strength = std::hypot(right, below);
      if (strength < kEdgeMin) continue;
      const bool is_upright = std::abs(right) > std::abs(below);
      const float slope = is_upright ? -below / right : -right / below;
      const float tilt = (is_upright ? -1.0F : 1.0F) * std::atan(slope) * static_cast<float>(180 / std::numbers::pi);
      if (std::abs(tilt) > kTiltSteps * kTiltStep + kEdgeDegrees) continue;
      edges.all.push_back({static_cast<float>(x - middle_x), static_cast<float>(y - middle_y),
                           std::min(strength, kEdgeMost), tilt, is_upright});
    }
  }
  return edges;
}

// How well edges lie upon few lines of this tilt: they are summed along such lines, and the sums' squares count, so
// that long lines count for more than many short ones.
struct Alignment {
  double level = 0, upright = 0;
};
Alignment alignment(const Edges& edges, double tilt) {
  const auto bins = static_cast<std::size_t>(edges.side) * 2;
  std::vector<float> level(bins), upright(bins);
  const float sine = static_cast<float>(std::sin(radians(tilt))), cosine = static_cast<float>(std::cos(radians(tilt)));
  for (const Edge& edge : edges.all) {
    if (std::abs(edge.tilt - tilt) > kEdgeDegrees) continue;
    const float place = edge.is_upright ? edge.x * cosine + edge.y * sine : edge.y * cosine - edge.x * sine;
    const auto bin = static_cast<std::size_t>(std::lround(place + static_cast<float>(edges.side)));
    if (bin < bins) (edge.is_upright ? upright : level)[bin] += edge.weight;
  }
  Alignment sums;
  for (std::size_t bin = 0; bin < bins; ++bin) {
    sums.level += static_cast<double>(level[bin]) * level[bin];
    sums.upright += static_cast<double>(upright[bin]) * upright[bin];
  }
  return sums;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// Whether lines of one kind would lean more than they do if the picture were turned by the tilt at this index of their
// scores: upright ones, when what slopes is a street, or the rows of a wall that is seen from the side; or level ones,
// when what leans are trunks.
bool would_lean(const std::vector<double>& lines, std::ptrdiff_t at) {
  constexpr double kLeans = 0.6;
  const double any = median_of(lines);  // what is there at any tilt
  const bool agree = *std::ranges::max_element(lines) > kPeakMin * any;
  return agree && lines[static_cast<std::size_t>(at)] - any < kLeans * (lines[kTiltSteps] - any);
}

}  // namespace

Raster flipped(const Raster& picture, bool is_upside_down) {
  Raster result(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const std::uint8_t* from =
          is_upside_down ? picture.at(x, picture.height - 1 - y) : picture.at(picture.width - 1 - x, y);
      std::copy_n(from, 4, result.at(x, y));
    }
  }
  return result;
}

Result<Raster> rotated(const Raster& picture, double degrees, const Task& task) {
  double turn = std::fmod(degrees, 360);
  if (turn < 0) turn += 360;
  const int quarters = static_cast<int>(std::lround(turn / 90)) % 4;
  if (std::abs(turn - std::lround(turn / 90) * 90.0) < 1e-6) {
    return quarters == 0 ? picture : quarter_turned(picture, quarters);
  }
  const double sine = std::abs(std::sin(radians(turn))), cosine = std::abs(std::cos(radians(turn)));
  const double width = picture.width, height = picture.height;
  const bool grows = !is_opaque(picture);
  // Past 45 degrees it is the other shape that fits best.
  const bool lies = sine > cosine;
  const double out_width = lies ? height : width, out_height = lies ? width : height;
  const double fit =
      std::min(width / (out_width * cosine + out_height * sine), height / (out_width * sine + out_height * cosine));
  Extent sides{std::max(1, static_cast<int>(out_width * fit)), std::max(1, static_cast<int>(out_height * fit))};
  if (grows) {
    sides = {static_cast<int>(std::ceil(width * cosine + height * sine)),
             static_cast<int>(std::ceil(width * sine + height * cosine))};
  }
  Raster result(sides.width_px, sides.height_px);
  const double sin_turn = std::sin(radians(turn)), cos_turn = std::cos(radians(turn));
  const auto turned = task.rows(result.height, [&](int begin, int end) {
    for (int y = begin; y < end; ++y) {
      for (int x = 0; x < result.width; ++x) {
        const double across = x + 0.5 - result.width / 2.0, down = y + 0.5 - result.height / 2.0;
        const double there_x = across * cos_turn + down * sin_turn + width / 2 - 0.5;
        const double there_y = -across * sin_turn + down * cos_turn + height / 2 - 0.5;
        sample_cubic(picture, there_x, there_y, grows, result.at(x, y));
      }
    }
  });
  if (!turned) return std::unexpected(turned.error());
  return result;
}

double straightening_of(const Raster& picture) {
  const Edges edges = edges_of(resized(picture, extent_within(picture.extent(), kLookedAtPixelsMax)));
  constexpr double kUprightShare = 0.7;  // uprights lean by perspective too, so they count for less
  std::vector<double> scores, levels, uprights;
  for (int step = -kTiltSteps; step <= kTiltSteps; ++step) {
    const Alignment found = alignment(edges, step * kTiltStep);
    scores.push_back(found.level + kUprightShare * found.upright);
    levels.push_back(found.level);
    uprights.push_back(found.upright);
  }
  const auto best = std::ranges::max_element(scores);
  const double level = scores[static_cast<std::size_t>(kTiltSteps)];
  const auto at = best - scores.begin();
  const double degrees = std::abs(static_cast<double>(at - kTiltSteps)) * kTiltStep;
  const double peak = kPeakMin + kPeakPerDegree * degrees, better = kBetterMin + kBetterPerDegree * degrees;
  if (*best < peak * median_of(scores) || *best < better * level) return 0;
  if (would_lean(levels, at) || would_lean(uprights, at)) return 0;
  if (at == 0 || at == 2 * kTiltSteps) return 0;  // it goes on beyond what is looked at
  // The top of the parabola through the peak and its neighbours.
  const double before = best[-1], after = best[1];
  const double bend = before - 2 * *best + after;
  const double shift = bend < 0 ? 0.5 * (before - after) / bend : 0;
  return -(static_cast<double>(at - kTiltSteps) + shift) * kTiltStep;
}

Box box_around(const Field& alpha) {
  const Box tight = tight_box(alpha);
  const int air = static_cast<int>(std::lround(kAir * std::max(tight.width, tight.height)));
  const int left = std::max(0, tight.x - air), top = std::max(0, tight.y - air);
  const int right = std::min(alpha.width, tight.x + tight.width + air);
  const int bottom = std::min(alpha.height, tight.y + tight.height + air);
  return {left, top, right - left, bottom - top};
}

Box box_of_aspect(const Field& alpha, const AspectRatio& aspect) {
  const Extent sides = extent_of_aspect({alpha.width, alpha.height}, aspect);
  const Box tight = tight_box(alpha);
  const int left = tight.x + tight.width / 2 - sides.width_px / 2;
  const int top = tight.y + tight.height / 2 - sides.height_px / 2;
  return {std::clamp(left, 0, alpha.width - sides.width_px), std::clamp(top, 0, alpha.height - sides.height_px),
          sides.width_px, sides.height_px};
}

Box box_of_aspect(const Extent& picture, const AspectRatio& aspect) {
  const Extent sides = extent_of_aspect(picture, aspect);
  return {(picture.width_px - sides.width_px) / 2, (picture.height_px - sides.height_px) / 2, sides.width_px,
          sides.height_px};
}

}  // namespace tintype::engine
