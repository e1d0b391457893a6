// Numbers that have no pattern that eyes see, and are the same whatever the machine and its threads.
#pragma once

#include <cstdint>

namespace tintype::engine {

// Wellons' "lowbias32".
inline std::uint32_t hashed(std::uint32_t value) {
  value = (value ^ (value >> 16)) * 0x7feb352dU;
  value = (value ^ (value >> 15)) * 0x846ca68bU;
  return value ^ (value >> 16);
}

}  // namespace tintype::engine
