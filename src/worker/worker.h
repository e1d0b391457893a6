// Runs jobs: claim, lease, heartbeat, run, finish, rescue. Threads of its own; `stop` gives running jobs back.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>

#include "app/receipts.h"
#include "app/work.h"
#include "base/random.h"
#include "ports/egress.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::worker {

struct WorkerOptions {
  int slots = 1;  // jobs of QueueLane::kOperations run at once; the engine spreads one over the cores by itself
  int background_slots = 1;  // jobs of QueueLane::kBackground run at once, at a lower priority than all other threads
  int claims_max = 1;        // leases that a slot takes at a time; more only pays for jobs that take next to no time
  std::chrono::milliseconds poll_interval{1'000};  // between looks at the queue when no wake-up comes
  std::filesystem::path scratch_directory;         // inputs and outputs while a job runs; emptied at start
  const app::Receipts* receipts = nullptr;         // outlives the worker; without it results have none
};

class Worker {
 public:
  Worker(app::Work& work, ImageEngine& engine, ObjectStore& objects, Egress& egress, Notifier& notifier,
         const Clock& clock, Random& random, WorkerOptions options);
  ~Worker();
  void start();
  // Takes no new job; running ones get until the bound, are then cancelled and given back. Idempotent.
  void stop(std::chrono::milliseconds bound);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype::worker
