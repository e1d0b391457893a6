// Whose signatures a folder of objects gives and takes.
#pragma once

#include <string>
#include <vector>

#include "adapters/s3_signature/signer.h"

namespace tintype::fs_store {

inline constexpr const char* kBucket = "objects";
inline constexpr const char* kRegion = "us-east-1";

// In their order; throws std::invalid_argument for none, or one that is empty.
std::vector<s3::Credentials> credentials_of(const std::vector<std::string>& signing_keys);

}  // namespace tintype::fs_store
