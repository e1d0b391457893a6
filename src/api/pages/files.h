// The files of the pages and of the console, as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace tintype::api {

struct PageFile {
  std::string_view path;  // in the folder of this room, "docs/docs.css", or of the built console, "console/icon.svg"
  std::string_view encoding;  // "br", "gzip"; empty for the file as it is, which stands first
  std::string_view bytes;
};

std::span<const PageFile> page_files();

}  // namespace tintype::api
