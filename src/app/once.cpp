#include "app/once.h"

namespace tintype::app {

Result<std::optional<StoredReply>> find_reply(Transaction& transaction, const IdempotencyKey& key, UnixMs now_ms) {
  auto found = transaction.idempotency().find(key.user_id, key.key, now_ms - kIdempotencyKeptMs);
  if (!found) return std::unexpected(found.error());
  if (!*found) return std::nullopt;
  if ((*found)->fingerprint != key.fingerprint) {
    return fail(ErrorCode::kIdempotencyMismatch, "This Idempotency-Key was used for another request",
                "Use a new key for a new request");
  }
  return std::move((*found)->reply);
}

Result<void> keep_reply(Transaction& transaction, const IdempotencyKey& key, StoredReply reply, UnixMs now_ms) {
  return transaction.idempotency().insert({key.user_id, key.key, key.fingerprint, std::move(reply), now_ms},
                                          now_ms - kIdempotencyKeptMs);
}

}  // namespace tintype::app
