#include "webhook/deliverer.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "app/outbox.h"
#include "base/log.h"
#include "webhook/delivery_book.h"
#include "webhook/signature.h"

namespace tintype::webhook {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr int kWindowFirst = 2;  // messages at once to an endpoint that has not answered yet
constexpr int kEndpointsPerLook = 64;
constexpr std::size_t kLanesKeptMax = 10'000;      // with those that nothing is on its way to
constexpr milliseconds kPauseAfterFailure{1'000};  // of the database

// Not the receiver's doing: no attempt was made.
bool was_not_tried(const Result<PostResponse>& answer) {
  return !answer && (answer.error().code == ErrorCode::kOverloaded || answer.error().code == ErrorCode::kCancelled);
}

}  // namespace

// Threads: `thread_` takes and writes; posts end on the egress's thread, which begins the next one to the same
// endpoint.
class Deliverer::Impl {
 public:
  Impl(Database& database, Egress& egress, Notifier& notifier, const Clock& clock, app::WebhookCounts& counts,
       DelivererOptions options)
      : egress_(egress),
        notifier_(notifier),
        clock_(clock),
        counts_(counts),
        options_(std::move(options)),
        book_(database, clock, options_.shared_secret, options_.lease.count()) {}

  ~Impl() { stop(); }

  void start() {
    subscription_ = notifier_.subscribe(app::kWebhookTopic, [this] {
      const std::lock_guard lock(mutex_);
      look_ = true;
      changed_.notify_one();
    });
    thread_ = std::thread([this] { run(); });
  }

  void stop() {
    if (!thread_.joinable()) return;
    notifier_.unsubscribe(subscription_);
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      changed_.notify_one();
    }
    thread_.join();
  }

 private:
  // An endpoint that messages are on their way to.
  struct Lane {
    std::shared_ptr<const Address> address;
    std::deque<Held> waiting;  // taken, not sent yet
    int under_way = 0;
    int window = kWindowFirst;  // how many may be
    bool has_more = false;      // in the database, as far as we know
    bool is_failing = false;    // its last attempt did not go well
  };
  struct Post {
    std::string endpoint_id;
    std::shared_ptr<const Address> address;
    Held held;
    bool was_failing = false;
  };

  void run() {
    while (true) {
      DeliveryBook::Turn turn;
      bool look = false;
      {
        std::unique_lock lock(mutex_);
        wait(lock);
        look = std::exchange(look_, false);
        turn.verdicts = std::exchange(verdicts_, {});
        turn.unsent = std::exchange(unsent_, {});
        if (stopping_) give_up_waiting(turn);
        if (stopping_ && under_way_ == 0 && turn.verdicts.empty() && turn.unsent.empty()) return;
      }
      if (!take(turn, look)) return;
    }
  }

  // Until there is something to write or to look for.
  void wait(std::unique_lock<std::mutex>& lock) {
    const auto is_called = [&] {
      if (!verdicts_.empty() || !unsent_.empty()) return true;
      return stopping_ ? under_way_ == 0 || has_waiting() : look_ || has_room_for_more();
    };
    if (is_called()) return;
    lock.unlock();
    const auto until = Steady::now() + pause_until_due();
    lock.lock();
    if (!changed_.wait_until(lock, until, is_called)) look_ = true;
  }

  milliseconds pause_until_due() {
    const auto next = book_.next_at();
    // What was due at the last look has not been taken because there is no room for it.
    if (!next || !*next || **next <= looked_at_ms_) return options_.poll_interval;
    return std::clamp(milliseconds(**next - clock_.now_ms()), milliseconds(1), options_.poll_interval);
  }

  // Writes, takes and sends; false when that cannot be and the end has come.
  bool take(DeliveryBook::Turn& turn, bool look) {
    std::vector<std::string> due;
    if (look) {
      looked_at_ms_ = clock_.now_ms();
      auto found = book_.due(kEndpointsPerLook + busy_lanes());
      if (found) due = std::move(*found);
    }
    turn.wishes = wishes(due);
    if (turn.verdicts.empty() && turn.unsent.empty() && turn.wishes.empty()) return true;
    auto taken = book_.take(turn);
    if (!taken) return keep_for_later(turn, taken.error());
    for (const Verdict& verdict : turn.verdicts) report(verdict);
    if (is_one_due_again(turn.verdicts)) look_again();
    send(accept(turn.wishes, std::move(*taken)));
    return true;
  }

