// Batches over a real database and a real store.
#include "app/batches.h"

#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;

constexpr std::int64_t kDayMs = 24LL * 3'600 * 1'000;

class BatchesTest : public testing::Test {
 protected:
  StudioBatch create(int images_total, const std::string& prompt = "warmer") {
    auto created =
        house.batches.create(ann.user_id, {"shoot", OperationKind::kEdit, {{"prompt", prompt}}, images_total}, {});
    return std::get<StudioBatch>(created.value());
  }
  Result<BatchUpload> upload(const StudioBatch& batch, int count) {
    std::vector<IncomingFile> files;
    for (int at = 0; at < count; ++at) files.push_back(house.file("picture " + std::to_string(at)));
    return house_upload(ann, batch, files);
  }
  Result<BatchUpload> house_upload(const Principal& user, const StudioBatch& batch,
                                   const std::vector<IncomingFile>& files) {
    auto outcome = house.batches.upload(user.user_id, batch.id, files, {});
    if (!outcome) return std::unexpected(outcome.error());
    return std::get<BatchUpload>(std::move(*outcome));
  }
  using Change = Result<Outcome<BatchView>> (Batches::*)(std::string_view, std::string_view, const Once<BatchView>&);
  Result<BatchView> changed(Change change, const StudioBatch& batch, const Once<BatchView>& once = {}) {
    auto outcome = (house.batches.*change)(ann.user_id, batch.id, once);
    if (!outcome) return std::unexpected(outcome.error());
    return std::get<BatchView>(std::move(*outcome));
  }
  void grant(Tokens tokens) { ASSERT_TRUE(house.wallets.adjust(ann.user_id, tokens, "for the test", {"root"})); }
  void end_next(JobState state) {
    const auto jobs = house.work.claim(1);
    ASSERT_EQ(jobs->size(), 1U);
    const Job& job = jobs->front();
    if (state == JobState::kFailed) {
      ASSERT_TRUE(house.fail(job, {"IMAGE_DAMAGED", "It is broken"}, FailureKind::kFinal).value());
      return;
    }
    const JobResult result{"results/" + job.id + ".png", ImageFormat::kPng, 32, 24, 7, "00"};
    ASSERT_TRUE(house.work.begin_result(result.object_key));
    ASSERT_TRUE(house.objects.put_file(result.object_key, house.file("resulty").path, "image/png"));
    ASSERT_TRUE(house.succeed(job, result).value());
  }
  BatchView get(const StudioBatch& batch) { return house.batches.get(ann.user_id, batch.id).value(); }
  WalletView wallet() { return house.wallets.view(ann.user_id).value(); }

  Folder folder;
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann"), ben = house.new_user("ben");
};

TEST_F(BatchesTest, StartsWhenAllHaveArrivedAndHoldsThePriceOfAll) {
  const StudioBatch batch = create(3);
  const auto first = upload(batch, 2);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->view.batch.state, BatchState::kOpen);
  EXPECT_EQ(wallet().reserved, 0);
  const auto last = upload(batch, 1);
  EXPECT_EQ(last->view.batch.state, BatchState::kStarted);
  EXPECT_EQ(last->view.counts.waiting, 3);
  EXPECT_EQ(wallet().reserved, 45);
  EXPECT_TRUE(house.faults().empty()) << house.faults().front();
  const auto job = house.work.claim(1)->front();
  EXPECT_EQ(house.work.inputs_of(job)->picture.object_key, get(batch).pictures.front().image.object_key);
  EXPECT_EQ(upload(batch, 1).error().code, ErrorCode::kConflict);
}

TEST_F(BatchesTest, TooFewTokensKeepItFromStartingAndHoldNothing) {
  const StudioBatch batch = create(8);
  const auto uploaded = upload(batch, 8);
  ASSERT_TRUE(uploaded);
  EXPECT_EQ(uploaded->view.batch.state, BatchState::kOpen);
  EXPECT_EQ(uploaded->not_started->code, ErrorCode::kInsufficientTokens);
  EXPECT_EQ(uploaded->not_started->tokens_required, 120);
  EXPECT_EQ(wallet().reserved, 0);
  EXPECT_TRUE(house.faults().empty());
  grant(100);
  EXPECT_EQ(changed(&Batches::start, batch)->counts.waiting, 8);
  EXPECT_EQ(changed(&Batches::start, batch).error().code, ErrorCode::kConflict);
}

