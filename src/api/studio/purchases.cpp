// What the payment provider tells of: credits that were paid for, and payments that were refunded.
#include "api/shared/authenticate.h"
#include "api/studio/stripe_signature.h"
#include "api/studio/view.h"
#include "base/log.h"

namespace tintype::api::studio {

namespace {

constexpr std::int64_t kEventBytesMax = 512 * 1024;
constexpr std::size_t kIdBytesMax = 255;

const Json& at(const Json& object, const char* name) {
  static const Json nothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : nothing;
}

// An id or word; empty when there is none that could be one.
std::string text_at(const Json& object, const char* name) {
  const Json& value = at(object, name);
  if (!value.is_string()) return {};
  auto text = value.get<std::string>();
  return text.size() > kIdBytesMax || text.find('\0') != std::string::npos ? std::string() : text;
}

// The id of what may stand whole in its place.
std::string id_at(const Json& object, const char* name) {
  const Json& value = at(object, name);
  return value.is_object() ? text_at(value, "id") : text_at(object, name);
}

std::int64_t money_at(const Json& object, const char* name) {
  const Json& value = at(object, name);
  const bool fits = value.is_number_integer() && value >= 0 && value <= kMoneyMax;
  return fits ? value.get<std::int64_t>() : 0;
}

const char* outcome_name(app::Purchases::Outcome outcome) {
  switch (outcome) {
    case app::Purchases::Outcome::kGranted: return "granted";
    case app::Purchases::Outcome::kKnown: return "known";
    case app::Purchases::Outcome::kUnmatched: return "unmatched";
  }
  return "known";
}

http::Response received(const char* outcome) {
  return json_response(200, {{"received", true}, {"outcome", outcome}});
}

// Whom and what it is for, the operator's own pages have put there when they opened the checkout. How much was paid is
// not looked at: prices stand at the provider.
Result<http::Response> pay(const Services& services, const http::Request& request, const Json& session) {
  app::PaidCheckout checkout;
  checkout.session_id = text_at(session, "id");
  checkout.payment_id = id_at(session, "payment_intent");
  checkout.user_id = text_at(session, "client_reference_id");
  if (checkout.user_id.empty()) checkout.user_id = text_at(at(session, "metadata"), "user_id");
  checkout.package = text_at(at(session, "metadata"), "package");
  // Some means of payment take days: the provider tells of them once more.
  if (checkout.session_id.empty() || text_at(session, "payment_status") != "paid") return received("ignored");
  const auto outcome = services.purchases.grant(checkout, request.request_id);
  if (!outcome) return std::unexpected(outcome.error());
  return received(outcome_name(*outcome));
}

Result<http::Response> pay_back(const Services& services, const http::Request& request, const Json& charge) {
  PaymentRefund refund{id_at(charge, "payment_intent"), money_at(charge, "amount"),
                       money_at(charge, "amount_refunded")};
  if (refund.payment_id.empty() || refund.amount == 0) return received("ignored");
  refund.amount_refunded = std::min(refund.amount_refunded, refund.amount);
  const auto reversal = services.purchases.refund(refund, request.request_id);
  if (!reversal) return std::unexpected(reversal.error());
  return received(reversal->due > 0 ? "reversed" : "known");
}

// Whatever is signed is answered with 200 unless we fail: anything else the provider would send again for days, and
// then stop sending at all.
Result<http::Response> hear(const Surface& surface, const http::Request& request) {
  const Services& services = surface.services;
  const std::vector<std::string>& secrets = surface.options.stripe_secrets;
  if (secrets.empty()) return fail(ErrorCode::kNotFound, "No payments are taken here");
  const std::string_view signature = request.headers.find("stripe-signature").value_or("");
  if (!is_by_stripe(signature, request.body, secrets, services.clock.now_ms())) {
    log(LogLevel::kWarning, "payment_signature_refused",
        {{"request_id", request.request_id}, {"from", request.remote_address}});
    return fail(ErrorCode::kInvalidSignature, "The signature does not hold",
                "Please sign with the endpoint's secret, and a right clock");
  }
  const auto event = parse_json_object(request.body, "The event");
  if (!event) {
    log(LogLevel::kError, "payment_event_not_understood", {{"request_id", request.request_id}});
    return received("ignored");
  }
  const std::string type = text_at(*event, "type");
  const Json& object = at(at(*event, "data"), "object");
  if (type == "checkout.session.completed" || type == "checkout.session.async_payment_succeeded") {
    return pay(services, request, object);
  }
  if (type == "charge.refunded") return pay_back(services, request, object);
  return received("ignored");
}

}  // namespace

// By its signature alone, and counted nowhere: all of the provider's messages come from a few addresses.
void add_purchase_routes(http::Router& router, const Surface& surface) {
  router.add({.method = http::Method::kPost,
              .pattern = "/api/credits/webhook",
              .handler = handler([surface](http::Request& request) { return hear(surface, request); }),
              .body = {http::BodyKind::kMemory, kEventBytesMax}});
}

}  // namespace tintype::api::studio
