#include "api/shared/subscription.h"

#include <charconv>

namespace tintype::api {

Result<std::int64_t> wait_seconds(const http::Request& request, std::int64_t seconds_max) {
  const auto text = request.query_parameter("wait");
  if (!text) return 0;
  std::int64_t seconds = -1;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), seconds);
  const bool whole = error == std::errc() && end == text->data() + text->size();
  if (!whole || seconds < 0 || seconds > seconds_max) {
    return fail(ErrorCode::kInvalidInput, "wait must be a number of seconds from 0 to " + std::to_string(seconds_max));
  }
  return seconds;
}

http::Subscribe subscription(Notifier& notifier, std::string topic) {
  return [&notifier, topic = std::move(topic)](std::function<void()> wake) -> std::shared_ptr<void> {
    const Notifier::Subscription id = notifier.subscribe(topic, std::move(wake));
    return std::shared_ptr<void>(nullptr, [&notifier, id](void*) { notifier.unsubscribe(id); });
  };
}

}  // namespace tintype::api
