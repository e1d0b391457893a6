#include "adapters/sql/repositories.h"

namespace tintype::sql {

Result<bool> SqlSpending::take(std::int64_t day, std::int64_t micros, std::int64_t micros_max) {
  const auto opened = connection_.execute(
      "INSERT INTO provider_spending (day, micros) VALUES (?, 0) ON CONFLICT (day) DO NOTHING", {day});
  if (!opened) return std::unexpected(opened.error());
  const auto added =
      connection_.execute("UPDATE provider_spending SET micros = micros + ? WHERE day = ? AND micros + ? <= ?",
                          {micros, day, micros, micros_max});
  if (!added) return std::unexpected(added.error());
  return *added == 1;
}

Result<void> SqlSpending::give_back(std::int64_t day, std::int64_t micros) {
  return done_once(connection_.execute("UPDATE provider_spending SET micros = micros - ? WHERE day = ? AND micros >= ?",
                                       {micros, day, micros}),
                   "give back what was to be spent");
}

Result<std::int64_t> SqlSpending::spent(std::int64_t day) {
  const auto found = find_one<std::int64_t>(connection_, "SELECT micros FROM provider_spending WHERE day = ?", "i",
                                            {day}, [](const Row& row) { return row.integer(0); });
  if (!found) return std::unexpected(found.error());
  return found->value_or(0);
}

}  // namespace tintype::sql