  // What the last look could not see, as it was not written yet.
  bool is_one_due_again(const std::vector<Verdict>& verdicts) const {
    return std::ranges::any_of(verdicts, [&](const Verdict& verdict) {
      const WebhookDelivery& delivery = verdict.delivery;
      return delivery.state == DeliveryState::kPending && delivery.next_attempt_at_ms <= looked_at_ms_;
    });
  }

  void look_again() {
    const std::lock_guard lock(mutex_);
    look_ = true;
  }

  int busy_lanes() {
    const std::lock_guard lock(mutex_);
    return static_cast<int>(lanes_.size());
  }

  // What each lane has room for: as much again as it may have under way, so that its next message need not wait for the
  // database.
  std::vector<Wish> wishes(const std::vector<std::string>& due) {
    const std::lock_guard lock(mutex_);
    std::vector<Wish> all;
    if (stopping_) return all;
    for (const std::string& endpoint_id : due) lanes_[endpoint_id].has_more = true;
    int left = 2 * options_.at_once_max - held_;
    visit_lanes([&](const std::string& endpoint_id, Lane& lane) {
      const int room = std::min(room_of(lane), left);
      if (!lane.has_more || room <= 0) return;
      all.push_back({endpoint_id, room});
      left -= room;
    });
    std::erase_if(lanes_, [&](const auto& entry) {
      const Lane& lane = entry.second;
      const bool is_idle = !lane.has_more && lane.waiting.empty() && lane.under_way == 0;
      return is_idle && (!lane.is_failing || lanes_.size() > kLanesKeptMax);
    });
    return all;
  }

  // All lanes, beginning each time behind the one that it began with the last time: where there is not enough for all,
  // each has its turn. mutex_ is held.
  template <class Visit>
  void visit_lanes(Visit visit) {
    const auto first = lanes_.upper_bound(last_first_);
    for (auto lane = first; lane != lanes_.end(); ++lane) visit(lane->first, lane->second);
    for (auto lane = lanes_.begin(); lane != first; ++lane) visit(lane->first, lane->second);
    last_first_ = first == lanes_.end() ? std::string() : first->first;
  }

  int room_of(const Lane& lane) const {
    const int waiting = static_cast<int>(lane.waiting.size());
    return waiting < window_of(lane) ? 2 * window_of(lane) - lane.under_way - waiting : 0;
  }

  int window_of(const Lane& lane) const { return std::min(lane.window, options_.per_endpoint_max); }

  bool has_room_for_more() const {
    return held_ < 2 * options_.at_once_max &&
           std::ranges::any_of(
               lanes_, [&](const auto& lane) { return lane.second.has_more && room_of(lane.second) > 0; });
  }

  bool has_waiting() const {
    return std::ranges::any_of(lanes_, [](const auto& lane) { return !lane.second.waiting.empty(); });
  }

  std::vector<Post> accept(const std::vector<Wish>& wishes, std::vector<Mail> taken) {
    const std::lock_guard lock(mutex_);
    for (const Wish& wish : wishes) lanes_[wish.endpoint_id].has_more = false;
    for (Mail& mail : taken) {
      Lane& lane = lanes_[mail.endpoint_id];
      lane.address = std::move(mail.address);
      const auto wish = std::ranges::find(wishes, mail.endpoint_id, &Wish::endpoint_id);
      lane.has_more = static_cast<int>(mail.messages.size()) == wish->messages_max;
      held_ += static_cast<int>(mail.messages.size());
      std::ranges::move(mail.messages, std::back_inserter(lane.waiting));
    }
    std::vector<Post> posts;
    visit_lanes([&](const std::string& endpoint_id, Lane& lane) { next_posts(endpoint_id, lane, posts); });
    return posts;
  }

  // Takes what may be sent now off the lane. mutex_ is held.
  void next_posts(const std::string& endpoint_id, Lane& lane, std::vector<Post>& posts) {
    while (!stopping_ && !lane.waiting.empty() && lane.under_way < window_of(lane) && has_slot_for(lane)) {
      Held held = std::move(lane.waiting.front());
      lane.waiting.pop_front();
      if (held.lease_until_ms < clock_.now_ms() + options_.timeout.count()) {
        --held_;  // it will be due again by itself, perhaps to somebody else
        continue;
      }
      ++lane.under_way;
      ++under_way_;
      if (lane.is_failing) ++failing_under_way_;
      posts.push_back({endpoint_id, lane.address, std::move(held), lane.is_failing});
    }
  }

  // Half of all is kept for those that answer well, however many others hang.
  bool has_slot_for(const Lane& lane) const {
    if (under_way_ >= options_.at_once_max) return false;
    return !lane.is_failing || failing_under_way_ < std::max(1, options_.at_once_max / 2);
  }

