// What an API key may do where: one table for all surfaces.
#pragma once

#include <optional>
#include <string_view>

#include "domain/api_key.h"
#include "http/message.h"

namespace tintype::api {

// The scope that a key needs for this method and path. Nothing: no key is taken there, whatever its scopes.
std::optional<Scope> scope_needed(http::Method method, std::string_view path);

}  // namespace tintype::api
