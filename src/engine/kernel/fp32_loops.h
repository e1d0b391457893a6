// The loops behind fp32_calls.h, for vectors of any length. `Set` makes every function's name its own: no two
// instruction sets may share one.
#pragma once

#include "engine/kernel/fp32_calls.h"

namespace tintype::engine::fp32 {

template <class Set>
struct Loops {
  static constexpr int kLanes = Set::kLanes;
  static constexpr int kPixels = Set::kPixels;

  typedef float Vector __attribute__((vector_size(kLanes * sizeof(float))));
  typedef float Loose __attribute__((vector_size(kLanes * sizeof(float)), aligned(sizeof(float)), may_alias));

  [[gnu::always_inline]] static Vector load(const float* from) { return *reinterpret_cast<const Loose*>(from); }
  [[gnu::always_inline]] static void store(float* to, Vector value) { *reinterpret_cast<Loose*>(to) = value; }
  [[gnu::always_inline]] static Vector all(float value) { return value - Vector{}; }
  [[gnu::always_inline]] static int least(int a, int b) { return a < b ? a : b; }

  [[gnu::always_inline]] static Vector load_some(const float* from, int count) {
    if (count >= kLanes) return load(from);
    Vector value{};
    __builtin_memcpy(&value, from, static_cast<unsigned>(count) * sizeof(float));
    return value;
  }

  [[gnu::always_inline]] static void store_some(float* to, Vector value, int count) {
    if (count >= kLanes) return store(to, value);
    __builtin_memcpy(to, &value, static_cast<unsigned>(count) * sizeof(float));
  }

  // Adds the residual of `count` channels.
  [[gnu::always_inline]] static Vector add_some(Vector value, const float* residual, int count) {
    return value + load_some(residual, count);
  }

  [[gnu::always_inline]] static Vector bend(Vector value, Vector slopes) {
    return value < Vector{} ? value * slopes : value;
  }

  // Activation, residual and store of one vector of channels from `channel` on, of the pixel x in row y. The bias is
  // in the sum already.
  [[gnu::always_inline]] static void finish(const Fp32Call& call, Vector sum, int y, int x, int channel) {
    const int count = call.out_channels - channel;
    if (count <= 0) return;
    if (call.slopes != nullptr) sum = bend(sum, load(call.slopes + channel));
    if (call.rows.residual != nullptr) {
      sum = add_some(sum, call.rows.residual[y] + x * call.rows.residual_pixel + channel,
                     least(count, call.out_channels - channel));
    }
    store_some(call.rows.out[y] + x * call.rows.out_pixel + channel, sum, count);
  }

  // ---- direct ----

  // `kWide` pixels by `kVectors` vectors of output channels, summed in registers over all taps.
  template <int kWide, int kVectors>
  [[gnu::always_inline]] static void direct_block(const Fp32Call& call, const float* weights, int y, int x,
                                                  int channel) {
    constexpr int kBlock = kVectors * kLanes;
    Vector sums[kWide][kVectors];
    for (int vector = 0; vector < kVectors; ++vector) {
      const Vector bias = load(call.bias + channel + vector * kLanes);
#pragma GCC unroll 32
      for (int pixel = 0; pixel < kWide; ++pixel) sums[pixel][vector] = bias;
    }
    const std::ptrdiff_t step = call.stride_x * call.rows.in_pixel;
    const int taps = call.in_channels * kBlock;
    for (int ky = 0; ky < call.kernel_height; ++ky) {
      const float* row = call.rows.in[y * call.stride_y + ky * call.dilation_y];
      if (row == nullptr) {
        weights += call.kernel_width * taps;
        continue;
      }
      row += (x * call.stride_x - call.padding_left) * call.rows.in_pixel;
      for (int kx = 0; kx < call.kernel_width; ++kx, row += call.dilation_x * call.rows.in_pixel) {
        multiply<kWide, kVectors>(sums, row, step, weights, call.in_channels);
        weights += taps;
      }
    }
#pragma GCC unroll 32
    for (int pixel = 0; pixel < kWide; ++pixel) {
#pragma GCC unroll 2
      for (int vector = 0; vector < kVectors; ++vector) {
        finish(call, sums[pixel][vector], y, x + pixel, channel + vector * kLanes);
      }
    }
  }

