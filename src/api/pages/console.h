// Where the console is: the addresses of its pages, which all answer with the same file and are told apart in the
// browser (web/src/app.tsx). Addresses for people are no API, and stand in no description.
#pragma once

#include <span>

namespace tintype::api {

std::span<const char* const> console_pages();

}  // namespace tintype::api
