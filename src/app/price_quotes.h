// Quotes: signed promises to one user that an operation costs him no more than it did when he asked, for a while.
// Nothing is kept of them, and each holds for as many submits as come in time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "domain/job.h"
#include "domain/operation.h"

namespace tintype::app {

struct PriceQuote {
  std::string text;  // "PRICE.EXPIRES_S.SIGNATURE"
  UnixMs expires_at_ms = 0;
};

class PriceQuotes {
 public:
  // The newest key signs, all are accepted; without one there are no quotes.
  PriceQuotes(std::vector<std::string> keys, const Clock& clock);

  PriceQuote make(std::string_view user_id, OperationKind operation, Tokens price) const;
  // kInvalidInput, for the field "quote": made for somebody or something else, over, or not made here.
  Result<Tokens> price_of(std::string_view quote, std::string_view user_id, OperationKind operation) const;

 private:
  std::vector<std::string> keys_;
  const Clock& clock_;
};

}  // namespace tintype::app
