// The queue in the hands of whoever runs the server: any user's jobs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/audit_log.h"
#include "app/jobs.h"
#include "app/outbox.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "base/function_ref.h"
#include "base/random.h"
#include "domain/queue.h"
#include "ports/database.h"
#include "ports/notifier.h"

namespace tintype::app {

struct QueueState {
  UnixMs at_ms = 0;
  std::vector<QueueDepth> depths;
  std::vector<QueuePause> pauses;
};

enum class QueueWindow { kHour, kDay };  // by minute, by hour

struct QueueSeries {
  std::int64_t step_ms = 0;
  std::vector<QueuePoint> points;  // every step of the window, also those in which nothing ended; the last is not over
};

struct Drained {
  int cancelled = 0;
  int stopping = 0;  // running ones that were told to stop
  Tokens tokens_released = 0;
  bool more = false;  // jobs wait that this call had no time for
};

// What one call of Queue::drain or cancel_banned cancels at most. Others wait for the database no longer than one piece
// of it takes.
inline constexpr int kDrainMax = 500;

// Every change is logged, and written into the audit log, with who asked for it.
class Queue {
 public:
  Queue(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock, Random& random);

  Result<QueueState> state();
  Result<std::vector<Job>> list(const QueueFilter& filter, const Page& page);
  Result<QueueSeries> series(QueueWindow window, std::optional<OperationKind> operation);

  // A failed job waits again under its own id, its price held anew: kInsufficientTokens when its user has too few by
  // now, kConflict when it has not failed or what it was to work on is gone.
  Result<Job> retry(std::string_view job_id, const Actor& actor);
  // As Jobs::cancel.
  Result<Cancelled> cancel(std::string_view job_id, const Actor& actor);
  // Cancels what waits of a lane, an operation or both, oldest first.
  Result<Drained> drain(std::optional<QueueLane> lane, std::optional<OperationKind> operation, const Actor& actor);
  // Ends what a banned user has asked for, piece by piece: what waits is cancelled, what runs is told to stop. With an
  // empty id that of all who are banned. May be called again, after a crash too: it goes on where it was.
  Result<Drained> cancel_banned(std::string_view user_id, const Actor& actor);
  // Both may be asked for again: the first answer holds.
  Result<void> pause(QueueLane lane, const Actor& actor);
  Result<void> resume(QueueLane lane, const Actor& actor);

 private:
  // Cancels up to `limit` of what `find` answers (it is asked for one more) and writes that down as `change`.
  Result<Drained> cancel_piece(int limit, const Actor& actor, const Change& change,
                               FunctionRef<Result<std::vector<Job>>(Transaction&, int)> find);
  Result<Drained> cancel_all(const Actor& actor, const Change& change,
                             FunctionRef<Result<std::vector<Job>>(Transaction&, int)> find);
  Result<void> note_lane(Transaction& transaction, AuditAction action, QueueLane lane, const Actor& actor);

  Database& database_;
  Wallets& wallets_;
  Outbox& outbox_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace tintype::app
