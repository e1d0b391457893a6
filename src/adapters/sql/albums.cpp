#include "adapters/sql/repositories.h"
#include "adapters/sql/search_terms.h"

namespace tintype::sql {

namespace {

// The images of an album `a` of which `visible` holds.
#define TINTYPE_IN_ALBUM(visible) \
  "FROM album_images m JOIN images i ON i.id = m.image_id WHERE m.album_id = a.id AND " visible
#define TINTYPE_ALBUM_COLUMNS_OF(visible) \
  "a.id, a.user_id, a.name, a.description, a.visibility, "                                                    \
  "(SELECT COUNT(*) " TINTYPE_IN_ALBUM(visible) "), "                                                         \
  "COALESCE((SELECT i.id " TINTYPE_IN_ALBUM(visible) " AND m.image_id = a.cover_image_id), "                  \
  "(SELECT i.id " TINTYPE_IN_ALBUM(visible) " ORDER BY m.position, m.image_id LIMIT 1)), a.created_at_ms, "   \
  "a.updated_at_ms"
#define TINTYPE_ALBUM_COLUMNS TINTYPE_ALBUM_COLUMNS_OF(TINTYPE_IMAGE_IS_THERE)
#define TINTYPE_IMAGE_IS_PUBLIC "i.visibility = 'public' AND " TINTYPE_IMAGE_IS_THERE
constexpr const char* kAlbumColumnTypes = "tttttitii";

Album album_of(const Row& row) {
  return Album{row.text(0),
               row.text(1),
               row.text(2),
               row.text(3),
               parse_visibility(row.text(4)).value_or(Visibility::kPrivate),
               row.integer(5),
               row.text(6),
               row.integer(7),
               row.integer(8)};
}

Result<std::vector<AlbumImage>> images_of(Connection& connection, const char* statement,
                                          std::initializer_list<Value> values) {
  static const std::string kTypes = std::string(kImageColumnTypes) + "i";
  return find_all<AlbumImage>(connection, statement, kTypes.c_str(), values,
                              [](const Row& row) { return AlbumImage{image_of(row), row.integer(kTypes.size() - 1)}; });
}

PageCursor before_all() {
  return {std::numeric_limits<std::int64_t>::min(), {}};
}

AlbumPlace place_of(const Row& row) {
  return {row.text(0), row.integer(1)};
}

}  // namespace

Result<void> SqlAlbums::insert(const Album& album) {
  auto inserted = done(connection_.execute(
      "INSERT INTO albums (id, user_id, name, description, visibility, created_at_ms, updated_at_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {album.id, album.user_id, album.name, album.description, visibility_name(album.visibility), album.created_at_ms,
       album.updated_at_ms}));
  return inserted ? put_title(connection_, album) : inserted;
}

Result<std::optional<Album>> SqlAlbums::find(std::string_view id) {
  return find_one<Album>(connection_, "SELECT " TINTYPE_ALBUM_COLUMNS " FROM albums a WHERE a.id = ?",
                         kAlbumColumnTypes, {id}, album_of);
}

Result<std::optional<Album>> SqlAlbums::find_public(std::string_view id) {
  return find_one<Album>(connection_,
                         "SELECT " TINTYPE_ALBUM_COLUMNS_OF(
                             TINTYPE_IMAGE_IS_PUBLIC) " FROM albums a WHERE a.id = ? AND a.visibility = 'public'",
                         kAlbumColumnTypes, {id}, album_of);
}

Result<std::vector<Album>> SqlAlbums::list(std::string_view user_id, const Page& page) {
  return find_all<Album>(connection_,
                         "SELECT " TINTYPE_ALBUM_COLUMNS
                         " FROM albums a WHERE a.user_id = ? AND (a.created_at_ms, a.id) < (?, ?) "
                         "ORDER BY a.created_at_ms DESC, a.id DESC LIMIT ?",
                         kAlbumColumnTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
                         album_of);
}

Result<std::vector<Album>> SqlAlbums::list_of_image(std::string_view user_id, std::string_view image_id,
                                                    const Page& page) {
  return find_all<Album>(
      connection_,
      "SELECT " TINTYPE_ALBUM_COLUMNS
      " FROM album_images h JOIN albums a ON a.id = h.album_id WHERE h.image_id = ? AND a.user_id = ? "
      "AND (a.created_at_ms, a.id) < (?, ?) ORDER BY a.created_at_ms DESC, a.id DESC LIMIT ?",
      kAlbumColumnTypes, {image_id, user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}}, album_of);
}

Result<bool> SqlAlbums::update(const Album& album) {
  const auto changed = changed_one(connection_.execute(
      "UPDATE albums SET name = ?, description = ?, visibility = ?, updated_at_ms = ? WHERE id = ? AND user_id = ?",
      {album.name, album.description, visibility_name(album.visibility), album.updated_at_ms, album.id,
       album.user_id}));
  if (!changed || !*changed) return changed;
  if (auto put = put_title(connection_, album); !put) return std::unexpected(put.error());
  return true;
}

Result<bool> SqlAlbums::set_cover(std::string_view user_id, std::string_view id, std::string_view image_id) {
  return changed_one(connection_.execute("UPDATE albums SET cover_image_id = ? WHERE id = ? AND user_id = ?",
                                         {null_if_empty(image_id), id, user_id}));
}

Result<bool> SqlAlbums::touch(std::string_view user_id, std::string_view id, UnixMs now_ms) {
  return changed_one(
      connection_.execute("UPDATE albums SET updated_at_ms = ? WHERE id = ? AND user_id = ?", {now_ms, id, user_id}));
}

