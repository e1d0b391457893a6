#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_VARIANT_COLUMNS                                                                  \
  "v.image_id, v.name, v.format, v.state, v.width_px, v.height_px, v.size_bytes, v.object_key, " \
  "v.created_at_ms, v.used_at_ms"
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

Result<void> SqlVariants::put(const Variant& variant) {
  return done(connection_.execute(
      "INSERT INTO variants (image_id, name, format, state, width_px, height_px, size_bytes, object_key, "
      "created_at_ms, used_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (image_id, name, format) DO UPDATE "
      "SET state = excluded.state, width_px = excluded.width_px, height_px = excluded.height_px, "
      "size_bytes = excluded.size_bytes, object_key = excluded.object_key, created_at_ms = excluded.created_at_ms, "
      "used_at_ms = excluded.used_at_ms",
      {variant.image_id, variant.name, image_format_name(variant.format), variant_state_name(variant.state),
       std::int64_t{variant.width_px}, std::int64_t{variant.height_px}, variant.size_bytes,
       null_if_empty(variant.object_key), variant.created_at_ms, variant.used_at_ms}));
}

Result<std::optional<Variant>> SqlVariants::find(std::string_view user_id, std::string_view image_id,
                                                 const VariantKey& key) {
  return find_one<Variant>(connection_,
                           "SELECT " TINTYPE_VARIANT_COLUMNS
                           " FROM variants v JOIN images i ON i.id = v.image_id "
                           "WHERE v.image_id = ? AND v.name = ? AND v.format = ? AND i.user_id = ?",
                           kVariantColumnTypes, {image_id, key.name, image_format_name(key.format), user_id},
                           variant_of);
}

Result<std::vector<Variant>> SqlVariants::of_image(std::string_view user_id, std::string_view image_id) {
  return find_all<Variant>(connection_,
                           "SELECT " TINTYPE_VARIANT_COLUMNS
                           " FROM variants v JOIN images i ON i.id = v.image_id "
                           "WHERE v.image_id = ? AND i.user_id = ? ORDER BY v.width_px, v.height_px, v.name, v.format",
                           kVariantColumnTypes, {image_id, user_id}, variant_of);
}

Result<void> SqlVariants::mark_used(std::string_view image_id, const VariantKey& key, UnixMs now_ms) {
  return done(connection_.execute(
      "UPDATE variants SET used_at_ms = ? WHERE image_id = ? AND name = ? AND format = ? AND used_at_ms < ?",
      {now_ms, image_id, key.name, image_format_name(key.format), now_ms}));
}

Result<std::vector<Variant>> SqlVariants::to_expire(UnixMs used_before_ms, int limit) {
  return find_all<Variant>(connection_,
                           "SELECT " TINTYPE_VARIANT_COLUMNS
                           " FROM variants v WHERE v.used_at_ms < ? AND v.state <> 'processing' "
                           "AND v.name NOT IN ('thumb', 'medium', 'large', 'published') "
                           "ORDER BY v.used_at_ms, v.image_id, v.name, v.format LIMIT ?",
                           kVariantColumnTypes, {used_before_ms, std::int64_t{limit}}, variant_of);
}

Result<bool> SqlVariants::remove(std::string_view image_id, const VariantKey& key) {
  return changed_one(connection_.execute("DELETE FROM variants WHERE image_id = ? AND name = ? AND format = ?",
                                         {image_id, key.name, image_format_name(key.format)}));
}

}  // namespace tintype::sql
