// Names of files in an HTTP header.
#pragma once

#include <string>
#include <string_view>

namespace tintype {

// A Content-Disposition that saves the answer under this name (RFC 6266): a plain name for old clients, the true one in
// UTF-8.
std::string attachment_disposition(std::string_view name);

}  // namespace tintype
