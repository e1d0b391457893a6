#include "engine/studio/matting.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/filter.h"
#include "engine/raster/resample.h"
#include "engine/studio/texture.h"

namespace tintype::engine {

namespace {

constexpr int kPixels = 9;                              // of a window
constexpr double kEpsilon = 1e-5, kLineEpsilon = 1e-4;  // the variance of colours that is no edge
constexpr float kGuessShare = 1e-5F;                    // how much a guess counts
constexpr float kWireShare = 0.2F;                      // how much that of a wire does
constexpr float kAlike = 0.02F;                         // the squared difference of layers that are hard to tell apart
constexpr float kMissed = 0.005F;                       // the same of a colour from what layers can mix to
constexpr int kStepsMax = 200, kRefiningStepsMax = 5;
constexpr double kStepsEnd = 1e-7;  // of the squared error to begin with
constexpr int kSmallestSide = 48;   // is not halved any more

// 3 x 3 pixels and their colours. In double precision: colours along an edge lie so nearly on a line that less would
// not tell how near.
struct Window {
  int middle = 0;                      // an index into fields
  std::array<double, 3> mean = {};     // of the colours
  std::array<double, 6> inverse = {};  // of their covariances: xx, xy, xz, yy, yz, zz
};

std::array<double, 6> inverse_of(const std::array<double, 6>& m) {
  const double cx = m[3] * m[5] - m[4] * m[4], cy = m[4] * m[2] - m[1] * m[5], cz = m[1] * m[4] - m[3] * m[2];
  const double scale = 1 / (m[0] * cx + m[1] * cy + m[2] * cz);
  return {cx * scale,
          cy * scale,
          cz * scale,
          (m[0] * m[5] - m[2] * m[2]) * scale,
          (m[1] * m[2] - m[0] * m[4]) * scale,
          (m[0] * m[3] - m[1] * m[1]) * scale};
}

std::array<double, 3> times(const std::array<double, 6>& m, const std::array<double, 3>& v) {
  return {m[0] * v[0] + m[1] * v[1] + m[2] * v[2], m[1] * v[0] + m[3] * v[1] + m[4] * v[2],
          m[2] * v[0] + m[4] * v[1] + m[5] * v[2]};
}

// The windows of a picture.
class Windows {
 public:
  Windows(const Field3& colours, double epsilon)
      : channels_{&colours.first, &colours.second, &colours.third}, width_(colours.width()), epsilon_(epsilon) {
    int at = 0;
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) steps_[static_cast<std::size_t>(at++)] = dy * width_ + dx;
    }
  }

  // Around a pixel that is not at the border.
  Window at(int middle) const {
    Window window{middle};
    for (std::size_t channel = 0; channel < 3; ++channel) {
      for (const std::size_t pixel : pixels(middle)) window.mean[channel] += channels_[channel]->values[pixel];
      window.mean[channel] /= kPixels;
    }
    std::array<double, 6> covariances = {};
    for (const std::size_t pixel : pixels(middle)) {
      const std::array<double, 3> c = apart(window, pixel);
      for (std::size_t i = 0, pair = 0; i < 3; ++i) {
        for (std::size_t j = i; j < 3; ++j) covariances[pair++] += c[i] * c[j] / kPixels;
      }
    }
    for (const std::size_t pair : {0U, 3U, 5U}) covariances[pair] += epsilon_ / kPixels;
    window.inverse = inverse_of(covariances);
    return window;
  }

  std::array<std::size_t, kPixels> pixels(int middle) const {
    std::array<std::size_t, kPixels> pixels;
    for (std::size_t at = 0; at < kPixels; ++at) pixels[at] = static_cast<std::size_t>(middle + steps_[at]);
    return pixels;
  }

  // A pixel's colour, less the window's mean.
  std::array<double, 3> apart(const Window& window, std::size_t pixel) const {
    return {channels_[0]->values[pixel] - window.mean[0], channels_[1]->values[pixel] - window.mean[1],
            channels_[2]->values[pixel] - window.mean[2]};
  }

