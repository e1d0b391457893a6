#include <algorithm>
#include <functional>

#include "adapters/sql/repositories.h"
#include "adapters/sql/row_statement.h"

namespace tintype::sql {

namespace {

Wallet wallet_of(const Row& row) {
  return Wallet{row.text(0), row.integer(1), row.integer(2), row.optional_integer(3)};
}

#define TINTYPE_ENTRY_COLUMNS "id, user_id, kind, amount, balance_after, job_id, note, created_at_ms"
constexpr const char* kEntryColumnTypes = "tttiitti";

// Before the entry of the cursor; before the end of all where there is none.
#define TINTYPE_ENTRY_IS_BEFORE \
  "sequence < COALESCE((SELECT sequence FROM ledger_entries WHERE id = ?), 9223372036854775807)"

LedgerEntry entry_of(const Row& row) {
  return {row.text(0),    row.text(1),    parse_ledger_kind(row.text(2)).value_or(LedgerKind::kInitial),
          row.integer(3), row.integer(4), row.text(5),
          row.text(6),    row.integer(7)};
}

constexpr const char* kFind =
    "SELECT user_id, balance, reserved, regeneration_started_at_ms FROM wallets WHERE user_id = ?";
constexpr const char* kFindLocking =
    "SELECT user_id, balance, reserved, regeneration_started_at_ms FROM wallets WHERE user_id = ? FOR UPDATE";

}  // namespace

Result<void> SqlWallets::insert(const Wallet& wallet) {
  return done(connection_.execute(
      "INSERT INTO wallets (user_id, balance, reserved, regeneration_started_at_ms) VALUES (?, ?, ?, ?)",
      {wallet.user_id, wallet.balance, wallet.reserved, nullable(wallet.regeneration_started_at_ms)}));
}

Result<std::optional<Wallet>> SqlWallets::find(std::string_view user_id) {
  return find_one<Wallet>(connection_, kFind, "tiii", {user_id}, wallet_of);
}

Result<Wallet> SqlWallets::lock(std::string_view user_id) {
  if (locked_ && locked_->view == connection_.view() && locked_->wallet.user_id == user_id) return locked_->wallet;
  // On SQLite the one writer holds the whole file already.
  const char* statement = connection_.dialect() == Dialect::kSqlite ? kFind : kFindLocking;
  auto found = find_one<Wallet>(connection_, statement, "tiii", {user_id}, wallet_of);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
  locked_ = Locked{**found, connection_.view()};
  return std::move(**found);
}

Result<void> SqlWallets::update(const Wallet& wallet) {
  auto updated =
      done_once(connection_.execute(
                    "UPDATE wallets SET balance = ?, reserved = ?, regeneration_started_at_ms = ? WHERE user_id = ?",
                    {wallet.balance, wallet.reserved, nullable(wallet.regeneration_started_at_ms), wallet.user_id}),
                "update wallet");
  // Without a lock before it others may write it yet.
  if (locked_ && locked_->wallet.user_id == wallet.user_id) locked_->wallet = wallet;
  return updated;
}

Result<void> SqlWallets::append(std::span<const LedgerEntry> entries) {
  static const RowStatement kAppend(
      "INSERT INTO ledger_entries (id, user_id, kind, amount, balance_after, job_id, note, created_at_ms) VALUES ",
      "(?, ?, ?, ?, ?, ?, ?, ?)");
  std::vector<Value> values;
  for (const LedgerEntry& entry : entries) {
    values.insert(values.end(), {entry.id, entry.user_id, ledger_kind_name(entry.kind), entry.amount,
                                 entry.balance_after, null_if_empty(entry.job_id), entry.note, entry.created_at_ms});
  }
  auto appended = done(kAppend.execute(connection_, values));
  return appended ? count_entries(connection_, entries) : appended;
}

Result<std::vector<LedgerEntry>> SqlWallets::history(std::string_view user_id, const Page& page) {
  return find_all<LedgerEntry>(connection_,
                               "SELECT " TINTYPE_ENTRY_COLUMNS
                               " FROM ledger_entries WHERE user_id = ? "
                               "AND " TINTYPE_ENTRY_IS_BEFORE " ORDER BY sequence DESC LIMIT ?",
                               kEntryColumnTypes, {user_id, cursor_id(page), std::int64_t{page.limit}}, entry_of);
}

// A page of each kind, off its index, whatever else was entered between them.
Result<std::vector<LedgerEntry>> SqlWallets::history_of_kinds(std::string_view user_id,
                                                              std::span<const LedgerKind> kinds, const Page& page) {
  struct Placed {
    std::int64_t sequence;
    LedgerEntry entry;
  };
  static const std::string kTypes = std::string(kEntryColumnTypes) + "i";
  std::vector<Placed> found;
  for (const LedgerKind kind : kinds) {
    const auto ran =
        connection_.query("SELECT " TINTYPE_ENTRY_COLUMNS
                          ", sequence FROM ledger_entries WHERE user_id = ? AND kind = ? "
                          "AND " TINTYPE_ENTRY_IS_BEFORE " ORDER BY sequence DESC LIMIT ?",
                          kTypes.c_str(), {user_id, ledger_kind_name(kind), cursor_id(page), std::int64_t{page.limit}},
                          [&](const Row& row) { found.push_back({row.integer(8), entry_of(row)}); });
    if (!ran) return std::unexpected(ran.error());
  }
  std::ranges::sort(found, std::greater<>(), &Placed::sequence);
  std::vector<LedgerEntry> entries;
  for (Placed& one : found) {
    if (std::ssize(entries) < page.limit) entries.push_back(std::move(one.entry));
  }
  return entries;
}

Result<void> SqlWallets::insert_reservations(std::span<const Reservation> reservations) {
  static const RowStatement kInsert("INSERT INTO reservations (job_id, user_id, tokens, state) VALUES ",
                                    "(?, ?, ?, ?)");
  std::vector<Value> values;
  for (const Reservation& reservation : reservations) {
    values.insert(values.end(), {reservation.job_id, reservation.user_id, reservation.tokens,
                                 reservation_state_name(reservation.state)});
  }
  return done(kInsert.execute(connection_, values));
}

Result<bool> SqlWallets::settle(std::span<const Reservation> reservations) {
  // Not "= 'open'": PostgreSQL would read all that are open, off their index.
  static const RowStatement kSettle("UPDATE reservations SET state = s.column2 FROM (VALUES ",
                                    "(CAST(? AS TEXT), CAST(? AS TEXT))",
                                    ") AS s WHERE job_id = s.column1 AND state NOT IN ('captured', 'released')");
  std::vector<Value> values;
  for (const Reservation& reservation : reservations) {
    values.insert(values.end(), {reservation.job_id, reservation_state_name(reservation.state)});
  }
  const auto settled = kSettle.execute(connection_, values);
  if (!settled) return std::unexpected(settled.error());
  return *settled == std::ssize(reservations);
}

Result<bool> SqlWallets::reopen(std::string_view job_id) {
  return changed_one(
      connection_.execute("UPDATE reservations SET state = 'open' WHERE job_id = ? AND state = 'released'", {job_id}));
}

Result<std::optional<Reservation>> SqlWallets::reservation(std::string_view job_id) {
  return find_one<Reservation>(connection_, "SELECT job_id, user_id, tokens, state FROM reservations WHERE job_id = ?",
                               "ttit", {job_id}, [](const Row& row) {
                                 return Reservation{
                                     row.text(0), row.text(1), row.integer(2),
                                     parse_reservation_state(row.text(3)).value_or(ReservationState::kOpen)};
                               });
}

}  // namespace tintype::sql
