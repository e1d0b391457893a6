#include "engine/kernel/cpu.h"

#include <cpuid.h>

namespace tintype::engine {

bool has_avx2() {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
}

bool has_avx512() {
  return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

bool has_avx512_fp16() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned kFp16 = 1U << 23;
  return has_avx512() && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (d & kFp16) != 0;
}

}  // namespace tintype::engine
