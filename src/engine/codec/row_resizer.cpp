#include "engine/codec/row_resizer.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

namespace tintype::engine {

namespace {

constexpr double kLobes = 3;
constexpr std::size_t kBlock = 1'024;  // samples whose sums stay in the first-level cache

template <class Sample>
constexpr auto kWhite = static_cast<float>(std::numeric_limits<Sample>::max());

double lanczos(double x) {
  if (x == 0) return 1;
  if (std::abs(x) >= kLobes) return 0;
  const double angle = std::numbers::pi * x;
  return kLobes * std::sin(angle) * std::sin(angle / kLobes) / (angle * angle);
}

// How far the kernel reaches to either side, in samples that come in.
double reach_of(int from, int to) {
  return kLobes * std::max(1.0, static_cast<double>(from) / to);
}

int taps_count(int from, int to) {
  return std::min(from, static_cast<int>(2 * reach_of(from, to)) + 1);
}

// Each of `sums` is the weighted sum of the samples above each other in `rows`.
template <class Sample>
void blend(const std::vector<const std::uint8_t*>& rows, const float* weights, std::size_t first, std::size_t count,
           float* __restrict sums) {
  std::fill_n(sums, count, 0.0F);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const float weight = weights[row];
    if (weight == 0) continue;
    const Sample* __restrict samples = reinterpret_cast<const Sample*>(rows[row]) + first;
    for (std::size_t at = 0; at < count; ++at) sums[at] += weight * static_cast<float>(samples[at]);
  }
  // What rings over the edge of the scale in one direction shall not do so again in the other.
  for (std::size_t at = 0; at < count; ++at) sums[at] = std::clamp(sums[at], 0.0F, kWhite<Sample>);
}

template <class Sample, int kChannels>
void gather(const float* row, const std::vector<int>& first, const std::vector<float>& weights, int taps, Sample* out) {
  const float* weight = weights.data();
  for (const int from : first) {
    const float* samples = row + std::ptrdiff_t{from} * kChannels;
    float sums[kChannels] = {};
    for (int tap = 0; tap < taps; ++tap, ++weight, samples += kChannels) {
      for (int channel = 0; channel < kChannels; ++channel) sums[channel] += *weight * samples[channel];
    }
    for (const float sum : sums) *out++ = static_cast<Sample>(std::clamp(sum, 0.0F, kWhite<Sample>) + 0.5F);
  }
}

template <class Sample>
void gather(int channels, const float* row, const std::vector<int>& first, const std::vector<float>& weights, int taps,
            Sample* out) {
  switch (channels) {
    case 1: return gather<Sample, 1>(row, first, weights, taps, out);
    case 2: return gather<Sample, 2>(row, first, weights, taps, out);
    case 3: return gather<Sample, 3>(row, first, weights, taps, out);
    default: return gather<Sample, 4>(row, first, weights, taps, out);
  }
}

}  // namespace

RowResizer::Taps RowResizer::taps_of(int from, int to) {
  const double factor = static_cast<double>(from) / to;
  const double stretch = std::max(1.0, factor);
  const double reach = reach_of(from, to);
  Taps taps;
  taps.count = taps_count(from, to);
  taps.first.resize(static_cast<std::size_t>(to));
  taps.weights.resize(static_cast<std::size_t>(to) * static_cast<std::size_t>(taps.count));
  std::vector<double> sums(static_cast<std::size_t>(taps.count));
  for (int at = 0; at < to; ++at) {
    const double centre = (at + 0.5) * factor - 0.5;
    const int low = static_cast<int>(std::ceil(centre - reach)), high = static_cast<int>(std::floor(centre + reach));
    const int first = std::clamp(low, 0, from - taps.count);
    std::fill(sums.begin(), sums.end(), 0.0);
    double total = 0;
    for (int sample = low; sample <= high; ++sample) {
      const double weight = lanczos((sample - centre) / stretch);
      sums[static_cast<std::size_t>(std::clamp(sample, 0, from - 1) - first)] += weight;
      total += weight;
    }
    taps.first[static_cast<std::size_t>(at)] = first;
    float* weights = taps.weights.data() + static_cast<std::ptrdiff_t>(at) * taps.count;
    for (const double sum : sums) *weights++ = static_cast<float>(sum / total);
  }
  return taps;
}

RowResizer::RowResizer(const PictureShape& from, int width, int height)
    : from_(from),
      to_{width, height, from.channels, from.bytes_per_sample},
      across_(taps_of(from.width, width)),
      down_(taps_of(from.height, height)),
      window_(static_cast<std::size_t>(down_.count) * from.row_bytes()),
      blended_(static_cast<std::size_t>(from.width) * static_cast<std::size_t>(from.channels)) {}

std::int64_t RowResizer::bytes_max(const PictureShape& from, int width, int height) {
  const auto taps = [](int count, int samples) {
    return std::int64_t{count} * samples * 4 + std::int64_t{samples} * 4;
  };
  const std::int64_t across = taps_count(from.width, width), down = taps_count(from.height, height);
  return taps(static_cast<int>(across), width) + taps(static_cast<int>(down), height) +
         down * static_cast<std::int64_t>(from.row_bytes()) + std::int64_t{from.width} * from.channels * 4;
}

void RowResizer::push(std::span<const std::uint8_t> rows, std::vector<std::uint8_t>& out) {
  const std::size_t row_bytes = from_.row_bytes();
  assert(rows.size() % row_bytes == 0 && rows.size() / row_bytes <= static_cast<std::size_t>(from_.height - taken_));
  for (; !rows.empty(); rows = rows.subspan(row_bytes)) {
    const auto slot = static_cast<std::size_t>(taken_ % down_.count);
    std::memcpy(window_.data() + slot * row_bytes, rows.data(), row_bytes);
    ++taken_;
    while (given_ < to_.height && down_.first[static_cast<std::size_t>(given_)] + down_.count <= taken_) {
      finish_row(out);
      ++given_;
    }
  }
}

void RowResizer::finish_row(std::vector<std::uint8_t>& out) {
  const int first = down_.first[static_cast<std::size_t>(given_)];
  std::vector<const std::uint8_t*> rows(static_cast<std::size_t>(down_.count));
  for (int at = 0; at < down_.count; ++at) {
    const auto slot = static_cast<std::size_t>((first + at) % down_.count);
    rows[static_cast<std::size_t>(at)] = window_.data() + slot * from_.row_bytes();
  }
  const float* weights = down_.weights.data() + std::ptrdiff_t{given_} * down_.count;
  const std::size_t start = out.size();
  out.resize(start + to_.row_bytes());
  const bool wide = from_.bytes_per_sample == 2;
  for (std::size_t at = 0; at < blended_.size(); at += kBlock) {
    const std::size_t count = std::min(kBlock, blended_.size() - at);
    if (wide) {
      blend<std::uint16_t>(rows, weights, at, count, blended_.data() + at);
    } else {
      blend<std::uint8_t>(rows, weights, at, count, blended_.data() + at);
    }
  }
  if (wide) {
    gather(to_.channels, blended_.data(), across_.first, across_.weights, across_.count,
           reinterpret_cast<std::uint16_t*>(out.data() + start));
  } else {
    gather(to_.channels, blended_.data(), across_.first, across_.weights, across_.count, out.data() + start);
  }
}

}  // namespace tintype::engine
