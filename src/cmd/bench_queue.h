// `tintype bench-queue`: how many jobs that do nothing go through queue, ledger and store in a second.
#pragma once

#include "cmd/compose.h"

namespace tintype::cmd {

struct BenchQueueOptions {
  int jobs = 20'000;
  int submitters = 32;  // threads, each with one unit of work at a time
  int bulk = 1;         // jobs that a submitter inserts in one unit of work
  int slots = 32;       // of the worker
  int claims = 4;       // leases that a slot takes at a time
  Tokens price = 1;     // of each job; with none there is no reservation and no ledger row
  bool json = false;    // one line of JSON
};

// Answers the exit code.
int bench_queue(House& house, const BenchQueueOptions& options);

}  // namespace tintype::cmd
