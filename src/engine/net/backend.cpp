#include "engine/net/backend.h"

#include <algorithm>

#include "engine/kernel/cpu.h"
#include "engine/kernel/fp32.h"

namespace tintype::engine {

std::vector<Backend> all_backends() {
  return {Backend::kAvx512Fp16, Backend::kAmx, Backend::kAvx512, Backend::kAvx2, Backend::kSse2, Backend::kReference};
}

const char* backend_name(Backend backend) {
  switch (backend) {
    case Backend::kAvx512Fp16: return "avx512fp16";
    case Backend::kAmx: return "amx";
    case Backend::kAvx512: return "avx512";
    case Backend::kAvx2: return "avx2";
    case Backend::kSse2: return "sse2";
    case Backend::kReference: return "reference";
  }
  return "";
}

std::optional<Backend> backend_of(std::string_view name) {
  for (const Backend backend : all_backends()) {
    if (name == backend_name(backend)) return backend;
  }
  return std::nullopt;
}

bool is_available(Backend backend) {
  switch (backend) {
    case Backend::kAvx512Fp16: return has_avx512_fp16();
    case Backend::kAmx: return has_amx_bf16();
    case Backend::kAvx512: return has_avx512();
    case Backend::kAvx2: return has_avx2();
    case Backend::kSse2:
    case Backend::kReference: return true;
  }
  return false;
}

Backend best_backend() {
  const std::vector<Backend> backends = all_backends();
  return *std::ranges::find_if(backends, is_available);
}

bool is_exact(Backend backend) {
  switch (backend) {
    case Backend::kAvx512Fp16:
    case Backend::kAmx: return false;
    case Backend::kAvx512:
    case Backend::kAvx2:
    case Backend::kSse2:
    case Backend::kReference: return true;
  }
  return true;
}

Backend exact(Backend backend) {
  return is_exact(backend) ? backend : Backend::kAvx512;
}

double peak_of(Backend backend) {
  switch (backend) {
    case Backend::kAvx512Fp16: return 2 * measure_peak(Fp32Set::kAvx512);  // of twice as many halves
    case Backend::kAmx: return 16 * measure_peak(Fp32Set::kAvx512);        // by the processor's manual
    case Backend::kAvx512: return measure_peak(Fp32Set::kAvx512);
    case Backend::kAvx2: return measure_peak(Fp32Set::kAvx2);
    case Backend::kSse2: return measure_peak(Fp32Set::kSse2);
    case Backend::kReference: return 0;
  }
  return 0;
}

}  // namespace tintype::engine
