// What a client says that it reads (Accept and Accept-Encoding, RFC 9110, sections 12.5.1 and 12.5.3).
#pragma once

#include <string_view>

#include "domain/rendition.h"
#include "http/message.h"

namespace tintype::api {

// Formats that it names itself, with a weight above 0. "image/*" and "*/*" name none: programs that send nothing else
// are those that were never taught a new format.
FormatsRead formats_read(std::string_view accept);
FormatsRead formats_read(const http::Request& request);

// Whether it names HTML, as browsers do that show a page.
bool reads_html(const http::Request& request);

// Whether it names that content coding, with a weight above 0.
bool reads_encoding(std::string_view accept_encoding, std::string_view encoding);

}  // namespace tintype::api
