// What this processor can do, and what the system lets us use of it.
#pragma once

namespace tintype::engine {

bool has_avx2();    // with FMA and F16C
bool has_avx512();  // F, BW, DQ and VL
bool has_avx512_fp16();
bool has_amx_bf16();  // and AVX512-BF16; asks the system for the tiles, once

}  // namespace tintype::engine
