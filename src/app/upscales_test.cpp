// Pictures that programs have made larger, over a real database and a real store.
#include "app/upscales.h"

#include <gtest/gtest.h>

#include "app/read.h"
#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;

constexpr std::int64_t kDayMs = 24LL * 3'600 * 1'000;

class UpscalesTest : public testing::Test {
 protected:
  static UpscaleCall by_url(const std::string& url = "https://example.com/a.jpg") {
    UpscaleCall call;
    call.source_url = url;
    return call;
  }
  UpscaleCall by_file(const std::string& bytes = "picture") {
    UpscaleCall call;
    call.file = house.file(bytes);
    return call;
  }
  Result<Job> submit(const UpscaleCall& call, const Principal& as) {
    auto submission = house.upscales.submit(as, call, {});
    if (!submission) return std::unexpected(submission.error());
    return std::get<SubmittedUpscale>(submission->outcome).job;
  }
  Result<Job> submit(const UpscaleCall& call) { return submit(call, ann); }
  Job claim() {
    const auto jobs = house.work.claim(1);
    EXPECT_EQ(jobs->size(), 1U);
    return jobs->front();
  }
  void end(JobState state) {
    const Job job = claim();
    if (state == JobState::kSucceeded) {
      const JobResult result{"results/" + job.id, ImageFormat::kPng, 32, 24, 7, "00"};
      ASSERT_TRUE(house.work.begin_result(result.object_key));
      ASSERT_TRUE(house.objects.put_file(result.object_key, house.file("resulty").path, "image/png"));
      ASSERT_TRUE(house.succeed(job, result).value());
    } else {
      ASSERT_TRUE(house.fail(job, {"IMAGE_DAMAGED", "It is broken"}, FailureKind::kFinal).value());
    }
  }
  std::int64_t stored_objects() {
    std::int64_t count = 0;
    EXPECT_TRUE(house.objects.list("", [&](std::string_view, std::int64_t) { return ++count > 0; }));
    return count;
  }
  StorageUsage usage() { return house.storage.usage(ann.user_id).value(); }
  Principal with_key(KeyEnvironment environment) {
    Principal caller = ann;
    caller.credential = CredentialKind::kApiKey;
    caller.api_key_id = "key_1";
    caller.key_plan = "starter";
    caller.key_environment = environment;
    caller.scopes = Scopes::all();
    return caller;
  }

  Folder folder;
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann"), ben = house.new_user("ben");
};

