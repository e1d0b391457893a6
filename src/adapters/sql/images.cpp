#include <bit>

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
  image.title = row.text(16);
  image.thumb_hash = row.text(17);
  if (!row.is_null(18)) image.perceptual_hash = std::bit_cast<std::uint64_t>(row.integer(18));
  image.deleted_at_ms = row.optional_integer(19);
  image.deletes_at_ms = row.optional_integer(20);
  if (!row.is_null(21)) image.fault = ImageFault{row.text(21), row.text(22)};
  return image;
}

ImageOutline outline_of(const Row& row) {
  return {row.text(0), row.number(1), row.number(2), row.integer(3)};
}

namespace {

Value hash_of(const Image& image) {
  return image.perceptual_hash ? Value(std::bit_cast<std::int64_t>(*image.perceptual_hash)) : Value(NullInteger{});
}

}  // namespace

Result<void> SqlImages::insert(const Image& image) {
  const ImageFault fault = image.fault.value_or(ImageFault());
  auto inserted = done(connection_.execute(
      "INSERT INTO images (id, user_id, name, description, format, state, visibility, width_px, height_px, "
      "has_alpha, size_bytes, sha256, object_key, view_count, created_at_ms, updated_at_ms, title, thumb_hash, "
      "perceptual_hash, deleted_at_ms, deletes_at_ms, fault_code, fault_message) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {image.id,
       image.user_id,
       image.name,
       image.description,
       image_format_name(image.format),
       image_state_name(image.state),
       visibility_name(image.visibility),
       std::int64_t{image.width_px},
       std::int64_t{image.height_px},
       std::int64_t{image.has_alpha},
       image.size_bytes,
       image.sha256,
       image.object_key,
       image.view_count,
       image.created_at_ms,
       image.updated_at_ms,
       image.title,
       image.thumb_hash,
       hash_of(image),
       nullable(image.deleted_at_ms),
       nullable(image.deletes_at_ms),
       null_if_empty(fault.code),
       null_if_empty(fault.message)}));
  return inserted ? add_usage(connection_, image.user_id, {image.size_bytes, 1}) : inserted;
}

Result<std::optional<Image>> SqlImages::find(std::string_view user_id, std::string_view id) {
  return find_one<Image>(connection_,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         " FROM images i WHERE i.id = ? AND i.user_id = ? AND " TINTYPE_IMAGE_IS_THERE,
                         kImageColumnTypes, {id, user_id}, image_of);
}

Result<std::vector<Image>> SqlImages::list(std::string_view user_id, const Page& page) {
  return find_all<Image>(connection_,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         " FROM images i WHERE i.user_id = ? AND (i.created_at_ms, i.id) < (?, ?) "
                         "AND " TINTYPE_IMAGE_IS_THERE " ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?",
                         kImageColumnTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
                         image_of);
}

#define TINTYPE_OUTLINES(CONDITION)                                                        \
  "SELECT " TINTYPE_OUTLINE_COLUMNS                                                        \
  " FROM images i WHERE i.user_id = ? AND (i.created_at_ms, i.id) < (?, ?) AND " CONDITION \
  " ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?"

Result<std::vector<ImageOutline>> SqlImages::outline(std::string_view user_id, const Page& page) {
  return find_all<ImageOutline>(connection_, TINTYPE_OUTLINES(TINTYPE_IMAGE_IS_THERE), kOutlineColumnTypes,
                                {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}}, outline_of);
}

Result<std::vector<ImageOutline>> SqlImages::outline_deleted(std::string_view user_id, const Page& page) {
  return find_all<ImageOutline>(connection_, TINTYPE_OUTLINES("i.deleted_at_ms IS NOT NULL"), kOutlineColumnTypes,
                                {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}}, outline_of);
}

Result<std::vector<Image>> SqlImages::list_of_digest(std::string_view user_id, std::string_view sha256,
                                                     const Page& page) {
  return find_all<Image>(connection_,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         " FROM images i WHERE i.user_id = ? AND i.sha256 = ? AND (i.created_at_ms, i.id) < (?, ?) "
                         "AND " TINTYPE_IMAGE_IS_THERE " ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?",
                         kImageColumnTypes,
                         {user_id, sha256, cursor_time(page), cursor_id(page), std::int64_t{page.limit}}, image_of);
}

Result<std::optional<Image>> SqlImages::find_any(std::string_view user_id, std::string_view id) {
  return find_one<Image>(connection_, "SELECT " TINTYPE_IMAGE_COLUMNS " FROM images i WHERE i.id = ? AND i.user_id = ?",
                         kImageColumnTypes, {id, user_id}, image_of);
}

Result<std::optional<Image>> SqlImages::find_by_id(std::string_view id) {
  return find_one<Image>(connection_, "SELECT " TINTYPE_IMAGE_COLUMNS " FROM images i WHERE i.id = ?",
                         kImageColumnTypes, {id}, image_of);
}

