// The OpenAPI files, as they were when the program was built.
#pragma once

#include <string_view>

namespace tintype::api {

std::string_view account_openapi();
std::string_view enhancement_openapi();
std::string_view hosting_openapi();
std::string_view upscale_openapi();
std::string_view studio_openapi();
std::string_view admin_openapi();

}  // namespace tintype::api