  // The line that comes nearest to alpha there: its slopes, and the mean of alpha, which it has at the mean colour.
  struct Line {
    std::array<double, 3> slopes;
    double mean;
  };
  Line line(const Window& window, const Field& alpha) const {
    double mean = 0;
    std::array<double, 3> sums = {};
    for (const std::size_t pixel : pixels(window.middle)) {
      const double value = alpha.values[pixel];
      const std::array<double, 3> c = apart(window, pixel);
      mean += value / kPixels;
      for (std::size_t channel = 0; channel < 3; ++channel) sums[channel] += c[channel] * value / kPixels;
    }
    return {times(window.inverse, sums), mean};
  }

 private:
  std::array<const Field*, 3> channels_;
  int width_;
  double epsilon_;
  std::array<int, kPixels> steps_ = {};  // from a window's middle to its pixels
};

double dot(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// The matting Laplacian of a picture, applied without being written down (He, Sun, Tang, 2010).
class Laplacian {
 public:
  Laplacian(const Field3& colours, const Field& trimap) : windows_(colours, kEpsilon) {
    for (int y = 1; y + 1 < trimap.height; ++y) {
      for (int x = 1; x + 1 < trimap.width; ++x) {
        const int middle = y * trimap.width + x;
        const auto is_open = [&](std::size_t pixel) { return !is_known(trimap.values[pixel]); };
        if (std::ranges::any_of(windows_.pixels(middle), is_open)) open_.push_back(windows_.at(middle));
      }
    }
  }

  // `out` is zero before.
  void apply(const Field& alpha, std::vector<float>& out) const {
    for (const Window& window : open_) {
      const Windows::Line line = windows_.line(window, alpha);
      for (const std::size_t pixel : windows_.pixels(window.middle)) {
        const double left = alpha.values[pixel] - line.mean - dot(line.slopes, windows_.apart(window, pixel));
        out[pixel] += static_cast<float>(left);
      }
    }
  }

  std::vector<float> diagonal(std::vector<float> diagonal) const {
    for (const Window& window : open_) {
      for (const std::size_t pixel : windows_.pixels(window.middle)) {
        const std::array<double, 3> c = windows_.apart(window, pixel);
        diagonal[pixel] += static_cast<float>(1 - (1 + dot(c, times(window.inverse, c))) / kPixels);
      }
    }
    return diagonal;
  }

 private:
  Windows windows_;
  std::vector<Window> open_;  // those with a pixel whose alpha is not known
};

// Solves for what is not known of `trimap`, from `alpha` on. `shares` is how much each guess counts.
Result<void> solve(const Field3& colours, const Field& trimap, const std::vector<float>& shares, int steps_max,
                   Field& alpha, const Task& task) {
  const Laplacian laplacian(colours, trimap);
  const std::vector<float> diagonal = laplacian.diagonal(shares);
  std::vector<std::size_t> open;
  for (std::size_t at = 0; at < trimap.values.size(); ++at) {
    if (!is_known(trimap.values[at])) open.push_back(at);
  }
  std::vector<float> applied(trimap.values.size()), left(trimap.values.size());
  laplacian.apply(alpha, applied);
  Field direction(trimap.width, trimap.height);
  double error = 0;
  for (const std::size_t at : open) {
    left[at] = shares[at] * (trimap.values[at] - alpha.values[at]) - applied[at];
    direction.values[at] = left[at] / diagonal[at];
    error += static_cast<double>(left[at]) * direction.values[at];
  }
  const double end = kStepsEnd * static_cast<double>(open.size());
  for (int step = 0; step < steps_max && error > end; ++step) {
    if (auto wanted = task.check(); !wanted) return wanted;
    std::ranges::fill(applied, 0.0F);
    laplacian.apply(direction, applied);
    double bent = 0;
    for (const std::size_t at : open) {
      applied[at] += shares[at] * direction.values[at];
      bent += static_cast<double>(applied[at]) * direction.values[at];
    }
    if (!(bent > 0)) break;
    const float length = static_cast<float>(error / bent);
    double next = 0;
    for (const std::size_t at : open) {
      alpha.values[at] += length * direction.values[at];
      left[at] -= length * applied[at];
      next += static_cast<double>(left[at]) * left[at] / diagonal[at];
    }
    const float turn = static_cast<float>(next / error);
    for (const std::size_t at : open) {
      direction.values[at] = left[at] / diagonal[at] + turn * direction.values[at];
    }
    error = next;
    task.done(static_cast<double>(step) / steps_max);
  }
  for (const std::size_t at : open) alpha.values[at] = std::clamp(alpha.values[at], 0.0F, 1.0F);
  return {};
}

Field3 resized(const Field3& field, const Extent& sides) {
  Field3 result;
  result.first = resized(field.first, sides);
  result.second = resized(field.second, sides);
  result.third = resized(field.third, sides);
  return result;
}

}  // namespace

