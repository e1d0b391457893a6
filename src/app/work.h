// The worker's side of the queue: leases, heartbeats and endings, each one unit of work.
#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
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
  // Each is told false when the lease was lost: then nothing was settled and the result is not the job's. While the end
  // of another job of the same user is written the call does not wait: the thread that writes goes on with all that
  // have ended meanwhile, in one unit of work, and calls their `settled`.
  using Settled = std::function<void(const Result<bool>&)>;
  void succeed(const Job& job, const JobResult& result, Settled settled);  // captures; a kProbe has no object
  void fail(const Job& job, const JobFailure& failure, FailureKind kind, Settled settled);  // again, or the end
  void cancelled(const Job& job, Settled settled);
  void give_back(const Job& job, Settled settled);  // to the queue at once, no attempt counted: the worker is stopping
  Result<bool> succeed_variants(const Job& job, const MadeVariants& made);  // of kVariants

  // Puts jobs whose lease ended back into the queue (no attempt counted, no pause), or ends those whose cancel was
  // asked for or that have lost too many leases. Answers how many.
  Result<int> rescue(int limit);

  const LeaseRules& rules() const { return rules_; }
  WorkFigures& figures() { return figures_; }

 private:
  // Jobs of one user whose ends are written together, and who is told of each.
  struct Ends {
    std::vector<Job> jobs;
    std::vector<Settled> settled;
  };

  void move_on(Job job, Settled settled);
  Result<bool> move_on(Transaction& transaction, Job& job);
  void end(Job job, Settled settled);
  bool take_waiting(const std::string& user_id, Ends& ends);
  void write(Ends& ends) noexcept;
  Result<std::vector<bool>> end(Transaction& transaction, std::span<Job> jobs);
  Result<void> end_rest(Transaction& transaction, const Job& job);
  Job without_worker(Job job) const;
  void tell(const Job& job);

  Database& database_;
  Wallets& wallets_;
  Outbox& outbox_;
  Notifier& notifier_;
  const Clock& clock_;
  LeaseRules rules_;
  WorkFigures figures_;
  std::mutex mutex_;
  std::unordered_map<std::string, Ends> waiting_ends_;  // by user, of those of whom a thread writes an end
};

}  // namespace tintype::app
