#include "app/outbox.h"

#include <gtest/gtest.h>

#include "app/read.h"
#include "app/webhooks.h"
#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;

// Takes every URL but one.
class OpenEgress final : public Egress {
 public:
  Result<void> vet(std::string_view url) const override {
    return url.contains("inside") ? fail(ErrorCode::kUrlNotAllowed, "This URL leads inside") : Result<void>();
  }
  Result<FetchedFile> fetch(const FetchRequest&, const std::atomic<bool>&) override { return FetchedFile{}; }
  void post(PostRequest, PostDone) override {}
};

class OutboxTest : public testing::Test {
 protected:
  // A job as a submit of these surfaces makes it.
  Job submit(Surface surface, WebhookEvents events, const std::string& image_id = {}) {
    Job job;
    job.id = new_id(house.random, "job_");
    job.user_id = ann.user_id;
    job.image_id = image_id;
    job.surface = surface;
    job.operation = OperationKind::kProbe;
    job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock.now_ms();
    const auto written = house.database->write([&](Transaction& transaction) -> Result<void> {
      if (auto inserted = transaction.jobs().insert(job); !inserted) return inserted;
      const auto endpoint = webhooks.find_or_make_endpoint(transaction, ann.user_id, kUrl);
      if (!endpoint) return std::unexpected(endpoint.error());
      JobCall call;
      call.job_id = job.id;
      call.user_id = ann.user_id;
      call.webhook_endpoint_id = endpoint->id;
      call.webhook_events = events;
      if (auto inserted = transaction.job_calls().insert(call); !inserted) return inserted;
      const auto held = house.wallets.reserve(transaction, ann.user_id, {job});
      return held ? Result<void>() : std::unexpected(held.error());
    });
    EXPECT_TRUE(written) << written.error().message << written.error().cause;
    return job;
  }
  Job claim() {
    const auto jobs = house.work.claim(1);
    EXPECT_EQ(jobs->size(), 1U);
    return jobs->front();
  }
  // What waits for or was sent to the user's servers, oldest first.
  std::vector<std::string> told() {
    const auto listed = webhooks.deliveries(ann.user_id, {}, {std::nullopt, 100});
    std::vector<std::string> bodies;
    for (const WebhookDelivery& delivery : *listed) {
      bodies.insert(bodies.begin(), webhook_event_name(delivery.event));
      clock.advance(1);
    }
    return bodies;
  }
  WebhookEndpoint endpoint() { return webhooks.endpoints(ann.user_id, {})->front(); }

  static constexpr const char* kUrl = "https://receiver.example.com/hook";
  static WebhookEvents all() {
    WebhookEvents events;
    for (const WebhookEvent event : kWebhookEvents) events.add(event);
    return events;
  }

  Folder folder{test::memory_directory()};
  test::TestClock clock;
  House house{folder.path(), clock};
  OpenEgress egress;
  Webhooks webhooks{*house.database, egress, house.bodies, house.notifier, clock, house.random, {3, ""}};
  Principal ann = house.new_user("ann");
};

using Told = std::vector<std::string>;

TEST_F(OutboxTest, AJobThatRunsTellsOfItsStartProgressAndEnd) {
  submit(Surface::kUpscale, all());
  EXPECT_EQ(told(), Told());
  const Job job = claim();
  EXPECT_EQ(told(), Told({"job.started"}));
  clock.advance(1);
  ASSERT_TRUE(house.work.heartbeat(job, 0));
  EXPECT_EQ(told().size(), 1U) << "nothing has moved";
  ASSERT_TRUE(house.work.heartbeat(job, 300));
  clock.advance(1);
  EXPECT_TRUE(house.succeed(job, {}).value());
  EXPECT_EQ(told(), Told({"job.started", "job.progress", "job.completed"}));
  EXPECT_FALSE(house.succeed(job, {}).value());
  EXPECT_EQ(told().size(), 3U) << "what was lost tells nothing";
}