Field3 coded_colours(const Raster& picture) {
  Field3 colours(picture.width, picture.height);
  const std::array<Field*, 3> channels = {&colours.first, &colours.second, &colours.third};
  for (std::size_t at = 0; at < colours.first.values.size(); ++at) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      channels[channel]->values[at] = static_cast<float>(picture.rgba[at * Raster::kChannels + channel]) / 255.0F;
    }
  }
  return colours;
}

Result<Field> closed_form_alpha(const Field3& colours, const Field& trimap, const Task& task) {
  constexpr double kBefore = 0.3;
  Field alpha = trimap;
  if (std::min(trimap.width, trimap.height) >= 2 * kSmallestSide) {
    const Extent half{trimap.width / 2, trimap.height / 2};
    const auto smaller = closed_form_alpha(resized(colours, half), resized(trimap, half), task.part(0, kBefore));
    if (!smaller) return smaller;
    const Field larger = resized(*smaller, {trimap.width, trimap.height});
    for (std::size_t at = 0; at < alpha.values.size(); ++at) {
      if (!is_known(alpha.values[at])) alpha.values[at] = larger.values[at];
    }
  }
  std::vector<float> shares(trimap.values.size());
  std::ranges::transform(trimap.values, shares.begin(),
                         [](float guess) { return kGuessShare + kWireShare * smooth_step(kGuessMax, kWire, guess); });
  if (auto solved = solve(colours, trimap, shares, kStepsMax, alpha, task.part(kBefore, 1)); !solved) {
    return std::unexpected(solved.error());
  }
  task.done(1);
  return alpha;
}

Share share_between(const std::array<float, 3>& behind, const std::array<float, 3>& front,
                    const std::array<float, 3>& colour) {
  float square = 0, along = 0, missed = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    square += (front[i] - behind[i]) * (front[i] - behind[i]);
    along += (front[i] - behind[i]) * (colour[i] - behind[i]);
  }
  const float share = std::clamp(along / std::max(square, 1e-4F), 0.0F, 1.0F);
  for (std::size_t i = 0; i < 3; ++i) {
    const float apart = colour[i] - behind[i] - share * (front[i] - behind[i]);
    missed += apart * apart;
  }
  return {share, square / (square + kAlike) * std::exp(-missed / kMissed)};
}

Result<Field> refined_alpha(const Field3& colours, const Field& guess, const Task& task) {
  Field alpha = guess;
  const std::vector<float> shares(guess.values.size(), kGuessShare);
  if (auto solved = solve(colours, guess, shares, kRefiningStepsMax, alpha, task); !solved) {
    return std::unexpected(solved.error());
  }
  return alpha;
}

