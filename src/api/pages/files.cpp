#include "api/pages/files.h"

// `TINTYPE_PAGE_FILES` comes from CMake: a line for each file, written by web/scripts/pack.mjs.

// The assembler takes the files in as they are.
#define PAGE_FILE(name, path, encoding, file) \
  asm(".section .rodata\n"                    \
      ".global tintype_" #name                \
      "\n"                                    \
      ".global tintype_" #name                \
      "_end\n"                                \
      "tintype_" #name                        \
      ":\n"                                   \
      ".incbin \"" file                       \
      "\"\n"                                  \
      "tintype_" #name                        \
      "_end:\n"                               \
      ".byte 0\n"                             \
      ".previous\n");
#include TINTYPE_PAGE_FILES
#undef PAGE_FILE

extern "C" {
#define PAGE_FILE(name, path, encoding, file) \
  extern const char tintype_##name[];         \
  extern const char tintype_##name##_end[];
#include TINTYPE_PAGE_FILES
#undef PAGE_FILE
}

namespace tintype::api {

std::span<const PageFile> page_files() {
#define PAGE_FILE(name, path, encoding, file) \
  {path, encoding, {tintype_##name, static_cast<std::size_t>(tintype_##name##_end - tintype_##name)}},
  static const PageFile files[] = {
#include TINTYPE_PAGE_FILES
  };
#undef PAGE_FILE
  return files;
}

}  // namespace tintype::api
