// Counts what this process's workers do, for whoever shows it.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "domain/job.h"

namespace tintype::app {

// How often something took how long.
struct Durations {
  static constexpr std::array<double, 15> kBoundsSeconds = {0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1,   2.5,
                                                            5,    10,    30,   60,  180,  600, 1800};
  std::array<std::uint64_t, kBoundsSeconds.size() + 1> counts = {};  // up to each bound, and what took longer
  double sum_seconds = 0;

  void add(double seconds);
};

// What an attempt consists of.
enum class WorkStep { kFetch, kEngine, kStore };
const char* work_step_name(WorkStep step);  // "fetch" | "engine" | "store"

struct WorkSlots {
  int all = 0, busy = 0;
};

// Any thread may add and look.
class WorkFigures {
 public:
  struct Snapshot {
    std::map<OperationKind, Durations> waits;                       // from when a job may run until it is started
    std::map<std::pair<OperationKind, JobState>, Durations> runs;   // from its last start to its end state
    std::map<std::pair<OperationKind, WorkStep>, Durations> steps;  // of every attempt
    std::map<QueueLane, WorkSlots> slots;
  };

  void started(const Job& job);
  void ended(const Job& job);  // in an end state; nothing otherwise
  void step(OperationKind operation, WorkStep step, double seconds);
  void add_slots(QueueLane lane, int count);
  void set_busy(QueueLane lane, int change);  // one more or one less
  Snapshot snapshot() const;

 private:
  mutable std::mutex mutex_;
  Snapshot now_;
};

// What `act` answers; the time that it takes is counted as the step's.
template <class Act>
auto timed(WorkFigures& figures, OperationKind operation, WorkStep step, Act act) {
  const auto began = std::chrono::steady_clock::now();
  auto answer = act();
  figures.step(operation, step, std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  return answer;
}

}  // namespace tintype::app