AlphaLines alpha_lines(const Field3& colours, const Field& alpha) {
  const Windows windows(colours, kLineEpsilon);
  AlphaLines lines{Field3(alpha.width, alpha.height), alpha, {}, {}};
  const auto is_near_edge = [&](int middle) {
    return std::ranges::any_of(windows.pixels(middle),
                               [&](std::size_t pixel) { return !is_known(alpha.values[pixel]); });
  };
  for (int y = 0; y < alpha.height; ++y) {
    for (int x = 0; x < alpha.width; ++x) {
      const int middle = std::clamp(y, 1, alpha.height - 2) * alpha.width + std::clamp(x, 1, alpha.width - 2);
      if (!is_near_edge(middle)) continue;
      const Window window = windows.at(middle);
      const Windows::Line line = windows.line(window, alpha);
      lines.slopes.first.at(x, y) = static_cast<float>(line.slopes[0]);
      lines.slopes.second.at(x, y) = static_cast<float>(line.slopes[1]);
      lines.slopes.third.at(x, y) = static_cast<float>(line.slopes[2]);
      lines.offset.at(x, y) = static_cast<float>(line.mean - dot(line.slopes, window.mean));
    }
  }
  for (Field* field : {&lines.slopes.first, &lines.slopes.second, &lines.slopes.third, &lines.offset}) {
    *field = box_blur(*field, 1);
  }
  lines.least = eroded(alpha, 1);
  lines.most = dilated(alpha, 1);
  return lines;
}

namespace {

constexpr float kSmoothAnyway = 1e-5F;  // how much neighbours count where alpha is the same

// One round over all pixels, each by its picture's colour and its neighbours' layers.
void relax(const std::array<const Field*, 3>& colours, const Field& alpha, const std::array<Field*, 3>& foreground,
           const std::array<Field*, 3>& background) {
  const int width = alpha.width, height = alpha.height;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::size_t at =
          static_cast<std::size_t>(y) * static_cast<std::size_t>(width) + static_cast<std::size_t>(x);
      const float front = alpha.values[at], behind = 1 - front;
      const std::array<std::size_t, 4> neighbours = {x > 0 ? at - 1 : at, x + 1 < width ? at + 1 : at,
                                                     y > 0 ? at - static_cast<std::size_t>(width) : at,
                                                     y + 1 < height ? at + static_cast<std::size_t>(width) : at};
      std::array<float, 4> weights;
      float sum = 0;
      for (std::size_t i = 0; i < 4; ++i) {
        weights[i] = kSmoothAnyway + std::abs(front - alpha.values[neighbours[i]]);
        sum += weights[i];
      }
      const float ff = front * front + sum, fb = front * behind, bb = behind * behind + sum;
      const float scale = 1 / (ff * bb - fb * fb);
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const float colour = colours[channel]->values[at];
        float f = front * colour, b = behind * colour;
        for (std::size_t i = 0; i < 4; ++i) {
          f += weights[i] * foreground[channel]->values[neighbours[i]];
          b += weights[i] * background[channel]->values[neighbours[i]];
        }
        foreground[channel]->values[at] = std::clamp((bb * f - fb * b) * scale, 0.0F, 1.0F);
        background[channel]->values[at] = std::clamp((ff * b - fb * f) * scale, 0.0F, 1.0F);
      }
    }
  }
}

}  // namespace

Result<Layers> layers_of(const Field3& colours, const Field& alpha, const Task& task) {
  constexpr int kRoundsSmall = 10, kRounds = 2, kSmallSide = 32;
  std::vector<Extent> levels = {{alpha.width, alpha.height}};
  while (std::max(levels.back().width_px, levels.back().height_px) > 1) {
    levels.push_back({(levels.back().width_px + 1) / 2, (levels.back().height_px + 1) / 2});
  }
  Layers layers{resized(colours, levels.back()), resized(colours, levels.back())};
  for (auto level = levels.rbegin(); level != levels.rend(); ++level) {
    if (auto wanted = task.check(); !wanted) return std::unexpected(wanted.error());
    const Field3 smaller = resized(colours, *level);
    const Field smaller_alpha = resized(alpha, *level);
    layers = {resized(layers.foreground, *level), resized(layers.background, *level)};
    const int rounds = std::max(level->width_px, level->height_px) <= kSmallSide ? kRoundsSmall : kRounds;
    for (int round = 0; round < rounds; ++round) {
      relax({&smaller.first, &smaller.second, &smaller.third}, smaller_alpha,
            {&layers.foreground.first, &layers.foreground.second, &layers.foreground.third},
            {&layers.background.first, &layers.background.second, &layers.background.third});
    }
  }
  task.done(1);
  return layers;
}

}  // namespace tintype::engine
