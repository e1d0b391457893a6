#include "engine/fingerprint/thumb_hash.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <numbers>
#include <vector>

namespace tintype::engine {

namespace {

// One channel's terms: the constant one, and the others from 0 to 1 around 0.5, in units of the largest.
struct Terms {
  double constant = 0;
  double scale = 0;
  std::vector<double> others;
};

// `across` x `down` terms, of which those under the diagonal from the last of a row to the last of a column are kept.
Terms terms_of(const std::vector<double>& channel, int width, int height, int across, int down) {
  Terms terms;
  std::vector<double> cosines(static_cast<std::size_t>(width));
  for (int v = 0; v < down; ++v) {
    for (int u = 0; u * down < across * (down - v); ++u) {
      for (int x = 0; x < width; ++x) {
        cosines[static_cast<std::size_t>(x)] = std::cos(std::numbers::pi / width * u * (x + 0.5));
      }
      double sum = 0;
      for (int y = 0; y < height; ++y) {
        const double cosine = std::cos(std::numbers::pi / height * v * (y + 0.5));
        const double* row = channel.data() + std::ptrdiff_t{y} * width;
        for (int x = 0; x < width; ++x) sum += row[x] * cosines[static_cast<std::size_t>(x)] * cosine;
      }
      sum /= static_cast<double>(width) * height;
      if (u == 0 && v == 0) {
        terms.constant = sum;
      } else {
        terms.others.push_back(sum);
        terms.scale = std::max(terms.scale, std::abs(sum));
      }
    }
  }
  if (terms.scale > 0) {
    for (double& term : terms.others) term = 0.5 + 0.5 / terms.scale * term;
  }
  return terms;
}

std::uint32_t rounded(double value) {
  return static_cast<std::uint32_t>(std::floor(value + 0.5));
}

struct Channels {
  std::vector<double> light, yellow_blue, red_green, alpha;
  bool has_alpha = false;
};

// What is transparent shows the average colour.
Channels channels_of(std::size_t pixels, std::span<const std::uint8_t> rgba) {
  std::array<double, 4> average{};
  for (std::size_t at = 0; at < pixels; ++at) {
    const double alpha = rgba[at * 4 + 3] / 255.0;
    for (std::size_t c = 0; c < 3; ++c) average[c] += alpha / 255.0 * rgba[at * 4 + c];
    average[3] += alpha;
  }
  if (average[3] > 0) {
    for (std::size_t c = 0; c < 3; ++c) average[c] /= average[3];
  }
  Channels channels;
  channels.has_alpha = average[3] < static_cast<double>(pixels);
  for (std::size_t at = 0; at < pixels; ++at) {
    const double alpha = rgba[at * 4 + 3] / 255.0;
    std::array<double, 3> colour{};
    for (std::size_t c = 0; c < 3; ++c) colour[c] = average[c] * (1 - alpha) + alpha / 255.0 * rgba[at * 4 + c];
    channels.light.push_back((colour[0] + colour[1] + colour[2]) / 3);
    channels.yellow_blue.push_back((colour[0] + colour[1]) / 2 - colour[2]);
    channels.red_green.push_back(colour[0] - colour[1]);
    channels.alpha.push_back(alpha);
  }
  return channels;
}

}  // namespace

std::string thumb_hash(int width, int height, std::span<const std::uint8_t> rgba) {
  assert(width > 0 && height > 0 && width <= kThumbHashSideMaxPx && height <= kThumbHashSideMaxPx);
  const auto pixels = static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  assert(rgba.size() == pixels * 4);
  const Channels channels = channels_of(pixels, rgba);
  const bool has_alpha = channels.has_alpha;
  const int most = has_alpha ? 5 : 7, longest = std::max(width, height);
  const int across = std::max(1, static_cast<int>(rounded(static_cast<double>(most) * width / longest)));
  const int down = std::max(1, static_cast<int>(rounded(static_cast<double>(most) * height / longest)));
  const Terms light = terms_of(channels.light, width, height, std::max(3, across), std::max(3, down));
  const Terms yellow_blue = terms_of(channels.yellow_blue, width, height, 3, 3);
  const Terms red_green = terms_of(channels.red_green, width, height, 3, 3);
  const Terms alpha = has_alpha ? terms_of(channels.alpha, width, height, 5, 5) : Terms{};

  const bool is_landscape = width > height;
  const std::uint32_t head = rounded(63 * light.constant) | rounded(31.5 + 31.5 * yellow_blue.constant) << 6 |
                             rounded(31.5 + 31.5 * red_green.constant) << 12 | rounded(31 * light.scale) << 18 |
                             std::uint32_t{has_alpha} << 23;
  const std::uint32_t second = static_cast<std::uint32_t>(is_landscape ? down : across) |
                               rounded(63 * yellow_blue.scale) << 3 | rounded(63 * red_green.scale) << 9 |
                               std::uint32_t{is_landscape} << 15;
  std::string hash;
  for (const std::uint32_t byte : {head, head >> 8, head >> 16, second, second >> 8}) {
    hash.push_back(static_cast<char>(byte & 255));
  }
  if (has_alpha) hash.push_back(static_cast<char>(rounded(15 * alpha.constant) | rounded(15 * alpha.scale) << 4));
  bool is_low = true;  // half of a byte
  for (const Terms* terms : {&light, &yellow_blue, &red_green, &alpha}) {
    for (const double term : terms->others) {
      const std::uint32_t bits = rounded(15 * term);
      if (is_low) {
        hash.push_back(static_cast<char>(bits));
      } else {
        hash.back() = static_cast<char>(static_cast<unsigned char>(hash.back()) | bits << 4);
      }
      is_low = !is_low;
    }
  }
  return hash;
}

}  // namespace tintype::engine
