#include "app/webhooks.h"

#include <algorithm>
#include <array>

#include "app/outbox.h"
#include "app/read.h"
#include "base/bytes.h"

namespace tintype::app {

namespace {

constexpr std::size_t kSecretBytes = 32;  // Standard Webhooks: 24 to 64

Result<WebhookEndpoint> own_endpoint(Transaction& transaction, std::string_view user_id, std::string_view id) {
  auto found = transaction.webhooks().endpoint(user_id, id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Webhook endpoint not found");
  return std::move(**found);
}

Result<WebhookEndpoint> enabled_endpoint(Transaction& transaction, std::string_view user_id, std::string_view id) {
  auto endpoint = own_endpoint(transaction, user_id, id);
  if (endpoint && endpoint->disabled_at_ms) {
    return fail(ErrorCode::kConflict, "This webhook endpoint is disabled", "Please enable it first");
  }
  return endpoint;
}

Result<WebhookDelivery> own_delivery(Transaction& transaction, std::string_view user_id, std::string_view id) {
  auto found = transaction.webhooks().delivery(user_id, id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "Webhook delivery not found");
  return std::move(**found);
}

}  // namespace

Webhooks::Webhooks(Database& database, const Egress& egress, const WebhookBodies& bodies, Notifier& notifier,
                   const Clock& clock, Random& random, WebhookRules rules)
    : database_(database),
      egress_(egress),
      bodies_(bodies),
      notifier_(notifier),
      clock_(clock),
      random_(random),
      rules_(std::move(rules)) {}

WebhookSecret Webhooks::new_secret(std::string_view endpoint_id) {
  std::array<std::byte, kSecretBytes> bytes;
  random_.fill(bytes);
  WebhookSecret secret;
  secret.id = new_id(random_, "whs_");
  secret.endpoint_id = endpoint_id;
  secret.secret =
      std::string(kWebhookSecretPrefix) + base64_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  secret.created_at_ms = clock_.now_ms();
  return secret;
}

Result<WebhookEndpoint> Webhooks::make_endpoint(Transaction& transaction, std::string_view user_id,
                                                std::string_view url) {
  const auto count = transaction.webhooks().count_endpoints(user_id);
  if (!count) return std::unexpected(count.error());
  if (*count >= rules_.endpoints_max) {
    return fail(ErrorCode::kQuotaExceeded,
                "You have " + std::to_string(rules_.endpoints_max) + " webhook endpoints, and more cannot be had",
                "Please delete one, and tell jobs apart by their metadata, not by their webhook URL");
  }
  WebhookEndpoint endpoint;
  endpoint.id = new_id(random_, "whe_");
  endpoint.user_id = user_id;
  endpoint.url = url;
  endpoint.created_at_ms = clock_.now_ms();
  if (auto inserted = transaction.webhooks().insert_endpoint(endpoint); !inserted) {
    return std::unexpected(inserted.error());
  }
  if (auto inserted = transaction.webhooks().insert_secret(new_secret(endpoint.id)); !inserted) {
    return std::unexpected(inserted.error());
  }
  return endpoint;
}

Result<WebhookEndpoint> Webhooks::find_or_make_endpoint(Transaction& transaction, std::string_view user_id,
                                                        std::string_view url) {
  if (auto vetted = egress_.vet(url); !vetted) return std::unexpected(vetted.error());
  auto found = transaction.webhooks().endpoint_by_url(user_id, url);
  if (!found) return std::unexpected(found.error());
  if (!*found) return make_endpoint(transaction, user_id, url);
  if ((*found)->disabled_at_ms) {
    return fail(ErrorCode::kConflict, "The endpoint of this webhook URL is disabled",
                "Please enable it first, or name no webhook URL");
  }
  return std::move(**found);
}

Result<Outcome<WebhookEndpoint>> Webhooks::add(std::string_view user_id, std::string_view url,
                                               const Once<WebhookEndpoint>& once) {
  if (auto vetted = egress_.vet(url); !vetted) return std::unexpected(vetted.error());
  return run_once<WebhookEndpoint>(database_, user_id, once, clock_.now_ms(),
                                   [&](Transaction& transaction) { return make_endpoint(transaction, user_id, url); });
}

Result<std::vector<WebhookEndpoint>> Webhooks::endpoints(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.webhooks().endpoints(user_id, page); });
}

Result<WebhookEndpoint> Webhooks::endpoint(std::string_view user_id, std::string_view id) {
  return read(database_, [&](Transaction& transaction) { return own_endpoint(transaction, user_id, id); });
}

Result<WebhookEndpoint> Webhooks::set_enabled(std::string_view user_id, std::string_view id, bool enabled) {
  WebhookEndpoint endpoint;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto found = own_endpoint(transaction, user_id, id);
    if (!found) return std::unexpected(found.error());
    endpoint = std::move(*found);
    if (enabled != endpoint.disabled_at_ms.has_value()) return {};
    const UnixMs now_ms = clock_.now_ms();
    endpoint.disabled_at_ms = enabled ? std::nullopt : std::optional(now_ms);
    endpoint.disabled_reason = enabled ? "" : "Disabled by its owner";
    const auto updated = transaction.webhooks().update_endpoint(endpoint);
    if (!updated) return std::unexpected(updated.error());
    return enabled ? Result<void>() : transaction.webhooks().fail_waiting(id, kEndpointDisabled, now_ms);
  });
  if (!written) return std::unexpected(written.error());
  return endpoint;
}

