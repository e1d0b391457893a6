#include "worker/worker.h"

#include <gtest/gtest.h>

#include <latch>

#include "ports/provider.h"
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
  // What `look` answers once `is_wanted` of it, looked at again whenever the topic is told of.
  template <class Look, class IsWanted>
  auto wait_on(const std::string& topic, Look look, IsWanted is_wanted) {
    std::mutex mutex;
    std::condition_variable changed;
    bool poked = true;
    const auto subscription = house.notifier.subscribe(topic, [&] {
      const std::lock_guard lock(mutex);
      poked = true;
      changed.notify_all();
    });
    decltype(look()) seen;
    do {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return poked; });
      poked = false;
      lock.unlock();
      seen = look();
    } while (!is_wanted(seen));
    house.notifier.unsubscribe(subscription);
    return seen;
  }
  Job wait_for(const std::string& id, JobState state) {
    return wait_on(
        app::job_topic(id), [&] { return house.jobs.get(ann.user_id, id).value(); },
        [&](const Job& job) { return job.state == state; });
  }
  Image wait_for_image(const std::string& id, ImageState state) {
    return wait_on(
        app::image_topic(id), [&] { return house.images.get(ann.user_id, id).value().image; },
        [&](const Image& image) { return image.state == state; });
  }
  std::vector<Variant> variants_of(const std::string& id) {
    std::vector<Variant> found;
    EXPECT_TRUE(house.database->read([&](Transaction& transaction) -> Result<void> {
      found = transaction.variants().of_image(ann.user_id, id).value();
      return {};
    }));
    return found;
  }

  Folder folder;
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  std::string image = house.new_image(ann);
};

TEST_F(RealClock, RunsWhatIsSubmittedAndStoresTheResult) {
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
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
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  const Job job = wait_for(submit(), JobState::kFailed);
  EXPECT_EQ(job.failure->code, "IMAGE_DAMAGED");
  EXPECT_EQ(job.failure->message, "It is broken");
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
}

