#include "engine/studio/plain_fill.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/imgproc.hpp>

#include "engine/raster/filter.h"
#include "engine/studio/picture_grain.h"
#include "engine/studio/smooth_fill.h"

namespace tintype::engine {

namespace {

constexpr int kWindow = 3;  // pixels around one of the rim, in which something is seen to lead into the hole
constexpr float kSteep = 2, kVerySteep = 8;  // levels for a pixel: along the rim, and any way
constexpr float kLineReach = 7;              // pixels around a line's end that it explains
// Of all pixels of a hole, which share is meant by nearly all; and what a plain hole's have at most: of what leads in
// unexplained, in the middle and nearly all; and fog, in levels. What a hole has at most that no piece fits.
constexpr float kNearlyAll = 0.95F, kPlainMiddle = 0.15F, kPlainMost = 0.4F, kFogMost = 16;
constexpr float kCalmMiddle = 0.3F, kCalmMost = 0.85F, kLackingMuch = 0.2F, kLeftAll = 0.9F;
constexpr int kMargin = 96;                      // pixels around a hole where its grain is taken from
constexpr int kCalmReach = 3, kCalmDepths = 10;  // pixels around one of the rim that say what it is; or of the depth
// Of a place's rim, how much is to be of a usual colour, and how alike, in levels.
constexpr float kUsualLeast = 0.45F, kUsualLevels = 16;
constexpr int kUsualRounds = 12;
constexpr int kFadingSweeps = 32;
constexpr float kFading = 0.97F;  // of the mean of its neighbours, for each pixel
constexpr int kDepthMost = 128;   // pixels, for which colours are made to hang smoothly

cv::Mat labels_of(const Marks& marks, int& count) {
  const cv::Mat view(marks.height, marks.width, CV_8U, const_cast<std::uint8_t*>(marks.values.data()));
  cv::Mat labels;
  count = cv::connectedComponents(view, labels);
  return labels;
}

bool is_beside_hole(const PatchLevel& level, int x, int y) {
  const auto is_hole = [&](int to_x, int to_y) { return level.is_inside(to_x, to_y) && level.is_hole(to_x, to_y); };
  return is_hole(x + 1, y) || is_hole(x - 1, y) || is_hole(x, y + 1) || is_hole(x, y - 1);
}

// Whether anything goes into the hole at one of its rim's pixels: the picture is steep along the rim, or very steep any
// way, if that is asked for: an edge along the rim may be one of many.
bool leads_in(const PatchLevel& level, int x, int y, bool counts_any_way) {
  const auto is_known = [&](int to_x, int to_y) { return level.is_inside(to_x, to_y) && !level.is_hole(to_x, to_y); };
  float xx = 0, xy = 0, yy = 0, count = 0, in_x = 0, in_y = 0, near = 0, near_count = 0;
  for (int j = y - kWindow; j <= y + kWindow; ++j) {
    for (int i = x - kWindow; i <= x + kWindow; ++i) {
      if (level.is_inside(i, j) && level.is_hole(i, j)) {
        in_x += static_cast<float>(i - x), in_y += static_cast<float>(j - y);
      }
      if (!is_known(i + 1, j) || !is_known(i - 1, j) || !is_known(i, j + 1) || !is_known(i, j - 1)) continue;
      for (int channel = 0; channel < 3; ++channel) {
        const float dx =
            static_cast<float>(level.canvas.at(i + 1, j)[channel] - level.canvas.at(i - 1, j)[channel]) / 2;
        const float dy =
            static_cast<float>(level.canvas.at(i, j + 1)[channel] - level.canvas.at(i, j - 1)[channel]) / 2;
        xx += dx * dx, xy += dx * dy, yy += dy * dy;
        if (std::max(std::abs(i - x), std::abs(j - y)) <= 1) near += dx * dx + dy * dy;
      }
      count += 3;
      if (std::max(std::abs(i - x), std::abs(j - y)) <= 1) near_count += 3;
    }
  }
  const float length = std::hypot(in_x, in_y);
  if (count == 0 || length == 0) return false;
  const float along_x = -in_y / length, along_y = in_x / length;
  const float along = (along_x * along_x * xx + 2 * along_x * along_y * xy + along_y * along_y * yy) / count;
  return along > kSteep * kSteep || (counts_any_way && near > kVerySteep * kVerySteep * near_count);
}

bool is_explained(const std::vector<Line>& lines, int x, int y) {
  return std::ranges::any_of(lines, [&](const Line& line) {
    const auto own_x = static_cast<float>(x), own_y = static_cast<float>(y);
    const float end_x = line.x + line.length * line.along_x, end_y = line.y + line.length * line.along_y;
    return std::hypot(own_x - line.x, own_y - line.y) < kLineReach ||
           std::hypot(own_x - end_x, own_y - end_y) < kLineReach;
  });
}

// How far apart the colours are that are around a pixel, as Laplace's equation mixes them.
Field fog_in(PatchLevel level, const std::vector<Line>& lines) {
  draw(lines, 1, level);
  Field known(level.canvas.width, level.canvas.height), fog(known.width, known.height);
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) known.at(x, y) = !level.is_hole(x, y) || level.is_drawn(x, y) ? 1.0F : 0.0F;
  }
  for (std::size_t channel = 0; channel < 3; ++channel) {
    Field mean(known.width, known.height), square = mean;
    for (std::size_t at = 0; at < mean.values.size(); ++at) {
      mean.values[at] = level.canvas.values[at * Samples::kChannels + channel];
      square.values[at] = mean.values[at] * mean.values[at];
    }
    mean = smoothly_filled(mean, known), square = smoothly_filled(square, known);
    hang(known, level.depth_max, mean);
    hang(known, level.depth_max, square);
    for (std::size_t at = 0; at < mean.values.size(); ++at) {
      fog.values[at] += std::sqrt(std::max(0.0F, square.values[at] - mean.values[at] * mean.values[at])) / 3;
    }
  }
  return fog;
}

