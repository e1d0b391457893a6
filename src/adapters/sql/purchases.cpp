#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

#define TINTYPE_PURCHASE_COLUMNS \
  "session_id, state, user_id, payment_id, package, tokens, tokens_due_back, tokens_taken_back, created_at_ms"
constexpr const char* kPurchaseColumnTypes = "tttttiiii";

Purchase purchase_of(const Row& row) {
  return {row.text(0),    parse_purchase_state(row.text(1)).value_or(PurchaseState::kUnmatched),
          row.text(2),    row.text(3),
          row.text(4),    row.integer(5),
          row.integer(6), row.integer(7),
          row.integer(8)};
}

}  // namespace

Result<std::optional<Purchase>> SqlPurchases::find(std::string_view session_id) {
  return find_one<Purchase>(connection_, "SELECT " TINTYPE_PURCHASE_COLUMNS " FROM purchases WHERE session_id = ?",
                            kPurchaseColumnTypes, {session_id}, purchase_of);
}

Result<std::optional<Purchase>> SqlPurchases::find_by_payment(std::string_view payment_id) {
  return find_one<Purchase>(connection_, "SELECT " TINTYPE_PURCHASE_COLUMNS " FROM purchases WHERE payment_id = ?",
                            kPurchaseColumnTypes, {payment_id}, purchase_of);
}

Result<bool> SqlPurchases::insert(const Purchase& purchase) {
  return changed_one(connection_.execute(
      "INSERT INTO purchases (" TINTYPE_PURCHASE_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      {purchase.session_id, purchase_state_name(purchase.state), null_if_empty(purchase.user_id),
       null_if_empty(purchase.payment_id), purchase.package, purchase.tokens, purchase.tokens_due_back,
       purchase.tokens_taken_back, purchase.created_at_ms}));
}

Result<bool> SqlPurchases::update(const Purchase& purchase, PurchaseState before) {
  return changed_one(connection_.execute(
      "UPDATE purchases SET state = ?, user_id = ?, payment_id = ?, package = ?, tokens = ?, tokens_due_back = ?, "
      "tokens_taken_back = ? WHERE session_id = ? AND state = ?",
      {purchase_state_name(purchase.state), null_if_empty(purchase.user_id), null_if_empty(purchase.payment_id),
       purchase.package, purchase.tokens, purchase.tokens_due_back, purchase.tokens_taken_back, purchase.session_id,
       purchase_state_name(before)}));
}

Result<void> SqlPurchases::put_refund(const PaymentRefund& refund, UnixMs now_ms) {
  return done(connection_.execute(
      "INSERT INTO payment_refunds (payment_id, amount, amount_refunded, updated_at_ms) VALUES (?, ?, ?, ?) "
      "ON CONFLICT (payment_id) DO UPDATE SET amount = excluded.amount, amount_refunded = excluded.amount_refunded, "
      "updated_at_ms = excluded.updated_at_ms WHERE excluded.amount_refunded > payment_refunds.amount_refunded",
      {refund.payment_id, refund.amount, refund.amount_refunded, now_ms}));
}

Result<std::optional<PaymentRefund>> SqlPurchases::refund(std::string_view payment_id) {
  return find_one<PaymentRefund>(
      connection_, "SELECT payment_id, amount, amount_refunded FROM payment_refunds WHERE payment_id = ?", "tii",
      {payment_id}, [](const Row& row) { return PaymentRefund{row.text(0), row.integer(1), row.integer(2)}; });
}

}  // namespace tintype::sql
