#include "adapters/local_notifier/outgoing_topics.h"

#include <algorithm>

namespace tintype {

namespace {

constexpr char kSeparator = '\n';

}  // namespace

void OutgoingTopics::put(std::string_view topic) {
  std::lock_guard lock(mutex_);
  if (everybody_) return;
  const bool was_empty = topics_.empty();
  if (topics_.size() >= topics_max_ || topic.size() > letter_bytes_max_) {
    everybody_ = true;
    topics_.clear();
  } else {
    topics_.emplace(topic);
  }
  if (was_empty) bell_.ring();
}

std::vector<std::string> OutgoingTopics::take() {
  std::unordered_set<std::string> topics;
  {
    std::lock_guard lock(mutex_);
    bell_.silence();
    if (std::exchange(everybody_, false)) return {std::string(kToEverybody)};
    topics.swap(topics_);
  }
  std::vector<std::string> letters;
  for (const std::string& topic : topics) {
    if (letters.empty() || letters.back().size() + 1 + topic.size() > letter_bytes_max_) {
      letters.push_back(topic);
    } else {
      letters.back().append(1, kSeparator).append(topic);
    }
  }
  return letters;
}

void deliver(std::string_view letter, LocalNotifier& listeners) {
  if (letter == kToEverybody) return listeners.notify_all();
  for (std::size_t begin = 0; begin < letter.size();) {
    const std::size_t end = std::min(letter.find(kSeparator, begin), letter.size());
    listeners.notify(letter.substr(begin, end - begin));
    begin = end + 1;
  }
}

}  // namespace tintype