// Of each hole: how much of what is around its pixels, as Laplace's equation mixes it, leads in unexplained; and fog.
struct Surroundings {
  std::vector<float> unexplained, fog;
};

std::vector<Surroundings> surroundings(const PatchLevel& level, const std::vector<Line>& lines, const cv::Mat& labels,
                                       int count, bool counts_any_way) {
  Field known(level.canvas.width, level.canvas.height), unexplained(known.width, known.height);
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) {
      if (level.is_hole(x, y)) continue;
      known.at(x, y) = 1;
      const bool is_puzzling =
          is_beside_hole(level, x, y) && leads_in(level, x, y, counts_any_way) && !is_explained(lines, x, y);
      unexplained.at(x, y) = is_puzzling ? 1.0F : 0.0F;
    }
  }
  unexplained = smoothly_filled(unexplained, known);
  hang(known, level.depth_max, unexplained);
  const Field fog = fog_in(level, lines);
  std::vector<Surroundings> found(static_cast<std::size_t>(count));
  for (int y = 0; y < known.height; ++y) {
    for (int x = 0; x < known.width; ++x) {
      const auto label = static_cast<std::size_t>(labels.at<int>(y, x));
      if (label > 0) found[label].unexplained.push_back(unexplained.at(x, y)), found[label].fog.push_back(fog.at(x, y));
    }
  }
  return found;
}

// What so much of some values is not above.
float quantile(std::vector<float> values, float share) {
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(share * static_cast<float>(values.size() - 1));
  std::ranges::nth_element(values, at);
  return *at;
}

