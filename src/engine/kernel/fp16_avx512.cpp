// Winograd's F(4x4, 3x3) in half precision, for processors with AVX512-FP16.
//
// Inputs and weights are halves, two input channels side by side, so that one broadcast serves both: of a vector of
// sums, the even numbers are those of the even input channels and the odd ones those of the odd. The transforms are
// done in halves as well; what comes after them is single precision.
#include <immintrin.h>

#include "engine/kernel/fp16_calls.h"
#include "engine/kernel/fp32_loops.h"

namespace tintype::engine {

namespace {

struct Set {
  static constexpr int kLanes = 16;
  [[maybe_unused]] static constexpr int kPixels = 12;
};
using Loops = fp32::Loops<Set>;

constexpr int kHalves = 32;    // in a vector
constexpr int kWide = 12;      // tiles that are multiplied at a time
constexpr int kPairsMax = 32;  // of input channels that are summed up before their sum is added to that of others
constexpr int kBandPx = 4 * kWinogradTiles + 2;
constexpr std::ptrdiff_t kSumPlane = kWinogradTiles * kHalves + 2 * kWinogradGap;

typedef _Float16 Halves __attribute__((vector_size(64)));
typedef _Float16 LooseHalves __attribute__((vector_size(64), aligned(2), may_alias));

inline Halves load(const _Float16* from) {
  return *reinterpret_cast<const LooseHalves*>(from);
}

inline void store(_Float16* to, Halves value) {
  *reinterpret_cast<LooseHalves*>(to) = value;
}

// One row of tiles, kWinogradTiles of them at most.
struct Band {
  _Float16* rows[6];  // that it reads, kBandPx pixels each
  _Float16* inputs;   // [frequency][tile][channel]
  _Float16* sums;     // [frequency][tile][channel of the block]
  int channels;       // of the input, filled up to whole vectors
  std::ptrdiff_t row_halves() const { return std::ptrdiff_t{kBandPx} * channels; }
  std::ptrdiff_t input_plane() const { return std::ptrdiff_t{kWinogradTiles} * channels + 2 * kWinogradGap; }
};

// Narrows the channels of `count` pixels, and makes those beyond the last one that any output pixel needs zeros: in
// halves, what the transforms should cancel leaves traces. Of a pixel, up to a multiple of 16 channels may be read.
void narrow_row(const Fp32Call& call, int row, int x, int count, const Band& band, _Float16* to) {
  const float* from = row < call.rows.rows + 2 ? call.rows.in[row] : nullptr;
  if (from == nullptr) {
    __builtin_memset(to, 0, static_cast<unsigned long>(band.row_halves()) * sizeof *to);
    return;
  }
  from += (x - call.padding_left) * call.rows.in_pixel;
  const int needed = Loops::least(count, call.rows.width + 2 - x);
  __builtin_memset(to + std::ptrdiff_t{needed} * band.channels, 0,
                   static_cast<unsigned long>(count - needed) * static_cast<unsigned long>(band.channels) * sizeof *to);
  for (int pixel = 0; pixel < needed; ++pixel, from += call.rows.in_pixel, to += band.channels) {
    for (int channel = 0; channel < band.channels; channel += 16) {
      const __m512 wide = channel < call.in_channels ? _mm512_loadu_ps(from + channel) : _mm512_setzero_ps();
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(to + channel), _mm256_castph_si256(_mm512_cvtxps_ph(wide)));
    }
  }
}

void transform_tile(const Band& band, int tile, int channel) {
  Halves columns[6][6];
#pragma GCC unroll 6
  for (int column = 0; column < 6; ++column) {
    const std::ptrdiff_t place = std::ptrdiff_t{4 * tile + column} * band.channels + channel;
    Halves d[6];
#pragma GCC unroll 6
    for (int row = 0; row < 6; ++row) d[row] = load(band.rows[row] + place);
    Loops::transform_input<_Float16>(d, columns[column]);
  }
  _Float16* to = band.inputs + std::ptrdiff_t{tile} * band.channels + channel;
#pragma GCC unroll 6
  for (int row = 0; row < 6; ++row) {
    Halves d[6], t[6];
#pragma GCC unroll 6
    for (int column = 0; column < 6; ++column) d[column] = columns[column][row];
    Loops::transform_input<_Float16>(d, t);
#pragma GCC unroll 6
    for (int column = 0; column < 6; ++column) store(to + (row * 6 + column) * band.input_plane(), t[column]);
  }
}

// Of two vectors, the sums of the two numbers of each pair: those of the first at the even places.
inline __m512i joined(__m512h even, __m512h odd) {
  const auto sum = [](__m512h pairs) {
    return _mm512_castph_si512(pairs + _mm512_castsi512_ph(_mm512_srli_epi32(_mm512_castph_si512(pairs), 16)));
  };
  return _mm512_mask_blend_epi16(0xaaaaaaaa, sum(even), _mm512_slli_epi32(sum(odd), 16));
}

// kWide tiles by 32 output channels, at one frequency: the loop where the time is spent.
inline void multiply(const _Float16* inputs, std::ptrdiff_t channels, const _Float16* weights, int pairs,
                     _Float16* sums) {
  // Four addresses reach twelve tiles; left to itself, the compiler keeps twelve, and not in registers.
  const char* bases[4];
  const std::ptrdiff_t step = channels * static_cast<std::ptrdiff_t>(sizeof(_Float16));
#pragma GCC unroll 4
  for (int base = 0; base < 4; ++base) {
    bases[base] = reinterpret_cast<const char*>(inputs) + 3 * base * step;
    asm("" : "+r"(bases[base]));
  }
  // Long sums lose most to rounding: they are made of short ones.
  for (int first = 0; first < pairs; first += kPairsMax) {
    __m512h block[kWide][2] = {};
    const int end = Loops::least(first + kPairsMax, pairs);
    for (int pair = first; pair < end; ++pair) {
      const __m512h even = _mm512_loadu_ph(weights), odd = _mm512_loadu_ph(weights + kHalves);
#pragma GCC unroll 12
      for (int tile = 0; tile < kWide; ++tile) {
        const auto* both = reinterpret_cast<const float*>(bases[tile / 3] + tile % 3 * step);
        const __m512h input = _mm512_castps_ph(_mm512_set1_ps(*both));
        block[tile][0] = _mm512_fmadd_ph(input, even, block[tile][0]);
        block[tile][1] = _mm512_fmadd_ph(input, odd, block[tile][1]);
      }
#pragma GCC unroll 4
      for (int base = 0; base < 4; ++base) bases[base] += 4;
      weights += 2 * kHalves;
    }
#pragma GCC unroll 12
    for (int tile = 0; tile < kWide; ++tile) {
      __m512h sum = _mm512_castsi512_ph(joined(block[tile][0], block[tile][1]));
      if (first > 0) sum += _mm512_loadu_ph(sums + tile * kHalves);
      _mm512_storeu_ph(sums + tile * kHalves, sum);
    }
  }
}

void multiply_tiles(const Band& band, int tiles, const _Float16* weights, int pairs) {
  for (int frequency = 0; frequency < kWinogradFrequencies; ++frequency) {
    for (int tile = 0; tile < tiles; tile += kWide) {
      multiply(band.inputs + frequency * band.input_plane() + std::ptrdiff_t{tile} * band.channels, band.channels,
               weights, pairs, band.sums + frequency * kSumPlane + tile * kHalves);
    }
    weights += std::ptrdiff_t{pairs} * 2 * kHalves;
  }
}

// The sums of one tile become 4 x 4 pixels of 32 channels.
void finish_tile(const Fp32Call& call, const Loops::Tiles& tiles, const Band& band, int tile, int channel) {
  const _Float16* from = band.sums + tile * kHalves;
  Halves columns[6][4];
#pragma GCC unroll 6
  for (int column = 0; column < 6; ++column) {
    Halves m[6];
#pragma GCC unroll 6
    for (int row = 0; row < 6; ++row) m[row] = load(from + (row * 6 + column) * kSumPlane);
    Loops::transform_output<_Float16>(m, columns[column]);
  }
  const int rows = Loops::least(4, call.rows.rows - tiles.y);
  for (int row = 0; row < rows; ++row) {
    Halves m[6], pixels[4];
#pragma GCC unroll 6
    for (int column = 0; column < 6; ++column) m[column] = columns[column][row];
    Loops::transform_output<_Float16>(m, pixels);
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      if (channel + half * 16 >= call.out_channels) break;
      Loops::Vector wide[4];
#pragma GCC unroll 4
      for (int x = 0; x < 4; ++x) {
        const auto all = reinterpret_cast<__m512i>(pixels[x]);
        const __m256i part = half == 0 ? _mm512_castsi512_si256(all) : _mm512_extracti64x4_epi64(all, 1);
        wide[x] = reinterpret_cast<Loops::Vector>(_mm512_cvtxph_ps(_mm256_castsi256_ph(part)));
      }
      Loops::finish_pixels(call, tiles, tile, row, channel + half * 16, wide);
    }
  }
}

