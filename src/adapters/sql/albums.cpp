#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_IN_ALBUM \
  "FROM album_images m JOIN images i ON i.id = m.image_id WHERE m.album_id = a.id AND " TINTYPE_IMAGE_IS_THERE
#define TINTYPE_ALBUM_COLUMNS                                                                     \
  "a.id, a.user_id, a.name, a.description, a.visibility, "                                        \
  "(SELECT COUNT(*) " TINTYPE_IN_ALBUM                                                            \
  "), "                                                                                           \
  "COALESCE((SELECT i.id FROM images i WHERE i.id = a.cover_image_id AND " TINTYPE_IMAGE_IS_THERE \
  "), (SELECT i.id " TINTYPE_IN_ALBUM " ORDER BY m.position, m.image_id LIMIT 1)), a.created_at_ms, a.updated_at_ms"
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

}  // namespace

Result<void> SqlAlbums::insert(const Album& album) {
  return done(connection_.execute(
      "INSERT INTO albums (id, user_id, name, description, visibility, created_at_ms, updated_at_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?)",
      {album.id, album.user_id, album.name, album.description, visibility_name(album.visibility), album.created_at_ms,
       album.updated_at_ms}));
}

Result<std::optional<Album>> SqlAlbums::find(std::string_view id) {
  return find_one<Album>(connection_, "SELECT " TINTYPE_ALBUM_COLUMNS " FROM albums a WHERE a.id = ?",
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

Result<bool> SqlAlbums::update(const Album& album) {
  return changed_one(connection_.execute(
      "UPDATE albums SET name = ?, description = ?, visibility = ?, updated_at_ms = ? WHERE id = ? AND user_id = ?",
      {album.name, album.description, visibility_name(album.visibility), album.updated_at_ms, album.id,
       album.user_id}));
}

Result<bool> SqlAlbums::remove(std::string_view user_id, std::string_view id) {
  return changed_one(connection_.execute("DELETE FROM albums WHERE id = ? AND user_id = ?", {id, user_id}));
}

Result<std::vector<AlbumImage>> SqlAlbums::images(std::string_view user_id, std::string_view album_id,
                                                  const Page& page) {
  static const std::string kTypes = std::string(kImageColumnTypes) + "i";
  const PageCursor after = page.after.value_or(PageCursor{std::numeric_limits<std::int64_t>::min(), {}});
  return find_all<AlbumImage>(
      connection_,
      "SELECT " TINTYPE_IMAGE_COLUMNS
      ", m.position FROM album_images m JOIN images i ON i.id = m.image_id "
      "WHERE m.album_id = ? AND i.user_id = ? AND (m.position, m.image_id) > (?, ?) AND " TINTYPE_IMAGE_IS_THERE
      " ORDER BY m.position, m.image_id LIMIT ?",
      kTypes.c_str(), {album_id, user_id, after.created_at_ms, after.id, std::int64_t{page.limit}},
      [](const Row& row) { return AlbumImage{image_of(row), row.integer(21)}; });
}

Result<bool> SqlAlbums::add_image(std::string_view album_id, std::string_view image_id, UnixMs now_ms) {
  return changed_one(connection_.execute(
      "INSERT INTO album_images (album_id, image_id, added_at_ms, position) VALUES (?, ?, ?, "
      "(SELECT COALESCE(MAX(m.position), 0) + 65536 FROM album_images m WHERE m.album_id = ?)) ON CONFLICT DO NOTHING",
      {album_id, image_id, now_ms, album_id}));
}

Result<bool> SqlAlbums::remove_image(std::string_view album_id, std::string_view image_id) {
  return changed_one(
      connection_.execute("DELETE FROM album_images WHERE album_id = ? AND image_id = ?", {album_id, image_id}));
}

Result<std::vector<std::string>> SqlAlbums::ids_of_image(std::string_view image_id) {
  return find_all<std::string>(connection_, "SELECT album_id FROM album_images WHERE image_id = ? ORDER BY album_id",
                               "t", {image_id}, [](const Row& row) { return row.text(0); });
}

}  // namespace tintype::sql