// A hole's surroundings in the finest level, in which it is filled.
class Patch {
 public:
  Patch(const PatchLevel& finest, const cv::Mat& labels, int label, const Box& box)
      : level_(finest), labels_(labels), label_(label) {
    left_ = std::max(0, box.x - kMargin), top_ = std::max(0, box.y - kMargin);
    width_ = std::min(finest.canvas.width, box.x + box.width + kMargin) - left_;
    height_ = std::min(finest.canvas.height, box.y + box.height + kMargin) - top_;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (is_own(x, y)) depth_ = std::max(depth_, finest.depth_at(left_ + x, top_ + y));
      }
    }
    find_rim();
    for (int place = 1; place < place_count_; ++place) calm_outliers(place);
  }

  void fill(std::uint32_t seed, Field& hole, Raster& picture) const {
    const PictureGrain grain(level_, {left_, top_, width_, height_}, height_, seed);
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const Field values = hung(channel);
      for (int y = 0; y < height_; ++y) {
        for (int x = 0; x < width_; ++x) {
          if (!is_own(x, y)) continue;
          std::uint8_t& pixel = picture.at(left_ + x, top_ + y)[channel];
          const float share = std::clamp(hole.at(left_ + x, top_ + y), 0.0F, 1.0F);
          const float value = values.at(x, y) + grain.at(left_ + x, top_ + y)[channel];
          const float mixed = pixel + share * (value - pixel);
          pixel = static_cast<std::uint8_t>(std::clamp(std::lround(mixed), 0L, 255L));
        }
      }
    }
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (is_own(x, y)) hole.at(left_ + x, top_ + y) = 0;
      }
    }
  }

 private:
  struct RimPixel {
    int x = 0, y = 0;
    int place = 0;
    std::array<float, 3> calm{};
  };

  bool is_own(int x, int y) const { return labels_.at<int>(top_ + y, left_ + x) == label_; }
  bool is_known(int x, int y) const { return !level_.is_hole(left_ + x, top_ + y); }
  bool is_drawn(int x, int y) const { return level_.is_drawn(left_ + x, top_ + y); }
  float value(int x, int y, std::size_t channel) const { return level_.canvas.at(left_ + x, top_ + y)[channel]; }

  // A channel of what is known, calm beside the hole, and what hangs between it and the lines that are drawn.
  Field hung(std::size_t channel) const {
    Field values(width_, height_), known(width_, height_), kept(width_, height_, 1);
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (is_known(x, y) || is_drawn(x, y)) known.at(x, y) = 1;
        values.at(x, y) = value(x, y, channel);
        if (is_own(x, y) && !is_drawn(x, y)) kept.at(x, y) = 0;
      }
    }
    for (const RimPixel& pixel : rim_) values.at(pixel.x, pixel.y) = pixel.calm[channel];
    values = smoothly_filled(values, known);
    hang(kept, std::min(depth_, kDepthMost), values);
    const Field rest = fading(values, channel);
    for (std::size_t at = 0; at < values.values.size(); ++at) values.values[at] += rest.values[at];
    return values;
  }

  // What the calm colours beside the hole lack, so that nothing ends at once: it fades with the way into the hole.
  Field fading(const Field& calm, std::size_t channel) const {
    Field rest(width_, height_);
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x)
        rest.at(x, y) = is_known(x, y) || is_drawn(x, y) ? value(x, y, channel) - calm.at(x, y) : 0;
    }
    for (int sweep = 0; sweep < kFadingSweeps; ++sweep) {
      for (int y = 1; y + 1 < height_; ++y) {
        for (int x = 1; x + 1 < width_; ++x) {
          if (!is_own(x, y) || is_drawn(x, y)) continue;
          rest.at(x, y) = kFading / 4 * (rest.at(x - 1, y) + rest.at(x + 1, y) + rest.at(x, y - 1) + rest.at(x, y + 1));
        }
      }
    }
    return rest;
  }

  // What is beside the places that lines leave of the hole: each pixel as the middle of what is along the rim there.
  void find_rim() {
    cv::Mat places(height_, width_, CV_8U), labels;
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) places.at<std::uint8_t>(y, x) = is_own(x, y) && !is_drawn(x, y) ? 1 : 0;
    }
    place_count_ = cv::connectedComponents(places, labels, 4);
    Marks near(width_, height_);
    for (int y = 0; y < height_; ++y) {
      for (int x = 0; x < width_; ++x) {
        if (places.at<std::uint8_t>(y, x) != 0) continue;
        int place = 0;
        for (const auto& [aside_x, aside_y] : {std::pair{1, 0}, {0, 1}, {-1, 0}, {0, -1}}) {
          const int to_x = x + aside_x, to_y = y + aside_y;
          if (to_x >= 0 && to_y >= 0 && to_x < width_ && to_y < height_)
            place = std::max(place, labels.at<int>(to_y, to_x));
        }
        if (place == 0) continue;
        rim_.push_back({x, y, place, {value(x, y, 0), value(x, y, 1), value(x, y, 2)}});
        for (int j = std::max(0, y - kCalmReach); j <= std::min(height_ - 1, y + kCalmReach); ++j) {
          const int from = std::max(0, x - kCalmReach), to = std::min(width_ - 1, x + kCalmReach);
          std::fill(near.row(j) + from, near.row(j) + to + 1, std::uint8_t{1});
        }
      }
    }
    const int reach = std::max(kCalmReach, depth_ / kCalmDepths);
    std::vector<float> around;
    for (RimPixel& pixel : rim_) {
      if (is_beside_line(pixel.x, pixel.y)) continue;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        around.clear();
        for (int j = std::max(0, pixel.y - reach); j <= std::min(height_ - 1, pixel.y + reach); ++j) {
          for (int i = std::max(0, pixel.x - reach); i <= std::min(width_ - 1, pixel.x + reach); ++i) {
            if (is_known(i, j) && near.row(j)[i] != 0) around.push_back(value(i, j, channel));
          }
        }
        const auto middle = around.begin() + std::ssize(around) / 2;
        std::ranges::nth_element(around, middle);
        pixel.calm[channel] = *middle;
      }
    }
  }
  bool is_beside_line(int x, int y) const {
    for (int j = std::max(0, y - 1); j <= std::min(height_ - 1, y + 1); ++j) {
      for (int i = std::max(0, x - 1); i <= std::min(width_ - 1, x + 1); ++i) {
        if (is_drawn(i, j)) return true;
      }
    }
    return false;
  }

  // Where most of a place's rim is of one colour, what is of another there ends soon: a seam, a shadow, the edge of a
  // thing. That colour is a mean of all that counts unlike ones less and less (Holland and Welsch, 1977).
  void calm_outliers(int place) {
    std::array<float, 3> usual{};
    const auto unlike = [&](const RimPixel& pixel) {
      float most = 0;
      for (std::size_t channel = 0; channel < 3; ++channel) {
        most = std::max(most, std::abs(pixel.calm[channel] - usual[channel]));
      }
      return most / kUsualLevels;
    };
    int size = 0, alike = 0;
    for (int round = 0; round < kUsualRounds; ++round) {
      std::array<double, 3> sums{};
      double weights = 0;
      size = alike = 0;
      for (const RimPixel& pixel : rim_) {
        if (pixel.place != place || is_drawn(pixel.x, pixel.y)) continue;
        const float misfit = round > 0 ? unlike(pixel) : 0;
        const double weight = 1 / std::pow(1 + misfit * misfit, 2);
        for (std::size_t channel = 0; channel < 3; ++channel) sums[channel] += weight * pixel.calm[channel];
        weights += weight, ++size, alike += misfit < 1 ? 1 : 0;
      }
      if (size == 0) return;
      for (std::size_t channel = 0; channel < 3; ++channel)
        usual[channel] = static_cast<float>(sums[channel] / weights);
    }
    if (static_cast<float>(alike) < kUsualLeast * static_cast<float>(size)) return;
    for (RimPixel& pixel : rim_) {
      if (pixel.place != place) continue;
      const float share = std::clamp(unlike(pixel) - 1, 0.0F, 1.0F);
      for (std::size_t channel = 0; channel < 3; ++channel)
        pixel.calm[channel] += share * (usual[channel] - pixel.calm[channel]);
    }
  }

  const PatchLevel& level_;
  const cv::Mat& labels_;
  int label_;
  int left_ = 0, top_ = 0, width_ = 0, height_ = 0, depth_ = 0;
  std::vector<RimPixel> rim_;
  int place_count_ = 0;
};

}  // namespace