void run_band(const Fp32Call& call, const Loops::Tiles& tiles, const Band& band, const _Float16* weights) {
  for (int tile = 0; tile < tiles.count; ++tile) {
    for (int channel = 0; channel < band.channels; channel += kHalves) transform_tile(band, tile, channel);
  }
  const int pairs = (call.in_channels + 1) / 2;
  for (int channel = 0; channel < call.out_channels; channel += kHalves) {
    multiply_tiles(band, tiles.count, weights, pairs);
    for (int tile = 0; tile < tiles.count; ++tile) finish_tile(call, tiles, band, tile, channel);
    weights += std::ptrdiff_t{kWinogradFrequencies} * pairs * 2 * kHalves;
  }
}

}  // namespace

void narrow_halves(const float* from, int count, void* to) {
  auto* halves = static_cast<_Float16*>(to);
  for (int at = 0; at < count; at += 16) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(halves + at),
                        _mm256_castph_si256(_mm512_cvtxps_ph(_mm512_loadu_ps(from + at))));
  }
}

std::int64_t winograd_fp16_scratch(int in_channels) {
  const std::int64_t channels = rounded_up(in_channels, kHalves);
  const std::int64_t halves = 6 * kBandPx * channels +
                              kWinogradFrequencies * (kWinogradTiles * channels + 2 * kWinogradGap) +
                              kWinogradFrequencies * kSumPlane;
  return halves * static_cast<std::int64_t>(sizeof(_Float16));
}

