#include "engine/kernel/fp32_loops.h"

namespace tintype::engine {

namespace {

struct Set {
  static constexpr int kLanes = 16;
  static constexpr int kPixels = 12;
};

}  // namespace

Fp32Calls fp32_avx512_calls() {
  return fp32::Loops<Set>::calls();
}

}  // namespace tintype::engine