Marks plain_holes(const PatchLevel& level, const std::vector<Line>& lines, const Marks* lacks, int times) {
  int count = 0;
  const cv::Mat labels = labels_of(level.hole, count);
  const std::vector<Surroundings> around = surroundings(level, lines, labels, count, lacks == nullptr);
  std::vector<int> sizes(around.size()), lefts(around.size()), lacking(around.size());
  for (int y = 0; y < level.canvas.height; ++y) {
    for (int x = 0; x < level.canvas.width; ++x) {
      const auto label = static_cast<std::size_t>(labels.at<int>(y, x));
      ++sizes[label];
      if (lacks == nullptr) continue;
      const std::uint8_t lack = lacks->row(y / times)[x / times];
      lefts[label] += lack == kLeft ? 1 : 0, lacking[label] += lack != 0 ? 1 : 0;
    }
  }
  std::vector<bool> is_plain(around.size());
  for (std::size_t label = 1; label < around.size(); ++label) {
    const float middle = quantile(around[label].unexplained, 0.5F),
                most = quantile(around[label].unexplained, kNearlyAll);
    const auto size = static_cast<float>(sizes[label]);
    const bool is_left = static_cast<float>(lefts[label]) > kLeftAll * size;
    const bool is_lacking = static_cast<float>(lacking[label]) > kLackingMuch * size;
    is_plain[label] = lacks == nullptr ? middle < kPlainMiddle && most < kPlainMost &&
                                             quantile(around[label].fog, kNearlyAll) < kFogMost
                                       : is_left || (is_lacking && middle < kCalmMiddle && most < kCalmMost);
  }
  Marks plain(level.canvas.width, level.canvas.height);
  for (int y = 0; y < plain.height; ++y) {
    for (int x = 0; x < plain.width; ++x)
      plain.row(y)[x] = is_plain[static_cast<std::size_t>(labels.at<int>(y, x))] ? 1 : 0;
  }
  return plain;
}