  void send(std::vector<Post> posts) {
    for (Post& post : posts) {
      const WebhookDelivery& delivery = post.held.delivery;
      PostRequest request{post.address->url, signed_headers(delivery, post.address->secrets, clock_.now_ms() / 1'000),
                          delivery.body, options_.timeout};
      egress_.post(std::move(request), [this, post = std::make_shared<Post>(std::move(post))](
                                           const Result<PostResponse>& answer) { end(std::move(*post), answer); });
    }
  }

  // On the egress's thread.
  void end(Post post, const Result<PostResponse>& answer) {
    std::vector<Post> next;
    {
      const std::lock_guard lock(mutex_);
      Lane& lane = lanes_[post.endpoint_id];
      --lane.under_way;
      --under_way_;
      --held_;
      if (post.was_failing) --failing_under_way_;
      if (was_not_tried(answer)) {
        unsent_.push_back(std::move(post.held));
      } else {
        Verdict verdict = judge(std::move(post.held.delivery), answer, options_.retry, clock_.now_ms());
        const bool went_well = verdict.delivery.state == DeliveryState::kDelivered;
        lane.is_failing = !went_well;
        lane.window = went_well ? std::min(2 * lane.window, options_.per_endpoint_max) : 1;
        // What waits is not to be sent any more, or not yet: the database is told.
        if (verdict.endpoint_is_gone || verdict.put_off_until_ms > 0) forget_waiting(lane);
        verdicts_.push_back(std::move(verdict));
      }
      // One that fails waits for its turn among the others.
      if (!was_not_tried(answer) && !lane.is_failing) next_posts(post.endpoint_id, lane, next);
      changed_.notify_one();
    }
    send(std::move(next));
  }

  void forget_waiting(Lane& lane) {
    held_ -= static_cast<int>(lane.waiting.size());
    lane.waiting.clear();
  }

  // What was taken and will not be sent. mutex_ is held.
  void give_up_waiting(DeliveryBook::Turn& turn) {
    for (auto& [endpoint_id, lane] : lanes_) {
      std::ranges::move(lane.waiting, std::back_inserter(turn.unsent));
      forget_waiting(lane);
    }
  }

  bool keep_for_later(DeliveryBook::Turn& turn, const Error& error) {
    log(LogLevel::kError, "webhooks_not_written", {{"cause", error.cause}});
    std::unique_lock lock(mutex_);
    std::ranges::move(turn.verdicts, std::back_inserter(verdicts_));
    std::ranges::move(turn.unsent, std::back_inserter(unsent_));
    look_ = true;
    // Leases run out, and then they are sent again.
    if (stopping_) return under_way_ > 0;
    changed_.wait_for(lock, kPauseAfterFailure, [&] { return stopping_; });
    return true;
  }

  void report(const Verdict& verdict) {
    const WebhookDelivery& delivery = verdict.delivery;
    switch (delivery.state) {
      case DeliveryState::kDelivered: return counts_.add(delivery.event, app::AttemptOutcome::kDelivered);
      case DeliveryState::kPending: return counts_.add(delivery.event, app::AttemptOutcome::kFailed);
      case DeliveryState::kFailed: break;
    }
    counts_.add(delivery.event, app::AttemptOutcome::kGivenUp);
    log(LogLevel::kWarning, "webhook_given_up",
        {{"delivery", delivery.id},
         {"endpoint", delivery.endpoint_id},
         {"attempts", delivery.attempt},
         {"status", delivery.last_status}});
  }

  Egress& egress_;
  Notifier& notifier_;
  const Clock& clock_;
  app::WebhookCounts& counts_;
  const DelivererOptions options_;
  // The thread's.
  DeliveryBook book_;
  UnixMs looked_at_ms_ = 0;

  Notifier::Subscription subscription_ = 0;
  std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::map<std::string, Lane> lanes_;
  std::vector<Verdict> verdicts_;  // not written yet
  std::vector<Held> unsent_;
  std::string last_first_;  // see visit_lanes()
  int under_way_ = 0;
  int failing_under_way_ = 0;
  int held_ = 0;  // waiting and under way
  bool look_ = true;
  bool stopping_ = false;
  std::thread thread_;
};

Deliverer::Deliverer(Database& database, Egress& egress, Notifier& notifier, const Clock& clock,
                     app::WebhookCounts& counts, DelivererOptions options)
    : impl_(std::make_unique<Impl>(database, egress, notifier, clock, counts, std::move(options))) {}

Deliverer::~Deliverer() = default;

void Deliverer::start() {
  impl_->start();
}

void Deliverer::stop() {
  impl_->stop();
}

}  // namespace tintype::webhook
