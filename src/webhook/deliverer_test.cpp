#include "webhook/deliverer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "app/outbox.h"
#include "app/read.h"
#include "app/webhooks.h"
#include "base/bytes.h"
#include "support/house.h"
#include "support/watched_database.h"
#include "webhook/delivery_book.h"

namespace tintype::webhook {
namespace {

using test::Folder;
using test::House;

// Receivers whose answers the test gives.
class HeldEgress final : public Egress {
 public:
  struct Post {
    PostRequest request;
    PostDone done;
    std::string header(const std::string& name) const {
      for (const auto& [key, value] : request.headers) {
        if (key == name) return value;
      }
      return {};
    }
  };

  Result<void> vet(std::string_view) const override { return {}; }
  Result<FetchedFile> fetch(const FetchRequest&, const std::atomic<bool>&) override {
    return fail_internal("nothing is fetched here");
  }
  void post(PostRequest request, PostDone done) override {
    const std::lock_guard lock(mutex_);
    posts_[request.url].push_back({std::move(request), std::move(done)});
    arrived_.notify_all();
  }

  // The next message to a receiver, once it has come.
  Post next(const std::string& url) {
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [&] { return !posts_[url].empty(); });
    Post post = std::move(posts_[url].front());
    posts_[url].pop_front();
    return post;
  }
  // Answers the next message to a receiver, if there is one.
  void answer(const std::string& url, const PostResponse& response) {
    std::unique_lock lock(mutex_);
    if (posts_[url].empty()) return;
    Post post = std::move(posts_[url].front());
    posts_[url].pop_front();
    lock.unlock();
    post.done(response);
  }
  std::size_t held(const std::string& url) {
    const std::lock_guard lock(mutex_);
    return posts_[url].size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::map<std::string, std::deque<Post>> posts_;
};

constexpr const char* kUrl = "https://one.example.com/hook";
constexpr const char* kOtherUrl = "https://two.example.com/hook";

class DelivererTest : public testing::Test {
 protected:
  std::string new_endpoint(const std::string& url) {
    const auto outcome = webhooks.add(ann.user_id, url, {});
    return std::get<WebhookEndpoint>(outcome.value()).id;
  }
  std::string ping(const std::string& endpoint) {
    const auto outcome = webhooks.ping(ann.user_id, endpoint, {});
    return std::get<WebhookDelivery>(outcome.value()).id;
  }
  WebhookDelivery delivery(const std::string& id) { return webhooks.delivery(ann.user_id, id).value(); }
  std::unique_ptr<Deliverer> start(DelivererOptions options = {}) {
    options.poll_interval = std::chrono::hours(1);
    auto made = std::make_unique<Deliverer>(*house.database, egress, house.notifier, clock, counts, std::move(options));
    made->start();
    return made;
  }

