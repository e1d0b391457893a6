// Where objects lie. Keys are made here alone, from ids that the server chose.
#pragma once

#include <string>
#include <string_view>

#include "base/random.h"
#include "domain/image.h"
#include "domain/job.h"
#include "domain/variant.h"

namespace tintype::app {

// "images/{image_id}/original-{random}.jpg"
std::string original_key(Random& random, std::string_view image_id, ImageFormat format);
// "results/{job_id}/{fencing_token}-{random}.jpg": one key per attempt, so that a late writer harms nobody.
std::string result_key(Random& random, std::string_view job_id, std::int64_t fencing_token, const JobResult& result);
// "inputs/{job_id}/{random}.jpg": a file that came with a call.
std::string input_key(Random& random, std::string_view job_id, ImageFormat format);
// "variants/{image_id}/{name}-{random}.webp": one key per attempt too.
std::string variant_key(Random& random, std::string_view image_id, const VariantKey& variant);

// "uploads/{image_id}/original-{random}.png", and where a whole file waits to be looked at: "staging-{random}.png". The
// random part is another one after a file was refused, so that a late write to the old key harms nobody.
std::string upload_key(Random& random, std::string_view image_id, ImageFormat format);
std::string staging_key(Random& random, std::string_view image_id, ImageFormat format);
inline constexpr std::string_view kUploadKeyPrefix = "uploads/";

}  // namespace tintype::app
