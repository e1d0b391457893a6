#include "app/ledger_totals.h"

#include "app/read.h"

namespace tintype::app {

Result<void> LedgerTotals::read(Database& database, UnixMs now_ms) {
  constexpr std::int64_t kSettledAfterMs = 10 * 60 * 1'000;  // no unit of work takes as long
  const auto found = app::read(database, [&](Transaction& transaction) {
    return transaction.audit().ledger_sums(settled_sequence_, now_ms - kSettledAfterMs);
  });
  if (!found) return std::unexpected(found.error());
  settled_sequence_ = found->settled_sequence;
  for (const auto& [kind, tokens] : found->settled) settled_[kind] += tokens;
  sums_ = settled_;
  for (const auto& [kind, tokens] : found->unsettled) sums_[kind] += tokens;
  reserved_ = found->reserved;
  return {};
}

}  // namespace tintype::app
