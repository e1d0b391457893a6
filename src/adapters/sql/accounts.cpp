#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_SESSION_COLUMNS                                                                            \
  "s.id, s.user_id, s.token_hash, s.created_at_ms, s.expires_at_ms, s.last_used_at_ms, s.remote_address, " \
  "s.user_agent"
constexpr const char* kSessionColumnTypes = "tttiiitt";
constexpr const char* kSessionOwnerColumnTypes = "ttttttiiitttiiitt";
constexpr std::size_t kUserColumns = 9;

Session session_at(const Row& row, std::size_t first) {
  Session session;
  session.id = row.text(first);
  session.user_id = row.text(first + 1);
  session.token_hash = row.text(first + 2);
  session.created_at_ms = row.integer(first + 3);
  session.expires_at_ms = row.integer(first + 4);
  session.last_used_at_ms = row.integer(first + 5);
  session.caller = {row.text(first + 6), row.text(first + 7)};
  return session;
}

AccountRepository::SessionOwner session_owner_of(const Row& row) {
  return {session_at(row, kUserColumns), user_of(row)};
}

}  // namespace

User user_of(const Row& row) {
  User user;
  user.id = row.text(0);
  user.email = row.text(1);
  user.name = row.text(2);
  user.password_hash = row.text(3);
  user.role = parse_role(row.text(4)).value_or(Role::kUser);
  user.plan = row.text(5);
  user.banned_at_ms = row.optional_integer(6);
  user.created_at_ms = row.integer(7);
  user.updated_at_ms = row.integer(8);
  return user;
}

Result<void> SqlAccounts::insert_user(const User& user) {
  const auto inserted = connection_.execute(
      "INSERT INTO users (id, email, name, password_hash, role, plan, banned_at_ms, created_at_ms, updated_at_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {user.id, user.email, user.name, user.password_hash, role_name(user.role), user.plan, nullable(user.banned_at_ms),
       user.created_at_ms, user.updated_at_ms});
  if (!inserted) return std::unexpected(inserted.error());
  if (*inserted == 0) return fail(ErrorCode::kConflict, "A user with this e-mail address exists already");
  return done(connection_.execute("INSERT INTO storage_usage (user_id, bytes, images) VALUES (?, 0, 0)", {user.id}));
}

Result<std::optional<User>> SqlAccounts::user_by_id(std::string_view id) {
  return find_one<User>(connection_, "SELECT " TINTYPE_USER_COLUMNS " FROM users u WHERE u.id = ?", kUserColumnTypes,
                        {id}, user_of);
}

Result<std::optional<User>> SqlAccounts::user_by_email(std::string_view email) {
  return find_one<User>(connection_, "SELECT " TINTYPE_USER_COLUMNS " FROM users u WHERE u.email = ?", kUserColumnTypes,
                        {email}, user_of);
}

Result<void> SqlAccounts::update_user(const User& user) {
  const auto taken = find_one<int>(connection_, "SELECT COUNT(*) FROM users WHERE email = ? AND id <> ?", "i",
                                   {user.email, user.id}, [](const Row& row) { return row.number(0); });
  if (!taken) return std::unexpected(taken.error());
  if (taken->value_or(0) > 0) return fail(ErrorCode::kConflict, "A user with this e-mail address exists already");
  const auto updated = connection_.execute(
      "UPDATE users SET email = ?, name = ?, password_hash = ?, role = ?, plan = ?, banned_at_ms = ?, "
      "updated_at_ms = ? WHERE id = ?",
      {user.email, user.name, user.password_hash, role_name(user.role), user.plan, nullable(user.banned_at_ms),
       user.updated_at_ms, user.id});
  if (!updated) return std::unexpected(updated.error());
  if (*updated == 0) return fail(ErrorCode::kNotFound, "There is no such user");
  return {};
}

Result<std::vector<User>> SqlAccounts::list_users(const Page& page) {
  return find_all<User>(connection_,
                        "SELECT " TINTYPE_USER_COLUMNS
                        " FROM users u WHERE (u.created_at_ms, u.id) < (?, ?) "
                        "ORDER BY u.created_at_ms DESC, u.id DESC LIMIT ?",
                        kUserColumnTypes, {cursor_time(page), cursor_id(page), std::int64_t{page.limit}}, user_of);
}

Result<void> SqlAccounts::insert_session(const Session& session) {
  return done(connection_.execute(
      "INSERT INTO sessions (id, user_id, token_hash, created_at_ms, expires_at_ms, last_used_at_ms, remote_address, "
      "user_agent) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      {session.id, session.user_id, session.token_hash, session.created_at_ms, session.expires_at_ms,
       session.last_used_at_ms, session.caller.remote_address, session.caller.user_agent}));
}