bool fill_plain(const Marks& plain, const std::vector<Line>& lines, int scale, std::uint32_t seed, PatchLevel& finest,
                Field& hole, Raster& picture) {
  if (std::ranges::none_of(plain.values, [](std::uint8_t mark) { return mark != 0; })) return false;
  int count = 0;
  const cv::Mat labels = labels_of(finest.hole, count);
  std::vector<Box> boxes(static_cast<std::size_t>(count));
  std::vector<bool> is_plain(boxes.size(), true);
  for (int y = 0; y < finest.canvas.height; ++y) {
    for (int x = 0; x < finest.canvas.width; ++x) {
      const auto label = static_cast<std::size_t>(labels.at<int>(y, x));
      if (label == 0) continue;
      Box& box = boxes[label];
      if (box.width == 0) box = {x, y, 1, 1};
      box = {std::min(box.x, x), box.y, std::max(box.x + box.width, x + 1) - std::min(box.x, x), y + 1 - box.y};
      if (plain.row(y / scale)[x / scale] == 0 || picture.at(x, y)[3] != 255) is_plain[label] = false;
    }
  }
  draw(lines, scale, finest);
  bool is_any = false;
  for (std::size_t label = 1; label < boxes.size(); ++label) {
    is_any = is_any || is_plain[label];
    if (is_plain[label]) Patch(finest, labels, static_cast<int>(label), boxes[label]).fill(seed, hole, picture);
  }
  return is_any;
}

}  // namespace tintype::engine
