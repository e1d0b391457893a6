#include "app/outbox.h"

namespace tintype::app {

namespace {

// Whether jobs of a surface have a call that may name an endpoint: those of the others are not looked up.
bool has_call(const Job& job) {
  switch (job.surface) {
    case Surface::kHosting:
    case Surface::kEnhancement: return false;
    case Surface::kStudio:
    case Surface::kUpscale: return true;
  }
  return false;
}

// Others tell of a moment that passes, and what comes after them says more.
bool tells_of_an_end(WebhookEvent event) {
  switch (event) {
    case WebhookEvent::kJobCompleted:
    case WebhookEvent::kJobFailed:
    case WebhookEvent::kJobCancelled: return true;
    case WebhookEvent::kJobStarted:
    case WebhookEvent::kJobProgress:
    case WebhookEvent::kPing: return false;
  }
  return true;
}

// The picture's sides, where they were not known when the job was called for.
Result<void> complete_size(Transaction& transaction, const Job& job, JobCall& call) {
  if (call.input_width_px > 0 || job.image_id.empty()) return {};
  const auto image = transaction.images().find_any(job.user_id, job.image_id);
  if (!image) return std::unexpected(image.error());
  if (!*image) return {};
  call.input_width_px = (*image)->width_px;
  call.input_height_px = (*image)->height_px;
  return {};
}

}  // namespace

WebhookDelivery new_delivery(Random& random, const WebhookEndpoint& endpoint, WebhookEvent event, std::string body,
                             UnixMs now_ms) {
  WebhookDelivery delivery;
  delivery.id = new_id(random, "msg_");
  delivery.user_id = endpoint.user_id;
  delivery.endpoint_id = endpoint.id;
  delivery.event = event;
  delivery.body = std::move(body);
  delivery.created_at_ms = delivery.next_attempt_at_ms = now_ms;
  return delivery;
}

Outbox::Outbox(const WebhookBodies& bodies, Notifier& notifier, const Clock& clock, Random& random, int waiting_max)
    : bodies_(bodies), notifier_(notifier), clock_(clock), random_(random), waiting_max_(waiting_max) {}

Result<void> Outbox::note(Transaction& transaction, const Job& job, WebhookEvent event) {
  if (!has_call(job)) return {};
  auto call = transaction.job_calls().find(job.id);
  if (!call) return std::unexpected(call.error());
  if (!*call || (*call)->webhook_endpoint_id.empty() || !(*call)->webhook_events.has(event)) return {};
  if (auto completed = complete_size(transaction, job, **call); !completed) return completed;
  return write(transaction, job, **call, event);
}

Result<void> Outbox::write(Transaction& transaction, const Job& job, const JobCall& call, WebhookEvent event) {
  const auto endpoint = transaction.webhooks().endpoint(job.user_id, call.webhook_endpoint_id);
  if (!endpoint) return std::unexpected(endpoint.error());
  if (!*endpoint) return {};
  const bool is_disabled = (*endpoint)->disabled_at_ms.has_value();
  if (!tells_of_an_end(event)) {
    if (is_disabled) return {};
    const auto waiting = transaction.webhooks().count_waiting((*endpoint)->id, waiting_max_);
    if (!waiting) return std::unexpected(waiting.error());
    if (*waiting >= waiting_max_) return {};
  }
  const UnixMs now_ms = clock_.now_ms();
  WebhookDelivery delivery = new_delivery(random_, **endpoint, event, bodies_.of_job(job, call, event, now_ms), now_ms);
  delivery.job_id = job.id;
  if (is_disabled) {
    delivery.state = DeliveryState::kFailed;
    delivery.last_error = kEndpointDisabled;
    delivery.ended_at_ms = now_ms;
  }
  return transaction.webhooks().insert_delivery(delivery);
}

Result<void> Outbox::note_end(Transaction& transaction, const Job& job) {
  switch (job.state) {
    case JobState::kSucceeded: return note(transaction, job, WebhookEvent::kJobCompleted);
    case JobState::kFailed: return note(transaction, job, WebhookEvent::kJobFailed);
    case JobState::kCancelled: return note(transaction, job, WebhookEvent::kJobCancelled);
    case JobState::kQueued:
    case JobState::kRunning: return {};
  }
  return {};
}

void Outbox::announce(const Job& job) {
  if (has_call(job)) notifier_.notify(kWebhookTopic);
}

}  // namespace tintype::app
