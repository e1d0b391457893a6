#include "domain/webhook.h"

#include <algorithm>

namespace tintype {

const char* webhook_event_name(WebhookEvent event) {
  switch (event) {
    case WebhookEvent::kJobStarted: return "job.started";
    case WebhookEvent::kJobProgress: return "job.progress";
    case WebhookEvent::kJobCompleted: return "job.completed";
    case WebhookEvent::kJobFailed: return "job.failed";
    case WebhookEvent::kJobCancelled: return "job.cancelled";
    case WebhookEvent::kPing: return "ping";
  }
  return "ping";
}

std::optional<WebhookEvent> parse_webhook_event(std::string_view name) {
  const auto found =
      std::ranges::find_if(kWebhookEvents, [&](WebhookEvent event) { return name == webhook_event_name(event); });
  return found == kWebhookEvents.end() ? std::nullopt : std::optional(*found);
}

WebhookEvents WebhookEvents::defaults() {
  WebhookEvents events;
  events.add(WebhookEvent::kJobCompleted);
  events.add(WebhookEvent::kJobFailed);
  return events;
}

WebhookEvents WebhookEvents::of_bits(std::int64_t bits) {
  WebhookEvents events;
  events.bits_ = bits;
  return events;
}

std::vector<std::string> WebhookEvents::names() const {
  std::vector<std::string> names;
  for (const WebhookEvent event : kWebhookEvents) {
    if (has(event)) names.emplace_back(webhook_event_name(event));
  }
  return names;
}

const char* delivery_state_name(DeliveryState state) {
  switch (state) {
    case DeliveryState::kPending: return "pending";
    case DeliveryState::kDelivered: return "delivered";
    case DeliveryState::kFailed: return "failed";
  }
  return "failed";
}

std::optional<DeliveryState> parse_delivery_state(std::string_view name) {
  for (const DeliveryState state : {DeliveryState::kPending, DeliveryState::kDelivered, DeliveryState::kFailed}) {
    if (name == delivery_state_name(state)) return state;
  }
  return std::nullopt;
}

}  // namespace tintype
