// Wake-ups within this process.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "ports/notifier.h"

namespace tintype {

class LocalNotifier final : public Notifier {
 public:
  void notify(std::string_view topic) override;
  Subscription subscribe(std::string_view topic, std::function<void()> wake) override;
  void unsubscribe(Subscription subscription) override;
  // Wakes all who wait for anything: where wake-ups of other processes may have been missed.
  void notify_all();

 private:
  struct Listener {
    std::mutex mutex;  // held while `wake` runs, so that unsubscribe can wait for it
    std::function<void()> wake;
  };
  using Listeners = std::vector<std::shared_ptr<Listener>>;

  static void wake(const Listeners& listeners);

  std::mutex mutex_;
  std::atomic<std::size_t> listeners_count_{0};  // lets notify() pass without the lock when nobody listens
  Subscription next_ = 1;
  std::unordered_map<std::string, std::map<Subscription, std::shared_ptr<Listener>>> topics_;
  std::unordered_map<Subscription, std::string> subscriptions_;
};

}  // namespace tintype