  // sums += inputs x weights over `count` input channels: the loop where the time is spent.
  template <int kWide, int kVectors>
  [[gnu::always_inline]] static void multiply(Vector (&sums)[kWide][kVectors], const float* inputs, std::ptrdiff_t step,
                                              const float* weights, int count) {
    for (int channel = 0; channel < count; ++channel) {
      Vector factors[kVectors];
#pragma GCC unroll 2
      for (int vector = 0; vector < kVectors; ++vector) factors[vector] = load(weights + vector * kLanes);
#pragma GCC unroll 32
      for (int pixel = 0; pixel < kWide; ++pixel) {
        const Vector input = all(inputs[pixel * step]);
#pragma GCC unroll 2
        for (int vector = 0; vector < kVectors; ++vector) sums[pixel][vector] += input * factors[vector];
      }
      ++inputs;
      weights += kVectors * kLanes;
    }
  }

  template <int kWide, int kVectors>
  static void direct_row(const Fp32Call& call, const float* weights, int y, int channel) {
    const int width = call.rows.width;
    if (width < kWide) {
      for (int x = 0; x < width; ++x) direct_block<1, kVectors>(call, weights, y, x, channel);
      return;
    }
    int x = 0;
    for (; x + kWide <= width; x += kWide) direct_block<kWide, kVectors>(call, weights, y, x, channel);
    // The last block goes back over pixels that are there already rather than over the edge.
    if (x < width) direct_block<kWide, kVectors>(call, weights, y, width - kWide, channel);
  }

  static void direct(const Fp32Call& call) {
    const float* weights = call.weights;
    const int taps = call.kernel_height * call.kernel_width * call.in_channels;
    int channel = 0;
    for (; call.out_channels - channel > kLanes; channel += 2 * kLanes) {
      for (int y = 0; y < call.rows.rows; ++y) direct_row<kPixels, 2>(call, weights, y, channel);
      weights += taps * 2 * kLanes;
    }
    if (channel < call.out_channels) {
      for (int y = 0; y < call.rows.rows; ++y) direct_row<2 * kPixels, 1>(call, weights, y, channel);
    }
  }

  // ---- depthwise ----

  static void depthwise(const Fp32Call& call) {
    const int taps = call.kernel_height * call.kernel_width;
    const float* weights = call.weights;
    for (int channel = 0; channel < call.out_channels; channel += kLanes, weights += taps * kLanes) {
      const int count = call.out_channels - channel;
      for (int y = 0; y < call.rows.rows; ++y) {
        for (int x = 0; x < call.rows.width; ++x) {
          Vector sum = load(call.bias + channel);
          const float* tap = weights;
          for (int ky = 0; ky < call.kernel_height; ++ky) {
            const float* row = call.rows.in[y * call.stride_y + ky * call.dilation_y];
            if (row == nullptr) {
              tap += call.kernel_width * kLanes;
              continue;
            }
            row += (x * call.stride_x - call.padding_left) * call.rows.in_pixel + channel;
            for (int kx = 0; kx < call.kernel_width; ++kx, tap += kLanes) {
              sum += load_some(row + kx * call.dilation_x * call.rows.in_pixel, count) * load(tap);
            }
          }
          finish(call, sum, y, x, channel);
        }
      }
    }
  }

  // ---- Winograd F(4x4, 3x3) ----

  // B^T d of one column or row of six, of vectors of any kind of number.
  template <class Number, class Numbers>
  [[gnu::always_inline]] static void transform_input(const Numbers (&d)[6], Numbers (&t)[6]) {
    constexpr Number a = static_cast<Number>(winograd::kNear), b = static_cast<Number>(winograd::kFar);
    const Numbers even = d[4] - d[2] * (b * b), odd = (d[3] - d[1] * (b * b)) * a;
    const Numbers even2 = d[4] - d[2] * (a * a), odd2 = (d[3] - d[1] * (a * a)) * b;
    t[0] = d[0] * (a * a * b * b) - d[2] * (a * a + b * b) + d[4];
    t[1] = even + odd;
    t[2] = even - odd;
    t[3] = even2 + odd2;
    t[4] = even2 - odd2;
    t[5] = d[1] * (a * a * b * b) - d[3] * (a * a + b * b) + d[5];
  }

  // A^T m.
  template <class Number, class Numbers>
  [[gnu::always_inline]] static void transform_output(const Numbers (&m)[6], Numbers (&o)[4]) {
    constexpr Number a = static_cast<Number>(winograd::kNear), b = static_cast<Number>(winograd::kFar);
    const Numbers sum1 = m[1] + m[2], difference1 = m[1] - m[2];
    const Numbers sum2 = m[3] + m[4], difference2 = m[3] - m[4];
    o[0] = m[0] + sum1 + sum2;
    o[1] = difference1 * a + difference2 * b;
    o[2] = sum1 * (a * a) + sum2 * (b * b);
    o[3] = difference1 * (a * a * a) + difference2 * (b * b * b) + m[5];
  }

