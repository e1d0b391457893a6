#include "engine/kernel/fp32_loops.h"

namespace tintype::engine {

namespace {

struct Set {
  static constexpr int kLanes = 8;
  static constexpr int kPixels = 6;
};

}  // namespace

Fp32Calls fp32_avx2_calls() {
  return fp32::Loops<Set>::calls();
}

}  // namespace tintype::engine
