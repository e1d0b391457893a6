#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "engine/strip/strip.h"

// What was taken over is taken over again, byte for byte.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  std::ostringstream once;
  if (!tintype::engine::strip_png(in, once)) return 0;
  std::istringstream again(once.str());
  std::ostringstream twice;
  if (!tintype::engine::strip_png(again, twice) || twice.str() != once.str()) std::abort();
  return 0;
}
