#include "api/shared/subscription.h"

namespace tintype::api {

http::Subscribe subscription(Notifier& notifier, std::string topic) {
  return [&notifier, topic = std::move(topic)](std::function<void()> wake) -> std::shared_ptr<void> {
    const Notifier::Subscription id = notifier.subscribe(topic, std::move(wake));
    return std::shared_ptr<void>(nullptr, [&notifier, id](void*) { notifier.unsubscribe(id); });
  };
}

}  // namespace tintype::api
