// Credits that somebody has paid for. Nothing about cards, names or sums of money is kept but what a refund's share is
// reckoned from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/wallet.h"

namespace tintype {

enum class PurchaseState {
  kGranted,
  kUnmatched,  // paid for, but it names no user or no package that we know: for the operator to look at
};

struct Purchase {
  std::string session_id;  // of the checkout: it grants once
  PurchaseState state = PurchaseState::kUnmatched;
  std::string user_id;     // empty while unmatched
  std::string payment_id;  // by which a refund names it; may be empty
  std::string package;
  Tokens tokens = 0;
  Tokens tokens_due_back = 0;    // for what was refunded
  Tokens tokens_taken_back = 0;  // of these; fewer when they had been spent
  UnixMs created_at_ms = 0;
};

// What was paid back of a payment, in all. Money is in its currency's smallest unit.
struct PaymentRefund {
  std::string payment_id;
  std::int64_t amount = 0;           // of the payment; over 0
  std::int64_t amount_refunded = 0;  // up to `amount`
};

inline constexpr std::int64_t kMoneyMax = 1'000'000'000'000;
inline constexpr Tokens kPackageTokensMax = 1'000'000;

// The refund's share of the purchase's tokens, rounded down.
Tokens tokens_due_back(const Purchase& purchase, const PaymentRefund& refund);

const char* purchase_state_name(PurchaseState state);  // "granted" | "unmatched"
std::optional<PurchaseState> parse_purchase_state(const std::string& name);

}  // namespace tintype
