// Looking at jobs and cancelling them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/outbox.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "domain/account.h"
#include "domain/job.h"
#include "ports/database.h"
#include "ports/notifier.h"

namespace tintype::app {

struct Cancelled {
  Job job;                     // as it is now: cancelled, or still running and about to stop
  Tokens tokens_released = 0;  // by this call; a running job's are released when it stops
  Tokens new_balance = 0;
};

struct Batch {
  std::string id;
  std::vector<Job> jobs;  // in order
};

class Jobs {
 public:
  Jobs(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock);

  // kNotFound for jobs of other surfaces too, and for kVariants, which nobody has asked for.
  Result<Job> get(std::string_view user_id, std::string_view job_id, Surface surface = Surface::kEnhancement);
  Result<Batch> batch(std::string_view user_id, std::string_view batch_id);
  // Of all surfaces but for kVariants, newest first; `phase` narrows it.
  Result<std::vector<UserJob>> of_user(std::string_view user_id, const UserJobFilter& filter, const Page& page);
  // Queued: ends at once. Running: the worker is told and stops between tiles. Ended already: kConflict.
  Result<Cancelled> cancel(const Principal& principal, std::string_view job_id,
                           Surface surface = Surface::kEnhancement);

 private:
  Database& database_;
  Wallets& wallets_;
  Outbox& outbox_;
  Notifier& notifier_;
  const Clock& clock_;
};

// Part of a unit of work, of a job that was read in it: one that waits ends, its tokens are released and what waits for
// it may run; one that runs is asked to stop. kConflict when it has ended already.
Result<Cancelled> cancel_job(Transaction& transaction, Wallets& wallets, Outbox& outbox, const Job& job, UnixMs now_ms);

// Part of a submit's unit of work, before it inserts so many jobs: kOverloaded when the user would have more than that
// which have not ended.
Result<void> check_unfinished(Transaction& transaction, std::string_view user_id, std::size_t more, int unfinished_max);

// Topics of the notifier.
std::string job_topic(std::string_view job_id);
std::string lease_topic(std::string_view job_id);
std::string image_topic(std::string_view image_id);
std::string batch_topic(std::string_view batch_id);
inline constexpr std::string_view kQueueTopic = "queue";            // a job waits in QueueLane::kOperations
inline constexpr std::string_view kBackgroundTopic = "background";  // one waits in QueueLane::kBackground
std::string_view queue_topic(const Job& job);

// Tells everyone who waits for this job, its image or its batch.
void notify_job(Notifier& notifier, const Job& job);
// The same of a job that somebody else than its worker has ended or asked to stop: whoever sends webhooks is told too,
// and the worker that runs it, if one does, to look at its lease.
void announce_stop(Notifier& notifier, Outbox& outbox, const Job& job);

}  // namespace tintype::app