Result<std::optional<AccountRepository::SessionOwner>> SqlAccounts::session_by_token_hash(std::string_view hash,
                                                                                          UnixMs now_ms) {
  return find_one<SessionOwner>(connection_,
                                "SELECT " TINTYPE_USER_COLUMNS ", " TINTYPE_SESSION_COLUMNS
                                " FROM sessions s JOIN users u ON u.id = s.user_id "
                                "WHERE s.token_hash = ? AND s.expires_at_ms > ?",
                                kSessionOwnerColumnTypes, {hash, now_ms}, session_owner_of);
}

Result<std::optional<AccountRepository::SessionOwner>> SqlAccounts::session_by_id(std::string_view id, UnixMs now_ms) {
  return find_one<SessionOwner>(connection_,
                                "SELECT " TINTYPE_USER_COLUMNS ", " TINTYPE_SESSION_COLUMNS
                                " FROM sessions s JOIN users u ON u.id = s.user_id "
                                "WHERE s.id = ? AND s.expires_at_ms > ?",
                                kSessionOwnerColumnTypes, {id, now_ms}, session_owner_of);
}

Result<void> SqlAccounts::delete_session(std::string_view id) {
  return done(connection_.execute("DELETE FROM sessions WHERE id = ?", {id}));
}

Result<int> SqlAccounts::delete_sessions_of(std::string_view user_id, std::string_view except_session_id) {
  const auto removed =
      connection_.execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", {user_id, except_session_id});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

Result<std::vector<Session>> SqlAccounts::sessions_of(std::string_view user_id, UnixMs now_ms, int limit) {
  return find_all<Session>(connection_,
                           "SELECT " TINTYPE_SESSION_COLUMNS
                           " FROM sessions s WHERE s.user_id = ? AND s.expires_at_ms > ? "
                           "ORDER BY s.last_used_at_ms DESC, s.created_at_ms DESC, s.id DESC LIMIT ?",
                           kSessionColumnTypes, {user_id, now_ms, std::int64_t{limit}},
                           [](const Row& row) { return session_at(row, 0); });
}

Result<bool> SqlAccounts::delete_session_of(std::string_view user_id, std::string_view id) {
  return changed_one(connection_.execute("DELETE FROM sessions WHERE id = ? AND user_id = ?", {id, user_id}));
}

Result<void> SqlAccounts::mark_session_used(std::string_view id, UnixMs now_ms) {
  return done(connection_.execute("UPDATE sessions SET last_used_at_ms = ? WHERE id = ? AND last_used_at_ms < ?",
                                  {now_ms, id, now_ms}));
}

Result<void> SqlAccounts::set_session_token(std::string_view session_id, std::string_view token_hash) {
  return done_once(connection_.execute("UPDATE sessions SET token_hash = ? WHERE id = ?", {token_hash, session_id}),
                   "set_session_token");
}

Result<void> SqlAccounts::insert_refresh_token(const RefreshToken& token) {
  return done(connection_.execute(
      "INSERT INTO refresh_tokens (token_hash, session_id, created_at_ms, expires_at_ms, used_at_ms) "
      "VALUES (?, ?, ?, ?, ?)",
      {token.token_hash, token.session_id, token.created_at_ms, token.expires_at_ms, nullable(token.used_at_ms)}));
}

Result<std::optional<RefreshToken>> SqlAccounts::refresh_token_by_hash(std::string_view hash) {
  return find_one<RefreshToken>(connection_,
                                "SELECT token_hash, session_id, created_at_ms, expires_at_ms, used_at_ms "
                                "FROM refresh_tokens WHERE token_hash = ?",
                                "ttiii", {hash}, [](const Row& row) {
                                  return RefreshToken{row.text(0), row.text(1), row.integer(2), row.integer(3),
                                                      row.optional_integer(4)};
                                });
}

Result<bool> SqlAccounts::spend_refresh_token(std::string_view hash, UnixMs now_ms) {
  return changed_one(connection_.execute(
      "UPDATE refresh_tokens SET used_at_ms = ? WHERE token_hash = ? AND used_at_ms IS NULL", {now_ms, hash}));
}

Result<int> SqlAccounts::delete_expired_sessions(UnixMs now_ms, int limit) {
  const auto removed =
      connection_.execute("DELETE FROM sessions WHERE id IN (SELECT id FROM sessions WHERE expires_at_ms <= ? LIMIT ?)",
                          {now_ms, std::int64_t{limit}});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

}  // namespace tintype::sql