TEST_F(OutboxTest, OnlyWhatIsWantedIsTold) {
  submit(Surface::kStudio, WebhookEvents::defaults());
  const Job job = claim();
  ASSERT_TRUE(house.work.heartbeat(job, 300));
  EXPECT_TRUE(house.fail(job, {"X", "x"}, FailureKind::kTransient).value());
  EXPECT_EQ(told(), Told()) << "it is tried again";
  clock.advance(60'000);
  EXPECT_TRUE(house.fail(claim(), {"X", "x"}, FailureKind::kFinal).value());
  EXPECT_EQ(told(), Told({"job.failed"}));
}

TEST_F(OutboxTest, AStartIsToldOnce) {
  submit(Surface::kUpscale, all());
  EXPECT_TRUE(house.give_back(claim()).value());
  claim();
  EXPECT_EQ(told(), Told({"job.started"}));
}

TEST_F(OutboxTest, AJobThatIsTriedAgainTellsOfItsSecondEndToo) {
  submit(Surface::kUpscale, WebhookEvents::defaults());
  const Job job = claim();
  EXPECT_TRUE(house.fail(job, {"X", "x"}, FailureKind::kFinal).value());
  clock.advance(1);
  ASSERT_TRUE(house.queue.retry(job.id, {"root"}));
  EXPECT_TRUE(house.succeed(claim(), {}).value());
  EXPECT_EQ(told(), Told({"job.failed", "job.completed"}));
}

TEST_F(OutboxTest, ADrainedJobTellsOfItsEnd) {
  submit(Surface::kUpscale, all());
  EXPECT_EQ(house.queue.drain(QueueLane::kOperations, std::nullopt, {"root"})->cancelled, 1);
  EXPECT_EQ(told(), Told({"job.cancelled"}));
}

TEST_F(OutboxTest, ACancelledJobTellsOnceWhetherItWaitsOrRuns) {
  const Job waiting = submit(Surface::kUpscale, all());
  ASSERT_TRUE(house.jobs.cancel(ann, waiting.id, Surface::kUpscale));
  EXPECT_EQ(told(), Told({"job.cancelled"}));
  submit(Surface::kUpscale, all());
  const Job running = claim();
  clock.advance(1);
  ASSERT_TRUE(house.jobs.cancel(ann, running.id, Surface::kUpscale));
  clock.advance(1);
  EXPECT_TRUE(house.cancelled(running).value());
  EXPECT_EQ(told(), Told({"job.cancelled", "job.started", "job.cancelled"}));
}

TEST_F(OutboxTest, AJobWhoseImageIsDeletedTellsThatItWasCancelled) {
  const std::string image = house.new_image(ann);
  submit(Surface::kStudio, all(), image);
  ASSERT_TRUE(house.images.remove(ann.user_id, image));
  EXPECT_EQ(told(), Told({"job.cancelled"}));
}

TEST_F(OutboxTest, AJobThatLosesItsWorkersForGoodTellsSo) {
  submit(Surface::kUpscale, WebhookEvents::defaults());
  for (int lost = 0; lost < house.work.rules().lost_leases_max; ++lost) {
    claim();
    clock.advance(house.work.rules().lease_ms + 1);
    ASSERT_EQ(house.work.rescue(10).value(), 1);
  }
  EXPECT_EQ(told(), Told({"job.failed"}));
}

TEST_F(OutboxTest, OtherSurfacesTellNothing) {
  submit(Surface::kEnhancement, all());
  EXPECT_TRUE(house.succeed(claim(), {}).value());
  EXPECT_EQ(told(), Told());
}

TEST_F(OutboxTest, WhereMuchWaitsOnlyEndsAreTold) {
  submit(Surface::kUpscale, all());
  const Job job = claim();
  for (int beat = 1; beat < 10; ++beat) ASSERT_TRUE(house.work.heartbeat(job, beat * 10));
  EXPECT_EQ(told().size(), 3U);
  clock.advance(1);
  EXPECT_TRUE(house.succeed(job, {}).value());
  EXPECT_EQ(told().back(), "job.completed");
}

TEST_F(OutboxTest, WhatADisabledEndpointMissesCanBeSentLater) {
  submit(Surface::kUpscale, all());
  ASSERT_TRUE(webhooks.set_enabled(ann.user_id, endpoint().id, false));
  EXPECT_TRUE(house.succeed(claim(), {}).value());
  const auto missed = webhooks.deliveries(ann.user_id, {}, {});
  ASSERT_EQ(missed->size(), 1U);
  EXPECT_EQ(missed->front().event, WebhookEvent::kJobCompleted);
  EXPECT_EQ(missed->front().state, DeliveryState::kFailed);
  ASSERT_TRUE(webhooks.set_enabled(ann.user_id, endpoint().id, true));
  ASSERT_TRUE(webhooks.send_again(ann.user_id, missed->front().id, {}));
  EXPECT_EQ(webhooks.delivery(ann.user_id, missed->front().id)->state, DeliveryState::kPending);
}

TEST_F(OutboxTest, AJobOutlivesItsEndpoint) {
  submit(Surface::kUpscale, all());
  ASSERT_TRUE(webhooks.remove(ann.user_id, endpoint().id));
  EXPECT_TRUE(house.succeed(claim(), {}).value());
  EXPECT_EQ(told(), Told());
}

TEST_F(OutboxTest, EndpointsAreFoundAgainVettedBoundedAndTheirOwners) {
  const auto add = [&](const std::string& url) { return webhooks.add(ann.user_id, url, {}); };
  EXPECT_EQ(add("http://inside/").error().code, ErrorCode::kUrlNotAllowed);
  ASSERT_TRUE(add("https://a.example.com/"));
  EXPECT_EQ(add("https://a.example.com/").error().code, ErrorCode::kConflict);
  const std::string id = endpoint().id;
  const auto again = read(*house.database, [&](Transaction& transaction) {
    return webhooks.find_or_make_endpoint(transaction, ann.user_id, "https://a.example.com/");
  });
  EXPECT_EQ(again->id, id);
  ASSERT_TRUE(add("https://b.example.com/"));
  ASSERT_TRUE(add("https://c.example.com/"));
  EXPECT_EQ(add("https://d.example.com/").error().code, ErrorCode::kQuotaExceeded);
  const Principal bob = house.new_user("bob");
  EXPECT_EQ(webhooks.endpoint(bob.user_id, id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(webhooks.secrets(bob.user_id, id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(webhooks.rotate(bob.user_id, id, 0, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(webhooks.ping(bob.user_id, id, {}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(webhooks.remove(bob.user_id, id).error().code, ErrorCode::kNotFound);
}

TEST_F(OutboxTest, TwoSecretsHoldAtMost) {
  ASSERT_TRUE(webhooks.add(ann.user_id, kUrl, {}));
  const std::string id = endpoint().id;
  const auto texts = [&] {
    const auto live = webhooks.secrets(ann.user_id, id);
    std::vector<std::string> all;
    for (const WebhookSecret& secret : *live) all.push_back(secret.secret);
    return all;
  };
  const auto rotate = [&](std::int64_t overlap_ms) {
    return std::get<WebhookSecret>(webhooks.rotate(ann.user_id, id, overlap_ms, {}).value()).secret;
  };
  const std::string first = texts().front();
  EXPECT_TRUE(first.starts_with("whsec_"));
  const std::string second = rotate(1'000);
  EXPECT_EQ(texts(), std::vector({second, first}));
  const std::string third = rotate(1'000);
  EXPECT_EQ(texts(), std::vector({third, second}));
  clock.advance(1'000);
  EXPECT_EQ(texts(), std::vector({third}));
  const std::string fourth = rotate(0);
  EXPECT_EQ(texts(), std::vector({fourth}));
}

}  // namespace
}  // namespace tintype::app
