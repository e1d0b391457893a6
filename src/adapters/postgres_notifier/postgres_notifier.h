// Wake-ups between processes, also of several machines, by PostgreSQL's NOTIFY.
#pragma once

#include <memory>
#include <string>

#include "ports/notifier.h"

namespace tintype {

// One connection listens for all processes of the house and tells what this one has. A NOTIFY in the commit of a job
// would let only one commit at a time go to the disk; here topics of a few milliseconds go together, in a transaction
// of their own that waits for no disk. A lost connection is made again; whoever waits here is then woken, as nobody
// knows what was missed.
class PostgresNotifier final : public Notifier {
 public:
  // Connects in a thread of its own. Throws std::exception when there can be none.
  explicit PostgresNotifier(std::string url);
  ~PostgresNotifier() override;  // what was notified before has been sent, unless the server does not answer

  void notify(std::string_view topic) override;
  Subscription subscribe(std::string_view topic, std::function<void()> wake) override;
  void unsubscribe(Subscription subscription) override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype
