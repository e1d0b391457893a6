// The queue in the hands of whoever runs the server: any user's jobs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/jobs.h"
#include "app/outbox.h"
#include "app/wallets.h"
#include "base/clock.h"
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
  Tokens tokens_released = 0;
  bool more = false;  // jobs wait that this call had no time for
};

// What one call of Queue::drain cancels at most. Others wait for the database no longer than one piece of it takes.
inline constexpr int kDrainMax = 500;

// Every change is logged with `who` asked for it.
class Queue {
 public:
  Queue(Database& database, Wallets& wallets, Outbox& outbox, Notifier& notifier, const Clock& clock);

  Result<QueueState> state();
  Result<std::vector<Job>> list(const QueueFilter& filter, const Page& page);
  Result<QueueSeries> series(QueueWindow window, std::optional<OperationKind> operation);

  // A failed job waits again under its own id, its price held anew: kInsufficientTokens when its user has too few by
  // now, kConflict when it has not failed or what it was to work on is gone.
  Result<Job> retry(std::string_view job_id, std::string_view who);
  // As Jobs::cancel.
  Result<Cancelled> cancel(std::string_view job_id, std::string_view who);
  // Cancels what waits of a lane, an operation or both, oldest first.
  Result<Drained> drain(std::optional<QueueLane> lane, std::optional<OperationKind> operation, std::string_view who);
  // Both may be asked for again: the first answer holds.
  Result<void> pause(QueueLane lane, std::string_view who);
  Result<void> resume(QueueLane lane, std::string_view who);

 private:
  Result<Drained> drain_piece(const QueueFilter& filter, int limit);

  Database& database_;
  Wallets& wallets_;
  Outbox& outbox_;
  Notifier& notifier_;
  const Clock& clock_;
};

}  // namespace tintype::app
