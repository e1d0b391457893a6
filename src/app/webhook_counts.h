// What became of attempts to tell users' servers, since the process started: for whoever reports it.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "domain/webhook.h"

namespace tintype::app {

enum class AttemptOutcome { kDelivered, kFailed, kGivenUp };  // kFailed: it is tried again

class WebhookCounts {
 public:
  void add(WebhookEvent event, AttemptOutcome outcome) { of(event, outcome).fetch_add(1, std::memory_order_relaxed); }
  std::int64_t get(WebhookEvent event, AttemptOutcome outcome) const {
    return counts_[at(event, outcome)].load(std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kOutcomes = 3;
  static std::size_t at(WebhookEvent event, AttemptOutcome outcome) {
    return static_cast<std::size_t>(event) * kOutcomes + static_cast<std::size_t>(outcome);
  }
  std::atomic<std::int64_t>& of(WebhookEvent event, AttemptOutcome outcome) { return counts_[at(event, outcome)]; }

  std::array<std::atomic<std::int64_t>, kWebhookEvents.size() * kOutcomes> counts_{};
};

}  // namespace tintype::app
