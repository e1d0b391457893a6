// The files of the pages, as they were when the program was built.
#pragma once

#include <span>
#include <string_view>

namespace tintype::api {

struct PageFile {
  std::string_view path;  // in the folder of this room: "docs/docs.css"
  std::string_view text;
};

std::span<const PageFile> page_files();

}  // namespace tintype::api
