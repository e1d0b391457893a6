#include "app/variants.h"

#include <algorithm>

namespace tintype::app {

namespace {

Variant new_variant(const Image& image, const VariantKey& key, UnixMs now_ms) {
  Variant variant;
  variant.image_id = image.id;
  variant.name = key.name;
  variant.format = key.format;
  const Extent picture{image.width_px, image.height_px};
  const auto recipe = parse_recipe(key.name);
  const Extent extent = recipe ? extent_in(recipe->box, picture) : picture;
  variant.width_px = extent.width_px;
  variant.height_px = extent.height_px;
  variant.created_at_ms = variant.used_at_ms = now_ms;
  return variant;
}

bool makes_display_variants(const std::vector<VariantKey>& variants) {
  return std::ranges::any_of(variants, [](const VariantKey& key) { return is_display_variant(key.name); });
}

// The image may wait in the trash, from where it can come back: then it shall have its variants.
Result<Image> image_of(Transaction& transaction, const Job& job) {
  auto image = transaction.images().find_any(job.user_id, job.image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return fail(ErrorCode::kNotFound, "The image was deleted");
  return std::move(**image);
}

// Forgets what lies under a variant's key, if anything does.
Result<void> drop_object(Transaction& transaction, const Variant& variant, UnixMs now_ms) {
  if (variant.object_key.empty()) return {};
  return transaction.objects().mark_deleting(variant.object_key, now_ms);
}

Result<void> keep_variant(Transaction& transaction, const Image& image, const MadeVariant& made, UnixMs now_ms) {
  const auto before = transaction.variants().find(image.user_id, image.id, made.key);
  if (!before) return std::unexpected(before.error());
  if (*before) {
    if (auto dropped = drop_object(transaction, **before, now_ms); !dropped) return dropped;
  }
  Variant variant = *before ? **before : new_variant(image, made.key, now_ms);
  variant.state = VariantState::kReady;
  variant.width_px = made.picture.width_px;
  variant.height_px = made.picture.height_px;
  variant.size_bytes = made.picture.size_bytes;
  variant.object_key = made.object_key;
  if (auto put = transaction.variants().put(variant); !put) return put;
  return transaction.objects().make_live(made.object_key, made.picture.size_bytes, now_ms);
}

}  // namespace

Result<std::optional<std::string>> order_variants(Transaction& transaction, const Image& image,
                                                  const std::vector<VariantKey>& variants, Random& random,
                                                  UnixMs now_ms) {
  std::vector<VariantKey> missing;
  for (const VariantKey& key : variants) {
    const auto found = transaction.variants().find(image.user_id, image.id, key);
    if (!found) return std::unexpected(found.error());
    if (*found && (*found)->state != VariantState::kFailed) continue;
    if (auto put = transaction.variants().put(new_variant(image, key, now_ms)); !put) {
      return std::unexpected(put.error());
    }
    missing.push_back(key);
  }
  if (missing.empty()) return std::optional<std::string>();
  Job job;
  job.id = new_id(random, "job_");
  job.user_id = image.user_id;
  job.image_id = image.id;
  job.surface = Surface::kHosting;
  job.operation = OperationKind::kVariants;
  job.parameters = to_parameters(missing);
  job.priority = kBackgroundPriority;
  job.created_at_ms = job.updated_at_ms = job.run_after_ms = now_ms;
  if (auto inserted = transaction.jobs().insert(job); !inserted) return std::unexpected(inserted.error());
  return std::optional(job.id);
}

Result<void> begin_variants(Transaction& transaction, const Job& job, UnixMs now_ms) {
  const auto variants = variants_from(job.parameters);
  if (!variants) return std::unexpected(variants.error());
  auto image = image_of(transaction, job);
  if (!image) return std::unexpected(image.error());
  if (!makes_display_variants(*variants) || image->state == ImageState::kReady) return {};
  image->state = ImageState::kProcessing;
  image->updated_at_ms = now_ms;
  return transaction.images().update(*image);
}

Result<void> keep_variants(Transaction& transaction, const Job& job, const MadeVariants& made, UnixMs now_ms) {
  auto image = image_of(transaction, job);
  if (!image) return std::unexpected(image.error());
  std::vector<VariantKey> keys;
  for (const MadeVariant& variant : made.variants) {
    if (auto kept = keep_variant(transaction, *image, variant, now_ms); !kept) return kept;
    keys.push_back(variant.key);
  }
  if (!makes_display_variants(keys)) return {};
  image->state = ImageState::kReady;
  image->fault = std::nullopt;
  image->thumb_hash = made.thumb_hash;
  image->perceptual_hash = made.perceptual_hash;
  image->updated_at_ms = now_ms;
  return transaction.images().update(*image);
}

Result<void> give_variants_up(Transaction& transaction, const Job& job, UnixMs now_ms) {
  const auto variants = variants_from(job.parameters);
  if (!variants) return {};  // then it has put no rows either
  auto image = transaction.images().find_any(job.user_id, job.image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return {};
  for (const VariantKey& key : *variants) {
    auto variant = transaction.variants().find(job.user_id, job.image_id, key);
    if (!variant) return std::unexpected(variant.error());
    if (!*variant || (*variant)->state != VariantState::kProcessing) continue;
    (*variant)->state = VariantState::kFailed;
    if (auto put = transaction.variants().put(**variant); !put) return put;
  }
  if (!makes_display_variants(*variants) || (*image)->state == ImageState::kReady) return {};
  (*image)->state = ImageState::kFailed;
  if (job.failure) (*image)->fault = ImageFault{job.failure->code, job.failure->message};
  (*image)->updated_at_ms = now_ms;
  return transaction.images().update(**image);
}

Result<void> take_variants_up(Transaction& transaction, const Job& job, UnixMs now_ms) {
  const auto variants = variants_from(job.parameters);
  if (!variants) return std::unexpected(variants.error());
  auto image = image_of(transaction, job);
  if (!image) return std::unexpected(image.error());
  for (const VariantKey& key : *variants) {
    auto variant = transaction.variants().find(job.user_id, job.image_id, key);
    if (!variant) return std::unexpected(variant.error());
    if (!*variant || (*variant)->state != VariantState::kFailed) continue;
    (*variant)->state = VariantState::kProcessing;
    if (auto put = transaction.variants().put(**variant); !put) return put;
  }
  if (!makes_display_variants(*variants) || image->state != ImageState::kFailed) return {};
  image->state = ImageState::kStored;
  image->fault = std::nullopt;
  image->updated_at_ms = now_ms;
  return transaction.images().update(*image);
}

Result<int> expire_variants(Transaction& transaction, UnixMs used_before_ms, UnixMs now_ms, int limit) {
  const auto unused = transaction.variants().to_expire(used_before_ms, limit);
  if (!unused) return std::unexpected(unused.error());
  for (const Variant& variant : *unused) {
    if (auto dropped = drop_object(transaction, variant, now_ms); !dropped) return std::unexpected(dropped.error());
    const auto removed = transaction.variants().remove(variant.image_id, variant.key());
    if (!removed) return std::unexpected(removed.error());
  }
  return static_cast<int>(unused->size());
}

}  // namespace tintype::app
