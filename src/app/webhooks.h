// The servers that users want to be told at: endpoints, their secrets, and what was sent to them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/once.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/webhook.h"
#include "ports/database.h"
#include "ports/egress.h"
#include "ports/notifier.h"
#include "ports/webhook_bodies.h"

namespace tintype::app {

struct WebhookRules {
  int endpoints_max = 100;    // of a user; more is kQuotaExceeded
  std::string shared_secret;  // the operator's, for all endpoints; empty: each has secrets of its own
};

inline constexpr std::int64_t kSecretOverlapMaxMs = 7LL * 24 * 3'600 * 1'000;

class Webhooks {
 public:
  Webhooks(Database& database, const Egress& egress, const WebhookBodies& bodies, Notifier& notifier,
           const Clock& clock, Random& random, WebhookRules rules);

  // Part of a submit's unit of work. kUrlNotAllowed for a URL that is not to be told at, kConflict for an endpoint that
  // is disabled, kQuotaExceeded when the user has too many.
  Result<WebhookEndpoint> find_or_make_endpoint(Transaction& transaction, std::string_view user_id,
                                                std::string_view url);

  // kConflict when the URL is one of the user's endpoints already.
  Result<Outcome<WebhookEndpoint>> add(std::string_view user_id, std::string_view url,
                                       const Once<WebhookEndpoint>& once);
  Result<std::vector<WebhookEndpoint>> endpoints(std::string_view user_id, const Page& page);
  Result<WebhookEndpoint> endpoint(std::string_view user_id, std::string_view id);
  // Disabling gives up what waits; it can be sent again once the endpoint is enabled.
  Result<WebhookEndpoint> set_enabled(std::string_view user_id, std::string_view id, bool enabled);
  Result<void> remove(std::string_view user_id, std::string_view id);  // with its secrets and deliveries

  // Newest first, at most two. kConflict where the operator's signs for all.
  Result<std::vector<WebhookSecret>> secrets(std::string_view user_id, std::string_view id);
  // Makes a new one; the one before it holds for `overlap_ms` more, any older one no longer. As above.
  Result<Outcome<WebhookSecret>> rotate(std::string_view user_id, std::string_view id, std::int64_t overlap_ms,
                                        const Once<WebhookSecret>& once);

  // A message that says nothing, sent at once. kConflict for a disabled endpoint.
  Result<Outcome<WebhookDelivery>> ping(std::string_view user_id, std::string_view id,
                                        const Once<WebhookDelivery>& once);
  Result<std::vector<WebhookDelivery>> deliveries(std::string_view user_id,
                                                  const WebhookRepository::DeliveryFilter& filter, const Page& page);
  Result<WebhookDelivery> delivery(std::string_view user_id, std::string_view id);
  // Sends a message at once, whatever became of it, and from its first attempt on. kConflict for a disabled endpoint.
  Result<Outcome<WebhookDelivery>> send_again(std::string_view user_id, std::string_view id,
                                              const Once<WebhookDelivery>& once);

 private:
  Result<WebhookEndpoint> make_endpoint(Transaction& transaction, std::string_view user_id, std::string_view url);
  WebhookSecret new_secret(std::string_view endpoint_id);
  Result<WebhookSecret> rotate(Transaction& transaction, std::string_view id, std::int64_t overlap_ms);
  Result<void> refuse_shared() const;

  Database& database_;
  const Egress& egress_;
  const WebhookBodies& bodies_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  const WebhookRules rules_;
};

}  // namespace tintype::app
