// Secrets that nobody configured.
#pragma once

#include <filesystem>

#include "base/random.h"
#include "cmd/config.h"

namespace tintype::cmd {

// Fills what is empty of auth.jwt_secret, auth.admin_key, auth.url_key and auth.receipt_key from files of `folder`
// (0700, each 0600), which are made where they are missing: of two programs that start at once both get the first
// one's.
Result<void> fill_secrets(Config& config, const std::filesystem::path& folder, Random& random);

}  // namespace tintype::cmd
