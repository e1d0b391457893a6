#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_KEY_COLUMNS                                                                           \
  "k.id, k.user_id, k.name, k.environment, k.plan, k.scopes, k.key_hash, k.prefix, k.created_at_ms, " \
  "k.expires_at_ms, k.revoked_at_ms, k.last_used_at_ms"
constexpr const char* kKeyColumnTypes = "ttttttttiiii";
constexpr const char* kKeyOwnerColumnTypes = "ttttttiiittttttttiiii";
constexpr std::size_t kUserColumns = 9;

ApiKey key_at(const Row& row, std::size_t first) {
  ApiKey key;
  key.id = row.text(first);
  key.user_id = row.text(first + 1);
  key.name = row.text(first + 2);
  key.environment = parse_key_environment(row.text(first + 3)).value_or(KeyEnvironment::kTest);
  key.plan = row.text(first + 4);
  key.scopes = decode_scopes(row.text(first + 5));
  key.key_hash = row.text(first + 6);
  key.prefix = row.text(first + 7);
  key.created_at_ms = row.integer(first + 8);
  key.expires_at_ms = row.optional_integer(first + 9);
  key.revoked_at_ms = row.optional_integer(first + 10);
  key.last_used_at_ms = row.optional_integer(first + 11);
  return key;
}

ApiKey key_of(const Row& row) {
  return key_at(row, 0);
}

}  // namespace

Result<void> SqlApiKeys::insert(const ApiKey& key) {
  return done(connection_.execute(
      "INSERT INTO api_keys (id, user_id, name, environment, plan, scopes, key_hash, prefix, created_at_ms, "
      "expires_at_ms, revoked_at_ms, last_used_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      {key.id, key.user_id, key.name, key_environment_name(key.environment), key.plan, encode_scopes(key.scopes),
       key.key_hash, key.prefix, key.created_at_ms, nullable(key.expires_at_ms), nullable(key.revoked_at_ms),
       nullable(key.last_used_at_ms)}));
}

Result<std::optional<ApiKeyRepository::KeyOwner>> SqlApiKeys::find_by_hash(std::string_view hash) {
  return find_one<KeyOwner>(connection_,
                            "SELECT " TINTYPE_USER_COLUMNS ", " TINTYPE_KEY_COLUMNS
                            " FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.key_hash = ?",
                            kKeyOwnerColumnTypes, {hash},
                            [](const Row& row) { return KeyOwner{key_at(row, kUserColumns), user_of(row)}; });
}

Result<std::optional<ApiKey>> SqlApiKeys::find(std::string_view user_id, std::string_view id) {
  return find_one<ApiKey>(connection_,
                          "SELECT " TINTYPE_KEY_COLUMNS " FROM api_keys k WHERE k.id = ? AND k.user_id = ?",
                          kKeyColumnTypes, {id, user_id}, key_of);
}

Result<std::vector<ApiKey>> SqlApiKeys::list(std::string_view user_id, UnixMs now_ms) {
  return find_all<ApiKey>(connection_,
                          "SELECT " TINTYPE_KEY_COLUMNS
                          " FROM api_keys k WHERE k.user_id = ? AND k.revoked_at_ms IS NULL "
                          "AND (k.expires_at_ms IS NULL OR k.expires_at_ms > ?) "
                          "ORDER BY k.created_at_ms DESC, k.id DESC",
                          kKeyColumnTypes, {user_id, now_ms}, key_of);
}

Result<bool> SqlApiKeys::update(const ApiKey& key) {
  return changed_one(connection_.execute(
      "UPDATE api_keys SET expires_at_ms = ?, revoked_at_ms = ? WHERE id = ? AND user_id = ? AND revoked_at_ms IS NULL",
      {nullable(key.expires_at_ms), nullable(key.revoked_at_ms), key.id, key.user_id}));
}

Result<int> SqlApiKeys::revoke_all(std::string_view user_id, UnixMs now_ms) {
  const auto revoked = connection_.execute(
      "UPDATE api_keys SET revoked_at_ms = ? WHERE user_id = ? AND revoked_at_ms IS NULL", {now_ms, user_id});
  if (!revoked) return std::unexpected(revoked.error());
  return static_cast<int>(*revoked);
}

Result<void> SqlApiKeys::mark_used(std::string_view id, UnixMs now_ms) {
  return done(connection_.execute(
      "UPDATE api_keys SET last_used_at_ms = ? WHERE id = ? AND (last_used_at_ms IS NULL OR last_used_at_ms < ?)",
      {now_ms, id, now_ms}));
}

Result<int> SqlApiKeys::remove_ended(UnixMs ended_before_ms, int limit) {
  const auto removed = connection_.execute(
      "DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys WHERE revoked_at_ms < ? OR expires_at_ms < ? LIMIT ?)",
      {ended_before_ms, ended_before_ms, std::int64_t{limit}});
  if (!removed) return std::unexpected(removed.error());
  return static_cast<int>(*removed);
}

}  // namespace tintype::sql
