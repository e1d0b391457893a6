#include "engine/codec/row_resizer.h"

#include <immintrin.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

namespace tintype::engine {

namespace {

constexpr double kLobes = 3;
constexpr int kRowTapsStep = 8;        // of one row, that are summed at once
constexpr std::size_t kBlock = 1'020;  // samples whose sums stay in the first-level cache

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

using Lanes = float __attribute__((vector_size(kRowTapsStep * sizeof(float))));
using HalfLanes = float __attribute__((vector_size(kRowTapsStep / 2 * sizeof(float))));

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

// The same for processors that take eight floats at once, whose sums stay in registers meanwhile.
template <class Sample>
[[gnu::target("avx2,fma")]] void blend_wide(const std::vector<const std::uint8_t*>& rows, const float* weights,
                                            std::size_t first, std::size_t count, float* sums) {
  constexpr std::size_t kLanes = 8, kStep = 4 * kLanes;
  const __m256 black = _mm256_setzero_ps(), white = _mm256_set1_ps(kWhite<Sample>);
  std::size_t at = 0;
  for (; at + kStep <= count; at += kStep) {
    __m256 sum[4] = {black, black, black, black};
    for (std::size_t row = 0; row < rows.size(); ++row) {
      const std::uint8_t* samples = rows[row] + (first + at) * sizeof(Sample);
      const __m256 weight = _mm256_set1_ps(weights[row]);
#pragma GCC unroll 4
      for (std::size_t group = 0; group < 4; ++group) {
        __m256i whole;
        if constexpr (sizeof(Sample) == 1) {
          whole = _mm256_cvtepu8_epi32(_mm_loadu_si64(samples + group * kLanes));
        } else {
          whole = _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(samples) + group));
        }
        sum[group] = _mm256_fmadd_ps(weight, _mm256_cvtepi32_ps(whole), sum[group]);
      }
    }
#pragma GCC unroll 4
    for (std::size_t group = 0; group < 4; ++group) {
      _mm256_storeu_ps(sums + at + group * kLanes, _mm256_min_ps(_mm256_max_ps(sum[group], black), white));
    }
  }
  blend<Sample>(rows, weights, first + at, count - at, sums + at);
}

[[gnu::always_inline]] inline float sum_of(const Lanes& lanes) {
  const HalfLanes half =
      __builtin_shufflevector(lanes, lanes, 0, 1, 2, 3) + __builtin_shufflevector(lanes, lanes, 4, 5, 6, 7);
  return (half[0] + half[2]) + (half[1] + half[3]);
}

// One channel's samples of a row that comes out, `step` apart. `taps` is a multiple of kRowTapsStep; weights behind the
// last one that counts are zero, and the row goes on for as long.
template <class In, class Out>
[[gnu::always_inline]] inline void gather(const float* row, const std::vector<int>& first, const float* weights,
                                          int taps, Out* out, int step) {
  constexpr float kScale = kWhite<Out> / kWhite<In>;
  for (const int from : first) {
    const float* samples = row + from;
    Lanes sums{};
    for (int tap = 0; tap < taps; tap += kRowTapsStep, weights += kRowTapsStep) {
      Lanes sample, weight;
      std::memcpy(&sample, samples + tap, sizeof sample);
      std::memcpy(&weight, weights, sizeof weight);
      sums += sample * weight;
    }
    *out = static_cast<Out>(std::clamp(sum_of(sums), 0.0F, kWhite<In>) * kScale + 0.5F);
    out += step;
  }
}

// A row that comes out: the rows above each other are blended into one, which is resampled channel by channel.
struct RowTask {
  const std::vector<const std::uint8_t*>& rows;
  const float* down;  // a weight for each of the rows
  const std::vector<int>& first;
  const float* across;
  int taps;
  int channels;
  std::size_t width;                // of the rows that come in
  std::vector<float>& blended;      // one block
  std::vector<float>& channel_row;  // of all channels, one behind the other, each with room behind it
};

