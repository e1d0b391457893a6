// The worker's side of the queue: leases, heartbeats and endings, each one unit of work.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/outbox.h"
#include "app/variants.h"
#include "app/wallets.h"
#include "app/work_figures.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/job.h"
#include "ports/database.h"
#include "ports/notifier.h"

namespace tintype::app {

struct LeaseRules {
  std::int64_t lease_ms = 15'000;
  std::int64_t heartbeat_ms = 5'000;
  RetryRules retry;
  // Leases of one job that ended without an attempt, a worker's orderly stop included; when the next of them runs out
  // the job has failed, as it may be what its workers die of.
  int lost_leases_max = 20;
};

// What a failed attempt means for the job.
enum class FailureKind {
  kFinal,      // trying again cannot help: a damaged picture, a missing original
  kTransient,  // it may: memory, disk, database
};

// Where a job's pictures are. One that it has none of is nowhere.
struct JobInputs {
  InputPlace picture, mask, reference;
};

class Work {
 public:
  Work(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock, LeaseRules rules);

  Result<std::vector<Job>> claim(int limit, QueueLane lane = QueueLane::kOperations);
  Result<std::optional<UnixMs>> next_run_after();
  enum class Lease { kHeld, kCancelRequested, kLost };
  // `job` has the progress that was written last: another one is news to whoever wants to hear of it.
  Result<Lease> heartbeat(const Job& job, int progress_permille);
  Result<JobInputs> inputs_of(const Job& job);  // kNotFound when its image was deleted meanwhile, or the job has ended
  Result<void> note_input_size(const Job& job, int width_px, int height_px);  // of a picture that was fetched

  // Before the result's first byte, so that a crash leaves no unknown object.
  Result<void> begin_result(std::string_view object_key);
  // The same for a kVariants job, whose image is `processing` from here on; answers the image, in the trash or not.
  Result<Image> begin_variants(const Job& job);
  Result<void> begin_objects(const std::vector<std::string>& object_keys);
  // Each answers false when the lease was lost: then nothing was settled and the result is not the job's.
  Result<bool> succeed(const Job& job, const JobResult& result);                   // captures; a kProbe has no object
  Result<bool> succeed_variants(const Job& job, const MadeVariants& made);         // of kVariants
  Result<bool> fail(const Job& job, const JobFailure& failure, FailureKind kind);  // again, or the end and release
  Result<bool> cancelled(const Job& job);                                          // releases
  Result<bool> give_back(const Job& job);  // to the queue at once, no attempt counted: the worker is shutting down

  // Puts jobs whose lease ended back into the queue (no attempt counted, no pause), or ends those whose cancel was
  // asked for or that have lost too many leases. Answers how many.
  Result<int> rescue(int limit);

  const LeaseRules& rules() const { return rules_; }
  WorkFigures& figures() { return figures_; }

 private:
  Result<bool> move_on(Job job);
  Result<bool> move_on(Transaction& transaction, Job& job);
  Job without_worker(Job job) const;
  void tell(const Job& job);

  Database& database_;
  Wallets& wallets_;
  Outbox& outbox_;
  Notifier& notifier_;
  const Clock& clock_;
  LeaseRules rules_;
  WorkFigures figures_;
};

}  // namespace tintype::app
