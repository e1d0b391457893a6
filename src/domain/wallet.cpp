#include "domain/wallet.h"

#include <algorithm>
#include <cassert>

namespace tintype {

namespace {

// The clock runs exactly while the balance is under the maximum.
void set_clock(Wallet& wallet, const WalletRules& rules, UnixMs now_ms) {
  if (wallet.balance >= rules.maximum) {
    wallet.regeneration_started_at_ms.reset();
  } else if (!wallet.regeneration_started_at_ms) {
    wallet.regeneration_started_at_ms = now_ms;
  }
}

}  // namespace

Tokens regenerate(Wallet& wallet, const WalletRules& rules, UnixMs now_ms) {
  set_clock(wallet, rules, now_ms);
  if (!wallet.regeneration_started_at_ms || now_ms <= *wallet.regeneration_started_at_ms) return 0;
  const std::int64_t intervals = (now_ms - *wallet.regeneration_started_at_ms) / rules.regeneration_interval_ms;
  const Tokens back = std::min<Tokens>(intervals, rules.maximum - wallet.balance);
  wallet.balance += back;
  *wallet.regeneration_started_at_ms += intervals * rules.regeneration_interval_ms;
  set_clock(wallet, rules, now_ms);
  return back;
}

std::optional<UnixMs> next_token_at(const Wallet& wallet, const WalletRules& rules) {
  if (!wallet.regeneration_started_at_ms) return std::nullopt;
  return *wallet.regeneration_started_at_ms + rules.regeneration_interval_ms;
}

Result<void> reserve(Wallet& wallet, Tokens tokens) {
  assert(tokens >= 0);
  if (tokens > wallet.available()) {
    auto refused = fail(ErrorCode::kInsufficientTokens, "Insufficient tokens for this operation",
                        "Purchase more tokens to continue");
    refused.error().tokens_required = tokens;
    refused.error().tokens_available = wallet.available();
    return refused;
  }
  wallet.reserved += tokens;
  return {};
}

void release(Wallet& wallet, Tokens tokens) {
  assert(tokens >= 0 && tokens <= wallet.reserved);
  wallet.reserved -= tokens;
}

void capture(Wallet& wallet, Tokens tokens, const WalletRules& rules, UnixMs now_ms) {
  assert(tokens >= 0 && tokens <= wallet.reserved);
  wallet.reserved -= tokens;
  wallet.balance -= tokens;
  set_clock(wallet, rules, now_ms);
}

Result<void> adjust(Wallet& wallet, Tokens amount, const WalletRules& rules, UnixMs now_ms) {
  if (-amount > wallet.available()) {
    auto refused = fail(ErrorCode::kInsufficientTokens, "The user has fewer tokens available than that",
                        "Remove at most what is available");
    refused.error().tokens_required = -amount;
    refused.error().tokens_available = wallet.available();
    return refused;
  }
  wallet.balance += amount;
  set_clock(wallet, rules, now_ms);
  return {};
}

const char* ledger_kind_name(LedgerKind kind) {
  switch (kind) {
    case LedgerKind::kInitial: return "initial";
    case LedgerKind::kRegeneration: return "regeneration";
    case LedgerKind::kCapture: return "capture";
    case LedgerKind::kGrant: return "grant";
    case LedgerKind::kRemoval: return "removal";
    case LedgerKind::kPurchase: return "purchase";
    case LedgerKind::kReversal: return "reversal";
  }
  return "initial";
}

std::optional<LedgerKind> parse_ledger_kind(const std::string& name) {
  for (const LedgerKind kind : kLedgerKinds) {
    if (name == ledger_kind_name(kind)) return kind;
  }
  return std::nullopt;
}

const char* reservation_state_name(ReservationState state) {
  switch (state) {
    case ReservationState::kOpen: return "open";
    case ReservationState::kCaptured: return "captured";
    case ReservationState::kReleased: return "released";
  }
  return "open";
}

std::optional<ReservationState> parse_reservation_state(const std::string& name) {
  for (const ReservationState state :
       {ReservationState::kOpen, ReservationState::kCaptured, ReservationState::kReleased}) {
    if (name == reservation_state_name(state)) return state;
  }
  return std::nullopt;
}

}  // namespace tintype
