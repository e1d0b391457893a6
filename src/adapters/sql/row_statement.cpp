#include "adapters/sql/row_statement.h"

#include <algorithm>
#include <cassert>

namespace tintype::sql {

RowStatement::RowStatement(std::string_view before, std::string_view row, std::string_view after)
    : row_values_(static_cast<std::size_t>(std::ranges::count(row, '?'))) {
  for (std::size_t at = 0; at < kRows.size(); ++at) {
    std::string& text = texts_[at];
    text = before;
    for (std::size_t rows = 0; rows < kRows[at]; ++rows) text.append(rows == 0 ? "" : ", ").append(row);
    text += after;
  }
}

Result<std::int64_t> RowStatement::execute(Connection& connection, std::span<const Value> values) const {
  std::int64_t changed = 0;
  auto ran = in_pieces(values, [&](const char* statement, std::span<const Value> piece) -> Result<void> {
    const auto more = connection.execute(statement, piece);
    if (!more) return std::unexpected(more.error());
    changed += *more;
    return {};
  });
  if (!ran) return std::unexpected(ran.error());
  return changed;
}

Result<void> RowStatement::query(Connection& connection, const char* columns, std::span<const Value> values,
                                 FunctionRef<void(const Row&)> each) const {
  return in_pieces(values, [&](const char* statement, std::span<const Value> piece) {
    return connection.query(statement, columns, piece, each);
  });
}

Result<void> RowStatement::in_pieces(
    std::span<const Value> values,
    FunctionRef<Result<void>(const char* statement, std::span<const Value> piece)> run) const {
  assert(values.size() % row_values_ == 0);
  for (std::size_t at = 0; at < kRows.size(); ++at) {
    for (const std::size_t piece = kRows[at] * row_values_; values.size() >= piece; values = values.subspan(piece)) {
      if (auto ran = run(texts_[at].c_str(), values.first(piece)); !ran) return ran;
    }
  }
  return {};
}

}  // namespace tintype::sql
