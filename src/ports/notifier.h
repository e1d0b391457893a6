// Wakes those who wait for a topic: "image:{id}", "job:{id}", "lease:{id}", "batch:{id}", "rendition:{id}/{spec}",
// "prediction:{id}", "queue", "background". They may wait in any process of the house. A wake-up is a hint and may be
// lost or come twice; whoever is woken reads again.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace tintype {

class Notifier {
 public:
  using Subscription = std::uint64_t;

  virtual ~Notifier() = default;
  virtual void notify(std::string_view topic) = 0;
  // `wake` is called from any thread and must not block. Thread-safe.
  virtual Subscription subscribe(std::string_view topic, std::function<void()> wake) = 0;
  // After it returns `wake` is not running and will not be called again. Not from inside `wake`.
  virtual void unsubscribe(Subscription subscription) = 0;
};

}  // namespace tintype
