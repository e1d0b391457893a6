// What users' servers are told of their jobs. A message is written in the very unit of work that it tells of, so that
// none is lost and none tells of what has not happened; the room `webhook` sends it.
#pragma once

#include <string_view>

#include "base/clock.h"
#include "base/random.h"
#include "domain/job.h"
#include "domain/webhook.h"
#include "ports/database.h"
#include "ports/notifier.h"
#include "ports/webhook_bodies.h"

namespace tintype::app {

inline constexpr std::string_view kWebhookTopic = "webhooks";  // of the notifier: a message waits

class Outbox {
 public:
  // While more than `waiting_max` messages wait for an endpoint, it is told of ends alone.
  Outbox(const WebhookBodies& bodies, Notifier& notifier, const Clock& clock, Random& random, int waiting_max = 1'000);

  // Parts of the caller's unit of work. Nothing for a job whose caller wants to hear nothing of it, or whose endpoint
  // is gone. For a disabled endpoint an end is kept as failed, so that it can be sent again later.
  Result<void> note(Transaction& transaction, const Job& job, WebhookEvent event);
  Result<void> note_end(Transaction& transaction, const Job& job);  // the event of the state that it has ended in

  // After the commit of such a unit: wakes whoever sends.
  void announce(const Job& job);

 private:
  Result<void> write(Transaction& transaction, const Job& job, const JobCall& call, WebhookEvent event);

  const WebhookBodies& bodies_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  const int waiting_max_;
};

// A new message, to be sent at once.
WebhookDelivery new_delivery(Random& random, const WebhookEndpoint& endpoint, WebhookEvent event, std::string body,
                             UnixMs now_ms);

}  // namespace tintype::app
