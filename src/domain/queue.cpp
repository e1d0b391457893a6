#include "domain/queue.h"

namespace tintype {

QueueLane lane_of(int priority) {
  return priority < 0 ? QueueLane::kBackground : QueueLane::kOperations;
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
