// Where objects lie. Keys are made here alone, from ids that the server chose.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "domain/image.h"
#include "domain/variant.h"

namespace tintype::app {

// "images/{image_id}/original-{random}.jpg"
std::string original_key(Random& random, std::string_view image_id, ImageFormat format);
// "results/{job_id}/{fencing_token}-{random}.jpg": one key per attempt, so that a late writer harms nobody.
std::string result_key(Random& random, std::string_view job_id, std::int64_t fencing_token, ImageFormat format);
// "variants/{image_id}/{name}-{random}.webp": one key per attempt too.
std::string variant_key(Random& random, std::string_view image_id, const VariantKey& variant);

}  // namespace tintype::app
