#include "api/ops/openapi.h"

// The assembler takes the file in as it is. `TINTYPE_OPENAPI_DIR` comes from CMake.
asm(".section .rodata\n"
    ".global tintype_openapi_enhancement\n"
    ".global tintype_openapi_enhancement_end\n"
    "tintype_openapi_enhancement:\n"
    ".incbin \"" TINTYPE_OPENAPI_DIR
    "/enhancement.json\"\n"
    "tintype_openapi_enhancement_end:\n"
    ".byte 0\n"
    ".previous\n");

extern "C" {
extern const char tintype_openapi_enhancement[];
extern const char tintype_openapi_enhancement_end[];
}

namespace tintype::api {

std::string_view enhancement_openapi() {
  return {tintype_openapi_enhancement,
          static_cast<std::size_t>(tintype_openapi_enhancement_end - tintype_openapi_enhancement)};
}

}  // namespace tintype::api