void winograd_fp16(const Fp32Call& call, const void* weights) {
  Band band;
  band.channels = rounded_up(call.in_channels, kHalves);
  auto* scratch = reinterpret_cast<_Float16*>(call.scratch);
  for (_Float16*& row : band.rows) {
    row = scratch;
    scratch += band.row_halves();
  }
  band.inputs = scratch;
  band.sums = band.inputs + kWinogradFrequencies * band.input_plane();
  Loops::Tiles tiles = {};
  const int columns = (call.rows.width + 3) / 4;
  for (int first = 0; first < columns; first += kWinogradTiles) {
    tiles.x = 4 * first;
    tiles.count = Loops::least(kWinogradTiles, columns - first);
    for (tiles.y = 0; tiles.y < call.rows.rows; tiles.y += 4) {
      // The last two rows of one band are the first two of the next.
      for (int row = 0; row < 2; ++row) {
        _Float16* kept = band.rows[row];
        band.rows[row] = band.rows[row + 4];
        band.rows[row + 4] = kept;
      }
      for (int row = tiles.y == 0 ? 0 : 2; row < 6; ++row) {
        narrow_row(call, tiles.y + row, tiles.x, 4 * tiles.count + 2, band, band.rows[row]);
      }
      run_band(call, tiles, band, static_cast<const _Float16*>(weights));
    }
  }
}

}  // namespace tintype::engine
