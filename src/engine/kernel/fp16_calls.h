// The entry points of fp16_avx512.cpp; what fp32_calls.h says of headers holds here too.
#pragma once

#include "engine/kernel/fp32_calls.h"

namespace tintype::engine {

// As Fp32Calls::winograd, with weights of halves: blocks of 32 output channels, each [frequency][pair of input
// channels] [even output channels, then odd ones][of the pair].
void winograd_fp16(const Fp32Call& call, const void* weights);
// In bytes.
std::int64_t winograd_fp16_scratch(int in_channels);

}  // namespace tintype::engine
