// Sends what waits in the outbox. One thread takes messages and writes down what became of them, many at a time; the
// egress carries the posts. How much is under way is bounded in all and for each endpoint, and an endpoint that does
// not answer well gets one message at a time: it holds up nobody else.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "app/webhook_counts.h"
#include "base/clock.h"
#include "ports/database.h"
#include "ports/egress.h"
#include "ports/notifier.h"
#include "webhook/verdict.h"

namespace tintype::webhook {

struct DelivererOptions {
  RetryRules retry;
  std::chrono::milliseconds timeout{15'000};  // of an attempt
  std::chrono::milliseconds lease{45'000};  // after which a message whose sender was lost is due again; over `timeout`
  int at_once_max = 512;
  int per_endpoint_max = 32;
  std::string shared_secret;                       // signs for all endpoints where it is not empty
  std::chrono::milliseconds poll_interval{1'000};  // between looks when no wake-up comes
};

class Deliverer {
 public:
  // `counts` belongs to the caller, as do all the others; the egress must outlive it.
  Deliverer(Database& database, Egress& egress, Notifier& notifier, const Clock& clock, app::WebhookCounts& counts,
            DelivererOptions options);
  ~Deliverer();
  void start();
  // Begins no post any more, waits for those under way (no longer than the timeout of one) and writes down what became
  // of them; what was taken and not sent is given back. Idempotent.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype::webhook
