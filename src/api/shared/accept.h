// What a client says that it reads (Accept, RFC 9110, section 12.5.1).
#pragma once

#include <string_view>

#include "domain/rendition.h"
#include "http/message.h"

namespace tintype::api {

// Formats that it names itself, with a weight above 0. "image/*" and "*/*" name none: programs that send nothing else
// are those that were never taught a new format.
FormatsRead formats_read(std::string_view accept);
FormatsRead formats_read(const http::Request& request);

}  // namespace tintype::api
