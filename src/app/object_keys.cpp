#include "app/object_keys.h"

namespace tintype::app {

std::string original_key(Random& random, std::string_view image_id, ImageFormat format) {
  return "images/" + std::string(image_id) + "/" + new_id(random, "original-") + "." + image_format_extension(format);
}

std::string result_key(Random& random, std::string_view job_id, std::int64_t fencing_token, const JobResult& result) {
  return "results/" + std::string(job_id) + "/" + new_id(random, std::to_string(fencing_token) + "-") + "." +
         (result.clip_format ? clip_format_name(*result.clip_format) : image_format_extension(result.format));
}

std::string input_key(Random& random, std::string_view job_id, ImageFormat format) {
  return "inputs/" + std::string(job_id) + "/" + new_id(random, "file-") + "." + image_format_extension(format);
}

std::string upload_key(Random& random, std::string_view image_id, ImageFormat format) {
  return std::string(kUploadKeyPrefix) + std::string(image_id) + "/" + new_id(random, "original-") + "." +
         image_format_extension(format);
}

std::string staging_key(Random& random, std::string_view image_id, ImageFormat format) {
  return std::string(kUploadKeyPrefix) + std::string(image_id) + "/" + new_id(random, "staging-") + "." +
         image_format_extension(format);
}

std::string variant_key(Random& random, std::string_view image_id, const VariantKey& variant) {
  return "variants/" + std::string(image_id) + "/" + new_id(random, variant.name + "-") + "." +
         image_format_extension(variant.format);
}

}  // namespace tintype::app
