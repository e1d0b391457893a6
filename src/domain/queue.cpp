#include "domain/queue.h"

#include <algorithm>

namespace tintype {

namespace {

constexpr std::int64_t kTurnCost = 1'000;  // of a job of normal priority
constexpr std::int64_t kHighShare = 4;     // jobs of high priority for each normal one, and of normal ones for each low
constexpr std::int64_t kHighLead = 2 * kTurnCost;
constexpr std::int64_t kLowDelay = 8 * kTurnCost;

// How much later than it began its flow a job's turn is.
std::int64_t delay_of(int priority) {
  if (priority >= kHighPriority) return -kHighLead;
  return priority == kLowPriority ? kLowDelay : 0;
}

std::int64_t cost_of(int priority) {
  if (priority >= kHighPriority) return kTurnCost / kHighShare;
  return priority == kLowPriority ? kTurnCost * kHighShare : kTurnCost;
}

// A lead is not where the lane has come to: else each one of high priority would go before the one before it.
std::int64_t time_of(const LaneHead& head) {
  return head.turn - std::min<std::int64_t>(0, delay_of(head.priority));
}

}  // namespace

std::optional<LaneHead> further(const std::optional<LaneHead>& next, const std::optional<LaneHead>& taken) {
  if (!next || !taken) return next ? next : taken;
  return time_of(*next) < time_of(*taken) ? taken : next;
}

Turn next_turn(const std::optional<LaneHead>& head, std::optional<std::int64_t> flow_end, int priority) {
  const std::int64_t now = head ? time_of(*head) : 0;
  const std::int64_t begin = std::max(now, flow_end.value_or(now));
  return {begin + delay_of(priority), begin + cost_of(priority)};
}

QueueLane lane_of(int priority) {
  return priority <= kBackgroundPriority ? QueueLane::kBackground : QueueLane::kOperations;
}

const char* queue_lane_name(QueueLane lane) {
  switch (lane) {
    case QueueLane::kOperations: return "operations";
    case QueueLane::kBackground: return "background";
  }
  return "operations";
}

std::optional<QueueLane> parse_queue_lane(const std::string& name) {
  for (const QueueLane lane : {QueueLane::kOperations, QueueLane::kBackground}) {
    if (name == queue_lane_name(lane)) return lane;
  }
  return std::nullopt;
}

}  // namespace tintype