Result<std::vector<Image>> SqlImages::list_deleted(std::string_view user_id, const Page& page) {
  return find_all<Image>(connection_,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         " FROM images i WHERE i.user_id = ? AND (i.created_at_ms, i.id) < (?, ?) "
                         "AND i.deleted_at_ms IS NOT NULL ORDER BY i.created_at_ms DESC, i.id DESC LIMIT ?",
                         kImageColumnTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
                         image_of);
}

Result<void> SqlImages::update(const Image& image) {
  const auto before =
      find_one<std::int64_t>(connection_, "SELECT size_bytes FROM images WHERE id = ? AND user_id = ?", "i",
                             {image.id, image.user_id}, [](const Row& row) { return row.integer(0); });
  if (!before) return std::unexpected(before.error());
  const ImageFault fault = image.fault.value_or(ImageFault());
  auto updated = done_once(
      connection_.execute(
          "UPDATE images SET name = ?, description = ?, format = ?, state = ?, visibility = ?, width_px = ?, "
          "height_px = ?, has_alpha = ?, size_bytes = ?, sha256 = ?, object_key = ?, updated_at_ms = ?, title = ?, "
          "thumb_hash = ?, perceptual_hash = ?, deleted_at_ms = ?, deletes_at_ms = ?, fault_code = ?, "
          "fault_message = ? WHERE id = ? AND user_id = ?",
          {image.name,
           image.description,
           image_format_name(image.format),
           image_state_name(image.state),
           visibility_name(image.visibility),
           std::int64_t{image.width_px},
           std::int64_t{image.height_px},
           std::int64_t{image.has_alpha},
           image.size_bytes,
           image.sha256,
           image.object_key,
           image.updated_at_ms,
           image.title,
           image.thumb_hash,
           hash_of(image),
           nullable(image.deleted_at_ms),
           nullable(image.deletes_at_ms),
           null_if_empty(fault.code),
           null_if_empty(fault.message),
           image.id,
           image.user_id}),
      "update an image");
  if (!updated || **before == image.size_bytes) return updated;
  return add_usage(connection_, image.user_id, {image.size_bytes - **before, 0});
}

Result<std::vector<std::string>> SqlImages::tags(std::string_view image_id) {
  return find_all<std::string>(connection_, "SELECT tag FROM image_tags WHERE image_id = ? ORDER BY position", "t",
                               {image_id}, [](const Row& row) { return row.text(0); });
}

Result<void> SqlImages::set_tags(std::string_view image_id, const std::vector<std::string>& tags) {
  auto written = done(connection_.execute("DELETE FROM image_tags WHERE image_id = ?", {image_id}));
  for (std::size_t at = 0; written && at < tags.size(); ++at) {
    written = done(connection_.execute("INSERT INTO image_tags (image_id, position, tag) VALUES (?, ?, ?)",
                                       {image_id, static_cast<std::int64_t>(at), tags[at]}));
  }
  return written;
}

Result<void> SqlImages::add_views(std::string_view image_id, std::int64_t count) {
  return done(connection_.execute("UPDATE images SET view_count = view_count + ? WHERE id = ?", {count, image_id}));
}

Result<std::vector<Image>> SqlImages::to_purge(UnixMs now_ms, int limit) {
  return find_all<Image>(connection_,
                         "SELECT " TINTYPE_IMAGE_COLUMNS
                         " FROM images i WHERE i.deletes_at_ms IS NOT NULL AND i.deletes_at_ms <= ? "
                         "ORDER BY i.deletes_at_ms LIMIT ?",
                         kImageColumnTypes, {now_ms, std::int64_t{limit}}, image_of);
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
  // Reservations go with their jobs, album places with the image.
  const auto bytes = find_one<std::int64_t>(
      connection_,
      "SELECT i.size_bytes + CAST(COALESCE((SELECT SUM(j.result_size_bytes) FROM jobs j WHERE j.image_id = i.id "
      "AND j.state = 'succeeded'), 0) AS BIGINT) FROM images i WHERE i.id = ? AND i.user_id = ?",
      "i", {id, user_id}, [](const Row& row) { return row.integer(0); });
  if (!bytes) return std::unexpected(bytes.error());
  if (!*bytes) return false;
  if (auto forgotten = SqlSearches(connection_).remove(id); !forgotten) return std::unexpected(forgotten.error());
  const auto jobs = connection_.execute("DELETE FROM jobs WHERE image_id = ? AND user_id = ?", {id, user_id});
  if (!jobs) return std::unexpected(jobs.error());
  const auto removed =
      changed_one(connection_.execute("DELETE FROM images WHERE id = ? AND user_id = ?", {id, user_id}));
  if (!removed || !*removed) return removed;
  if (auto counted = add_usage(connection_, user_id, {-**bytes, -1}); !counted) return std::unexpected(counted.error());
  return true;
}

}  // namespace tintype::sql
