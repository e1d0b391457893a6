// Which of the processor's instructions networks are run with.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace tintype::engine {

enum class Backend {
  kAvx512Fp16,  // 3x3 convolutions in half precision, all else as kAvx512
  kAmx,         // convolutions in bfloat16 on tiles, all else as kAvx512
  kAvx512,      // fp32
  kAvx2,        // fp32
  kSse2,        // fp32: any x86-64
  kReference,   // plain loops, to compare with
};

// The fastest first, as best_backend() prefers them. Whatever has AMX has AVX512-FP16 too, where Winograd's method
// saves more than tiles have been measured to gain.
std::vector<Backend> all_backends();
const char* backend_name(Backend backend);
std::optional<Backend> backend_of(std::string_view name);
bool is_available(Backend backend);  // on this processor
Backend best_backend();
bool is_exact(Backend backend);  // computes in single precision throughout
Backend exact(Backend backend);  // itself, or what the processor has next to it that is exact

// What one thread could reach, in operations a second, if a network were all multiplications and additions in
// registers; 0 for kReference.
double peak_of(Backend backend);

}  // namespace tintype::engine
