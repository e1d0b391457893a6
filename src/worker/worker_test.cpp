#include "worker/worker.h"

#include <gtest/gtest.h>

#include <latch>

#include "support/house.h"

namespace tintype::worker {
namespace {

using test::Folder;
using test::House;

// Real time: leases and pauses are the worker's own here.
class RealClock : public testing::Test {
 protected:
  WorkerOptions options(int slots = 2) {
    WorkerOptions made;
    made.slots = slots;
    made.scratch_directory = folder.path() / "scratch";
    return made;
  }
  std::string submit(Tier tier = Tier::k1K) {
    const auto outcome = house.submissions.enhance(ann, image, {tier}, {}).value();
    return std::get<app::Submitted>(outcome).jobs.front().id;
  }
  // Waits, woken by the notifier, until the job has this state.
  Job wait_for(const std::string& id, JobState state) {
    std::mutex mutex;
    std::condition_variable changed;
    bool poked = true;
    const auto subscription = house.notifier.subscribe(app::job_topic(id), [&] {
      const std::lock_guard lock(mutex);
      poked = true;
      changed.notify_all();
    });
    Job job;
    while (true) {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return poked; });
      poked = false;
      lock.unlock();
      job = house.jobs.get(ann.user_id, id).value();
      if (job.state == state) break;
    }
    house.notifier.unsubscribe(subscription);
    return job;
  }

  Folder folder;
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  std::string image = house.new_image(ann);
};

TEST_F(RealClock, RunsWhatIsSubmittedAndStoresTheResult) {
  Worker worker(house.work, house.engine, house.objects, house.notifier, clock, house.random, options());
  worker.start();
  const Job job = wait_for(submit(), JobState::kSucceeded);
  ASSERT_TRUE(job.result);
  EXPECT_EQ(house.objects.stat(job.result->object_key).value()->size_bytes, job.result->size_bytes);
  EXPECT_EQ(job.progress_permille, 1000);
  worker.stop(std::chrono::seconds(5));
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(RealClock, ADamagedPictureFailsAtOnceAndCostsNothing) {
  house.engine.on_run = [](RunControl&) { return Result<void>(fail(ErrorCode::kInvalidInput, "It is broken")); };
  Worker worker(house.work, house.engine, house.objects, house.notifier, clock, house.random, options());
  worker.start();
  const Job job = wait_for(submit(), JobState::kFailed);
  EXPECT_EQ(job.failure->code, "IMAGE_DAMAGED");
  EXPECT_EQ(job.failure->message, "It is broken");
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
}

TEST_F(RealClock, ARunningJobHearsThatItIsCancelled) {
  std::latch running(1);
  house.engine.on_run = [&](RunControl& control) -> Result<void> {
    running.count_down();
    while (!control.cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "cancelled");
  };
  Worker worker(house.work, house.engine, house.objects, house.notifier, clock, house.random, options());
  worker.start();
  const std::string id = submit();
  running.wait();
  EXPECT_EQ(house.jobs.cancel(ann, id).value().tokens_released, 0) << "they are released when it stops";
  wait_for(id, JobState::kCancelled);
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
}

TEST_F(RealClock, StoppingGivesRunningJobsBack) {
  std::latch running(1);
  house.engine.on_run = [&](RunControl& control) -> Result<void> {
    running.count_down();
    while (!control.cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "cancelled");
  };
  const std::string id = submit();
  {
    Worker worker(house.work, house.engine, house.objects, house.notifier, clock, house.random, options());
    worker.start();
    running.wait();
    worker.stop(std::chrono::milliseconds(1));
  }
  const Job job = house.jobs.get(ann.user_id, id).value();
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(job.attempt, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(RealClock, AnEngineThatThrowsIsAFailedAttempt) {
  house.engine.on_run = [](RunControl&) -> Result<void> { throw std::runtime_error("a bug"); };
  app::Work work(*house.database, house.wallets, house.notifier, clock, {15'000, 5'000, {3, 0, 0}});  // without pauses
  Worker worker(work, house.engine, house.objects, house.notifier, clock, house.random, options(1));
  const std::string id = submit();
  worker.start();
  const Job job = wait_for(id, JobState::kFailed);
  EXPECT_EQ(job.attempt, 3);
  EXPECT_EQ(job.failure->code, "ENGINE_FAILED");
}

}  // namespace
}  // namespace tintype::worker
