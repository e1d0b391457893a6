// What an attempt means for a message.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "domain/webhook.h"
#include "ports/egress.h"

namespace tintype::webhook {

struct RetryRules {
  // Pauses before each attempt, the first of which comes at once; as many attempts are made.
  std::vector<std::int64_t> pauses_ms = {0,          5'000,      300'000,    1'800'000,  7'200'000,
                                         18'000'000, 36'000'000, 50'400'000, 72'000'000, 86'400'000};
};

// The most that a receiver may put an attempt off by Retry-After.
inline constexpr std::chrono::seconds kRetryAfterMax{24 * 3'600};

struct Verdict {
  WebhookDelivery delivery;       // with this attempt counted
  bool endpoint_is_gone = false;  // it answered 410: nothing more is to be sent to it
  UnixMs put_off_until_ms = 0;    // until when it wants nothing more that waits already; 0: it did not say
};

// 2xx is a delivery; all else, redirects too, is tried again until no pause is left. Retry-After makes a pause longer,
// never shorter.
Verdict judge(WebhookDelivery delivery, const Result<PostResponse>& answer, const RetryRules& rules, UnixMs now_ms);

}  // namespace tintype::webhook
