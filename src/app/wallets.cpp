#include "app/wallets.h"

#include <algorithm>
#include <cstdlib>

#include "app/read.h"

namespace tintype::app {

namespace {

constexpr Tokens kAdjustMax = 1'000'000;

}  // namespace

Wallets::Wallets(Database& database, const Clock& clock, Random& random, WalletRules rules)
    : database_(database), clock_(clock), random_(random), rules_(rules) {}

Result<WalletView> Wallets::view(std::string_view user_id) {
  WalletView view;
  auto read = database_.read([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.wallets().find(user_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
    view = this->view(**found);
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return view;
}

Result<std::vector<LedgerEntry>> Wallets::history(std::string_view user_id, std::span<const LedgerKind> kinds,
                                                  const Page& page) {
  return read(database_, [&](Transaction& transaction) {
    return kinds.empty() ? transaction.wallets().history(user_id, page)
                         : transaction.wallets().history_of_kinds(user_id, kinds, page);
  });
}

Result<WalletView> Wallets::adjust(std::string_view user_id, Tokens amount, const std::string& note,
                                   const Actor& actor) {
  WalletView view;
  auto written = database_.write(user_id, [&](Transaction& transaction) -> Result<void> {
    const auto adjusted = adjust(transaction, user_id, amount, note, actor);
    if (!adjusted) return std::unexpected(adjusted.error());
    view = *adjusted;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  return view;
}

Result<WalletView> Wallets::adjust(Transaction& transaction, std::string_view user_id, Tokens amount,
                                   const std::string& note, const Actor& actor) {
  if (amount == 0 || std::abs(amount) > kAdjustMax) {
    return fail(ErrorCode::kInvalidInput, "The amount must be from 1 to 1,000,000 tokens");
  }
  auto wallet = current(transaction, user_id);
  if (!wallet) return std::unexpected(wallet.error());
  const JsonText before = {{"balance", wallet->balance}, {"reserved", wallet->reserved}};
  const LedgerKind kind = amount > 0 ? LedgerKind::kGrant : LedgerKind::kRemoval;
  if (auto entered = enter(transaction, *wallet, kind, amount, note); !entered) {
    return std::unexpected(entered.error());
  }
  const Change change{amount > 0 ? AuditAction::kAddCredits : AuditAction::kRemoveCredits,
                      wallet->user_id,
                      note,
                      before,
                      {{"balance", wallet->balance}, {"reserved", wallet->reserved}, {"amount", std::abs(amount)}}};
  if (auto noted = note_change(transaction, random_, clock_.now_ms(), actor, change); !noted) {
    return std::unexpected(noted.error());
  }
  return view(*wallet);
}

Result<void> Wallets::add_purchase(Transaction& transaction, const Purchase& purchase) {
  auto wallet = current(transaction, purchase.user_id);
  if (!wallet) return std::unexpected(wallet.error());
  return enter(transaction, *wallet, LedgerKind::kPurchase, purchase.tokens,
               purchase.package + ", " + purchase.session_id);
}

Result<Tokens> Wallets::reverse_purchase(Transaction& transaction, const Purchase& purchase, Tokens tokens) {
  auto wallet = current(transaction, purchase.user_id);
  if (!wallet) return std::unexpected(wallet.error());
  const Tokens taken = std::min(tokens, wallet->available());
  // What current() has entered is written all the same.
  if (taken == 0) {
    if (auto updated = transaction.wallets().update(*wallet); !updated) return std::unexpected(updated.error());
    return 0;
  }
  if (auto entered = enter(transaction, *wallet, LedgerKind::kReversal, -taken, purchase.session_id); !entered) {
    return std::unexpected(entered.error());
  }
  return taken;
}

// Adds or takes away by the hand of somebody else than jobs, and writes the wallet.
Result<void> Wallets::enter(Transaction& transaction, Wallet& wallet, LedgerKind kind, Tokens amount,
                            const std::string& note) {
  const UnixMs now_ms = clock_.now_ms();
  if (auto adjusted = tintype::adjust(wallet, amount, rules_, now_ms); !adjusted) return adjusted;
  const LedgerEntry entry{new_id(random_, "led_"), wallet.user_id, kind, amount, wallet.balance, {}, note, now_ms};
  if (auto appended = transaction.wallets().append(entry); !appended) return appended;
  return transaction.wallets().update(wallet);
}

WalletView Wallets::view(Wallet wallet) const {
  regenerate(wallet, rules_, clock_.now_ms());
  return {wallet.balance, wallet.reserved, wallet.available(), rules_.maximum, next_token_at(wallet, rules_)};
}

Result<void> Wallets::open(Transaction& transaction, std::string_view user_id) {
  const UnixMs now_ms = clock_.now_ms();
  Wallet wallet{std::string(user_id), rules_.initial, 0, std::nullopt};
  regenerate(wallet, rules_, now_ms);  // starts the clock when the initial balance is under the maximum
  if (auto inserted = transaction.wallets().insert(wallet); !inserted) return inserted;
  if (rules_.initial == 0) return {};
  return transaction.wallets().append(
      {new_id(random_, "led_"), wallet.user_id, LedgerKind::kInitial, rules_.initial, wallet.balance, {}, {}, now_ms});
}

Result<Tokens> Wallets::reserve(Transaction& transaction, std::string_view user_id, const std::vector<Job>& jobs) {
  auto wallet = current(transaction, user_id);
  if (!wallet) return std::unexpected(wallet.error());
  Tokens total = 0;
  for (const Job& job : jobs) total += job.price;
  if (auto reserved = tintype::reserve(*wallet, total); !reserved) return std::unexpected(reserved.error());
  std::vector<Reservation> held;
  for (const Job& job : jobs) {
    if (job.price > 0) held.push_back({job.id, wallet->user_id, job.price, ReservationState::kOpen});
  }
  if (auto inserted = transaction.wallets().insert_reservations(held); !inserted) {
    return std::unexpected(inserted.error());
  }
  if (auto updated = transaction.wallets().update(*wallet); !updated) return std::unexpected(updated.error());
  return wallet->available();
}

Result<void> Wallets::reserve_again(Transaction& transaction, const Job& job) {
  if (job.price == 0) return {};
  auto wallet = current(transaction, job.user_id);
  if (!wallet) return std::unexpected(wallet.error());
  if (auto reserved = tintype::reserve(*wallet, job.price); !reserved) return reserved;
  auto reopened = transaction.wallets().reopen(job.id);
  if (!reopened) return std::unexpected(reopened.error());
  if (!*reopened) return fail_internal("the reservation of " + job.id + " was not released");
  return transaction.wallets().update(*wallet);
}

Result<void> Wallets::settle(Transaction& transaction, std::span<const Job> jobs) {
  std::vector<Reservation> settled;
  for (const Job& job : jobs) {
    if (job.price == 0) continue;
    const auto state = job.state == JobState::kSucceeded ? ReservationState::kCaptured : ReservationState::kReleased;
    settled.push_back({job.id, job.user_id, job.price, state});
  }
  if (settled.empty()) return {};
  auto wallet = current(transaction, settled.front().user_id);
  if (!wallet) return std::unexpected(wallet.error());
  const auto were_open = transaction.wallets().settle(settled);
  if (!were_open) return std::unexpected(were_open.error());
  if (!*were_open) return fail_internal("the reservation of " + settled.front().job_id + " was settled before");
  const UnixMs now_ms = clock_.now_ms();
  std::vector<LedgerEntry> entries;
  for (const Reservation& one : settled) {
    if (one.state == ReservationState::kReleased) {
      tintype::release(*wallet, one.tokens);
      continue;
    }
    tintype::capture(*wallet, one.tokens, rules_, now_ms);
    entries.push_back({new_id(random_, "led_"),
                       one.user_id,
                       LedgerKind::kCapture,
                       -one.tokens,
                       wallet->balance,
                       one.job_id,
                       {},
                       now_ms});
  }
  if (auto appended = transaction.wallets().append(entries); !appended) return appended;
  return transaction.wallets().update(*wallet);
}

Result<Tokens> Wallets::available(Transaction& transaction, std::string_view user_id) {
  auto wallet = transaction.wallets().find(user_id);
  if (!wallet) return std::unexpected(wallet.error());
  if (!*wallet) return fail(ErrorCode::kNotFound, "There is no such user");
  regenerate(**wallet, rules_, clock_.now_ms());
  return (*wallet)->available();
}

Result<Wallet> Wallets::current(Transaction& transaction, std::string_view user_id) {
  auto wallet = transaction.wallets().lock(user_id);
  if (!wallet) return wallet;
  const UnixMs now_ms = clock_.now_ms();
  const Tokens back = regenerate(*wallet, rules_, now_ms);
  if (back > 0) {
    LedgerEntry entry{
        new_id(random_, "led_"), wallet->user_id, LedgerKind::kRegeneration, back, wallet->balance, {}, {}, now_ms};
    if (auto appended = transaction.wallets().append(entry); !appended) return std::unexpected(appended.error());
  }
  return wallet;
}

}  // namespace tintype::app
