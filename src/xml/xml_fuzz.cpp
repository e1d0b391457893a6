// Any text is read as a document or refused.
#include <cstdint>
#include <string_view>

#include "xml/document.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static_cast<void>(tintype::xml::parse({reinterpret_cast<const char*>(data), size}));
  return 0;
}
