// The queue as whoever runs the server sees it.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/job.h"

namespace tintype {

// Jobs are counted by age in bands: younger than the first bound, than the second ... and those older than the last.
inline constexpr std::array<std::int64_t, 3> kUnfinishedAgeBoundsMs = {60'000, 600'000, 3'600'000};
using AgeBands = std::array<std::int64_t, kUnfinishedAgeBoundsMs.size() + 1>;
// Failed ones by when they failed; older ones are not counted.
inline constexpr std::array<std::int64_t, 3> kFailedAgeBoundsMs = {3'600'000, 86'400'000, 604'800'000};
using FailedBands = std::array<std::int64_t, kFailedAgeBoundsMs.size()>;

// What there is of one operation in one lane.
struct QueueDepth {
  QueueLane lane = QueueLane::kOperations;
  OperationKind operation = OperationKind::kEnhance;
  AgeBands waiting = {};  // by how long ago they were submitted
  AgeBands running = {};  // by how long ago they were started
  FailedBands failed = {};
  std::optional<UnixMs> oldest_waiting_at_ms;  // when it was submitted
};

// No worker takes a job of a paused lane; those that run go on.
struct QueuePause {
  QueueLane lane = QueueLane::kOperations;
  UnixMs paused_at_ms = 0;
  std::string paused_by;
};

// Which jobs: empty parts let all through.
struct QueueFilter {
  JobState state = JobState::kQueued;
  std::optional<OperationKind> operation;
  std::optional<QueueLane> lane;
};

// What ended within one step of time. A job waits from when it may run, at first or after a pause, until it is started.
struct QueuePoint {
  UnixMs from_ms = 0;
  std::int64_t succeeded = 0, failed = 0, cancelled = 0;
  std::int64_t started = 0;  // of them; the others have no times
  std::int64_t wait_sum_ms = 0, wait_max_ms = 0;
  std::int64_t run_sum_ms = 0, run_max_ms = 0;
};

// Where a job stands in its lane: those with the least `turn` run first, of equal ones the oldest.
//
// Start-time fair queuing (Goyal, Vin, Cheng, 1996): each user's jobs of one priority are a flow whose turns follow
// each other by what a job costs, and a flow that was idle goes on at the turn that the lane has come to, though not
// before the end of its last one: else those who come back each time that a job has ended, or three who take turns at
// it, would hold the lane where it is and keep all others waiting for ever. So one who has submitted a thousand jobs
// keeps nobody else waiting for more than one of them. A priority is a bounded lead or delay and a share: jobs of high
// priority go before others that came at the same time, those of low priority after them, and none waits for ever, as
// turns go by.
struct Turn {
  std::int64_t turn = 0;
  std::int64_t end = 0;  // where the flow's next one begins
};

// The job that is next in the lane, or of those that were taken the furthest, by which its turn is told.
struct LaneHead {
  std::int64_t turn = 0;
  int priority = kNormalPriority;
};

// Whichever of the two is further on. Turns do not go back: jobs may be next that have waited for something else than
// their turn.
std::optional<LaneHead> further(const std::optional<LaneHead>& next, const std::optional<LaneHead>& taken);

// Of a job with this priority that is submitted now. `flow_end`: of the last one of its user and priority that waits or
// was taken.
Turn next_turn(const std::optional<LaneHead>& head, std::optional<std::int64_t> flow_end, int priority);

// What stands before a job that waits; more than kPlacesCounted jobs are counted as that many.
inline constexpr int kPlacesCounted = 10'000;
struct QueuePlace {
  std::map<OperationKind, std::int64_t> ahead;  // jobs that wait, and will be taken before it
  std::int64_t running = 0;                     // in the lane
};

QueueLane lane_of(int priority);
const char* queue_lane_name(QueueLane lane);  // "operations" | "background"
std::optional<QueueLane> parse_queue_lane(const std::string& name);

}  // namespace tintype
