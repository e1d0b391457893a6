// What the ledger sums to, for those who ask again and again: entries that are settled are read once.
#pragma once

#include <map>

#include "base/clock.h"
#include "domain/wallet.h"
#include "ports/database.h"

namespace tintype::app {

// One thread's at a time.
class LedgerTotals {
 public:
  Result<void> read(Database& database, UnixMs now_ms);
  // As they were last read; a kind without entries may be missing.
  const std::map<LedgerKind, Tokens>& sums() const { return sums_; }
  Tokens reserved() const { return reserved_; }  // by open reservations

 private:
  std::map<LedgerKind, Tokens> settled_, sums_;
  std::int64_t settled_sequence_ = 0;
  Tokens reserved_ = 0;
};

}  // namespace tintype::app
