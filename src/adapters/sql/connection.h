// One connection with its prepared statements. SOCI is behind it and nowhere else.
//
// Statements are written with `?` for each value. A statement is prepared once per connection, under the address of
// its text, so texts are literals or live as long as the connection.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/function_ref.h"

namespace tintype::sql {

// A refusal for the moment: the same call may do a little later.
inline std::unexpected<Error> overloaded(std::string cause = {}) {
  auto refused = fail(ErrorCode::kOverloaded, "The server is busy", "Please try again in a moment", std::move(cause));
  refused.error().retry_after_seconds = 1;
  return refused;
}

enum class Dialect { kSqlite, kPostgresql };

// A value to bind: text, an integer, or the absence of either.
struct NullText {};
struct NullInteger {};
using Value = std::variant<std::string_view, std::int64_t, NullText, NullInteger>;

inline Value nullable(const std::optional<std::int64_t>& value) {
  return value ? Value(*value) : Value(NullInteger{});
}
inline Value null_if_empty(std::string_view text) {
  return text.empty() ? Value(NullText{}) : Value(text);
}

struct Cell {
  std::string text;
  long long integer = 0;
  bool null = false;
};

// The present row of a running statement.
class Row {
 public:
  explicit Row(const std::vector<Cell>& cells) : cells_(cells) {}
  const std::string& text(std::size_t column) const { return cells_[column].text; }  // empty when null
  std::int64_t integer(std::size_t column) const { return cells_[column].null ? 0 : cells_[column].integer; }
  int number(std::size_t column) const { return static_cast<int>(integer(column)); }
  bool is_null(std::size_t column) const { return cells_[column].null; }
  std::optional<std::int64_t> optional_integer(std::size_t column) const {
    return is_null(column) ? std::nullopt : std::optional(integer(column));
  }

 private:
  const std::vector<Cell>& cells_;
};

class Connection {
 public:
  // Throws std::exception when it cannot be opened.
  Connection(Dialect dialect, const std::string& target);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Dialect dialect() const { return dialect_; }

  // Runs a statement that answers no rows; how many rows it changed.
  Result<std::int64_t> execute(const char* statement, std::span<const Value> values);
  Result<std::int64_t> execute(const char* statement, std::initializer_list<Value> values = {}) {
    return execute(statement, std::span(values.begin(), values.size()));
  }
  // Runs a statement that answers rows. `columns` has one letter a column: 't' text, 'i' integer.
  Result<void> query(const char* statement, const char* columns, std::span<const Value> values,
                     FunctionRef<void(const Row&)> each);
  Result<void> query(const char* statement, const char* columns, std::initializer_list<Value> values,
                     FunctionRef<void(const Row&)> each) {
    return query(statement, columns, std::span(values.begin(), values.size()), each);
  }
  // Runs text as it is, without preparing: schema and transaction control.
  Result<void> run(const std::string& text);

  // Whether a statement failed since failures were forgotten. PostgreSQL answers a COMMIT behind it with a silent
  // ROLLBACK.
  bool has_failed() const { return failed_; }
  // The last failure was a conflict with another transaction or a lost connection: the unit may be run again.
  bool conflicted() const { return conflicted_; }
  bool lost() const { return lost_; }
  void note_conflict() { conflicted_ = true; }
  void forget_failures() { failed_ = conflicted_ = false; }
  // Changes whenever rows that were read may not be as they were read any more: a transaction began, or something was
  // taken back. Within one, this connection's own writes alone change what it reads.
  std::uint64_t view() const { return view_; }
  void change_view() { ++view_; }
  // Whether a statement that may write ran since writes were forgotten.
  bool has_written() const { return written_; }
  void forget_writes() { written_ = false; }

 private:
  struct Prepared;
  struct Session;
  Prepared& prepared(const char* statement, const char* columns, std::span<const Value> values);
  std::unexpected<Error> failed(const char* statement, const std::exception& exception);

  Dialect dialect_;
  bool failed_ = false;
  bool conflicted_ = false;
  bool lost_ = false;
  bool written_ = false;
  std::uint64_t view_ = 0;
  std::unique_ptr<Session> session_;
};

}  // namespace tintype::sql
