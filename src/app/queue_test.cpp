#include "app/queue.h"

#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::House;

class QueueTest : public testing::Test {
 protected:
  // A job of ann's that waits, at 5 tokens.
  Job submit() { return submit(ann); }
  Job submit(const Principal& user) {
    const auto outcome = house.submissions.enhance(user, house.new_image(user), {Tier::k2K}, {});
    if (!outcome) throw std::runtime_error(outcome.error().message);
    return std::get<Submitted>(*outcome).jobs.at(0);
  }
  Job claimed() {
    auto jobs = house.work.claim(1);
    return jobs.value().at(0);
  }
  Job failed() {
    submit();
    const Job job = claimed();
    EXPECT_TRUE(house.fail(job, {"IMAGE_DAMAGED", "It is broken"}, FailureKind::kFinal).value());
    return house.jobs.get(ann.user_id, job.id).value();
  }
  Tokens available(const Principal& user) { return house.wallets.view(user.user_id)->available; }

  test::Folder folder{test::memory_directory()};
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
};

TEST_F(QueueTest, AFailedJobIsTriedAgainUnderItsIdForItsPrice) {
  const Job job = failed();
  EXPECT_EQ(available(ann), 100);
  const auto again = house.queue.retry(job.id, {"root"});
  ASSERT_TRUE(again) << again.error().message << again.error().cause;
  EXPECT_EQ(again->id, job.id);
  EXPECT_EQ(again->state, JobState::kQueued);
  EXPECT_EQ(available(ann), 95);
  EXPECT_EQ(house.queue.retry(job.id, {"root"}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(house.faults().empty());

  const Job running = claimed();
  EXPECT_EQ(running.id, job.id);
  EXPECT_FALSE(house.cancelled(job).value());  // whoever ran it before has no say
  EXPECT_TRUE(house.cancelled(running).value());
  EXPECT_EQ(available(ann), 100);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(QueueTest, AFailedJobStaysFailedWhenItsUserHasTooFewTokens) {
  const Job job = failed();
  ASSERT_TRUE(house.wallets.adjust(ann.user_id, -97, "gone", {"root"}));
  const auto refused = house.queue.retry(job.id, {"root"});
  EXPECT_EQ(refused.error().code, ErrorCode::kInsufficientTokens);
  EXPECT_EQ(refused.error().tokens_required, 5);
  EXPECT_EQ(house.jobs.get(ann.user_id, job.id)->state, JobState::kFailed);
  EXPECT_EQ(available(ann), 3);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(QueueTest, OnlyAFailedJobIsTriedAgain) {
  const Job job = submit();
  EXPECT_EQ(house.queue.retry(job.id, {"root"}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(house.queue.retry("job_none", {"root"}).error().code, ErrorCode::kNotFound);
}

TEST_F(QueueTest, FailedVariantsAreMadeAfterAll) {
  const std::string image_id = house.new_image(ann);
  const Job job = house.work.claim(1, QueueLane::kBackground).value().at(0);
  ASSERT_TRUE(house.fail(job, {"IMAGE_DAMAGED", "It is broken"}, FailureKind::kFinal).value());
  EXPECT_EQ(house.images.get(ann.user_id, image_id)->image.state, ImageState::kFailed);
  ASSERT_TRUE(house.queue.retry(job.id, {"root"}));
  EXPECT_EQ(house.images.get(ann.user_id, image_id)->image.state, ImageState::kStored);
  EXPECT_TRUE(house.faults().empty());
  EXPECT_EQ(house.work.claim(1, QueueLane::kBackground).value().at(0).id, job.id);
}

TEST_F(QueueTest, AnybodysJobIsCancelled) {
  const Job waiting = submit();
  const auto cancelled = house.queue.cancel(waiting.id, {"root"});
  EXPECT_EQ(cancelled->job.state, JobState::kCancelled);
  EXPECT_EQ(cancelled->tokens_released, 5);
  EXPECT_EQ(house.queue.cancel(waiting.id, {"root"}).error().code, ErrorCode::kConflict);
  submit();
  const Job running = claimed();
  EXPECT_TRUE(house.queue.cancel(running.id, {"root"})->job.cancel_requested);
  EXPECT_EQ(house.work.heartbeat(running, 0).value(), Work::Lease::kCancelRequested);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(QueueTest, DrainingCancelsWhatWaitsAndNothingElse) {
  const Principal bob = house.new_user("bob");
  submit();
  const Job running = claimed();
  for (int at = 0; at < 3; ++at) submit();
  submit(bob);
  const auto drained = house.queue.drain(QueueLane::kOperations, OperationKind::kEnhance, {"root"});
  ASSERT_TRUE(drained) << drained.error().message << drained.error().cause;
  EXPECT_EQ(drained->cancelled, 4);
  EXPECT_EQ(drained->tokens_released, 20);
  EXPECT_FALSE(drained->more);
  EXPECT_EQ(available(ann), 95);
  EXPECT_EQ(available(bob), 100);
  EXPECT_EQ(house.jobs.get(ann.user_id, running.id)->state, JobState::kRunning);
  // Their renditions wait in the other lane; with that drained too, the images stand without.
  EXPECT_EQ(house.queue.drain(QueueLane::kBackground, std::nullopt, {"root"})->cancelled, 5);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(QueueTest, APausedLaneKeepsItsJobsUntilItGoesOn) {
  const Job job = submit();
  ASSERT_TRUE(house.queue.pause(QueueLane::kOperations, {"root"}));
  ASSERT_TRUE(house.queue.pause(QueueLane::kOperations, {"somebody else"}));
  EXPECT_TRUE(house.work.claim(1).value().empty());
  const auto state = house.queue.state();
  ASSERT_EQ(state->pauses.size(), 1U);
  EXPECT_EQ(state->pauses[0].paused_by, "root");
  bool woken = false;
  const auto subscription = house.notifier.subscribe(kQueueTopic, [&] { woken = true; });
  ASSERT_TRUE(house.queue.resume(QueueLane::kOperations, {"root"}));
  house.notifier.unsubscribe(subscription);
  EXPECT_TRUE(woken);
  EXPECT_EQ(claimed().id, job.id);
}

TEST_F(QueueTest, TheSeriesHasEveryStepOfItsWindow) {
  submit();
  const Job job = claimed();
  EXPECT_TRUE(house.cancelled(job).value());
  const auto hour = house.queue.series(QueueWindow::kHour, std::nullopt);
  ASSERT_EQ(hour->points.size(), 60U);
  EXPECT_EQ(hour->points.back().cancelled, 1);
  EXPECT_EQ(hour->points.back().from_ms, clock.now_ms() / 60'000 * 60'000);
  const auto day = house.queue.series(QueueWindow::kDay, OperationKind::kProbe);
  ASSERT_EQ(day->points.size(), 24U);
  EXPECT_EQ(day->points.back().cancelled, 0);
}

}  // namespace
}  // namespace tintype::app
