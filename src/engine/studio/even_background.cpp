#include "engine/studio/even_background.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <opencv2/core.hpp>

namespace tintype::engine {

namespace {

constexpr double kBorderShare = 0.05;  // of the shorter side
constexpr int kTerms = 6;              // of a surface of the second degree
constexpr int kRounds = 8;
constexpr double kUnevenMin = 0.004, kUnevenMax = 0.02;  // deviations of a background that is even
constexpr double kOfDeviation = 4;                       // is all that it may differ
constexpr double kEvenShareMin = 0.6;                    // of the border; the subject may be cut off by the rest

struct Place {
  int x, y;
};

std::vector<Place> border_of(int width, int height) {
  const int deep = std::max(2, static_cast<int>(kBorderShare * std::min(width, height)));
  std::vector<Place> places;
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      if (x < deep || y < deep || x >= width - deep || y >= height - deep) places.push_back({x, y});
    }
  }
  return places;
}

std::array<double, kTerms> terms_at(const Place& place, int width, int height) {
  const double x = 2.0 * place.x / width - 1, y = 2.0 * place.y / height - 1;
  return {1, x, y, x * x, x * y, y * y};
}

double value_at(const std::array<double, kTerms>& factors, const std::array<double, kTerms>& terms) {
  double sum = 0;
  for (std::size_t at = 0; at < kTerms; ++at) sum += factors[at] * terms[at];
  return sum;
}

using Surface = std::array<std::array<double, kTerms>, 3>;  // of each channel

double difference_at(const std::array<const Field*, 3>& channels, const Surface& surface, const Place& place) {
  const auto terms = terms_at(place, channels[0]->width, channels[0]->height);
  double most = 0;
  for (std::size_t channel = 0; channel < 3; ++channel) {
    most = std::max(most, std::abs(channels[channel]->at(place.x, place.y) - value_at(surface[channel], terms)));
  }
  return most;
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

// The surface through most of the border: what is far from it counts less each round.
Surface fit(const std::array<const Field*, 3>& channels, const std::vector<Place>& border) {
  const int width = channels[0]->width, height = channels[0]->height;
  Surface surface = {};
  std::vector<double> weights(border.size(), 1);
  for (int round = 0; round < kRounds; ++round) {
    cv::Matx<double, kTerms, kTerms> products = cv::Matx<double, kTerms, kTerms>::eye() * 1e-9;
    cv::Matx<double, kTerms, 3> sums;
    for (std::size_t at = 0; at < border.size(); ++at) {
      const auto terms = terms_at(border[at], width, height);
      for (int i = 0; i < kTerms; ++i) {
        const double weighted = weights[at] * terms[static_cast<std::size_t>(i)];
        for (int j = 0; j < kTerms; ++j) products(i, j) += weighted * terms[static_cast<std::size_t>(j)];
        for (int channel = 0; channel < 3; ++channel) {
          sums(i, channel) += weighted * channels[static_cast<std::size_t>(channel)]->at(border[at].x, border[at].y);
        }
      }
    }
    const auto solved = products.solve(sums, cv::DECOMP_CHOLESKY);
    for (int channel = 0; channel < 3; ++channel) {
      for (int i = 0; i < kTerms; ++i) {
        surface[static_cast<std::size_t>(channel)][static_cast<std::size_t>(i)] = solved(i, channel);
      }
    }
    for (std::size_t at = 0; at < border.size(); ++at) {
      const double apart = difference_at(channels, surface, border[at]) / kUnevenMax;
      weights[at] = 1 / (1 + apart * apart * apart * apart);
    }
  }
  return surface;
}

}  // namespace

std::optional<Field> difference_from_even_background(const Field3& colours) {
  const std::array<const Field*, 3> channels = {&colours.first, &colours.second, &colours.third};
  const std::vector<Place> border = border_of(colours.width(), colours.height());
  const Surface surface = fit(channels, border);
  std::vector<double> differences;
  for (const Place& place : border) differences.push_back(difference_at(channels, surface, place));
  const double deviation = std::max(kUnevenMin, median_of(differences));
  const double all = kOfDeviation * deviation;
  const auto even = std::ranges::count_if(differences, [&](double difference) { return difference < all; });
  if (deviation > kUnevenMax || static_cast<double>(even) < kEvenShareMin * static_cast<double>(border.size())) {
    return std::nullopt;
  }
  Field result(colours.width(), colours.height());
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      result.at(x, y) = static_cast<float>(difference_at(channels, surface, {x, y}) / all);
    }
  }
  return result;
}

}  // namespace tintype::engine
