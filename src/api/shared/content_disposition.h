// Content-Disposition of what is taken away as a file.
#pragma once

#include <string>

namespace tintype::api {

// RFC 6266: a plain name for old clients, the true one in UTF-8.
std::string attachment(const std::string& file_name);

}  // namespace tintype::api
