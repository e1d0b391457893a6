#include "api/pages/files.h"

// Each file of the pages: a name for the assembler and its path.
#define TINTYPE_PAGE_FILES(FILE)                   \
  FILE(common_base_css, "common/base.css")         \
  FILE(common_elements_js, "common/elements.js")   \
  FILE(common_icon_svg, "common/icon.svg")         \
  FILE(docs_index_html, "docs/index.html")         \
  FILE(docs_docs_css, "docs/docs.css")             \
  FILE(docs_docs_js, "docs/docs.js")               \
  FILE(docs_description_js, "docs/description.js") \
  FILE(docs_prose_js, "docs/prose.js")             \
  FILE(docs_schema_js, "docs/schema.js")           \
  FILE(docs_operation_js, "docs/operation.js")     \
  FILE(docs_code_js, "docs/code.js")               \
  FILE(docs_console_js, "docs/console.js")         \
  FILE(docs_answer_js, "docs/answer.js")           \
  FILE(board_index_html, "board/index.html")       \
  FILE(board_board_css, "board/board.css")         \
  FILE(board_board_js, "board/board.js")           \
  FILE(board_server_js, "board/server.js")         \
  FILE(board_summary_js, "board/summary.js")       \
  FILE(board_jobs_js, "board/jobs.js")             \
  FILE(board_charts_js, "board/charts.js")

// The assembler takes the files in as they are. `TINTYPE_PAGES_DIR` comes from CMake.
#define TINTYPE_TAKE_IN(name, path)           \
  asm(".section .rodata\n"                    \
      ".global tintype_page_" #name           \
      "\n"                                    \
      ".global tintype_page_" #name           \
      "_end\n"                                \
      "tintype_page_" #name                   \
      ":\n"                                   \
      ".incbin \"" TINTYPE_PAGES_DIR "/" path \
      "\"\n"                                  \
      "tintype_page_" #name                   \
      "_end:\n"                               \
      ".byte 0\n"                             \
      ".previous\n");

#define TINTYPE_DECLARE(name, path)        \
  extern const char tintype_page_##name[]; \
  extern const char tintype_page_##name##_end[];

#define TINTYPE_LIST(name, path) \
  {path, {tintype_page_##name, static_cast<std::size_t>(tintype_page_##name##_end - tintype_page_##name)}},

TINTYPE_PAGE_FILES(TINTYPE_TAKE_IN)

extern "C" {
TINTYPE_PAGE_FILES(TINTYPE_DECLARE)
}

namespace tintype::api {

std::span<const PageFile> page_files() {
  static const PageFile files[] = {TINTYPE_PAGE_FILES(TINTYPE_LIST)};
  return files;
}

}  // namespace tintype::api