template <class In, class Out, class Blend>
[[gnu::always_inline]] inline void resample(const RowTask& task, Blend blend_rows, std::uint8_t* out) {
  const auto channels = static_cast<std::size_t>(task.channels);
  const std::size_t stride = task.width + kRowTapsStep;
  const std::size_t block = kBlock / channels * channels;
  for (std::size_t at = 0; at < task.width * channels; at += block) {
    const std::size_t count = std::min(block, task.width * channels - at);
    if (channels == 1) {
      blend_rows(task.rows, task.down, at, count, task.channel_row.data() + at);
      continue;
    }
    blend_rows(task.rows, task.down, at, count, task.blended.data());
    for (std::size_t channel = 0; channel < channels; ++channel) {
      float* apart = task.channel_row.data() + channel * stride + at / channels;
      for (std::size_t from = channel; from < count; from += channels) *apart++ = task.blended[from];
    }
  }
  for (std::size_t channel = 0; channel < channels; ++channel) {
    gather<In>(task.channel_row.data() + channel * stride, task.first, task.across, task.taps,
               reinterpret_cast<Out*>(out) + channel, task.channels);
  }
}

template <class In, class Out>
void resample_anywhere(const RowTask& task, std::uint8_t* out) {
  resample<In, Out>(task, blend<In>, out);
}
template <class In, class Out>
[[gnu::target("avx2,fma")]] void resample_wide(const RowTask& task, std::uint8_t* out) {
  resample<In, Out>(task, blend_wide<In>, out);
}

template <class In, class Out>
void resample_here(const RowTask& task, std::uint8_t* out) {
  static const bool is_wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return is_wide ? resample_wide<In, Out>(task, out) : resample_anywhere<In, Out>(task, out);
}

int padded(int taps) {
  return (taps + kRowTapsStep - 1) / kRowTapsStep * kRowTapsStep;
}

}  // namespace

RowResizer::Taps RowResizer::taps_of(int from, int to, int step) {
  const double factor = static_cast<double>(from) / to;
  const double stretch = std::max(1.0, factor);
  const double reach = reach_of(from, to);
  Taps taps;
  taps.count = taps_count(from, to);
  taps.stride = (taps.count + step - 1) / step * step;
  taps.first.resize(static_cast<std::size_t>(to));
  taps.weights.resize(static_cast<std::size_t>(to) * static_cast<std::size_t>(taps.stride));
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
    float* weights = taps.weights.data() + static_cast<std::ptrdiff_t>(at) * taps.stride;
    for (const double sum : sums) *weights++ = static_cast<float>(sum / total);
  }
  return taps;
}

RowResizer::RowResizer(const PictureShape& from, int width, int height)
    : RowResizer(from, width, height, from.bytes_per_sample) {}

RowResizer::RowResizer(const PictureShape& from, int width, int height, int bytes_per_sample_out)
    : from_(from),
      to_{width, height, from.channels, bytes_per_sample_out},
      across_(taps_of(from.width, width, kRowTapsStep)),
      down_(taps_of(from.height, height, 1)),
      window_(static_cast<std::size_t>(down_.count) * from.row_bytes()),
      blended_(kBlock),
      channel_row_((static_cast<std::size_t>(from.width) + kRowTapsStep) * static_cast<std::size_t>(from.channels)) {
  assert(bytes_per_sample_out >= from.bytes_per_sample);
}

std::int64_t RowResizer::bytes_max(const PictureShape& from, int width, int height) {
  const auto taps = [](int count, int samples) {
    return std::int64_t{count} * samples * 4 + std::int64_t{samples} * 4;
  };
  const std::int64_t across = taps_count(from.width, width), down = taps_count(from.height, height);
  return taps(padded(static_cast<int>(across)), width) + taps(static_cast<int>(down), height) +
         down * static_cast<std::int64_t>(from.row_bytes()) +
         (std::int64_t{from.width} + kRowTapsStep) * from.channels * 4 + static_cast<std::int64_t>(kBlock) * 4;
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
  const RowTask task{rows,
                     down_.weights.data() + std::ptrdiff_t{given_} * down_.stride,
                     across_.first,
                     across_.weights.data(),
                     across_.stride,
                     from_.channels,
                     static_cast<std::size_t>(from_.width),
                     blended_,
                     channel_row_};
  const std::size_t start = out.size();
  out.resize(start + to_.row_bytes());
  if (from_.bytes_per_sample == 2) {
    resample_here<std::uint16_t, std::uint16_t>(task, out.data() + start);
  } else if (to_.bytes_per_sample == 2) {
    resample_here<std::uint8_t, std::uint16_t>(task, out.data() + start);
  } else {
    resample_here<std::uint8_t, std::uint8_t>(task, out.data() + start);
  }
}

}  // namespace tintype::engine
