// What AMX does, by plain code: TDPBF16PS as Intel's SDM says it, with sums in single precision.
#include "engine/kernel/bf16_loops.h"

namespace tintype::engine {

namespace {

struct Emulated {
  struct Set {
    static constexpr int kLanes = 16;
    [[maybe_unused]] static constexpr int kPixels = 12;
  };

  float tiles[4][16 * 16];

  void clear() { __builtin_memset(tiles, 0, sizeof tiles); }

  void multiply(const bf16::Number* above, const bf16::Number* under, int pixel_bytes, const bf16::Number* weights) {
    const bf16::Number* pixels[2] = {above, under};
    for (int tile = 0; tile < 4; ++tile) {
      for (int pixel = 0; pixel < 16; ++pixel) {
        const bf16::Number* row = pixels[tile / 2] + pixel * pixel_bytes / 2;
        for (int in = 0; in < kBf16Depth; ++in) {
          const bf16::Number* pair = weights + tile % 2 * kBf16TileNumbers + in / 2 * 32 + in % 2;
          for (int out = 0; out < 16; ++out) tiles[tile][pixel * 16 + out] += widened(row[in]) * widened(pair[out * 2]);
        }
      }
    }
  }

  void store(float (&sums)[4][16 * 16]) { __builtin_memcpy(sums, tiles, sizeof tiles); }

  static float widened(bf16::Number number) {
    const unsigned bits = static_cast<unsigned>(number) << 16;
    float value = 0;
    __builtin_memcpy(&value, &bits, sizeof value);
    return value;
  }

  // To the nearest, of two the even one; what is not a number stays so.
  static void narrow(const float* from, int count, bf16::Number* to) {
    for (int at = 0; at < count; ++at) {
      unsigned bits = 0;
      __builtin_memcpy(&bits, from + at, sizeof bits);
      const unsigned rounded = bits + 0x7fff + ((bits >> 16) & 1);
      to[at] = static_cast<bf16::Number>((from[at] != from[at] ? bits | 0x400000 : rounded) >> 16);
    }
  }
};

}  // namespace

void bf16_emulated(const Fp32Call& call, const void* weights) {
  bf16::Loops<Emulated>::run(call, weights);
}

}  // namespace tintype::engine