Result<bool> SqlAlbums::remove(std::string_view user_id, std::string_view id) {
  if (auto gone = forget_title(connection_, user_id, id); !gone) return std::unexpected(gone.error());
  return changed_one(connection_.execute("DELETE FROM albums WHERE id = ? AND user_id = ?", {id, user_id}));
}

Result<std::vector<AlbumImage>> SqlAlbums::images(std::string_view user_id, std::string_view album_id,
                                                  const Page& page) {
  const PageCursor after = page.after.value_or(before_all());
  return images_of(connection_,
                   "SELECT " TINTYPE_IMAGE_COLUMNS
                   ", m.position FROM album_images m JOIN images i ON i.id = m.image_id "
                   "WHERE m.album_id = ? AND i.user_id = ? AND (m.position, m.image_id) > (?, ?) "
                   "AND " TINTYPE_IMAGE_IS_THERE " ORDER BY m.position, m.image_id LIMIT ?",
                   {album_id, user_id, after.created_at_ms, after.id, std::int64_t{page.limit}});
}

Result<std::vector<AlbumImage>> SqlAlbums::public_images(std::string_view album_id, const Page& page) {
  const PageCursor after = page.after.value_or(before_all());
  return images_of(connection_,
                   "SELECT " TINTYPE_IMAGE_COLUMNS
                   ", m.position FROM albums a JOIN album_images m ON m.album_id = a.id "
                   "JOIN images i ON i.id = m.image_id WHERE a.id = ? AND a.visibility = 'public' "
                   "AND (m.position, m.image_id) > (?, ?) "
                   "AND " TINTYPE_IMAGE_IS_PUBLIC " ORDER BY m.position, m.image_id LIMIT ?",
                   {album_id, after.created_at_ms, after.id, std::int64_t{page.limit}});
}

Result<bool> SqlAlbums::add_image(std::string_view album_id, std::string_view image_id, UnixMs now_ms) {
  return changed_one(connection_.execute(
      "INSERT INTO album_images (album_id, image_id, added_at_ms, position) VALUES (?, ?, ?, "
      "(SELECT COALESCE(MAX(m.position), 0) + ? FROM album_images m WHERE m.album_id = ?)) ON CONFLICT DO NOTHING",
      {album_id, image_id, now_ms, kPlaceGap, album_id}));
}

Result<bool> SqlAlbums::remove_image(std::string_view album_id, std::string_view image_id) {
  return changed_one(
      connection_.execute("DELETE FROM album_images WHERE album_id = ? AND image_id = ?", {album_id, image_id}));
}

Result<std::optional<std::int64_t>> SqlAlbums::position(std::string_view album_id, std::string_view image_id) {
  return find_one<std::int64_t>(connection_, "SELECT position FROM album_images WHERE album_id = ? AND image_id = ?",
                                "i", {album_id, image_id}, [](const Row& row) { return row.integer(0); });
}

Result<std::optional<std::int64_t>> SqlAlbums::last_position(std::string_view album_id) {
  return find_one<std::int64_t>(connection_,
                                "SELECT position FROM album_images WHERE album_id = ? ORDER BY position DESC LIMIT 1",
                                "i", {album_id}, [](const Row& row) { return row.integer(0); });
}

Result<std::vector<AlbumPlace>> SqlAlbums::places_behind(std::string_view album_id, const AlbumPlace& place,
                                                         int limit) {
  return find_all<AlbumPlace>(connection_,
                              "SELECT m.image_id, m.position FROM album_images m JOIN images i ON i.id = m.image_id "
                              "WHERE m.album_id = ? AND (m.position, m.image_id) > (?, ?) AND " TINTYPE_IMAGE_IS_THERE
                              " ORDER BY m.position, m.image_id LIMIT ?",
                              "ti", {album_id, place.position, place.image_id, std::int64_t{limit}}, place_of);
}

Result<std::vector<AlbumPlace>> SqlAlbums::places_before(std::string_view album_id, const AlbumPlace& place,
                                                         int limit) {
  return find_all<AlbumPlace>(connection_,
                              "SELECT m.image_id, m.position FROM album_images m JOIN images i ON i.id = m.image_id "
                              "WHERE m.album_id = ? AND (m.position, m.image_id) < (?, ?) AND " TINTYPE_IMAGE_IS_THERE
                              " ORDER BY m.position DESC, m.image_id DESC LIMIT ?",
                              "ti", {album_id, place.position, place.image_id, std::int64_t{limit}}, place_of);
}

Result<void> SqlAlbums::set_position(std::string_view album_id, const AlbumPlace& place) {
  return done_once(connection_.execute("UPDATE album_images SET position = ? WHERE album_id = ? AND image_id = ?",
                                       {place.position, album_id, place.image_id}),
                   "set an image's place");
}

Result<void> SqlAlbums::lay_out(std::string_view album_id, std::int64_t first_position) {
  return done(connection_.execute(
      "UPDATE album_images SET position = ? + (r.number - 1) * ? FROM (SELECT image_id, "
      "ROW_NUMBER() OVER (ORDER BY position, image_id) AS number FROM album_images WHERE album_id = ?) AS r "
      "WHERE album_images.album_id = ? AND album_images.image_id = r.image_id",
      {first_position, kPlaceGap, album_id, album_id}));
}

Result<std::vector<std::string>> SqlAlbums::ids_of_image(std::string_view image_id) {
  return find_all<std::string>(connection_, "SELECT album_id FROM album_images WHERE image_id = ? ORDER BY album_id",
                               "t", {image_id}, [](const Row& row) { return row.text(0); });
}

}  // namespace tintype::sql
