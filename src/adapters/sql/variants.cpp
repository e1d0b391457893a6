#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_VARIANT_COLUMNS \
  "image_id, name, format, state, width_px, height_px, size_bytes, object_key, created_at_ms, used_at_ms"
constexpr const char* kVariantColumnTypes = "ttttiiitii";

Variant variant_of(const Row& row) {
  Variant variant;
  variant.image_id = row.text(0);
  variant.name = row.text(1);
  variant.format = parse_image_format(row.text(2)).value_or(ImageFormat::kWebp);
  variant.state = parse_variant_state(row.text(3)).value_or(VariantState::kFailed);
  variant.width_px = row.number(4);
  variant.height_px = row.number(5);
  variant.size_bytes = row.integer(6);
  variant.object_key = row.text(7);
  variant.created_at_ms = row.integer(8);
  variant.used_at_ms = row.integer(9);
  return variant;
}

}  // namespace

Result<void> SqlVariants::insert(const Variant& variant) {
  return done(connection_.execute(
      "INSERT INTO variants (" TINTYPE_VARIANT_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {variant.image_id, variant.name, image_format_name(variant.format), variant_state_name(variant.state),
       std::int64_t{variant.width_px}, std::int64_t{variant.height_px}, variant.size_bytes,
       null_if_empty(variant.object_key), variant.created_at_ms, variant.used_at_ms}));
}

Result<std::vector<Variant>> SqlVariants::of_image(std::string_view image_id) {
  return find_all<Variant>(connection_,
                           "SELECT " TINTYPE_VARIANT_COLUMNS " FROM variants WHERE image_id = ? ORDER BY name, format",
                           kVariantColumnTypes, {image_id}, variant_of);
}

Result<std::optional<Variant>> SqlVariants::find(std::string_view image_id, const VariantKey& key) {
  return find_one<Variant>(
      connection_, "SELECT " TINTYPE_VARIANT_COLUMNS " FROM variants WHERE image_id = ? AND name = ? AND format = ?",
      kVariantColumnTypes, {image_id, key.name, image_format_name(key.format)}, variant_of);
}

}  // namespace tintype::sql