TEST_F(BatchesTest, FullStorageKeepsItFromStartingAndHoldsNothing) {
  const std::int64_t both_bytes = house.file("picture 0").size_bytes + house.file("picture 1").size_bytes;
  Storage storage(*house.database, {{"free", {both_bytes, 10}}});
  Batches batches(*house.database, house.wallets, house.outbox, house.objects, house.engine, house.studio_jobs, storage,
                  house.notifier, clock, house.random, {});
  const StudioBatch batch = create(2);
  const auto outcome = batches.upload(ann.user_id, batch.id, {house.file("picture 0"), house.file("picture 1")}, {});
  ASSERT_TRUE(outcome) << outcome.error().message;
  const auto& uploaded = std::get<BatchUpload>(*outcome);
  EXPECT_EQ(uploaded.view.counts.received, 2) << "what was taken stays";
  EXPECT_EQ(uploaded.view.batch.state, BatchState::kOpen);
  EXPECT_EQ(uploaded.not_started->code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(batches.start(ann.user_id, batch.id, {}).error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(wallet().reserved, 0);
  EXPECT_TRUE(house.faults().empty());
  EXPECT_EQ(changed(&Batches::start, batch)->counts.waiting, 2) << "with a larger plan";
}

TEST_F(BatchesTest, AllOfAnUploadArriveOrNone) {
  const StudioBatch batch = create(3);
  std::vector<IncomingFile> files = {house.file("picture"), house.file("x")};
  const auto damaged = house_upload(ann, batch, files);
  EXPECT_EQ(damaged.error().field, "images");
  EXPECT_EQ(upload(batch, 4).error().field, "images");
  EXPECT_EQ(get(batch).counts.received, 0);
  EXPECT_TRUE(house.faults().empty());
  EXPECT_EQ(house.storage.usage(ann.user_id)->bytes, 0);
  ASSERT_TRUE(upload(batch, 2));
  EXPECT_GT(house.storage.usage(ann.user_id)->bytes, 0);
  EXPECT_EQ(house_upload(ben, batch, {house.file("picture")}).error().code, ErrorCode::kNotFound);
}

TEST_F(BatchesTest, WhatIsAskedAgainUnderItsKeyIsDoneOnce) {
  const StudioBatch batch = create(4);
  const Once<BatchUpload> uploads{IdempotencyKey{ann.user_id, "upload", "the files"},
                                  [](const BatchUpload& made) { return StoredReply{200, std::to_string(made.added)}; }};
  const std::vector<IncomingFile> files = {house.file("picture 1"), house.file("picture 2")};
  ASSERT_TRUE(house.batches.upload(ann.user_id, batch.id, files, uploads));
  const auto again = house.batches.upload(ann.user_id, batch.id, files, uploads);
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<StoredReply>(*again).body, "2");
  EXPECT_EQ(get(batch).counts.received, 2);

  const Once<BatchView> starts{IdempotencyKey{ann.user_id, "start", "nothing"},
                               [](const BatchView&) { return StoredReply{200, "started"}; }};
  ASSERT_TRUE(changed(&Batches::start, batch, starts));
  const auto restarted = house.batches.start(ann.user_id, batch.id, starts);
  ASSERT_TRUE(restarted) << restarted.error().message;
  EXPECT_EQ(std::get<StoredReply>(*restarted).body, "started");
  EXPECT_EQ(wallet().reserved, 30);
  // Even the upload is answered, though nothing may be added by now.
  EXPECT_TRUE(house.batches.upload(ann.user_id, batch.id, files, uploads));

  end_next(JobState::kFailed);
  end_next(JobState::kFailed);
  const Once<BatchView> retries{IdempotencyKey{ann.user_id, "retry", "nothing"},
                                [](const BatchView&) { return StoredReply{200, "retried"}; }};
  ASSERT_TRUE(changed(&Batches::retry, batch, retries));
  ASSERT_TRUE(house.batches.retry(ann.user_id, batch.id, retries));
  EXPECT_EQ(wallet().reserved, 30);
  EXPECT_TRUE(house.faults().empty()) << house.faults().front();
}

TEST_F(BatchesTest, APausedOneIsNotWorkedOnUntilItIsResumed) {
  const StudioBatch batch = create(3);
  ASSERT_TRUE(upload(batch, 3));
  end_next(JobState::kSucceeded);
  EXPECT_TRUE(changed(&Batches::pause, batch)->batch.paused_at_ms);
  EXPECT_TRUE(house.work.claim(5)->empty());
  EXPECT_TRUE(house.faults().empty()) << house.faults().front();
  EXPECT_FALSE(changed(&Batches::resume, batch)->batch.paused_at_ms);
  end_next(JobState::kSucceeded);
  end_next(JobState::kSucceeded);
  EXPECT_EQ(get(batch).counts.succeeded, 3);
  EXPECT_EQ(wallet().balance, 55);
}

TEST_F(BatchesTest, NoneOfAPausedOneIsBegunAgain) {
  const StudioBatch batch = create(2);
  ASSERT_TRUE(upload(batch, 2));
  end_next(JobState::kFailed);
  const std::string failed = get(batch).pictures.front().job->id;
  const Job running = house.work.claim(1)->front();
  ASSERT_TRUE(changed(&Batches::pause, batch));
  ASSERT_TRUE(house.give_back(running).value());
  ASSERT_TRUE(house.queue.retry(failed, {"root"}));
  EXPECT_TRUE(house.work.claim(5)->empty());
  EXPECT_TRUE(house.faults().empty()) << house.faults().front();
  ASSERT_TRUE(changed(&Batches::resume, batch));
  EXPECT_EQ(house.work.claim(5)->size(), 2U);
}

TEST_F(BatchesTest, AResumedOneTakesItsTurnsAnew) {
  ASSERT_TRUE(house.wallets.adjust(ben.user_id, 1'000, "for the test", {"root"}));
  const StudioBatch batch = create(4);
  ASSERT_TRUE(upload(batch, 4));
  ASSERT_TRUE(changed(&Batches::pause, batch));
  const auto submit = [&](const Principal& who) {
    app::StudioCall call;
    call.operation = OperationKind::kUpscale;
    call.picture.source_url = "https://outside.example/ring.png";
    return std::get<SubmittedStudio>(house.studio_jobs.submit(who, call, {}).value()).job.id;
  };
  for (int at = 0; at < 20; ++at) submit(ben);
  EXPECT_EQ(house.work.claim(10)->size(), 10U);
  const std::string urgent = submit(ann);
  EXPECT_EQ(house.work.claim(2)->back().id, urgent) << "what is paused takes no turns";
  ASSERT_TRUE(changed(&Batches::resume, batch));
  int of_ben = 0;
  const auto claimed = house.work.claim(6);
  for (const Job& job : *claimed) of_ben += job.user_id == ben.user_id ? 1 : 0;
  EXPECT_GE(of_ben, 3);
}

TEST_F(BatchesTest, ATryThatAnotherOneHasFollowedIsNotTakenUpAgain) {
  const StudioBatch batch = create(1);
  ASSERT_TRUE(upload(batch, 1));
  end_next(JobState::kFailed);
  const std::string first = get(batch).pictures.front().job->id;
  ASSERT_TRUE(changed(&Batches::retry, batch));
  EXPECT_EQ(house.queue.retry(first, {"root"}).error().code, ErrorCode::kConflict);
  end_next(JobState::kFailed);
  const std::string second = get(batch).pictures.front().job->id;
  ASSERT_TRUE(house.batches.remove(ann.user_id, batch.id));
  EXPECT_EQ(house.queue.retry(second, {"root"}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(wallet().reserved, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(BatchesTest, WhatCameWithAJobGoesWhenItsImageDoes) {
  app::StudioCall call;
  call.operation = OperationKind::kMagicEdit;
  call.image_id = house.new_image(ann);
  call.mask.file = house.file("mask");
  ASSERT_TRUE(house.studio_jobs.submit(ann, call, {}));
  ASSERT_TRUE(house.images.remove(ann.user_id, call.image_id));
  for (int pass = 0; pass < 3; ++pass) ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(wallet().reserved, 0);
  EXPECT_TRUE(house.faults().empty()) << house.faults().front();
}

TEST_F(BatchesTest, CancellingReleasesWhatIsLeft) {
  const StudioBatch batch = create(4);
  ASSERT_TRUE(upload(batch, 4));
  end_next(JobState::kSucceeded);
  const Job running = house.work.claim(1)->front();
  const auto cancelled = house.batches.cancel(ann.user_id, batch.id);
  EXPECT_EQ(cancelled->cancelled, 3);
  EXPECT_EQ(cancelled->tokens_released, 30);
  EXPECT_TRUE(house.work.claim(5)->empty());
  ASSERT_TRUE(house.cancelled(running).value());
  EXPECT_EQ(wallet().balance, 85);
  EXPECT_EQ(wallet().reserved, 0);
  EXPECT_EQ(get(batch).counts.cancelled, 3);
  EXPECT_EQ(house.batches.cancel(ann.user_id, batch.id).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(BatchesTest, ACancelThatWasCutOffIsGoneOnWith) {
  const StudioBatch batch = create(3);
  ASSERT_TRUE(upload(batch, 3));
  ASSERT_TRUE(house.database->write([&](Transaction& transaction) -> Result<void> {
    StudioBatch now = transaction.batches().find(ann.user_id, batch.id)->value();
    now.state = BatchState::kCancelled;
    EXPECT_TRUE(transaction.batches().update(now, BatchState::kStarted).value());
    return transaction.batches().hold(ann.user_id, batch.id);
  }));
  EXPECT_TRUE(house.faults().empty());
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(get(batch).counts.cancelled, 3);
  EXPECT_EQ(wallet().reserved, 0);
}

TEST_F(BatchesTest, ThoseThatFailedAreTriedAgainAtTheirPrice) {
  const StudioBatch batch = create(2);
  ASSERT_TRUE(upload(batch, 2));
  EXPECT_EQ(changed(&Batches::retry, batch).error().code, ErrorCode::kConflict);
  end_next(JobState::kFailed);
  end_next(JobState::kSucceeded);
  EXPECT_EQ(wallet().balance, 85);
  EXPECT_EQ(changed(&Batches::retry, batch)->counts.waiting, 1);
  end_next(JobState::kSucceeded);
  EXPECT_EQ(get(batch).counts.succeeded, 2);
  EXPECT_EQ(wallet().balance, 70);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(BatchesTest, AreForgottenWithTheirPicturesAndResultsInTheirTime) {
  const StudioBatch batch = create(1);
  ASSERT_TRUE(upload(batch, 1));
  EXPECT_EQ(house.batches.remove(ann.user_id, batch.id).error().code, ErrorCode::kConflict);
  end_next(JobState::kSucceeded);
  clock.advance(29 * kDayMs);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(get(batch).counts.succeeded, 1);
  clock.advance(2 * kDayMs);
  for (int pass = 0; pass < 3; ++pass) ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(house.batches.get(ann.user_id, batch.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(house.storage.usage(ann.user_id)->bytes, 0);
  std::int64_t objects = 0;
  ASSERT_TRUE(house.objects.list("", [&](std::string_view, std::int64_t) { return ++objects > 0; }));
  EXPECT_EQ(objects, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(BatchesTest, WhatIsAskedForWronglyIsRefusedByItsField) {
  const auto field = [&](const NewBatch& request) {
    const auto created = house.batches.create(ann.user_id, request, {});
    return created ? std::string() : created.error().field;
  };
  using enum OperationKind;
  EXPECT_EQ(field({"a", kEdit, {{"prompt", "warmer"}}, 11}), "total_images");
  EXPECT_EQ(field({"a", kEdit, {}, 2}), "prompt");
  EXPECT_EQ(field({"a", kGenerate, {{"prompt", "ring"}}, 2}), "operation");
  EXPECT_EQ(field({"a", kUpscale, {{"scale", "9"}}, 2}), "scale");
  for (int at = 0; at < 5; ++at) create(1);
  EXPECT_EQ(house.batches.create(ann.user_id, {"a", kUpscale, {}, 1}, {}).error().code, ErrorCode::kQuotaExceeded);
}

}  // namespace
}  // namespace tintype::app
