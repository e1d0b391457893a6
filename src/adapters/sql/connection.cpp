#include "adapters/sql/connection.h"

#include <libpq-fe.h>
#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <unordered_map>

namespace tintype::sql {

struct Connection::Prepared {
  explicit Prepared(soci::session& session) : statement(session) {}
  std::vector<Cell> inputs;
  std::vector<soci::indicator> input_indicators;
  std::vector<Cell> outputs;
  std::vector<soci::indicator> output_indicators;
  std::string columns;
  soci::statement statement;  // last: it points into the vectors above
};

struct Connection::Session {
  soci::session session;
  std::unordered_map<const char*, std::unique_ptr<Prepared>> statements;
};

namespace {

// SOCI's own form of a placeholder is a name; each `?` gets one.
std::string with_names(std::string_view statement) {
  std::string named;
  int count = 0;
  for (const char c : statement) {
    if (c == '?') {
      named += ":p" + std::to_string(++count);
    } else {
      named.push_back(c);
    }
  }
  return named;
}

// SOCI takes libpq's keyword form alone, and takes a URL apart wrongly.
// What the URL leaves open and libpq would wait for without end gets a bound.
std::string as_keywords(const std::string& url) {
  char* message = nullptr;
  const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(url.c_str(), &message),
                                                                               PQconninfoFree);
  if (!options) {
    const std::string cause = message != nullptr ? message : "not a PostgreSQL URL";
    PQfreemem(message);
    throw std::runtime_error(cause);
  }
  std::string keywords;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    const char* value = option->val != nullptr             ? option->val
                        : keyword == "connect_timeout"     ? "5"
                        : keyword == "tcp_user_timeout"    ? "20000"
                        : keyword == "keepalives_idle"     ? "20"
                        : keyword == "keepalives_interval" ? "5"
                                                           : nullptr;
    if (value == nullptr) continue;
    std::string quoted;
    for (const char* c = value; *c != '\0'; ++c) {
      if (*c == '\\' || *c == '\'') quoted.push_back('\\');
      quoted.push_back(*c);
    }
    keywords += std::string(option->keyword) + "='" + quoted + "' ";
  }
  return keywords;
}

bool holds_text(const Value& value) {
  return std::holds_alternative<std::string_view>(value) || std::holds_alternative<NullText>(value);
}

// How many bits of two integers differ. On PostgreSQL the schema has a function of this name.
// SOCI shows SQLite's own functions in a namespace.
void fingerprint_distance(sqlite_api::sqlite3_context* context, int, sqlite_api::sqlite3_value** values) {
  using namespace sqlite_api;
  const auto differing = static_cast<std::uint64_t>(sqlite3_value_int64(values[0]) ^ sqlite3_value_int64(values[1]));
  sqlite3_result_int(context, std::popcount(differing));
}

void add_functions(soci::session& session) {
  using namespace sqlite_api;
  auto* backend = static_cast<soci::sqlite3_session_backend*>(session.get_backend());
  const int added = sqlite3_create_function(backend->conn_, "fingerprint_distance", 2,
                                            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, nullptr,
                                            fingerprint_distance, nullptr, nullptr);
  if (added != SQLITE_OK) throw std::runtime_error("SQLite takes no function of ours");
}

}  // namespace

Connection::Connection(Dialect dialect, const std::string& target)
    : dialect_(dialect), session_(std::make_unique<Session>()) {
  if (dialect == Dialect::kSqlite) {
    session_->session.open(soci::sqlite3, target);
    add_functions(session_->session);
  } else {
    session_->session.open(soci::postgresql, as_keywords(target));
  }
}

Connection::~Connection() = default;

