// One statement over many rows. Its text has a tuple of values for each row, so that there is a text for each of a few
// numbers of rows; those that are asked for go in as few statements as these allow. What a database is asked for in one
// statement costs one way to it and back.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "adapters/sql/connection.h"

namespace tintype::sql {

class RowStatement {
 public:
  // `row` has a `?` for each value of a row; the rows stand between `before` and `after`, parted by commas. Lives as
  // long as all connections.
  RowStatement(std::string_view before, std::string_view row, std::string_view after = {});

  // `values` has those of all rows, one row after another. How many rows were changed.
  Result<std::int64_t> execute(Connection& connection, std::span<const Value> values) const;
  // For a statement that answers rows.
  Result<void> query(Connection& connection, const char* columns, std::span<const Value> values,
                     FunctionRef<void(const Row&)> each) const;

 private:
  Result<void> in_pieces(std::span<const Value> values,
                         FunctionRef<Result<void>(const char* statement, std::span<const Value> piece)> run) const;

  static constexpr std::array<std::size_t, 4> kRows = {64, 16, 4, 1};
  std::size_t row_values_;
  std::array<std::string, kRows.size()> texts_;
};

}  // namespace tintype::sql
