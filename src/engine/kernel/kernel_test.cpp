// Convolution kernels against plain loops, on random shapes.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cmath>
#include <random>

#include "engine/kernel/bf16.h"
#include "engine/kernel/cpu.h"
#include "engine/kernel/fp16.h"
#include "engine/kernel/fp32.h"

namespace tintype::engine {
namespace {

// A convolution, an input with slack around its rows, and what plain loops make of it.
struct Case {
  KernelShape shape;
  KernelWeights weights;
  int width = 0;  // of the output
  int rows = 0;
  int in_width = 0;
  int in_rows = 0;
  int in_pixel = 0;
  int out_pixel = 0;
  bool has_residual = false;
  std::vector<float> input;     // in_rows x (in_width + slack on both sides) x in_pixel
  std::vector<bool> is_zero;    // rows that are given as null
  std::vector<float> residual;  // rows x width x out_pixel

  const float* input_row(int row) const {
    return input.data() + (static_cast<std::ptrdiff_t>(row) * (in_width + 2 * kSlackPx) + kSlackPx) * in_pixel;
  }

  double expected(int y, int x, int out) const {
    const int taps = shape.kernel_height * shape.kernel_width;
    const int channels = shape.depthwise ? 1 : shape.in_channels;
    double sum = weights.bias.empty() ? 0.0 : double{weights.bias[static_cast<std::size_t>(out)]};
    for (int in = 0; in < channels; ++in) {
      for (int tap = 0; tap < taps; ++tap) {
        const int row = y * shape.stride_y + tap / shape.kernel_width * shape.dilation_y;
        const int column = x * shape.stride_x + tap % shape.kernel_width * shape.dilation_x - shape.padding_left;
        if (is_zero[static_cast<std::size_t>(row)] || column < 0 || column >= in_width) continue;
        sum += double{weights.weights[static_cast<std::size_t>((out * channels + in) * taps + tap)]} *
               input_row(row)[std::ptrdiff_t{column} * in_pixel + (shape.depthwise ? out : in)];
      }
    }
    if (!weights.slopes.empty() && sum < 0) sum *= weights.slopes[static_cast<std::size_t>(out)];
    if (has_residual) sum += residual[static_cast<std::size_t>((y * width + x) * out_pixel + out)];
    return sum;
  }
};

Case random_case(unsigned seed) {
  std::mt19937 engine(seed);
  const auto between = [&](int least, int most) { return std::uniform_int_distribution<int>(least, most)(engine); };
  const auto numbers = [&](std::size_t count, float deviation) {
    std::normal_distribution<float> distribution(0, deviation);
    std::vector<float> values(count);
    for (float& value : values) value = distribution(engine);
    return values;
  };
  Case c;
  const int kChannels[] = {1, 2, 3, 5, 8, 12, 16, 17, 20, 24, 33, 48, 64};
  c.shape.in_channels = kChannels[between(0, 12)];
  c.shape.depthwise = between(0, 5) == 0;
  c.shape.out_channels = c.shape.depthwise ? c.shape.in_channels : kChannels[between(0, 12)];
  if (between(0, 1) == 0) {  // as most are
    c.shape.kernel_height = between(1, 7);
    c.shape.kernel_width = between(1, 7);
    c.shape.stride_y = between(1, 3);
    c.shape.stride_x = between(1, 3);
    c.shape.dilation_y = between(1, 2);
    c.shape.dilation_x = between(1, 2);
    c.shape.padding_left = between(0, c.shape.kernel_width);
  }
  c.width = between(1, 130);
  c.rows = between(1, 9);
  const int reach = (c.width - 1) * c.shape.stride_x + (c.shape.kernel_width - 1) * c.shape.dilation_x;
  c.in_width = std::max(1, reach - c.shape.padding_left + 1 - between(0, 2));
  c.in_rows = (c.rows - 1) * c.shape.stride_y + (c.shape.kernel_height - 1) * c.shape.dilation_y + 1;
  c.in_pixel = c.shape.in_channels + between(0, 9);
  c.out_pixel = c.shape.out_channels + between(0, 9);
  const std::size_t row = static_cast<std::size_t>(c.in_width + 2 * kSlackPx) * static_cast<std::size_t>(c.in_pixel);
  c.input = numbers(row * static_cast<std::size_t>(c.in_rows) + 64, 1);
  for (int y = 0; y < c.in_rows; ++y) {
    c.is_zero.push_back(between(0, 6) == 0);
    float* first = c.input.data() + static_cast<std::size_t>(y) * row;
    std::fill_n(first, kSlackPx * c.in_pixel, 0.0F);
    // Beyond what pads a convolution, anything may lie.
    std::fill_n(first + std::ptrdiff_t{kSlackPx + c.in_width} * c.in_pixel, 3 * c.in_pixel, 0.0F);
  }
  const int fan = (c.shape.depthwise ? 1 : c.shape.in_channels) * c.shape.kernel_height * c.shape.kernel_width;
  c.weights.weights =
      numbers(static_cast<std::size_t>(fan * c.shape.out_channels), 1 / std::sqrt(static_cast<float>(fan)));
  if (between(0, 3) > 0) c.weights.bias = numbers(static_cast<std::size_t>(c.shape.out_channels), 1);
  if (between(0, 1) == 0) c.weights.slopes = numbers(static_cast<std::size_t>(c.shape.out_channels), 1);
  c.has_residual = between(0, 2) == 0;
  c.residual = numbers(static_cast<std::size_t>(c.rows * c.width * c.out_pixel), 1);
  return c;
}

// Each number within the tolerance, and all of them within 2 % of their root mean square.
void expect_right(const Case& c, const ConvolutionKernel& kernel, double tolerance) {
  constexpr float kUntouched = 12345;
  std::vector<float> output(static_cast<std::size_t>(c.rows * c.width * c.out_pixel), kUntouched);
  std::vector<const float*> in, residual;
  std::vector<float*> out;
  for (int y = 0; y < c.in_rows; ++y) in.push_back(c.is_zero[static_cast<std::size_t>(y)] ? nullptr : c.input_row(y));
  for (int y = 0; y < c.rows; ++y) {
    out.push_back(output.data() + std::ptrdiff_t{y} * c.width * c.out_pixel);
    residual.push_back(c.residual.data() + std::ptrdiff_t{y} * c.width * c.out_pixel);
  }
  ConvolutionRows rows;
  rows.in = in.data();
  rows.out = out.data();
  rows.residual = c.has_residual ? residual.data() : nullptr;
  rows.in_pixel = c.in_pixel;
  rows.out_pixel = rows.residual_pixel = c.out_pixel;
  rows.rows = c.rows;
  rows.width = c.width;
  std::vector<float> scratch(static_cast<std::size_t>(kernel.scratch_bytes(c.width)) / sizeof(float) + 1);
  kernel.run(rows, scratch.data());
  double squares = 0, off = 0;
  for (int y = 0; y < c.rows; ++y) {
    for (int x = 0; x < c.width; ++x) {
      for (int channel = 0; channel < c.out_pixel; ++channel) {
        const float got = output[static_cast<std::size_t>((y * c.width + x) * c.out_pixel + channel)];
        if (channel >= c.shape.out_channels) {
          RC_ASSERT(got == kUntouched);
        } else {
          const double expected = c.expected(y, x, channel), difference = double{got} - expected;
          RC_ASSERT(std::abs(difference) < tolerance);
          squares += expected * expected;
          off += difference * difference;
        }
      }
    }
  }
  RC_ASSERT(std::sqrt(off) <= 0.02 * std::sqrt(squares) + 1e-3);
}

bool can_run(Fp32Set set) {
  switch (set) {
    case Fp32Set::kSse2: return true;
    case Fp32Set::kAvx2:
    case Fp32Set::kAvx512Emulated: return has_avx2();
    case Fp32Set::kAvx512: return has_avx512();
  }
  return false;
}

RC_GTEST_PROP(Fp32, IsAConvolution, ()) {
  const Case c = random_case(*rc::gen::inRange(0U, 1U << 30));
  for (const Fp32Set set : {Fp32Set::kSse2, Fp32Set::kAvx2, Fp32Set::kAvx512, Fp32Set::kAvx512Emulated}) {
    if (can_run(set)) expect_right(c, *make_fp32_convolution(c.shape, c.weights, set), 3e-4);
  }
}

RC_GTEST_PROP(Bf16, IsAConvolution, ()) {
  const Case c = random_case(*rc::gen::inRange(0U, 1U << 30));
  if (has_avx2()) expect_right(c, *make_bf16_convolution(c.shape, c.weights, Bf16Set::kEmulated), 0.2);
  if (has_amx_bf16()) expect_right(c, *make_bf16_convolution(c.shape, c.weights, Bf16Set::kAmx), 0.2);
}

RC_GTEST_PROP(Fp16, IsAConvolution, ()) {
  if (!has_avx512_fp16()) return;
  const Case c = random_case(*rc::gen::inRange(0U, 1U << 30));
  expect_right(c, *make_fp16_convolution(c.shape, c.weights), 0.2);
}

}  // namespace
}  // namespace tintype::engine
