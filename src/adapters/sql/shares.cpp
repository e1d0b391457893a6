#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_SHARE_COLUMNS                                                                     \
  "id, user_id, image_id, album_id, token_hash, role, password_hash, view_count, created_at_ms, " \
  "expires_at_ms, revoked_at_ms"
constexpr const char* kShareColumnTypes = "tttttttiiii";

// The shares of a thing that were not revoked. An id that is empty is none's.
#define TINTYPE_SHARES_OF_THING \
  " FROM shares WHERE user_id = ? AND (image_id = ? OR album_id = ?) AND revoked_at_ms IS NULL"

Share share_of(const Row& row) {
  Share share;
  share.id = row.text(0);
  share.user_id = row.text(1);
  share.thing = {row.text(2), row.text(3)};
  share.token_hash = row.text(4);
  share.role = parse_share_role(row.text(5)).value_or(ShareRole::kViewer);
  share.password_hash = row.text(6);
  share.view_count = row.integer(7);
  share.created_at_ms = row.integer(8);
  share.expires_at_ms = row.optional_integer(9);
  share.revoked_at_ms = row.optional_integer(10);
  return share;
}

}  // namespace

Result<void> SqlShares::insert(const Share& share) {
  return done(connection_.execute(
      "INSERT INTO shares (" TINTYPE_SHARE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {share.id, share.user_id, null_if_empty(share.thing.image_id), null_if_empty(share.thing.album_id),
       share.token_hash, share_role_name(share.role), null_if_empty(share.password_hash), share.view_count,
       share.created_at_ms, nullable(share.expires_at_ms), nullable(share.revoked_at_ms)}));
}

Result<std::optional<Share>> SqlShares::find_by_token_hash(std::string_view hash) {
  return find_one<Share>(connection_, "SELECT " TINTYPE_SHARE_COLUMNS " FROM shares WHERE token_hash = ?",
                         kShareColumnTypes, {hash}, share_of);
}

Result<std::vector<Share>> SqlShares::list(std::string_view user_id, const Page& page) {
  return find_all<Share>(connection_,
                         "SELECT " TINTYPE_SHARE_COLUMNS
                         " FROM shares WHERE user_id = ? AND (created_at_ms, id) < (?, ?) AND revoked_at_ms IS NULL "
                         "ORDER BY created_at_ms DESC, id DESC LIMIT ?",
                         kShareColumnTypes, {user_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
                         share_of);
}

Result<std::vector<Share>> SqlShares::of_thing(std::string_view user_id, const SharedThing& thing, const Page& page) {
  return find_all<Share>(
      connection_,
      "SELECT " TINTYPE_SHARE_COLUMNS TINTYPE_SHARES_OF_THING
      " AND (created_at_ms, id) < (?, ?) ORDER BY created_at_ms DESC, id DESC LIMIT ?",
      kShareColumnTypes,
      {user_id, thing.image_id, thing.album_id, cursor_time(page), cursor_id(page), std::int64_t{page.limit}},
      share_of);
}

// A lock alone would not do on PostgreSQL: who waited for it would count in the snapshot from before. Of two that write
// the row the later one is run again.
Result<bool> SqlShares::hold(std::string_view user_id, const SharedThing& thing) {
  if (thing.album_id.empty()) {
    return changed_one(connection_.execute(
        "UPDATE images SET updated_at_ms = updated_at_ms WHERE id = ? AND user_id = ?", {thing.image_id, user_id}));
  }
  return changed_one(connection_.execute("UPDATE albums SET updated_at_ms = updated_at_ms WHERE id = ? AND user_id = ?",
                                         {thing.album_id, user_id}));
}

Result<std::int64_t> SqlShares::count_of(std::string_view user_id, const SharedThing& thing) {
  const auto count =
      find_one<std::int64_t>(connection_, "SELECT COUNT(*)" TINTYPE_SHARES_OF_THING, "i",
                             {user_id, thing.image_id, thing.album_id}, [](const Row& row) { return row.integer(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<bool> SqlShares::revoke(std::string_view user_id, const SharedThing& thing, std::string_view id, UnixMs now_ms) {
  return changed_one(
      connection_.execute("UPDATE shares SET revoked_at_ms = ? WHERE id = ? AND user_id = ? "
                          "AND (image_id = ? OR album_id = ?) AND revoked_at_ms IS NULL",
                          {now_ms, id, user_id, thing.image_id, thing.album_id}));
}

Result<void> SqlShares::add_views(std::string_view id, std::int64_t count) {
  return done(connection_.execute("UPDATE shares SET view_count = view_count + ? WHERE id = ?", {count, id}));
}

Result<int> SqlShares::remove_ended(UnixMs ended_before_ms, int limit) {
  const auto removed = connection_.execute(
      "DELETE FROM shares WHERE id IN (SELECT id FROM shares WHERE revoked_at_ms < ? OR expires_at_ms < ? LIMIT ?)",
      {ended_before_ms, ended_before_ms, std::int64_t{limit}});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

}  // namespace tintype::sql
