// Convolutions in bfloat16 on a unit that multiplies matrices. What fp32_calls.h says of headers holds here too.
//
// Rows of the input are narrowed into a band of memory, the channels of a pixel without gaps; the taps of a kernel row
// then lie side by side, and what 16 output pixels need of them is one matrix with overlapping rows. A unit has four
// sums of 16 pixels x 16 channels: two rows of pixels by two tiles of weights.
#pragma once

#include "engine/kernel/bf16_calls.h"
#include "engine/kernel/fp32_loops.h"

namespace tintype::engine::bf16 {

using Number = unsigned short;

// `Unit` has a Set of 16 lanes for fp32::Loops and narrow(from, count, to). From its construction to its end it has the
// four sums: clear(), multiply(rows of pixels, rows below, bytes from one to the next, two tiles of weights),
// store(sums).
template <class Unit>
class Loops {
 public:
  static void run(const Fp32Call& call, const void* weights) {
    Loops loops(call);
    for (int left = 0; left < call.rows.width; left += kBf16ColumnsMax) {
      loops.run_columns(left, static_cast<const Number*>(weights));
    }
  }

 private:
  using Single = fp32::Loops<typename Unit::Set>;

  explicit Loops(const Fp32Call& call)
      : call_(call),
        layout_(bf16_layout(call.in_channels, call.kernel_height, call.kernel_width, call.stride_y, call.stride_x,
                            call.dilation_y, call.dilation_x)) {
    auto* scratch = reinterpret_cast<Number*>(call.scratch);
    for (int row = 0; row < layout_.tall; ++row) rows_[row] = scratch + row * layout_.row_numbers;
  }

  void run_columns(int left, const Number* weights) {
    const int columns = Single::least(kBf16ColumnsMax, call_.rows.width - left);
    for (int y = 0; y < call_.rows.rows; y += 2) {
      take_in_rows(y, left, columns);
      const Number* block = weights;
      for (int channel = 0; channel < call_.out_channels; channel += kBf16Block, block += layout_.block_numbers) {
        for (int x = 0; x < columns; x += 16) {
          multiply(y, x, block);
          finish(y, left + x, channel);
        }
      }
    }
  }

  // The band for the output rows y and y + 1. The last rows of the band before are needed again.
  void take_in_rows(int y, int left, int columns) {
    const int needed = y + 1 < call_.rows.rows ? layout_.tall : layout_.depth;
    int kept = 0;
    if (y > 0 && layout_.depth > call_.stride_y) {
      kept = layout_.depth - call_.stride_y;
      Number* turned[kBf16RowsMax];
      for (int row = 0; row < layout_.tall; ++row) turned[row] = rows_[(row + 2 * call_.stride_y) % layout_.tall];
      for (int row = 0; row < layout_.tall; ++row) rows_[row] = turned[row];
    }
    for (int row = kept; row < needed; ++row)
      take_in(call_.rows.in[y * call_.stride_y + row], left, columns, rows_[row]);
  }

  void take_in(const float* from, int left, int columns, Number* to) const {
    std::ptrdiff_t rest = layout_.row_numbers;
    if (from != nullptr) {
      const int channels = call_.in_channels;
      const int pixels = (columns - 1) * call_.stride_x + (call_.kernel_width - 1) * call_.dilation_x + 1;
      from += (std::ptrdiff_t{left} * call_.stride_x - call_.padding_left) * call_.rows.in_pixel;
      for (int pixel = 0; pixel < pixels; ++pixel, from += call_.rows.in_pixel, to += channels) {
        Unit::narrow(from, channels, to);
      }
      rest -= std::ptrdiff_t{pixels} * channels;
    }
    // What follows is multiplied by weights of zero, and has to be a number.
    __builtin_memset(to, 0, static_cast<unsigned long>(rest) * sizeof *to);
  }

  // The sums of 16 output columns from x of the band on, of two output rows.
  void multiply(int y, int x, const Number* weights) {
    const int pixel_bytes = call_.stride_x * call_.in_channels * static_cast<int>(sizeof(Number));
    const int below = y + 1 < call_.rows.rows ? call_.stride_y : 0;
    unit_.clear();
    for (int ky = 0; ky < call_.kernel_height; ++ky) {
      for (int at = 0; at < layout_.runs; ++at) {
        const std::ptrdiff_t begin =
            (std::ptrdiff_t{x} * call_.stride_x + std::ptrdiff_t{at} * layout_.run_pixels) * call_.in_channels;
        const Number* above = rows_[ky * call_.dilation_y] + begin;
        const Number* under = rows_[ky * call_.dilation_y + below] + begin;
        for (int k = 0; k < layout_.run; k += kBf16Depth, weights += 2 * kBf16TileNumbers) {
          unit_.multiply(above + k, under + k, pixel_bytes, weights);
        }
      }
    }
  }

  void finish(int y, int x, int channel) {
    alignas(64) float sums[4][16 * 16];
    unit_.store(sums);
    const int rows = Single::least(2, call_.rows.rows - y), pixels = Single::least(16, call_.rows.width - x);
    for (int row = 0; row < rows; ++row) {
      for (int tile = 0; tile < 2; ++tile) {
        const int first = channel + tile * 16;
        if (first >= call_.out_channels) break;
        const auto bias = Single::load(call_.bias + first);
        for (int pixel = 0; pixel < pixels; ++pixel) {
          Single::finish(call_, Single::load(sums[2 * row + tile] + pixel * 16) + bias, y + row, x + pixel, first);
        }
      }
    }
  }

  const Fp32Call& call_;
  const Bf16Layout layout_;
  Number* rows_[kBf16RowsMax];
  Unit unit_;
};

}  // namespace tintype::engine::bf16
