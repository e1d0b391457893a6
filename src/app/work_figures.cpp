#include "app/work_figures.h"

#include <algorithm>

namespace tintype::app {

namespace {

double seconds_between(UnixMs from_ms, UnixMs to_ms) {
  return static_cast<double>(std::max<std::int64_t>(0, to_ms - from_ms)) / 1e3;
}

}  // namespace

void Durations::add(double seconds) {
  const auto bound = std::ranges::lower_bound(kBoundsSeconds, seconds);
  counts[static_cast<std::size_t>(bound - kBoundsSeconds.begin())] += 1;
  sum_seconds += seconds;
}

const char* work_step_name(WorkStep step) {
  switch (step) {
    case WorkStep::kFetch: return "fetch";
    case WorkStep::kEngine: return "engine";
    case WorkStep::kStore: return "store";
  }
  return "engine";
}

void WorkFigures::started(const Job& job) {
  const std::lock_guard lock(mutex_);
  now_.waits[job.operation].add(seconds_between(job.run_after_ms, job.started_at_ms.value_or(job.run_after_ms)));
}

void WorkFigures::ended(const Job& job) {
  if (!is_end_state(job.state) || !job.started_at_ms || !job.finished_at_ms) return;
  const std::lock_guard lock(mutex_);
  now_.runs[{job.operation, job.state}].add(seconds_between(*job.started_at_ms, *job.finished_at_ms));
}

void WorkFigures::step(OperationKind operation, WorkStep step, double seconds) {
  const std::lock_guard lock(mutex_);
  now_.steps[{operation, step}].add(seconds);
}

void WorkFigures::add_slots(QueueLane lane, int count) {
  const std::lock_guard lock(mutex_);
  now_.slots[lane].all += count;
}

void WorkFigures::set_busy(QueueLane lane, int change) {
  const std::lock_guard lock(mutex_);
  now_.slots[lane].busy += change;
}

WorkFigures::Snapshot WorkFigures::snapshot() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

}  // namespace tintype::app
