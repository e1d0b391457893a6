// A user's tokens. Integers only; every rule is a pure function, so that it can be proven without a database.
//
//   balance    what the ledger sums to
//   reserved   what open reservations hold
//   available  balance - reserved, never below zero
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"

namespace tintype {

using Tokens = std::int64_t;

struct WalletRules {
  Tokens initial = 100;
  Tokens maximum = 100;  // regeneration stops here; a grant may go above
  std::int64_t regeneration_interval_ms = 15 * 60 * 1000;
};

struct Wallet {
  std::string user_id;
  Tokens balance = 0;
  Tokens reserved = 0;
  // When the present regeneration interval began; empty while the balance is at or above the maximum.
  std::optional<UnixMs> regeneration_started_at_ms;

  Tokens available() const { return balance - reserved; }
};

enum class LedgerKind {
  kInitial,
  kRegeneration,
  kCapture,
  kGrant,
  kRemoval,
  kPurchase,
  kReversal,  // of a purchase that was refunded
};

inline constexpr std::array kLedgerKinds = {LedgerKind::kInitial, LedgerKind::kRegeneration, LedgerKind::kCapture,
                                            LedgerKind::kGrant,   LedgerKind::kRemoval,      LedgerKind::kPurchase,
                                            LedgerKind::kReversal};

// An append-only row. The sum of a user's amounts equals the wallet's balance at all times.
struct LedgerEntry {
  std::string id;
  std::string user_id;
  LedgerKind kind = LedgerKind::kInitial;
  Tokens amount = 0;  // negative when tokens leave
  Tokens balance_after = 0;
  std::string job_id;  // with kCapture
  std::string note;    // with kGrant and kRemoval: who and why; with kPurchase and kReversal: of which checkout
  UnixMs created_at_ms = 0;
};

enum class ReservationState { kOpen, kCaptured, kReleased };

// Tokens held for one job: captured once or released once, never both.
struct Reservation {
  std::string job_id;
  std::string user_id;
  Tokens tokens = 0;
  ReservationState state = ReservationState::kOpen;
};

// Brings the wallet up to `now_ms`. Answers how many tokens came back (0 when none).
Tokens regenerate(Wallet& wallet, const WalletRules& rules, UnixMs now_ms);

// When the next token comes back; empty while the balance is at or above the maximum. Call after regenerate().
std::optional<UnixMs> next_token_at(const Wallet& wallet, const WalletRules& rules);

// Holds `tokens` (>= 0); kInsufficientTokens with tokens_required when too few are available.
Result<void> reserve(Wallet& wallet, Tokens tokens);

void release(Wallet& wallet, Tokens tokens);

// Spends what was reserved. Starts the regeneration clock when the balance falls below the maximum.
void capture(Wallet& wallet, Tokens tokens, const WalletRules& rules, UnixMs now_ms);

// Adds (amount > 0) or takes away (amount < 0) tokens by hand. Taking more than is available is refused.
Result<void> adjust(Wallet& wallet, Tokens amount, const WalletRules& rules, UnixMs now_ms);

// "initial", "regeneration", "capture", "grant", "removal", "purchase", "reversal"
const char* ledger_kind_name(LedgerKind kind);
std::optional<LedgerKind> parse_ledger_kind(const std::string& name);
const char* reservation_state_name(ReservationState state);  // "open", "captured", "released"
std::optional<ReservationState> parse_reservation_state(const std::string& name);

}  // namespace tintype