Result<void> Webhooks::remove(std::string_view user_id, std::string_view id) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto removed = transaction.webhooks().remove_endpoint(user_id, id);
    if (!removed) return std::unexpected(removed.error());
    return *removed ? Result<void>() : fail(ErrorCode::kNotFound, "Webhook endpoint not found");
  });
}

Result<void> Webhooks::refuse_shared() const {
  if (rules_.shared_secret.empty()) return {};
  return fail(ErrorCode::kConflict, "All webhooks of this server are signed with its operator's secret",
              "Please ask the operator for it");
}

Result<std::vector<WebhookSecret>> Webhooks::secrets(std::string_view user_id, std::string_view id) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<WebhookSecret>> {
    const auto endpoint = own_endpoint(transaction, user_id, id);
    if (!endpoint) return std::unexpected(endpoint.error());
    if (auto refused = refuse_shared(); !refused) return std::unexpected(refused.error());
    return transaction.webhooks().secrets(id, clock_.now_ms());
  });
}

Result<WebhookSecret> Webhooks::rotate(Transaction& transaction, std::string_view id, std::int64_t overlap_ms) {
  const UnixMs now_ms = clock_.now_ms();
  const auto live = transaction.webhooks().secrets(id, now_ms);
  if (!live) return std::unexpected(live.error());
  WebhookSecret secret = new_secret(id);
  // Newer than any before, also within one millisecond.
  if (!live->empty()) secret.created_at_ms = std::max(secret.created_at_ms, live->front().created_at_ms + 1);
  const std::string kept = live->empty() ? std::string() : live->front().id;
  Result<void> done = transaction.webhooks().remove_secrets(id, kept);
  if (done) done = transaction.webhooks().insert_secret(secret);
  if (done) done = transaction.webhooks().expire_secrets(id, secret.id, now_ms + overlap_ms);
  if (!done) return std::unexpected(done.error());
  return secret;
}

Result<Outcome<WebhookSecret>> Webhooks::rotate(std::string_view user_id, std::string_view id, std::int64_t overlap_ms,
                                                const Once<WebhookSecret>& once) {
  return run_once<WebhookSecret>(database_, user_id, once, clock_.now_ms(),
                                 [&](Transaction& transaction) -> Result<WebhookSecret> {
                                   const auto endpoint = own_endpoint(transaction, user_id, id);
                                   if (!endpoint) return std::unexpected(endpoint.error());
                                   if (auto refused = refuse_shared(); !refused) {
                                     return std::unexpected(refused.error());
                                   }
                                   return rotate(transaction, id, overlap_ms);
                                 });
}

Result<Outcome<WebhookDelivery>> Webhooks::ping(std::string_view user_id, std::string_view id,
                                                const Once<WebhookDelivery>& once) {
  const auto write_ping = [&](Transaction& transaction) -> Result<WebhookDelivery> {
    const auto endpoint = enabled_endpoint(transaction, user_id, id);
    if (!endpoint) return std::unexpected(endpoint.error());
    const UnixMs now_ms = clock_.now_ms();
    WebhookDelivery delivery =
        new_delivery(random_, *endpoint, WebhookEvent::kPing, bodies_.of_ping(*endpoint, now_ms), now_ms);
    if (auto inserted = transaction.webhooks().insert_delivery(delivery); !inserted) {
      return std::unexpected(inserted.error());
    }
    return delivery;
  };
  auto outcome = run_once<WebhookDelivery>(database_, user_id, once, clock_.now_ms(), write_ping);
  if (outcome) notifier_.notify(kWebhookTopic);
  return outcome;
}

Result<Outcome<WebhookDelivery>> Webhooks::send_again(std::string_view user_id, std::string_view id,
                                                      const Once<WebhookDelivery>& once) {
  const auto make_due = [&](Transaction& transaction) -> Result<WebhookDelivery> {
    const auto before = own_delivery(transaction, user_id, id);
    if (!before) return before;
    if (const auto endpoint = enabled_endpoint(transaction, user_id, before->endpoint_id); !endpoint) {
      return std::unexpected(endpoint.error());
    }
    const auto again = transaction.webhooks().send_again(user_id, id, clock_.now_ms());
    if (!again) return std::unexpected(again.error());
    return own_delivery(transaction, user_id, id);
  };
  auto outcome = run_once<WebhookDelivery>(database_, user_id, once, clock_.now_ms(), make_due);
  if (outcome) notifier_.notify(kWebhookTopic);
  return outcome;
}

Result<std::vector<WebhookDelivery>> Webhooks::deliveries(std::string_view user_id,
                                                          const WebhookRepository::DeliveryFilter& filter,
                                                          const Page& page) {
  return read(database_,
              [&](Transaction& transaction) { return transaction.webhooks().deliveries(user_id, filter, page); });
}

Result<WebhookDelivery> Webhooks::delivery(std::string_view user_id, std::string_view id) {
  return read(database_, [&](Transaction& transaction) { return own_delivery(transaction, user_id, id); });
}

}  // namespace tintype::app
