#include "adapters/sql/repositories.h"

namespace tintype::sql {

Result<std::optional<std::string>> SqlSettings::find(std::string_view name) {
  return find_one<std::string>(connection_, "SELECT value FROM settings WHERE name = ?", "t", {name},
                               [](const Row& row) { return row.text(0); });
}

Result<std::map<std::string, std::string>> SqlSettings::all() {
  std::map<std::string, std::string> settings;
  auto ran = connection_.query("SELECT name, value FROM settings", "tt", {},
                               [&](const Row& row) { settings.emplace(row.text(0), row.text(1)); });
  if (!ran) return std::unexpected(ran.error());
  return settings;
}

Result<void> SqlSettings::put(std::string_view name, std::string_view value, UnixMs now_ms) {
  return done(connection_.execute(
      "INSERT INTO settings (name, value, updated_at_ms) VALUES (?, ?, ?) "
      "ON CONFLICT (name) DO UPDATE SET value = excluded.value, updated_at_ms = excluded.updated_at_ms",
      {name, value, now_ms}));
}

Result<void> SqlSettings::remove(std::string_view name) {
  return done(connection_.execute("DELETE FROM settings WHERE name = ?", {name}));
}

}  // namespace tintype::sql