TEST_F(RealClock, WhatAProviderCannotDoIsFinalAndSaidByItsName) {
  house.engine.on_run = [](RunControl&) {
    return Result<void>(fail(ErrorCode::kEngineUnavailable, "It is not available at present", {},
                             std::string(kProviderUnavailable) + ": status 502 of sk-secret"));
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  const Job job = wait_for(submit(), JobState::kFailed);
  EXPECT_EQ(job.failure->code, "PROVIDER_UNAVAILABLE");
  EXPECT_EQ(job.failure->message, "It is not available at present");
  EXPECT_EQ(job.attempt, 1) << "no further attempt, which would cost money";
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
}

TEST_F(RealClock, ARunningJobHearsThatItIsCancelled) {
  std::latch running(1);
  house.engine.on_run = [&](RunControl& control) -> Result<void> {
    running.count_down();
    while (!control.cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "cancelled");
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  const std::string id = submit();
  running.wait();
  EXPECT_EQ(house.jobs.cancel(ann, id).value().tokens_released, 0) << "they are released when it stops";
  wait_for(id, JobState::kCancelled);
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
}

TEST_F(RealClock, ACancelIsHeardThoughItComesWhileProgressIsWritten) {
  std::atomic<bool> runs{false};
  house.engine.on_run = [&](RunControl& control) -> Result<void> {
    runs.store(true);
    control.progress_permille.store(500);
    while (!control.cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "cancelled");
  };
  constexpr std::int64_t kNever = 1'000'000'000;  // the lease's own beat would hear of it late
  app::Work work(*house.database, house.wallets, house.outbox, house.notifier, clock, {15'000, kNever, {3, 0, 0}});
  WorkerOptions alone = options();
  alone.background_slots = 0;  // nothing else happens to the image
  Worker worker(work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, alone);
  const std::string id = submit();
  // The worker has written the progress and tells of it.
  std::atomic<bool> cancelled{false};
  const auto subscription = house.notifier.subscribe(app::image_topic(image), [&] {
    if (!runs.load() || cancelled.exchange(true)) return;
    EXPECT_TRUE(house.database->write([&](Transaction& transaction) -> Result<void> {
      const auto asked = transaction.jobs().request_cancel(ann.user_id, id, clock.now_ms());
      return asked ? Result<void>() : std::unexpected(asked.error());
    }));
    house.notifier.notify(app::lease_topic(id));
  });
  worker.start();
  wait_for(id, JobState::kCancelled);
  house.notifier.unsubscribe(subscription);
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
    Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random,
                  options());
    worker.start();
    running.wait();
    worker.stop(std::chrono::milliseconds(1));
  }
  const Job job = house.jobs.get(ann.user_id, id).value();
  EXPECT_EQ(job.state, JobState::kQueued);
  EXPECT_EQ(job.attempt, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(RealClock, ALateResultOfALostLeaseIsNobodys) {
  std::atomic<int> runs{0};
  std::latch first_runs(1), second_has_ended(1);
  house.engine.on_run = [&](RunControl&) -> Result<void> {
    if (runs.fetch_add(1) > 0) return {};
    first_runs.count_down();
    second_has_ended.wait();  // deaf to its cancel, as a process that hung is
    return {};
  };
  constexpr std::int64_t kNever = 1'000'000'000;  // a heartbeat would hold the lease that is to be lost
  app::Work work(*house.database, house.wallets, house.outbox, house.notifier, clock, {15'000, kNever, {3, 0, 0}});
  Worker worker(work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  const std::string id = submit();
  worker.start();
  first_runs.wait();
  clock.advance(20'000);
  static_cast<void>(work.rescue(10));  // the worker's own timer may have been first
  const Job job = wait_for(id, JobState::kSucceeded);
  second_has_ended.count_down();
  worker.stop(std::chrono::seconds(5));
  EXPECT_EQ(runs.load(), 2);
  EXPECT_EQ(job.attempt, 0);
  std::vector<std::string> results;
  EXPECT_TRUE(house.objects.list("results/", [&](std::string_view key, std::int64_t) {
    results.emplace_back(key);
    return true;
  }));
  EXPECT_EQ(results, std::vector{job.result->object_key});
  EXPECT_EQ(house.wallets.view(ann.user_id).value().balance, 98) << "charged once";
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(RealClock, DeletingAnImageStopsItsJobAndLeavesNoResult) {
  std::latch running(1);
  house.engine.on_run = [&](RunControl& control) -> Result<void> {
    running.count_down();
    while (!control.cancel.load()) std::this_thread::yield();
    return {};  // it was done just then
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  submit();
  running.wait();
  EXPECT_TRUE(house.images.remove(ann.user_id, image));
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
  worker.stop(std::chrono::seconds(60));
  int objects = 0;
  EXPECT_TRUE(house.objects.list("", [&](std::string_view, std::int64_t) { return ++objects > 0; }));
  EXPECT_EQ(objects, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(RealClock, AnAlbumRunsOneAfterAnotherWhateverTheSlots) {
  const auto album = std::get<Album>(house.albums.create(ann, {"Album", "", Visibility::kPrivate}, {}).value());
  std::vector<std::string> images;
  for (int at = 0; at < 4; ++at) images.push_back(house.new_image(ann));
  EXPECT_TRUE(house.albums.move(ann.user_id, images, album.id, std::nullopt));
  std::atomic<int> at_once{0}, at_once_max{0};
  house.engine.on_run = [&](RunControl&) -> Result<void> {
    at_once_max = std::max(at_once_max.load(), at_once.fetch_add(1) + 1);
    at_once.fetch_sub(1);
    return {};
  };
  const auto outcome = house.submissions.enhance_album(ann, album.id, Tier::k1K, false, {}).value();
  const auto& submitted = std::get<app::AlbumSubmitted>(outcome);
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options(4));
  worker.start();
  wait_for(submitted.jobs.back().id, JobState::kSucceeded);
  EXPECT_EQ(at_once_max.load(), 1);
  const auto batch = house.jobs.batch(ann.user_id, submitted.batch_id).value();
  for (std::size_t at = 0; at < images.size(); ++at) {
    EXPECT_EQ(batch.jobs[at].image_id, images[at]);
    EXPECT_EQ(batch.jobs[at].state, JobState::kSucceeded);
  }
}

TEST_F(RealClock, AnUploadGetsItsVariantsWhileThePaidJobsSlotIsBusy) {
  std::latch running(1), may_end(1);
  house.engine.on_run = [&](RunControl&) -> Result<void> {
    running.count_down();
    may_end.wait();
    return {};
  };
  const std::string paid = submit();
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options(1));
  worker.start();
  running.wait();
  const Image made = wait_for_image(image, ImageState::kReady);
  EXPECT_EQ(made.thumb_hash, "thumb-hash");
  EXPECT_EQ(made.perceptual_hash, 0x8000'0000'0000'0001U);
  const auto variants = variants_of(image);
  ASSERT_EQ(variants.size(), 6U);
  for (const Variant& variant : variants) {
    EXPECT_EQ(variant.state, VariantState::kReady);
    EXPECT_TRUE(variant.object_key.starts_with("variants/" + image + "/" + variant.name + "-")) << variant.object_key;
    EXPECT_EQ(house.objects.stat(variant.object_key).value()->size_bytes, variant.size_bytes);
  }
  may_end.count_down();
  wait_for(paid, JobState::kSucceeded);
  worker.stop(std::chrono::seconds(5));
  EXPECT_TRUE(house.faults().empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "scratch"));
}

TEST_F(RealClock, APictureThatCannotBeRenderedFailsAndKeepsItsOriginal) {
  house.engine.on_render = [](RunControl&) { return Result<void>(fail(ErrorCode::kInvalidInput, "It is broken")); };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options(1));
  worker.start();
  const Image failed = wait_for_image(image, ImageState::kFailed);
  EXPECT_TRUE(house.objects.stat(failed.object_key).value());
  ASSERT_TRUE(failed.fault);
  EXPECT_EQ(failed.fault->message, "It is broken");
  for (const Variant& variant : variants_of(image)) EXPECT_EQ(variant.state, VariantState::kFailed);
  worker.stop(std::chrono::seconds(5));
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(RealClock, AResultWithoutASizeIsNoSuccess) {
  class SizelessEngine final : public test::CopyingEngine {
   public:
    Result<RunOutcome> run(const RunRequest& request, RunControl& control) override {
      auto outcome = CopyingEngine::run(request, control);
      if (outcome) outcome->width_px = 0;
      return outcome;
    }
  } engine;
  app::Work work(*house.database, house.wallets, house.outbox, house.notifier, clock,
                 {15'000, 5'000, {3, 0, 0}});  // without pauses
  Worker worker(work, engine, house.objects, house.egress, house.notifier, clock, house.random, options(1));
  const std::string id = submit();
  worker.start();
  const Job job = wait_for(id, JobState::kFailed);
  EXPECT_EQ(job.failure->code, "RESULT_REJECTED");
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
}

TEST_F(RealClock, AnEngineThatThrowsIsAFailedAttempt) {
  house.engine.on_run = [](RunControl&) -> Result<void> { throw std::runtime_error("a bug"); };
  app::Work work(*house.database, house.wallets, house.outbox, house.notifier, clock,
                 {15'000, 5'000, {3, 0, 0}});  // without pauses
  Worker worker(work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options(1));
  const std::string id = submit();
  worker.start();
  const Job job = wait_for(id, JobState::kFailed);
  EXPECT_EQ(job.attempt, 3);
  EXPECT_EQ(job.failure->code, "ENGINE_FAILED");
}

// ---- Pictures that are fetched

class Fetching : public RealClock {
 protected:
  std::string call(const std::string& url = "https://example.com/a.png") {
    app::UpscaleCall call;
    call.source_url = url;
    const auto submission = house.upscales.submit(ann, call, {}).value();
    return std::get<app::SubmittedUpscale>(submission.outcome).job.id;
  }
  app::CalledJob wait_for_called(const std::string& id, JobState state) {
    std::mutex mutex;
    std::condition_variable changed;
    bool poked = true;
    const auto subscription = house.notifier.subscribe(app::job_topic(id), [&] {
      const std::lock_guard lock(mutex);
      poked = true;
      changed.notify_all();
    });
    app::CalledJob called;
    do {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return poked; });
      poked = false;
      lock.unlock();
      called = house.upscales.get(ann.user_id, id).value();
    } while (called.job.state != state);
    house.notifier.unsubscribe(subscription);
    return called;
  }
};

TEST_F(Fetching, WhatAUrlAnswersIsThePicture) {
  std::string asked;
  house.egress.on_fetch = [&](const std::string& url, const std::atomic<bool>&) -> Result<std::string> {
    asked = url;
    return "the picture";
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  const app::CalledJob called = wait_for_called(call(), JobState::kSucceeded);
  EXPECT_EQ(asked, "https://example.com/a.png");
  EXPECT_EQ(called.call.input_width_px, 8);
  EXPECT_EQ(called.call.input_height_px, 6);
  ASSERT_TRUE(called.job.result);
  EXPECT_EQ(called.job.result->size_bytes, 11);
  worker.stop(std::chrono::seconds(5));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path() / "scratch"));
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(Fetching, FailuresHaveCodesThatProgramsActOn) {
  struct Case {
    ErrorCode code;
    const char* becomes;
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  for (const Case& c :
       {Case{ErrorCode::kUrlNotAllowed, "URL_NOT_ALLOWED"}, {ErrorCode::kFileTooLarge, "SOURCE_TOO_LARGE"}}) {
    house.egress.on_fetch = [&](const std::string&, const std::atomic<bool>&) -> Result<std::string> {
      return fail(c.code, "Not this one", {}, "because");
    };
    const app::CalledJob called = wait_for_called(call(), JobState::kFailed);
    EXPECT_EQ(called.job.failure->code, c.becomes);
    EXPECT_EQ(called.job.failure->message, "Not this one");
    EXPECT_EQ(called.job.attempt, 1) << "trying again would not help";
  }
  worker.stop(std::chrono::seconds(5));
}

TEST_F(Fetching, WhatWasOnlyOutOfReachIsTriedAgain) {
  std::atomic<int> tries{0};
  house.egress.on_fetch = [&](const std::string&, const std::atomic<bool>&) -> Result<std::string> {
    if (++tries == 1) return fail(ErrorCode::kSourceUnreachable, "Nobody answers");
    return "the picture";
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options(1));
  worker.start();
  const std::string id = call();
  while (tries < 1) std::this_thread::yield();
  wait_for_called(id, JobState::kQueued);
  clock.advance(60'000);
  EXPECT_EQ(wait_for_called(id, JobState::kSucceeded).job.attempt, 1);
  worker.stop(std::chrono::seconds(5));
}

TEST_F(Fetching, ACancelIsHeardMeanwhile) {
  std::latch fetching(1);
  house.egress.on_fetch = [&](const std::string&, const std::atomic<bool>& cancel) -> Result<std::string> {
    fetching.count_down();
    while (!cancel.load()) std::this_thread::yield();
    return fail(ErrorCode::kCancelled, "Cancelled");
  };
  Worker worker(house.work, house.engine, house.objects, house.egress, house.notifier, clock, house.random, options());
  worker.start();
  const std::string id = call();
  fetching.wait();
  ASSERT_TRUE(house.upscales.cancel(ann, id));
  wait_for_called(id, JobState::kCancelled);
  worker.stop(std::chrono::seconds(5));
  EXPECT_TRUE(house.faults().empty());
}

}  // namespace
}  // namespace tintype::worker