TEST_F(UpscalesTest, AJobKnowsWhatItsCallerSaid) {
  UpscaleCall call = by_url();
  call.upscale = {.scale = 3, .face_strength = 0.8, .denoise = 0.25};
  call.metadata = R"({"order":"A-1"})";
  call.webhook_url = "https://hooks.example.com/t";
  const Job job = submit(call, with_key(KeyEnvironment::kTest)).value();
  const CalledJob called = house.upscales.get(ann.user_id, job.id).value();
  EXPECT_EQ(called.job.surface, Surface::kUpscale);
  EXPECT_EQ(called.job.price, 0);
  const Upscale kept = upscale_from(called.job.parameters).value();
  EXPECT_EQ(kept.scale, 3);
  EXPECT_EQ(kept.denoise, 0.25);
  EXPECT_TRUE(kept.is_test) << "its result will be marked";
  EXPECT_TRUE(called.call.is_test);
  EXPECT_EQ(called.call.api_key_id, "key_1");
  EXPECT_EQ(called.call.inputs.picture.source_url, call.source_url);
  EXPECT_EQ(called.call.metadata, call.metadata);
  EXPECT_FALSE(called.call.webhook_endpoint_id.empty());
  EXPECT_EQ(house.upscales.get(ben.user_id, job.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(house.jobs.get(ann.user_id, job.id).error().code, ErrorCode::kNotFound) << "on the other surface";
  EXPECT_EQ(house.jobs.cancel(ann, job.id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, WhatCannotBeDoneIsRefusedAndLeavesNothing) {
  EXPECT_EQ(submit(by_url("http://inside/")).error().code, ErrorCode::kUrlNotAllowed);
  UpscaleCall call = by_url();
  call.webhook_url = "http://inside/";
  EXPECT_EQ(submit(call).error().code, ErrorCode::kUrlNotAllowed);
  call = {};
  call.image_id = house.new_image(ben);
  EXPECT_EQ(submit(call).error().code, ErrorCode::kNotFound) << "somebody else's";
  const std::int64_t before = stored_objects();
  EXPECT_EQ(submit(by_file("x")).error().code, ErrorCode::kInvalidInput);
  call = by_file();
  call.file->too_large = true;
  EXPECT_EQ(submit(call).error().code, ErrorCode::kFileTooLarge);
  ASSERT_TRUE(submit(by_url()));
  EXPECT_EQ(submit(by_file()).error().code, ErrorCode::kRateLimited) << "the free plan has one at a time";
  EXPECT_EQ(stored_objects(), before);
  EXPECT_EQ(house.call_limits.look(ann).value()->remaining, 9) << "only what was let through counts";
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, AFileGoesWhenItsJobHasEndedHoweverThatIs) {
  for (const JobState state : {JobState::kSucceeded, JobState::kFailed}) {
    const Job job = submit(by_file()).value();
    const std::string key = house.upscales.get(ann.user_id, job.id)->call.inputs.picture.object_key;
    EXPECT_EQ(house.work.inputs_of(job)->picture.object_key, key);
    EXPECT_TRUE(house.faults().empty());
    end(state);
    EXPECT_TRUE(house.upscales.get(ann.user_id, job.id)->call.inputs.picture.object_key.empty());
    EXPECT_TRUE(house.faults().empty());
  }
  const Job waiting = submit(by_file()).value();
  EXPECT_EQ(house.upscales.cancel(ann, waiting.id)->job.state, JobState::kCancelled);
  const Job running = submit(by_file()).value();
  const Job claimed = claim();
  EXPECT_EQ(house.upscales.cancel(ann, running.id)->job.state, JobState::kRunning);
  ASSERT_TRUE(house.cancelled(claimed).value());
  EXPECT_EQ(house.upscales.cancel(ann, running.id).error().code, ErrorCode::kConflict);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(stored_objects(), 1) << "the result of the one that succeeded";
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, AJobWithoutAnImageIsKeptForAMonth) {
  const Job job = submit(by_file()).value();
  end(JobState::kSucceeded);
  const Job waiting = submit(by_url()).value();
  EXPECT_EQ(usage().bytes, 7);
  clock.advance(29 * kDayMs);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_TRUE(house.upscales.get(ann.user_id, job.id));
  clock.advance(2 * kDayMs);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(house.upscales.get(ann.user_id, job.id).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.upscales.get(ann.user_id, waiting.id)) << "it has not ended";
  EXPECT_EQ(usage().bytes, 0);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(stored_objects(), 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, AJobOfAnImageGoesWithIt) {
  const std::string image = house.new_image(ann);
  UpscaleCall call;
  call.image_id = image;
  const Job job = submit(call).value();
  const CalledJob called = house.upscales.get(ann.user_id, job.id).value();
  EXPECT_EQ(called.call.input_width_px, 8);
  EXPECT_TRUE(house.images.get(ann.user_id, image)->jobs.empty()) << "the enhancement surface shows its own jobs";
  end(JobState::kSucceeded);
  ASSERT_TRUE(house.images.remove(ann.user_id, image));
  EXPECT_EQ(house.upscales.get(ann.user_id, job.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(usage().bytes, 0);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, ACallIsDoneOnceUnderOneKey) {
  Once<SubmittedUpscale> once;
  once.key = IdempotencyKey{ann.user_id, "key", "print"};
  once.reply = [](const SubmittedUpscale& submitted) { return StoredReply{202, submitted.job.id}; };
  const auto first = house.upscales.submit(ann, by_file(), once);
  const auto second = house.upscales.submit(ann, by_file(), once);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(std::get<StoredReply>(second->outcome).body, std::get<SubmittedUpscale>(first->outcome).job.id);
  EXPECT_EQ(first->left->remaining, 9);
  EXPECT_FALSE(second->left);
  EXPECT_EQ(house.call_limits.look(ann).value()->remaining, 9);
  EXPECT_EQ(stored_objects(), 1);
  once.key->fingerprint = "another";
  EXPECT_EQ(house.upscales.submit(ann, by_file(), once).error().code, ErrorCode::kIdempotencyMismatch);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, AnEstimateSaysWhatASubmitWouldAndChangesNothing) {
  const auto estimated = [&](const UpscaleCall& call, const std::optional<Extent>& sides = {}) {
    return house.upscales.estimate(ann, call, sides).value();
  };
  const UpscaleEstimate of_url = estimated(by_url());
  EXPECT_FALSE(of_url.refusal);
  EXPECT_FALSE(of_url.output);
  EXPECT_LT(of_url.time.min_seconds, of_url.time.max_seconds);
  EXPECT_EQ(estimated(by_url(), Extent{400, 300}).output->width_px, 400) << "as the engine of these tests has it";
  EXPECT_EQ(estimated(by_file()).original->height_px, 6);
  EXPECT_EQ(estimated(by_url("http://inside/")).refusal->code, ErrorCode::kUrlNotAllowed);
  EXPECT_EQ(house.upscales.estimate(ann, by_file("x"), {}).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(house.call_limits.look(ann).value()->remaining, 10);
  EXPECT_EQ(stored_objects(), 0);
  ASSERT_TRUE(submit(by_url()));
  EXPECT_EQ(estimated(by_url()).refusal->code, ErrorCode::kRateLimited) << "one runs already";
}

TEST_F(UpscalesTest, NothingIsBegunWhenTheStorageIsFull) {
  const Storage full(*house.database, {{"free", {0, 10}}});
  Upscales upscales(*house.database, house.objects, house.engine, house.egress, house.webhooks, house.call_limits, full,
                    house.jobs, house.notifier, clock, house.random, {});
  EXPECT_EQ(upscales.submit(ann, by_url(), {}).error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(upscales.estimate(ann, by_url(), {})->refusal->code, ErrorCode::kQuotaExceeded);
}

TEST_F(UpscalesTest, AnAcceptedJobKeepsItsResultAlsoWhenItPassesTheStorage) {
  const Storage small(*house.database, {{"free", {5, 10}}});
  Upscales upscales(*house.database, house.objects, house.engine, house.egress, house.webhooks, house.call_limits,
                    small, house.jobs, house.notifier, clock, house.random, {});
  const auto submission = upscales.submit(ann, by_url(), {});
  ASSERT_TRUE(submission) << submission.error().message;
  const std::string id = std::get<SubmittedUpscale>(submission->outcome).job.id;
  end(JobState::kSucceeded);
  EXPECT_EQ(house.upscales.get(ann.user_id, id)->job.result->size_bytes, 7);
  EXPECT_EQ(usage().bytes, 7) << "more than the five that the plan holds";
  EXPECT_EQ(upscales.submit(ann, by_url(), {}).error().code, ErrorCode::kQuotaExceeded);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(UpscalesTest, AnEstimateGoesByWhatTheModelTookForWhoever) {
  const auto make = [&](const std::string& model, std::int64_t ms) {
    UpscaleCall call = by_url();
    call.upscale.model = model;
    ASSERT_TRUE(submit(call, ben));
    const Job job = claim();
    clock.advance(ms);
    const JobResult result{"results/" + job.id, ImageFormat::kPng, 1'000, 2'000, 7, "00"};
    ASSERT_TRUE(house.work.begin_result(result.object_key));
    ASSERT_TRUE(house.succeed(job, result).value());
  };
  const auto least_seconds = [&](const std::string& model) {
    UpscaleCall call = by_url();
    call.upscale.model = model;
    return house.upscales.estimate(ann, call, Extent{1'000, 1'000})->time.min_seconds;
  };
  make("slow", 12'000);
  EXPECT_EQ(least_seconds("slow"), 3) << "half of six for a megapixel";
  EXPECT_EQ(least_seconds("swift"), 3) << "the only pace that is known";
  make("swift", 4'000);
  EXPECT_EQ(least_seconds("swift"), 1);
  EXPECT_EQ(least_seconds("slow"), 3);
}

TEST_F(UpscalesTest, ListsAreNewestFirstAndOneState) {
  std::vector<std::string> ids;
  for (int count = 0; count < 3; ++count) {
    ids.insert(ids.begin(), submit(by_url()).value().id);
    clock.advance(10);
    if (count < 2) end(count == 0 ? JobState::kSucceeded : JobState::kFailed);
  }
  const auto listed = [&](std::optional<JobState> state, const Page& page = {}) {
    std::vector<std::string> found;
    const auto jobs = house.upscales.list(ann.user_id, state, page);
    for (const CalledJob& called : *jobs) found.push_back(called.job.id);
    return found;
  };
  EXPECT_EQ(listed({}), ids);
  EXPECT_EQ(listed(JobState::kFailed), std::vector<std::string>{ids[1]});
  const Job first = house.upscales.get(ann.user_id, ids[0])->job;
  EXPECT_EQ(listed({}, {PageCursor{first.created_at_ms, first.id}, 1}), std::vector<std::string>{ids[1]});
  EXPECT_TRUE(house.upscales.list(ben.user_id, {}, {})->empty());
}

}  // namespace
}  // namespace tintype::app
