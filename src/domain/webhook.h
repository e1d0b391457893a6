// Telling a user's server what became of a job.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tintype {

enum class WebhookEvent { kJobStarted, kJobProgress, kJobCompleted, kJobFailed, kJobCancelled, kPing };

inline constexpr std::array kWebhookEvents = {WebhookEvent::kJobStarted,   WebhookEvent::kJobProgress,
                                              WebhookEvent::kJobCompleted, WebhookEvent::kJobFailed,
                                              WebhookEvent::kJobCancelled, WebhookEvent::kPing};

const char* webhook_event_name(WebhookEvent event);  // "job.started" ..., "ping"
std::optional<WebhookEvent> parse_webhook_event(std::string_view name);

// The events that a job's caller wants to hear.
class WebhookEvents {
 public:
  static WebhookEvents defaults();  // job.completed and job.failed
  static WebhookEvents of_bits(std::int64_t bits);
  bool has(WebhookEvent event) const { return (bits_ & bit(event)) != 0; }
  void add(WebhookEvent event) { bits_ |= bit(event); }
  std::int64_t bits() const { return bits_; }
  std::vector<std::string> names() const;

 private:
  static std::int64_t bit(WebhookEvent event) { return std::int64_t{1} << static_cast<int>(event); }
  std::int64_t bits_ = 0;
};

// A URL of a user's that is told; made when it is named for the first time.
struct WebhookEndpoint {
  std::string id;  // whe_...
  std::string user_id;
  std::string url;
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> disabled_at_ms;  // by its owner, or because it answered 410
  std::string disabled_reason;           // public
};

// What an endpoint's messages are signed with: "whsec_" and base64 (Standard Webhooks). Kept as it is, as it is needed
// to sign; the newest signs first, and a rotated one beside it until it expires.
struct WebhookSecret {
  std::string id;  // whs_...
  std::string endpoint_id;
  std::string secret;
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> expires_at_ms;
};

inline constexpr std::string_view kWebhookSecretPrefix = "whsec_";

enum class DeliveryState { kPending, kDelivered, kFailed };

const char* delivery_state_name(DeliveryState state);  // "pending" | "delivered" | "failed"
std::optional<DeliveryState> parse_delivery_state(std::string_view name);

inline constexpr const char* kEndpointDisabled = "The endpoint is disabled";  // why a message was not sent

// One message to one endpoint: a row of the outbox, written in the unit of work that it tells of.
struct WebhookDelivery {
  std::string id;  // msg_...; `webhook-id`, the same at every attempt
  std::string user_id;
  std::string endpoint_id;
  std::string job_id;  // empty for a ping
  WebhookEvent event = WebhookEvent::kPing;
  std::string body;  // the exact bytes that are sent
  DeliveryState state = DeliveryState::kPending;
  int attempt = 0;  // those that were made
  UnixMs next_attempt_at_ms = 0;
  int last_status = 0;     // 0: no answer
  std::string last_error;  // public
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> attempted_at_ms;
  std::optional<UnixMs> ended_at_ms;
};

}  // namespace tintype
