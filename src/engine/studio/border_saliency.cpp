#include "engine/studio/border_saliency.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/raster/colour.h"
#include "engine/raster/filter.h"

namespace tintype::engine {

namespace {

constexpr float kColoursCount = 2.5F;  // of Oklab, as a and b are far smaller numbers than lightness
constexpr int kSweeps = 4;
constexpr double kBorderShare = 0.04;  // of the shorter side
constexpr float kCentreShare = 0.35F;  // how much less counts what is in the corners

using Channels = std::array<Field, 3>;

Channels seen_colours(const Raster& picture) {
  Channels channels;
  channels.fill(Field(picture.width, picture.height));
  for (std::size_t at = 0; at < channels[0].values.size(); ++at) {
    const std::uint8_t* pixel = picture.rgba.data() + at * Raster::kChannels;
    const Colour seen = oklab_of({linear_of(pixel[0]), linear_of(pixel[1]), linear_of(pixel[2])});
    channels[0].values[at] = seen[0];
    channels[1].values[at] = kColoursCount * seen[1];
    channels[2].values[at] = kColoursCount * seen[2];
  }
  for (Field& channel : channels) channel = gaussian_blur(channel, 1);
  return channels;
}

// The least barrier on any way to the border: the difference between the greatest and the least value on it.
Field barrier_distance(const Field& channel) {
  const int width = channel.width, height = channel.height;
  Field distance(width, height, 1e9F), most = channel, least = channel;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (x == 0 || y == 0 || x == width - 1 || y == height - 1) distance.at(x, y) = 0;
    }
  }
  const auto come_from = [&](int x, int y, int from_x, int from_y) {
    const float value = channel.at(x, y);
    const float high = std::max(most.at(from_x, from_y), value), low = std::min(least.at(from_x, from_y), value);
    if (high - low >= distance.at(x, y)) return;
    distance.at(x, y) = high - low;
    most.at(x, y) = high;
    least.at(x, y) = low;
  };
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    if (sweep % 2 == 0) {
      for (int y = 1; y < height - 1; ++y) {
        for (int x = 1; x < width - 1; ++x) {
          come_from(x, y, x - 1, y);
          come_from(x, y, x, y - 1);
        }
      }
    } else {
      for (int y = height - 2; y > 0; --y) {
        for (int x = width - 2; x > 0; --x) {
          come_from(x, y, x + 1, y);
          come_from(x, y, x, y + 1);
        }
      }
    }
  }
  return distance;
}

struct Strip {
  int left, top, right, bottom;
};

// How far each pixel's colour is from those of a strip, in their deviations.
Field distance_to(const Channels& channels, const Strip& strip) {
  std::array<double, 3> mean = {}, square = {};
  double count = 0;
  for (int y = strip.top; y < strip.bottom; ++y) {
    for (int x = strip.left; x < strip.right; ++x, ++count) {
      for (std::size_t i = 0; i < 3; ++i) {
        const double value = channels[i].at(x, y);
        mean[i] += value;
        square[i] += value * value;
      }
    }
  }
  constexpr double kLeastVariance = 1e-3;
  std::array<float, 3> middle, weight;
  for (std::size_t i = 0; i < 3; ++i) {
    middle[i] = static_cast<float>(mean[i] / count);
    const double variance = square[i] / count - (mean[i] / count) * (mean[i] / count);
    weight[i] = static_cast<float>(1 / (std::max(variance, 0.0) + kLeastVariance));
  }
  Field distance(channels[0].width, channels[0].height);
  for (std::size_t at = 0; at < distance.values.size(); ++at) {
    float sum = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      const float apart = channels[i].values[at] - middle[i];
      sum += weight[i] * apart * apart;
    }
    distance.values[at] = std::sqrt(sum);
  }
  return distance;
}

float greatest(const Field& field) {
  return *std::ranges::max_element(field.values);
}

void scale(Field& field, float most) {
  if (most <= 0) return;
  for (float& value : field.values) value = std::min(1.0F, value / most);
}

Field distance_to_sides(const Channels& channels) {
  const int width = channels[0].width, height = channels[0].height;
  const int deep = std::max(1, static_cast<int>(kBorderShare * std::min(width, height)));
  Field sum(width, height), most(width, height);
  for (const Strip& strip : {Strip{0, 0, width, deep}, Strip{0, height - deep, width, height},
                             Strip{0, 0, deep, height}, Strip{width - deep, 0, width, height}}) {
    Field distance = distance_to(channels, strip);
    scale(distance, greatest(distance));
    for (std::size_t at = 0; at < sum.values.size(); ++at) {
      sum.values[at] += distance.values[at];
      most.values[at] = std::max(most.values[at], distance.values[at]);
    }
  }
  for (std::size_t at = 0; at < sum.values.size(); ++at) sum.values[at] -= most.values[at];
  return sum;
}

}  // namespace

BorderSaliency border_saliency(const Raster& picture) {
  const Channels channels = seen_colours(picture);
  Field barrier(picture.width, picture.height);
  for (const Field& channel : channels) {
    const Field distance = barrier_distance(channel);
    for (std::size_t at = 0; at < barrier.values.size(); ++at) barrier.values[at] += distance.values[at];
  }
  BorderSaliency result;
  result.contrast = greatest(barrier);
  scale(barrier, result.contrast);
  Field sides = distance_to_sides(channels);
  scale(sides, greatest(sides));
  result.saliency = Field(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const float across = 2 * (static_cast<float>(x) + 0.5F) / static_cast<float>(picture.width) - 1;
      const float down = 2 * (static_cast<float>(y) + 0.5F) / static_cast<float>(picture.height) - 1;
      const float centre = 1 - kCentreShare * std::min(1.0F, (across * across + down * down) / 2);
      result.saliency.at(x, y) = centre * (barrier.at(x, y) + sides.at(x, y)) / 2;
    }
  }
  scale(result.saliency, greatest(result.saliency));
  return result;
}

}  // namespace tintype::engine
