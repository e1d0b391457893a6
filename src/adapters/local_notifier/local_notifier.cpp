#include "adapters/local_notifier/local_notifier.h"

namespace tintype {

void LocalNotifier::notify(std::string_view topic) {
  if (listeners_count_.load() == 0) return;
  Listeners listeners;
  {
    std::lock_guard lock(mutex_);
    const auto found = topics_.find(std::string(topic));
    if (found == topics_.end()) return;
    for (const auto& [id, listener] : found->second) listeners.push_back(listener);
  }
  wake(listeners);
}

void LocalNotifier::notify_all() {
  Listeners listeners;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [topic, of_topic] : topics_) {
      for (const auto& [id, listener] : of_topic) listeners.push_back(listener);
    }
  }
  wake(listeners);
}

void LocalNotifier::wake(const Listeners& listeners) {
  for (const auto& listener : listeners) {
    std::lock_guard lock(listener->mutex);
    if (listener->wake) listener->wake();
  }
}

Notifier::Subscription LocalNotifier::subscribe(std::string_view topic, std::function<void()> wake) {
  auto listener = std::make_shared<Listener>();
  listener->wake = std::move(wake);
  std::lock_guard lock(mutex_);
  const Subscription subscription = next_++;
  topics_[std::string(topic)].emplace(subscription, std::move(listener));
  subscriptions_.emplace(subscription, std::string(topic));
  listeners_count_.fetch_add(1);
  return subscription;
}

void LocalNotifier::unsubscribe(Subscription subscription) {
  std::shared_ptr<Listener> listener;
  {
    std::lock_guard lock(mutex_);
    const auto found = subscriptions_.find(subscription);
    if (found == subscriptions_.end()) return;
    const auto topic = topics_.find(found->second);
    listener = std::move(topic->second.at(subscription));
    topic->second.erase(subscription);
    if (topic->second.empty()) topics_.erase(topic);
    subscriptions_.erase(found);
    listeners_count_.fetch_sub(1);
  }
  // Waits for a wake that is running.
  std::lock_guard lock(listener->mutex);
  listener->wake = nullptr;
}

}  // namespace tintype