  // One row of tiles, kWinogradTiles of them at most.
  struct Tiles {
    const float* in[6];       // the six rows that it reads, at the left edge of the first tile
    std::ptrdiff_t pixel[6];  // 0 for a row of zeros
    float* inputs;            // [frequency][tile][channel]
    float* sums;              // [frequency][tile][channel of the block]
    int channels;             // of the input, filled up to whole vectors
    int count;                // tiles
    int y;                    // of the output, in the call
    int x;
    std::ptrdiff_t input_plane() const { return std::ptrdiff_t{kWinogradTiles} * channels + kWinogradGap; }
    static constexpr std::ptrdiff_t kSumPlane = std::ptrdiff_t{kWinogradTiles} * 2 * kLanes + kWinogradGap;
  };

  [[gnu::always_inline]] static void transform_tile(const Tiles& tiles, int tile, int channel) {
    Vector columns[6][6];
    for (int column = 0; column < 6; ++column) {
      Vector d[6];
#pragma GCC unroll 6
      for (int row = 0; row < 6; ++row) {
        d[row] = load(tiles.in[row] + (4 * tile + column) * tiles.pixel[row] + channel);
      }
      transform_input<float>(d, columns[column]);
    }
    const std::ptrdiff_t plane = tiles.input_plane();
    float* to = tiles.inputs + tile * tiles.channels + channel;
#pragma GCC unroll 6
    for (int row = 0; row < 6; ++row) {
      Vector d[6], t[6];
#pragma GCC unroll 6
      for (int column = 0; column < 6; ++column) d[column] = columns[column][row];
      transform_input<float>(d, t);
#pragma GCC unroll 6
      for (int column = 0; column < 6; ++column) store(to + (row * 6 + column) * plane, t[column]);
    }
  }

  template <int kWide, int kVectors>
  static void multiply_tiles(const Tiles& tiles, const float* weights, int in_channels) {
    constexpr int kBlock = kVectors * kLanes;
    for (int frequency = 0; frequency < kWinogradFrequencies; ++frequency) {
      const float* inputs = tiles.inputs + frequency * tiles.input_plane();
      float* sums = tiles.sums + frequency * Tiles::kSumPlane;
      for (int tile = 0; tile < tiles.count; tile += kWide) {
        Vector block[kWide][kVectors] = {};
        multiply<kWide, kVectors>(block, inputs + tile * tiles.channels, tiles.channels, weights, in_channels);
#pragma GCC unroll 32
        for (int at = 0; at < kWide; ++at) {
#pragma GCC unroll 2
          for (int vector = 0; vector < kVectors; ++vector) {
            store(sums + (tile + at) * 2 * kLanes + vector * kLanes, block[at][vector]);
          }
        }
      }
      weights += in_channels * kBlock;
    }
  }

  // Bias, activation, residual and store of one vector of channels of the four pixels of a row of a tile.
  [[gnu::always_inline]] static void finish_pixels(const Fp32Call& call, const Tiles& tiles, int tile, int row,
                                                   int channel, Vector (&pixels)[4]) {
    const int y = tiles.y + row, left = tiles.x + 4 * tile;
    const int wide = least(4, call.rows.width - left), count = call.out_channels - channel;
    const Vector bias = load(call.bias + channel);
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) pixels[x] = pixels[x] + bias;
    if (call.slopes != nullptr) {
      const Vector slopes = load(call.slopes + channel);
#pragma GCC unroll 4
      for (int x = 0; x < 4; ++x) pixels[x] = bend(pixels[x], slopes);
    }
    if (call.rows.residual != nullptr) {
      const float* residual = call.rows.residual[y] + left * call.rows.residual_pixel + channel;
#pragma GCC unroll 4
      for (int x = 0; x < 4; ++x) {
        if (x < wide) pixels[x] = add_some(pixels[x], residual + x * call.rows.residual_pixel, count);
      }
    }
    float* to = call.rows.out[y] + left * call.rows.out_pixel + channel;
#pragma GCC unroll 4
    for (int x = 0; x < 4; ++x) {
      if (x < wide) store_some(to + x * call.rows.out_pixel, pixels[x], count);
    }
  }

