#include "api/ops/openapi.h"

// The assembler takes the files in as they are. `TINTYPE_OPENAPI_DIR` comes from CMake.
#define TINTYPE_TAKE_IN(name)                   \
  asm(".section .rodata\n"                      \
      ".global tintype_openapi_" name           \
      "\n"                                      \
      ".global tintype_openapi_" name           \
      "_end\n"                                  \
      "tintype_openapi_" name                   \
      ":\n"                                     \
      ".incbin \"" TINTYPE_OPENAPI_DIR "/" name \
      ".json\"\n"                               \
      "tintype_openapi_" name                   \
      "_end:\n"                                 \
      ".byte 0\n"                               \
      ".previous\n")

TINTYPE_TAKE_IN("account");
TINTYPE_TAKE_IN("enhancement");
TINTYPE_TAKE_IN("hosting");
TINTYPE_TAKE_IN("upscale");
TINTYPE_TAKE_IN("studio");
TINTYPE_TAKE_IN("admin");

extern "C" {
extern const char tintype_openapi_account[];
extern const char tintype_openapi_account_end[];
extern const char tintype_openapi_enhancement[];
extern const char tintype_openapi_enhancement_end[];
extern const char tintype_openapi_hosting[];
extern const char tintype_openapi_hosting_end[];
extern const char tintype_openapi_upscale[];
extern const char tintype_openapi_upscale_end[];
extern const char tintype_openapi_studio[];
extern const char tintype_openapi_studio_end[];
extern const char tintype_openapi_admin[];
extern const char tintype_openapi_admin_end[];
}

namespace tintype::api {

namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::string_view account_openapi() {
  return between(tintype_openapi_account, tintype_openapi_account_end);
}

std::string_view enhancement_openapi() {
  return between(tintype_openapi_enhancement, tintype_openapi_enhancement_end);
}

std::string_view hosting_openapi() {
  return between(tintype_openapi_hosting, tintype_openapi_hosting_end);
}

std::string_view upscale_openapi() {
  return between(tintype_openapi_upscale, tintype_openapi_upscale_end);
}

std::string_view studio_openapi() {
  return between(tintype_openapi_studio, tintype_openapi_studio_end);
}

std::string_view admin_openapi() {
  return between(tintype_openapi_admin, tintype_openapi_admin_end);
}

}  // namespace tintype::api
