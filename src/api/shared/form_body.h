// Bodies of HTML forms (WHATWG URL, section 5: application/x-www-form-urlencoded).
#pragma once

#include <map>
#include <string>

#include "base/error.h"
#include "http/message.h"

namespace tintype::api {

// The fields by name, the last of those with the same. kInvalidInput for broken escapes and invalid UTF-8; the caller
// has looked at the Content-Type.
Result<std::map<std::string, std::string>> parse_form_body(const std::string& body);

}  // namespace tintype::api