  // The sums of one tile and one vector of channels become 4 x 4 pixels.
  [[gnu::always_inline]] static void finish_tile(const Fp32Call& call, const Tiles& tiles, int tile, int vector,
                                                 int channel) {
    const float* from = tiles.sums + tile * 2 * kLanes + vector * kLanes;
    Vector columns[6][4];
    for (int column = 0; column < 6; ++column) {
      Vector m[6];
#pragma GCC unroll 6
      for (int row = 0; row < 6; ++row) m[row] = load(from + (row * 6 + column) * Tiles::kSumPlane);
      transform_output<float>(m, columns[column]);
    }
    const int rows = least(4, call.rows.rows - tiles.y);
    for (int row = 0; row < rows; ++row) {
      Vector m[6], pixels[4];
#pragma GCC unroll 6
      for (int column = 0; column < 6; ++column) m[column] = columns[column][row];
      transform_output<float>(m, pixels);
      finish_pixels(call, tiles, tile, row, channel, pixels);
    }
  }

  template <int kVectors>
  static void finish_tiles(const Fp32Call& call, const Tiles& tiles, int channel) {
    for (int tile = 0; tile < tiles.count; ++tile) {
      for (int vector = 0; vector < kVectors; ++vector) {
        if (channel + vector * kLanes < call.out_channels) {
          finish_tile(call, tiles, tile, vector, channel + vector * kLanes);
        }
      }
    }
  }

  static void run_tiles(const Fp32Call& call, const Tiles& tiles) {
    for (int tile = 0; tile < tiles.count; ++tile) {
      for (int channel = 0; channel < tiles.channels; channel += kLanes) transform_tile(tiles, tile, channel);
    }
    const float* weights = call.weights;
    int channel = 0;
    for (; call.out_channels - channel > kLanes; channel += 2 * kLanes) {
      multiply_tiles<kPixels, 2>(tiles, weights, call.in_channels);
      finish_tiles<2>(call, tiles, channel);
      weights += kWinogradFrequencies * call.in_channels * 2 * kLanes;
    }
    if (channel < call.out_channels) {
      multiply_tiles<2 * kPixels, 1>(tiles, weights, call.in_channels);
      finish_tiles<1>(call, tiles, channel);
    }
  }

  static void winograd(const Fp32Call& call) {
    Tiles tiles = {};
    tiles.channels = rounded_up(call.in_channels, kLanes);
    tiles.inputs = call.scratch;
    tiles.sums = tiles.inputs + kWinogradFrequencies * tiles.input_plane();
    float* zeros = tiles.sums + kWinogradFrequencies * Tiles::kSumPlane;
    for (int channel = 0; channel < tiles.channels; ++channel) zeros[channel] = 0;
    const int columns = (call.rows.width + 3) / 4;
    for (tiles.y = 0; tiles.y < call.rows.rows; tiles.y += 4) {
      for (int first = 0; first < columns; first += kWinogradTiles) {
        tiles.x = 4 * first;
        tiles.count = least(kWinogradTiles, columns - first);
        for (int row = 0; row < 6; ++row) {
          const float* in = tiles.y + row < call.rows.rows + 2 ? call.rows.in[tiles.y + row] : nullptr;
          tiles.pixel[row] = in != nullptr ? call.rows.in_pixel : 0;
          tiles.in[row] = in != nullptr ? in + (tiles.x - call.padding_left) * call.rows.in_pixel : zeros;
        }
        run_tiles(call, tiles);
      }
    }
  }

  static double spin(int rounds, float* sink) {
    // No two of the sums may be the same, or the compiler makes them once.
    Vector sums[kPixels][2];
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      sums[pixel][0] = load(sink) + all(static_cast<float>(pixel));
      sums[pixel][1] = load(sink) - all(static_cast<float>(pixel + 1));
    }
    const Vector factor = all(0.5F), added = all(1.0F);
    for (int round = 0; round < rounds; ++round) {
#pragma GCC unroll 32
      for (int pixel = 0; pixel < kPixels; ++pixel) {
        sums[pixel][0] = sums[pixel][0] * factor + added;
        sums[pixel][1] = sums[pixel][1] * factor + added;
      }
    }
    for (int pixel = 0; pixel < kPixels; ++pixel) {
      store(sink, sums[pixel][0] + load(sink));
      store(sink + kLanes, sums[pixel][1] + load(sink + kLanes));
    }
    return 2.0 * 2 * kPixels * kLanes * rounds;
  }

  static constexpr Fp32Calls calls() { return {kLanes, kPixels, &direct, &depthwise, &winograd, &spin}; }
};

}  // namespace tintype::engine::fp32
