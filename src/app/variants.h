// Renditions of images: ordered with an upload or later, made by a job in the background, kept beside the original.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "domain/job.h"
#include "domain/variant.h"
#include "ports/database.h"
#include "ports/image_engine.h"

namespace tintype::app {

// One that was made and stored.
struct MadeVariant {
  VariantKey key;
  WrittenPicture picture;
  std::string object_key;
};

// What a kVariants job has made.
struct MadeVariants {
  std::vector<MadeVariant> variants;
  // Where renditions are among them.
  std::string thumb_hash;
  std::optional<std::uint64_t> perceptual_hash;
};

// All of these are parts of the caller's unit of work.

// Puts rows for those that are neither there nor being made, and a job at no price that makes them; answers the job's
// id, or nothing when there is nothing to do. Whoever commits it notifies kBackgroundTopic.
Result<std::optional<std::string>> order_variants(Transaction& transaction, const Image& image,
                                                  const std::vector<VariantKey>& variants, Random& random,
                                                  UnixMs now_ms);

// The image is `processing` from here on, when the job makes what every image has.
Result<void> begin_variants(Transaction& transaction, const Job& job, UnixMs now_ms);

// The job has succeeded: its variants are ready, their objects live, those they replace on their way out, and the image
// is `ready` and has its fingerprints.
Result<void> keep_variants(Transaction& transaction, const Job& job, const MadeVariants& made, UnixMs now_ms);

// The job has ended in another way: what it has not made has failed. The original stays.
Result<void> give_variants_up(Transaction& transaction, const Job& job, UnixMs now_ms);

// It is tried once more: what had failed is being made again.
Result<void> take_variants_up(Transaction& transaction, const Job& job, UnixMs now_ms);

// Forgets an image's variants that nobody has used since `used_before_ms` and that can be made again, and marks their
// objects for purging. Answers how many.
Result<int> expire_variants(Transaction& transaction, UnixMs used_before_ms, UnixMs now_ms, int limit);

}  // namespace tintype::app