Connection::Prepared& Connection::prepared(const char* statement, const char* columns, std::span<const Value> values) {
  if (!std::string_view(statement).starts_with("SELECT")) written_ = true;
  auto& slot = session_->statements[statement];
  if (slot) return *slot;
  auto made = std::make_unique<Prepared>(session_->session);
  made->columns = columns;
  made->inputs.resize(values.size());
  made->input_indicators.assign(values.size(), soci::i_ok);
  made->outputs.resize(made->columns.size());
  made->output_indicators.assign(made->columns.size(), soci::i_ok);
  made->statement.alloc();
  made->statement.prepare(with_names(statement));
  std::size_t at = 0;
  for (const Value& value : values) {
    Cell& cell = made->inputs[at];
    soci::indicator& indicator = made->input_indicators[at++];
    if (holds_text(value)) {
      made->statement.exchange(soci::use(cell.text, indicator));
    } else {
      made->statement.exchange(soci::use(cell.integer, indicator));
    }
  }
  for (at = 0; at < made->columns.size(); ++at) {
    Cell& cell = made->outputs[at];
    if (made->columns[at] == 't') {
      made->statement.exchange(soci::into(cell.text, made->output_indicators[at]));
    } else {
      made->statement.exchange(soci::into(cell.integer, made->output_indicators[at]));
    }
  }
  made->statement.define_and_bind();
  slot = std::move(made);
  return *slot;
}

std::unexpected<Error> Connection::failed(const char* statement, const std::exception& exception) {
  failed_ = true;
  // A statement that threw may be half-way through its rows; it is prepared anew next time.
  session_->statements.erase(statement);
  // What SOCI and PostgreSQL add to the message are the values that were bound, a user's own among them.
  const auto* any = dynamic_cast<const soci::soci_error*>(&exception);
  std::string cause = any != nullptr ? any->get_error_message() : exception.what();
  cause.resize(std::min(cause.find('\n'), cause.size()));
  if (const auto* error = dynamic_cast<const soci::postgresql_soci_error*>(&exception)) {
    const std::string state = error->sqlstate();
    cause += " (" + state + ")";
    // 40001 serialization failure, 40P01 deadlock; 23503 and 23505 when what a unit refers to, or found free, was
    // taken by another since it read: run again it sees so. Class 08 and 57P: the connection or the server went away.
    if (state == "40001" || state == "40P01" || state == "23503" || state == "23505") conflicted_ = true;
    if (state.starts_with("08") || state.starts_with("57P") || state.empty() || state == "     ") lost_ = true;
  }
  cause += " in: " + std::string(statement).substr(0, 200);
  const auto* error = dynamic_cast<const soci::sqlite3_soci_error*>(&exception);
  if (error != nullptr && error->result() == SQLITE_BUSY) return overloaded(std::move(cause));
  return fail_internal(std::move(cause));
}

namespace {

void bind(std::vector<Cell>& inputs, std::vector<soci::indicator>& indicators, std::span<const Value> values) {
  assert(values.size() == inputs.size());
  std::size_t at = 0;
  for (const Value& value : values) {
    indicators[at] = soci::i_ok;
    if (const auto* text = std::get_if<std::string_view>(&value)) {
      inputs[at].text.assign(*text);
    } else if (const auto* integer = std::get_if<std::int64_t>(&value)) {
      inputs[at].integer = *integer;
    } else {
      indicators[at] = soci::i_null;
    }
    ++at;
  }
}

}  // namespace

Result<std::int64_t> Connection::execute(const char* statement, std::span<const Value> values) {
  try {
    Prepared& prepared = this->prepared(statement, "", values);
    bind(prepared.inputs, prepared.input_indicators, values);
    prepared.statement.execute(true);
    return prepared.statement.get_affected_rows();
  } catch (const std::exception& exception) {
    return failed(statement, exception);
  }
}

Result<void> Connection::query(const char* statement, const char* columns, std::span<const Value> values,
                               FunctionRef<void(const Row&)> each) {
  try {
    Prepared& prepared = this->prepared(statement, columns, values);
    bind(prepared.inputs, prepared.input_indicators, values);
    prepared.statement.execute(false);
    const Row row(prepared.outputs);
    // Stepped to the end always: an open cursor would hold its snapshot.
    while (prepared.statement.fetch()) {
      for (std::size_t at = 0; at < prepared.outputs.size(); ++at) {
        Cell& cell = prepared.outputs[at];
        cell.null = prepared.output_indicators[at] == soci::i_null;
        if (cell.null) cell.text.clear();
      }
      each(row);
    }
    return {};
  } catch (const std::exception& exception) {
    return failed(statement, exception);
  }
}

Result<void> Connection::run(const std::string& text) {
  try {
    soci::details::once_temp_type once = session_->session.once << text;
    return {};
  } catch (const std::exception& exception) {
    return failed(text.c_str(), exception);
  }
}

}  // namespace tintype::sql
