// Intel's Advanced Matrix Extensions: eight tiles of 16 rows of 64 bytes.
#include <immintrin.h>

#include "engine/kernel/bf16_loops.h"

namespace tintype::engine {

namespace {

// Tiles 0 to 3 are the sums, 4 and 5 two rows of pixels, 6 and 7 the weights.
struct Amx {
  struct Set {
    static constexpr int kLanes = 16;
    [[maybe_unused]] static constexpr int kPixels = 12;
  };

  // The operand of LDTILECFG (Intel SDM, volume 1, chapter 18): palette 1, every tile at its largest. It lies in memory
  // from the start: what GCC 12 says of the instruction is that it reads eight bytes.
  struct alignas(64) Configuration {
    unsigned char palette = 1;
    unsigned char start_row = 0;
    unsigned char reserved[14] = {};
    unsigned short row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
    unsigned char rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
  };
  static const Configuration kConfiguration;

  Amx() { _tile_loadconfig(&kConfiguration); }
  ~Amx() { _tile_release(); }

  void clear() {
    // Nor does it know that loading a tile reads memory: what was written comes before.
    asm volatile("" ::: "memory");
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }

  void multiply(const bf16::Number* above, const bf16::Number* under, int pixel_bytes, const bf16::Number* weights) {
    _tile_loadd(6, weights, 64);
    _tile_loadd(4, above, pixel_bytes);
    _tile_dpbf16ps(0, 4, 6);
    _tile_loadd(7, weights + kBf16TileNumbers, 64);
    _tile_dpbf16ps(1, 4, 7);
    _tile_loadd(5, under, pixel_bytes);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }

  void store(float (&sums)[4][16 * 16]) {
    _tile_stored(0, sums[0], 64);
    _tile_stored(1, sums[1], 64);
    _tile_stored(2, sums[2], 64);
    _tile_stored(3, sums[3], 64);
  }

  static void narrow(const float* from, int count, bf16::Number* to) {
    for (; count >= 32; count -= 32, from += 32, to += 32) {
      const __m512bh both = _mm512_cvtne2ps_pbh(_mm512_loadu_ps(from + 16), _mm512_loadu_ps(from));
      _mm512_storeu_si512(to, reinterpret_cast<__m512i>(both));
    }
    for (; count > 0; count -= 16, from += 16, to += 16) {
      const auto mask = static_cast<__mmask16>(count >= 16 ? 0xffff : (1 << count) - 1);
      const __m256bh some = _mm512_cvtneps_pbh(_mm512_maskz_loadu_ps(mask, from));
      _mm256_mask_storeu_epi16(to, mask, reinterpret_cast<__m256i>(some));
    }
  }
};

const Amx::Configuration Amx::kConfiguration;
static_assert(sizeof(Amx::Configuration) == 64);

}  // namespace

void bf16_amx(const Fp32Call& call, const void* weights) {
  bf16::Loops<Amx>::run(call, weights);
}

}  // namespace tintype::engine
