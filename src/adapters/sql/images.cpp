#include "adapters/sql/repositories.h"

namespace tintype::sql {

Image image_of(const Row& row) {
  Image image;
  image.id = row.text(0);
  image.user_id = row.text(1);
  image.name = row.text(2);
  image.description = row.text(3);
  image.format = parse_image_format(row.text(4)).value_or(ImageFormat::kJpeg);
  image.state = parse_image_state(row.text(5)).value_or(ImageState::kStored);
  image.visibility = parse_visibility(row.text(6)).value_or(Visibility::kPrivate);
  image.width_px = row.number(7);
  image.height_px = row.number(8);
  image.has_alpha = row.integer(9) != 0;
  image.size_bytes = row.integer(10);
  image.sha256 = row.text(11);
  image.object_key = row.text(12);
  image.view_count = row.integer(13);
  image.created_at_ms = row.integer(14);
  image.updated_at_ms = row.integer(15);
  return image;
}

Result<void> SqlImages::insert(const Image& image) {
  return done(connection_.execute(
      "INSERT INTO images (id, user_id, name, description, format, state, visibility, width_px, height_px, "
      "has_alpha, size_bytes, sha256, object_key, view_count, created_at_ms, updated_at_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {image.id, image.user_id, image.name, image.description, image_format_name(image.format),
       image_state_name(image.state), visibility_name(image.visibility), std::int64_t{image.width_px},
       std::int64_t{image.height_px}, std::int64_t{image.has_alpha}, image.size_bytes, image.sha256, image.object_key,
       image.view_count, image.created_at_ms, image.updated_at_ms}));
}

Result<std::optional<Image>> SqlImages::find(std::string_view user_id, std::string_view id) {
  return find_one<Image>(connection_, "SELECT " TINTYPE_IMAGE_COLUMNS " FROM images i WHERE i.id = ? AND i.user_id = ?",
                         kImageColumnTypes, {id, user_id}, image_of);
}

Result<std::vector<Image>> SqlImages::list(std::string_view user_id, const Page& page) {
  return find_all<Image>(connection_,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         " FROM images i WHERE i.user_id = ? AND (i.created_at_ms, i.id) < (?, ?) "
                         "ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?",
                         kImageColumnTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
                         image_of);
}

Result<bool> SqlImages::remove(std::string_view user_id, std::string_view id) {
  const auto open = find_one<int>(connection_,
                                  "SELECT COUNT(*) FROM reservations r JOIN jobs j ON j.id = r.job_id "
                                  "WHERE j.image_id = ? AND j.user_id = ? AND r.state = 'open'",
                                  "i", {id, user_id}, [](const Row& row) { return row.number(0); });
  if (!open) return std::unexpected(open.error());
  if (open->value_or(0) > 0) {
    return fail(ErrorCode::kConflict, "A job of this image has not ended yet", "Cancel it first");
  }
  if (auto forgotten = SqlSearches(connection_).remove(id); !forgotten) return std::unexpected(forgotten.error());
  // Reservations go with their jobs, album places with the image.
  const auto jobs = connection_.execute("DELETE FROM jobs WHERE image_id = ? AND user_id = ?", {id, user_id});
  if (!jobs) return std::unexpected(jobs.error());
  return changed_one(connection_.execute("DELETE FROM images WHERE id = ? AND user_id = ?", {id, user_id}));
}

}  // namespace tintype::sql
