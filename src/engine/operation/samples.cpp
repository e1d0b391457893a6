#include "engine/operation/samples.h"

#include <cstring>

namespace tintype::engine {

namespace {

constexpr float kFiniteMax = 3e38F;

template <class Sample>
struct Loops {
  static constexpr float kMost = sizeof(Sample) == 1 ? 255.0F : 65535.0F;

  static float load(const std::uint8_t* from) {
    Sample sample = 0;
    std::memcpy(&sample, from, sizeof sample);
    return static_cast<float>(sample) * (1 / kMost);
  }

  // Not a number fails both comparisons, and becomes 0.
  static void store(std::uint8_t* to, float value) {
    const float low = value > 0 ? value : 0;
    const float clamped = low < 1 ? low : 1;
    const auto sample = static_cast<Sample>(clamped * kMost + 0.5F);
    std::memcpy(to, &sample, sizeof sample);
  }

  static bool is_finite(float value) { return value >= -kFiniteMax && value <= kFiniteMax; }

  // Pixels whose three channels are all there is.
  static void widen_all(const std::uint8_t* from, int count, float* out) {
    for (int at = 0; at < 3 * count; ++at) out[at] = load(from + static_cast<std::size_t>(at) * sizeof(Sample));
  }

  static bool narrow_all(const float* in, int count, std::uint8_t* to) {
    int wrong = 0;
    for (int at = 0; at < 3 * count; ++at) {
      wrong |= is_finite(in[at]) ? 0 : 1;
      store(to + static_cast<std::size_t>(at) * sizeof(Sample), in[at]);
    }
    return wrong == 0;
  }

  // The samples `first`, `second` and `third` of each pixel.
  static void widen_some(const std::uint8_t* from, int channels, int count, const int (&places)[3], float* out) {
    for (int x = 0; x < count; ++x, from += static_cast<std::size_t>(channels) * sizeof(Sample), out += 3) {
      for (int at = 0; at < 3; ++at) out[at] = load(from + static_cast<std::size_t>(places[at]) * sizeof(Sample));
    }
  }

  static bool narrow_some(const float* in, int pixel, std::uint8_t* to, int channels, int count, int first, int many) {
    bool sound = true;
    for (int x = 0; x < count; ++x, in += pixel, to += static_cast<std::size_t>(channels) * sizeof(Sample)) {
      sound = sound && is_finite(in[0]) && is_finite(in[1]) && is_finite(in[2]);
      if (many == 1) {
        store(to + static_cast<std::size_t>(first) * sizeof(Sample), (in[0] + in[1] + in[2]) / 3);
      } else {
        for (int at = 0; at < 3; ++at) store(to + static_cast<std::size_t>(at) * sizeof(Sample), in[at]);
      }
    }
    return sound;
  }

  static void widen(const Samples& samples, const std::uint8_t* row, int x, int count, float* out) {
    const std::uint8_t* from = row + static_cast<std::size_t>(x * samples.channels) * sizeof(Sample);
    if (samples.channels == 3) return widen_all(from, count, out);
    const int last = samples.channels - 1;
    if (samples.is_alpha) return widen_some(from, samples.channels, count, {last, last, last}, out);
    if (samples.channels <= 2) return widen_some(from, samples.channels, count, {0, 0, 0}, out);
    widen_some(from, samples.channels, count, {0, 1, 2}, out);
  }

  static bool narrow(const Samples& samples, const float* in, int pixel, std::uint8_t* row, int x, int count) {
    std::uint8_t* to = row + static_cast<std::size_t>(x * samples.channels) * sizeof(Sample);
    if (samples.channels == 3 && pixel == 3) return narrow_all(in, count, to);
    const int first = samples.is_alpha ? samples.channels - 1 : 0;
    return narrow_some(in, pixel, to, samples.channels, count, first,
                       samples.is_alpha || samples.channels <= 2 ? 1 : 3);
  }
};

}  // namespace

void Samples::widen(const std::uint8_t* row, int x, int count, float* out) const {
  if (bytes_per_sample == 1) {
    Loops<std::uint8_t>::widen(*this, row, x, count, out);
  } else {
    Loops<std::uint16_t>::widen(*this, row, x, count, out);
  }
}

bool Samples::narrow(const float* in, int pixel, std::uint8_t* row, int x, int count) const {
  return bytes_per_sample == 1 ? Loops<std::uint8_t>::narrow(*this, in, pixel, row, x, count)
                               : Loops<std::uint16_t>::narrow(*this, in, pixel, row, x, count);
}

}  // namespace tintype::engine
