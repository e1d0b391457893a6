// What the other processes are still to be told: the part that their notifiers share.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "adapters/local_notifier/local_notifier.h"
#include "base/doorbell.h"

namespace tintype {

// Topics wait here, each once, until somebody takes them as letters. When there are too many, all of them become one
// letter that wakes everybody: no wake-up is lost, and nothing grows.
class OutgoingTopics {
 public:
  explicit OutgoingTopics(std::size_t letter_bytes_max, std::size_t topics_max = 4'096)
      : letter_bytes_max_(letter_bytes_max), topics_max_(topics_max) {}

  // From any thread; never waits for whoever takes.
  void put(std::string_view topic);
  // All that waits, in letters of at most `letter_bytes_max`.
  std::vector<std::string> take();
  int descriptor() const { return bell_.descriptor(); }  // readable while something waits

 private:
  const std::size_t letter_bytes_max_;
  const std::size_t topics_max_;
  std::mutex mutex_;
  std::unordered_set<std::string> topics_;
  bool everybody_ = false;
  Doorbell bell_;
};

inline constexpr std::string_view kToEverybody = "*";

// Wakes who listens here for what a letter says.
void deliver(std::string_view letter, LocalNotifier& listeners);

}  // namespace tintype
