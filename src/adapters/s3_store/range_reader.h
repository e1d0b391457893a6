// Reads an object by ranges, all of one version.
#pragma once

#include <memory>
#include <string_view>

#include "adapters/s3_store/s3_client.h"
#include "ports/object_store.h"

namespace tintype::s3 {

// Asks for the first bytes, which for small objects are all. kNotFound. The client outlives the reader.
Result<std::unique_ptr<ObjectReader>> open_by_ranges(Client& client, std::string_view key);

}  // namespace tintype::s3
