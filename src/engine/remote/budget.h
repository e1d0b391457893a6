// What calls to providers cost, and how much of it there may be in a day.
#pragma once

#include <map>
#include <optional>

#include "base/clock.h"
#include "domain/operation.h"
#include "ports/database.h"

namespace tintype::engine {

// In millionths of the operator's currency.
struct BudgetRules {
  std::optional<std::int64_t> daily_micros_max;  // none: there is no cap
  std::map<OperationKind, std::int64_t> price_micros;
};

// Counts in the database, so that all processes have one cap together. Days are those of UTC. Thread-safe.
class Budget {
 public:
  Budget(Database& database, const Clock& clock, BudgetRules rules)
      : database_(database), clock_(clock), rules_(std::move(rules)) {}

  // A price that was taken, and from which day.
  struct Taken {
    std::int64_t day = 0;
    std::int64_t micros = 0;
  };
  // Before the call. Over the cap it fails with kSpendingReached.
  Result<Taken> take(OperationKind operation);
  // Of a call that surely cost nothing.
  void give_back(const Taken& taken);

 private:
  Database& database_;
  const Clock& clock_;
  const BudgetRules rules_;
};

}  // namespace tintype::engine