  Folder folder;
  test::TestClock clock;
  House house{folder.path(), clock};
  HeldEgress egress;
  app::Webhooks webhooks{*house.database, egress, house.bodies, house.notifier, clock, house.random, {}};
  app::WebhookCounts counts;
  Principal ann = house.new_user("ann");
  std::string one = new_endpoint(kUrl);
};

TEST_F(DelivererTest, AMessageIsSentAsItStandsAndNoted) {
  const auto deliverer = start();
  const std::string id = ping(one);
  auto post = egress.next(kUrl);
  EXPECT_EQ(post.request.body, one + " ping");
  EXPECT_EQ(post.header("webhook-id"), id);
  EXPECT_EQ(post.header("webhook-timestamp"), std::to_string(clock.now_ms() / 1'000));
  EXPECT_TRUE(post.header("webhook-signature").starts_with("v1,"));
  EXPECT_EQ(post.header("X-Webhook-Signature").size(), 64U);
  post.done(PostResponse{204, "", {}});
  deliverer->stop();
  EXPECT_EQ(delivery(id).state, DeliveryState::kDelivered);
  EXPECT_EQ(delivery(id).attempt, 1);
  EXPECT_EQ(counts.get(WebhookEvent::kPing, app::AttemptOutcome::kDelivered), 1);
}

TEST_F(DelivererTest, WhatFailsComesAgainWhenItsPauseIsOverUnderTheSameId) {
  const auto deliverer = start();
  const std::string id = ping(one);
  egress.next(kUrl).done(PostResponse{500, "", {}});
  // Another message shows that the deliverer has looked meanwhile.
  ping(one);
  egress.next(kUrl).done(PostResponse{200, "", {}});
  EXPECT_EQ(egress.held(kUrl), 0U);
  clock.advance(5'000);
  house.notifier.notify(app::kWebhookTopic);
  auto again = egress.next(kUrl);
  EXPECT_EQ(again.header("webhook-id"), id);
  again.done(PostResponse{200, "", {}});
  deliverer->stop();
  EXPECT_EQ(delivery(id).attempt, 2);
  EXPECT_EQ(delivery(id).state, DeliveryState::kDelivered);
  EXPECT_EQ(counts.get(WebhookEvent::kPing, app::AttemptOutcome::kFailed), 1);
}

TEST_F(DelivererTest, WhatIsDueAgainBeforeItsOutcomeIsWrittenIsNotForgotten) {
  const std::string two = new_endpoint(kOtherUrl);
  const std::string id = ping(one);
  test::WatchedDatabase database(*house.database);
  std::optional<HeldEgress::Post> post;
  // While the second is taken, the first ends and its pause goes by.
  const auto meanwhile = [&] {
    post->done(PostResponse{500, "", {}});
    clock.advance(5'000);
    house.notifier.notify(app::kWebhookTopic);
  };
  database.before_write = [&] { database.before_write = meanwhile; };
  Deliverer deliverer(database, egress, house.notifier, clock, counts, {.poll_interval = std::chrono::hours(1)});
  deliverer.start();
  post = egress.next(kUrl);
  ping(two);
  egress.next(kOtherUrl).done(PostResponse{200, "", {}});
  auto again = egress.next(kUrl);
  EXPECT_EQ(again.header("webhook-id"), id);
  again.done(PostResponse{200, "", {}});
  deliverer.stop();
  EXPECT_EQ(delivery(id).state, DeliveryState::kDelivered);
}

TEST_F(DelivererTest, ASlowReceiverHoldsUpNobodyElse) {
  const std::string two = new_endpoint(kOtherUrl);
  for (int at = 0; at < 50; ++at) ping(one);
  const auto deliverer = start();
  std::vector<HeldEgress::Post> hanging;
  hanging.push_back(egress.next(kUrl));
  hanging.push_back(egress.next(kUrl));
  for (int at = 0; at < 20; ++at) {
    ping(two);
    egress.next(kOtherUrl).done(PostResponse{200, "", {}});
  }
  EXPECT_EQ(egress.held(kUrl), 0U) << "more are under way to one that has not answered yet";
  for (auto& post : hanging) post.done(fail(ErrorCode::kDeadlineExceeded, "It took too long"));
  auto single = egress.next(kUrl);
  EXPECT_EQ(egress.held(kUrl), 0U) << "one that does not answer well gets one at a time";
  single.done(PostResponse{200, "", {}});
  auto last = egress.next(kUrl);
  auto also_last = egress.next(kUrl);
  EXPECT_EQ(egress.held(kUrl), 0U);
  last.done(PostResponse{410, "", {}});
  also_last.done(PostResponse{200, "", {}});
  // What was being taken meanwhile is still sent.
  std::atomic<bool> is_stopped = false;
  std::thread receiver([&] {
    for (; !is_stopped; std::this_thread::yield()) egress.answer(kUrl, {200, "", {}});
  });
  deliverer->stop();
  is_stopped = true;
  receiver.join();
}

TEST_F(DelivererTest, GoneDisablesTheEndpointAndGivesUpWhatWaits) {
  std::vector<std::string> ids;
  for (int at = 0; at < 5; ++at) ids.push_back(ping(one));
  const auto deliverer = start();
  auto first = egress.next(kUrl);
  auto second = egress.next(kUrl);
  first.done(PostResponse{410, "", {}});
  second.done(PostResponse{200, "", {}});
  deliverer->stop();
  EXPECT_EQ(egress.held(kUrl), 0U);
  EXPECT_EQ(webhooks.endpoint(ann.user_id, one)->disabled_reason, "It answered 410 Gone");
  EXPECT_EQ(delivery(ids[0]).state, DeliveryState::kFailed);
  EXPECT_EQ(delivery(ids[0]).last_status, 410);
  for (int at = 2; at < 5; ++at) {
    EXPECT_EQ(delivery(ids[at]).state, DeliveryState::kFailed);
    EXPECT_EQ(delivery(ids[at]).last_error, kEndpointDisabled);
  }
  EXPECT_EQ(webhooks.ping(ann.user_id, one, {}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(webhooks.send_again(ann.user_id, ids[2], {}).error().code, ErrorCode::kConflict);

  ASSERT_TRUE(webhooks.set_enabled(ann.user_id, one, true));
  ASSERT_TRUE(webhooks.send_again(ann.user_id, ids[2], {}));
  const auto another = start();
  auto again = egress.next(kUrl);
  EXPECT_EQ(again.header("webhook-id"), ids[2]);
  again.done(PostResponse{200, "", {}});
  another->stop();
  EXPECT_EQ(delivery(ids[2]).state, DeliveryState::kDelivered);
}

TEST_F(DelivererTest, RetryAfterPutsOffAllThatWaits) {
  std::vector<std::string> ids;
  for (int at = 0; at < 5; ++at) ids.push_back(ping(one));
  const auto deliverer = start({.per_endpoint_max = 1});
  egress.next(kUrl).done(PostResponse{429, "", std::chrono::seconds(60)});
  deliverer->stop();
  EXPECT_EQ(egress.held(kUrl), 0U);
  for (const std::string& id : ids) {
    EXPECT_EQ(delivery(id).state, DeliveryState::kPending);
    EXPECT_EQ(delivery(id).next_attempt_at_ms, clock.now_ms() + 60'000) << id;
    EXPECT_EQ(delivery(id).attempt, id == ids.front() ? 1 : 0);
  }
}

TEST_F(DelivererTest, WhatAnotherProcessHasTakenComesWhenItsLeaseIsOver) {
  const std::string id = ping(one);
  DeliveryBook lost(*house.database, clock, "", 45'000);
  ASSERT_EQ(lost.take({{}, {}, {{one, 10}}})->size(), 1U);
  const auto deliverer = start();
  ping(one);
  auto other = egress.next(kUrl);
  EXPECT_NE(other.header("webhook-id"), id);
  other.done(PostResponse{200, "", {}});
  EXPECT_EQ(egress.held(kUrl), 0U);
  clock.advance(45'000);
  house.notifier.notify(app::kWebhookTopic);
  auto again = egress.next(kUrl);
  EXPECT_EQ(again.header("webhook-id"), id);
  again.done(PostResponse{200, "", {}});
  deliverer->stop();
  EXPECT_EQ(delivery(id).attempt, 1);
}

TEST_F(DelivererTest, AnAttemptThatWasNotMadeIsNotCounted) {
  const std::string id = ping(one);
  const auto deliverer = start();
  egress.next(kUrl).done(fail(ErrorCode::kOverloaded, "Too many requests to others are under way"));
  deliverer->stop();
  EXPECT_EQ(delivery(id).state, DeliveryState::kPending);
  EXPECT_EQ(delivery(id).attempt, 0);
  EXPECT_EQ(delivery(id).next_attempt_at_ms, clock.now_ms() + 1'000);
}

TEST_F(DelivererTest, TheOperatorsSecretSignsForAll) {
  const auto deliverer = start({.shared_secret = "whsec_c2hhcmVk"});
  ping(one);
  auto post = egress.next(kUrl);
  EXPECT_EQ(post.header("X-Webhook-Signature"), hex_encode(hmac_sha256("whsec_c2hhcmVk", post.request.body)));
  post.done(PostResponse{200, "", {}});
}

}  // namespace
}  // namespace tintype::webhook
