// Credits for payments, as the payment provider tells of them: each checkout grants once, however often and in whatever
// order it is told of, and what is paid back is taken back as far as it is there.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/wallets.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/audit_entry.h"
#include "domain/purchase.h"
#include "ports/database.h"

namespace tintype::app {

struct PurchaseRules {
  std::map<std::string, Tokens, std::less<>> packages;  // what each grants, up to kPackageTokensMax
};

// A checkout that has been paid for.
struct PaidCheckout {
  std::string session_id;
  std::string payment_id;  // may be empty
  std::string user_id;     // as the checkout names him
  std::string package;
};

class Purchases {
 public:
  Purchases(Database& database, Wallets& wallets, const Clock& clock, Random& random, PurchaseRules rules);

  enum class Outcome {
    kGranted,
    kKnown,  // before, and nothing is done now
    // There is no such user or package. It is written into the audit log, once; told of again when there is, it grants.
    kUnmatched,
  };
  Result<Outcome> grant(const PaidCheckout& checkout, const std::string& request_id);

  struct Reversal {
    Tokens due = 0;    // by this call
    Tokens taken = 0;  // fewer where they had been spent: the rest stands in the audit log
  };
  // Takes the share back, also of a purchase that is told of only later.
  Result<Reversal> refund(const PaymentRefund& refund, const std::string& request_id);

 private:
  Result<Outcome> grant(Transaction& transaction, const PaidCheckout& checkout, const Actor& actor);
  Result<Outcome> note_unmatched(Transaction& transaction, const Purchase& purchase, const PaidCheckout& checkout,
                                 const Actor& actor);
  // Takes back what is due by what was refunded until now.
  Result<Reversal> reverse(Transaction& transaction, Purchase purchase, const Actor& actor);

  Database& database_;
  Wallets& wallets_;
  const Clock& clock_;
  Random& random_;
  const PurchaseRules rules_;
};

}  // namespace tintype::app
