// What this processor can do, and what the system lets us use of it.
#pragma once

namespace tintype::engine {

bool has_avx2();    // with FMA and F16C
bool has_avx512();  // F, BW, DQ and VL
bool has_avx512_fp16();

}  // namespace tintype::engine
