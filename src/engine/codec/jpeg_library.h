// What the sources that use libjpeg share: its errors jump, and must not cross a frame that owns something.
#pragma once

#include <cstdio>
// libjpeg's header needs the one above.
#include <jpeglib.h>

#include <csetjmp>
#include <string>

namespace tintype::engine {

// To be a codec's error manager. A call of libjpeg that fails ends behind the last setjmp(jump).
struct JpegErrors : jpeg_error_mgr {
  std::jmp_buf jump;
  bool is_cut_off = false;

  JpegErrors();
  std::string words(j_common_ptr codec) const;
};

}  // namespace tintype::engine
