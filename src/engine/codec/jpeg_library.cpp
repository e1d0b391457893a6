#include "engine/codec/jpeg_library.h"

#include <jerror.h>

namespace tintype::engine {

namespace {

[[noreturn]] void jump_out(j_common_ptr codec) {
  std::longjmp(static_cast<JpegErrors*>(codec->err)->jump, 1);
}

// Of what libjpeg makes do with, an end that comes too early is an error to us.
void note(j_common_ptr codec, int level) {
  if (level >= 0) return;
  auto* errors = static_cast<JpegErrors*>(codec->err);
  ++errors->num_warnings;
  if (errors->msg_code == JWRN_JPEG_EOF) {
    errors->is_cut_off = true;
    jump_out(codec);
  }
}

void say_nothing(j_common_ptr) {}

}  // namespace

JpegErrors::JpegErrors() : jpeg_error_mgr{} {
  jpeg_std_error(this);
  error_exit = jump_out;
  emit_message = note;
  output_message = say_nothing;
}

std::string JpegErrors::words(j_common_ptr codec) const {
  char text[JMSG_LENGTH_MAX] = {};
  (*format_message)(codec, text);
  return text;
}

}  // namespace tintype::engine
