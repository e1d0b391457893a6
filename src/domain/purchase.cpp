#include "domain/purchase.h"

#include <cassert>

namespace tintype {

Tokens tokens_due_back(const Purchase& purchase, const PaymentRefund& refund) {
  // The product stays below 2^63.
  static_assert(kMoneyMax <= INT64_MAX / kPackageTokensMax);
  assert(purchase.tokens <= kPackageTokensMax && refund.amount > 0 && refund.amount <= kMoneyMax &&
         refund.amount_refunded <= refund.amount);
  return purchase.tokens * refund.amount_refunded / refund.amount;
}

const char* purchase_state_name(PurchaseState state) {
  switch (state) {
    case PurchaseState::kGranted: return "granted";
    case PurchaseState::kUnmatched: return "unmatched";
  }
  return "unmatched";
}

std::optional<PurchaseState> parse_purchase_state(const std::string& name) {
  for (const PurchaseState state : {PurchaseState::kGranted, PurchaseState::kUnmatched}) {
    if (name == purchase_state_name(state)) return state;
  }
  return std::nullopt;
}

}  // namespace tintype
