#include "app/purchases.h"

#include "base/log.h"

namespace tintype::app {

Purchases::Purchases(Database& database, Wallets& wallets, const Clock& clock, Random& random, PurchaseRules rules)
    : database_(database), wallets_(wallets), clock_(clock), random_(random), rules_(std::move(rules)) {}

Result<Purchases::Outcome> Purchases::grant(const PaidCheckout& checkout, const std::string& request_id) {
  const Actor actor{kPaymentsActor, request_id};
  Outcome outcome = Outcome::kKnown;
  auto written = database_.write(checkout.user_id, [&](Transaction& transaction) -> Result<void> {
    const auto granted = grant(transaction, checkout, actor);
    if (!granted) return std::unexpected(granted.error());
    outcome = *granted;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  if (outcome == Outcome::kGranted) {
    log(LogLevel::kInfo, "purchase_granted",
        {{"session", checkout.session_id}, {"user", checkout.user_id}, {"package", checkout.package}});
  } else if (outcome == Outcome::kUnmatched) {
    log(LogLevel::kError, "purchase_unmatched",
        {{"session", checkout.session_id}, {"user", checkout.user_id}, {"package", checkout.package}});
  }
  return outcome;
}

Result<Purchases::Outcome> Purchases::grant(Transaction& transaction, const PaidCheckout& checkout,
                                            const Actor& actor) {
  const auto known = transaction.purchases().find(checkout.session_id);
  if (!known) return std::unexpected(known.error());
  if (*known && (*known)->state == PurchaseState::kGranted) return Outcome::kKnown;
  const auto user = transaction.accounts().user_by_id(checkout.user_id);
  if (!user) return std::unexpected(user.error());
  const auto package = rules_.packages.find(checkout.package);
  Purchase purchase;
  purchase.session_id = checkout.session_id;
  purchase.payment_id = checkout.payment_id;
  purchase.package = checkout.package;
  purchase.created_at_ms = clock_.now_ms();
  if (!*user || package == rules_.packages.end()) {
    return *known ? Result<Outcome>(Outcome::kUnmatched) : note_unmatched(transaction, purchase, checkout, actor);
  }
  purchase.state = PurchaseState::kGranted;
  purchase.user_id = checkout.user_id;
  purchase.tokens = package->second;
  const auto first = *known ? transaction.purchases().update(purchase, PurchaseState::kUnmatched)
                            : transaction.purchases().insert(purchase);
  if (!first) return std::unexpected(first.error());
  if (!*first) return Outcome::kKnown;
  if (auto added = wallets_.add_purchase(transaction, purchase); !added) return std::unexpected(added.error());
  if (auto reversed = reverse(transaction, purchase, actor); !reversed) return std::unexpected(reversed.error());
  return Outcome::kGranted;
}

Result<Purchases::Outcome> Purchases::note_unmatched(Transaction& transaction, const Purchase& purchase,
                                                     const PaidCheckout& checkout, const Actor& actor) {
  const auto first = transaction.purchases().insert(purchase);
  if (!first) return std::unexpected(first.error());
  if (!*first) return Outcome::kUnmatched;
  const Change change{AuditAction::kUnmatchedPurchase,
                      {},
                      "It names no user or no package that there is",
                      {},
                      {{"session", purchase.session_id},
                       {"payment", null_or(purchase.payment_id)},
                       {"user", null_or(checkout.user_id)},
                       {"package", null_or(purchase.package)}}};
  if (auto noted = note_change(transaction, random_, purchase.created_at_ms, actor, change); !noted) {
    return std::unexpected(noted.error());
  }
  return Outcome::kUnmatched;
}

Result<Purchases::Reversal> Purchases::refund(const PaymentRefund& refund, const std::string& request_id) {
  const Actor actor{kPaymentsActor, request_id};
  Reversal reversal;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    reversal = {};
    if (auto put = transaction.purchases().put_refund(refund, clock_.now_ms()); !put) return put;
    const auto purchase = transaction.purchases().find_by_payment(refund.payment_id);
    if (!purchase) return std::unexpected(purchase.error());
    if (!*purchase || (*purchase)->state != PurchaseState::kGranted) return {};
    const auto reversed = reverse(transaction, **purchase, actor);
    if (!reversed) return std::unexpected(reversed.error());
    reversal = *reversed;
    return {};
  });
  if (!written) return std::unexpected(written.error());
  log(LogLevel::kInfo, "purchase_refunded",
      {{"payment", refund.payment_id}, {"due", reversal.due}, {"taken", reversal.taken}});
  return reversal;
}

Result<Purchases::Reversal> Purchases::reverse(Transaction& transaction, Purchase purchase, const Actor& actor) {
  if (purchase.payment_id.empty()) return Reversal{};
  const auto refund = transaction.purchases().refund(purchase.payment_id);
  if (!refund) return std::unexpected(refund.error());
  if (!*refund) return Reversal{};
  const JsonText before = {{"due_back", purchase.tokens_due_back}, {"taken_back", purchase.tokens_taken_back}};
  Reversal reversal{.due = tokens_due_back(purchase, **refund) - purchase.tokens_due_back};
  if (reversal.due <= 0) return Reversal{};
  const auto taken = wallets_.reverse_purchase(transaction, purchase, reversal.due);
  if (!taken) return std::unexpected(taken.error());
  reversal.taken = *taken;
  purchase.tokens_due_back += reversal.due;
  purchase.tokens_taken_back += reversal.taken;
  const auto updated = transaction.purchases().update(purchase, PurchaseState::kGranted);
  if (!updated) return std::unexpected(updated.error());
  if (!*updated) return fail_internal("the purchase " + purchase.session_id + " moved on within its unit of work");
  const Change change{AuditAction::kRefundPurchase,
                      purchase.user_id,
                      "The payment was refunded",
                      before,
                      {{"due_back", purchase.tokens_due_back},
                       {"taken_back", purchase.tokens_taken_back},
                       {"not_taken", reversal.due - reversal.taken},
                       {"session", purchase.session_id},
                       {"payment", purchase.payment_id}}};
  if (auto noted = note_change(transaction, random_, clock_.now_ms(), actor, change); !noted) {
    return std::unexpected(noted.error());
  }
  return reversal;
}

}  // namespace tintype::app
