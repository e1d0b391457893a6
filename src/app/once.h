// Idempotency: the first answer to a key is kept in the same unit of work as what it did, so that a retry after a
// crash, a timeout or a lost connection can never do it twice. There is no "running" state to clean up: of two
// calls at the same time the loser of the commit is run again and finds the winner's answer.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "ports/database.h"

namespace tintype::app {

struct IdempotencyKey {
  std::string user_id;
  std::string key;          // 1 to 255 visible ASCII characters
  std::string fingerprint;  // SHA-256 hex of method, route and parsed body
};

// How a use case that may be repeated is asked to remember its answer. Without a key it is simply run.
template <class T>
struct Once {
  std::optional<IdempotencyKey> key;
  std::function<StoredReply(const T&)> reply;  // needed with a key
};

// What the use case did now, or the answer it gave to this key before.
template <class T>
using Outcome = std::variant<T, StoredReply>;

inline constexpr std::int64_t kIdempotencyKeptMs = 24 * 60 * 60 * 1000;

// The answer kept under this key; kIdempotencyMismatch when the fingerprint differs.
Result<std::optional<StoredReply>> find_reply(Transaction& transaction, const IdempotencyKey& key, UnixMs now_ms);
Result<void> keep_reply(Transaction& transaction, const IdempotencyKey& key, StoredReply reply, UnixMs now_ms);

// Runs `unit` (Transaction& -> Result<T>) as one unit of work, with the reply kept in it; `flow`: see Database::write.
template <class T, class Unit>
Result<Outcome<T>> run_once(Database& database, std::string_view flow, const Once<T>& once, UnixMs now_ms,
                            Unit&& unit) {
  std::optional<Outcome<T>> outcome;
  auto written = database.write(flow, [&](Transaction& transaction) -> Result<void> {
    outcome.reset();
    if (once.key) {
      auto kept = find_reply(transaction, *once.key, now_ms);
      if (!kept) return std::unexpected(kept.error());
      if (*kept) {
        outcome = std::move(**kept);
        return {};
      }
    }
    Result<T> value = unit(transaction);
    if (!value) return std::unexpected(value.error());
    if (once.key) {
      auto kept = keep_reply(transaction, *once.key, once.reply(*value), now_ms);
      if (!kept) return kept;
    }
    outcome = std::move(*value);
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return std::move(*outcome);
}

// Whether no row names what was stored for this answer, so that it may be removed at once. After an internal failure
// nobody knows, as the connection may have broken behind the COMMIT: then it is the janitor's, by the journal.
template <class T>
bool nobody_names_it(const Result<Outcome<T>>& outcome) {
  if (!outcome) return outcome.error().code != ErrorCode::kInternal;
  return std::holds_alternative<StoredReply>(*outcome);
}

}  // namespace tintype::app
