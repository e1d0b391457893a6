// What the studio is asked for, over a real database and a real store.
#include "app/studio_jobs.h"

#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;

class StudioJobsTest : public testing::Test {
 protected:
  StudioCall clip(int seconds, int fps) {
    StudioCall call;
    call.operation = OperationKind::kVideoReplicate;
    call.parameters = {{"duration_seconds", std::to_string(seconds)}, {"fps", std::to_string(fps)}};
    call.picture.file = house.file("picture");
    return call;
  }
  SubmittedStudio submit(const StudioCall& call) {
    auto outcome = house.studio_jobs.submit(ann, call, {});
    if (!outcome) ADD_FAILURE() << outcome.error().field << ": " << outcome.error().message;
    return std::get<SubmittedStudio>(outcome.value());
  }
  void end_after(std::int64_t ms) {
    const auto jobs = house.work.claim(1);
    ASSERT_EQ(jobs->size(), 1U);
    const Job& job = jobs->front();
    clock.advance(ms);
    const JobResult result{"results/" + job.id, ImageFormat::kPng, 32, 24, 7, "00"};
    ASSERT_TRUE(house.work.begin_result(result.object_key));
    ASSERT_TRUE(house.objects.put_file(result.object_key, house.file("resulty").path, "image/png"));
    ASSERT_TRUE(house.succeed(job, result).value());
  }

  Folder folder;
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
};

TEST_F(StudioJobsTest, AClipIsWaitedForByItsLength) {
  ASSERT_TRUE(house.wallets.adjust(ann.user_id, 1'000, "for the test", {"root"}));
  submit(clip(2, 24));
  end_after(48 * 500);
  clock.advance(60'000);
  EXPECT_EQ(house.studio_jobs.estimate(ann, clip(2, 24))->seconds, 24);
  EXPECT_EQ(house.studio_jobs.estimate(ann, clip(10, 30))->seconds, 150);
  EXPECT_EQ(submit(clip(10, 30)).wait.seconds, 150);
}

TEST_F(StudioJobsTest, NothingIsBegunWhenTheStorageIsFull) {
  const Storage full(*house.database, {{"free", {0, 10}}});
  StudioJobs studio_jobs(*house.database, house.wallets, house.objects, house.engine, house.egress, house.webhooks,
                         full, house.jobs, house.notifier, clock, house.random, house.studio_jobs.rules());
  EXPECT_EQ(studio_jobs.submit(ann, clip(2, 24), {}).error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(studio_jobs.estimate(ann, clip(2, 24))->refusal->code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(house.wallets.view(ann.user_id)->reserved, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(StudioJobsTest, AQuoteHoldsItsPriceAndNoHigherOne) {
  const Tokens price = house.studio_jobs.price_of(OperationKind::kVideoReplicate);
  const auto priced = [&](Tokens tokens) {
    StudioRules rules = house.studio_jobs.rules();
    rules.prices[OperationKind::kVideoReplicate] = tokens;
    return std::make_unique<StudioJobs>(*house.database, house.wallets, house.objects, house.engine, house.egress,
                                        house.webhooks, house.storage, house.jobs, house.notifier, clock, house.random,
                                        rules);
  };
  const auto charged = [&](Tokens now, const std::string& quote) {
    StudioCall call = clip(2, 24);
    call.quote = quote;
    auto outcome = priced(now)->submit(ann, call, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return std::get<SubmittedStudio>(outcome.value()).job.price;
  };
  const std::string quote = house.studio_jobs.estimate(ann, clip(2, 24))->quote.text;
  EXPECT_EQ(charged(price + 5, quote), price);
  EXPECT_EQ(charged(price - 5, quote), price - 5);
  EXPECT_EQ(charged(price + 5, ""), price + 5);
  EXPECT_EQ(house.wallets.view(ann.user_id)->reserved, 3 * price);

  const Principal bob = house.new_user("bob");
  StudioCall call = clip(2, 24);
  call.quote = quote;
  const auto refused = house.studio_jobs.submit(bob, call, {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "quote");
  EXPECT_EQ(house.wallets.view(bob.user_id)->reserved, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(StudioJobsTest, AnEstimateNamesWhatIsMissing) {
  const Tokens price = house.studio_jobs.price_of(OperationKind::kVideoReplicate);
  while (house.wallets.view(ann.user_id)->available >= price) submit(clip(2, 24));
  const auto estimate = house.studio_jobs.estimate(ann, clip(2, 24));
  EXPECT_EQ(estimate->refusal->code, ErrorCode::kInsufficientTokens);
  EXPECT_EQ(estimate->refusal->tokens_required, price);
  EXPECT_EQ(estimate->refusal->tokens_available, estimate->available);
}

}  // namespace
}  // namespace tintype::app
