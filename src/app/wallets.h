// Tokens: what a user has, how it came about, and the settling of jobs inside other units of work.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "app/audit_log.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/job.h"
#include "domain/wallet.h"
#include "ports/database.h"

namespace tintype::app {

struct WalletView {
  Tokens balance = 0;
  Tokens reserved = 0;
  Tokens available = 0;
  Tokens maximum = 0;
  std::optional<UnixMs> next_token_at_ms;
};

class Wallets {
 public:
  Wallets(Database& database, const Clock& clock, Random& random, WalletRules rules);

  // Regeneration up to now is counted in, without writing.
  Result<WalletView> view(std::string_view user_id);
  WalletView view(Wallet wallet) const;
  // Of all kinds where none is named.
  Result<std::vector<LedgerEntry>> history(std::string_view user_id, std::span<const LedgerKind> kinds,
                                           const Page& page);
  // amount > 0 grants, < 0 removes; 1 to 1,000,000 at a time. kNotFound without such a user, kInsufficientTokens when
  // fewer than that are available. Written into the audit log.
  Result<WalletView> adjust(std::string_view user_id, Tokens amount, const std::string& note, const Actor& actor);

  // Parts of other use cases' units of work.
  Result<WalletView> adjust(Transaction& transaction, std::string_view user_id, Tokens amount, const std::string& note,
                            const Actor& actor);
  // Adds what was paid for.
  Result<void> add_purchase(Transaction& transaction, const Purchase& purchase);
  // Takes back up to `tokens` (over 0) of a purchase, no more than is available; answers how many.
  Result<Tokens> reverse_purchase(Transaction& transaction, const Purchase& purchase, Tokens tokens);
  Result<void> open(Transaction& transaction, std::string_view user_id);
  // Holds each job's price under its id, all or nothing; answers what is available afterwards.
  Result<Tokens> reserve(Transaction& transaction, std::string_view user_id, const std::vector<Job>& jobs);
  // Holds the price of a job whose tokens were released, once more.
  Result<void> reserve_again(Transaction& transaction, const Job& job);
  // Settles what is held for jobs of one user that end: captures the price of those that have succeeded, gives that of
  // all others back.
  Result<void> settle(Transaction& transaction, std::span<const Job> jobs);
  Result<Tokens> available(Transaction& transaction, std::string_view user_id);

 private:
  Result<void> enter(Transaction& transaction, Wallet& wallet, LedgerKind kind, Tokens amount, const std::string& note);
  // Locks the wallet and writes down what regenerated since.
  Result<Wallet> current(Transaction& transaction, std::string_view user_id);

  Database& database_;
  const Clock& clock_;
  Random& random_;
  WalletRules rules_;
};

}  // namespace tintype::app
