#include <gtest/gtest.h>

#include <thread>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;
using test::TestClock;

constexpr std::int64_t kHourMs = 3'600'000;

class CallLimitsTest : public testing::Test {
 protected:
  Principal key(const std::string& plan, KeyEnvironment environment = KeyEnvironment::kLive) {
    const auto created = house.api_keys.create_for(ann.user_id, {"One", environment, plan}, {"root"});
    EXPECT_TRUE(created);
    return house.api_keys.by_text(created->text).value();
  }
  // Lets submits through until one is refused.
  int take(const Principal& principal, int most = 100'000) {
    for (int taken = 0; taken < most; ++taken) {
      auto ticket = house.call_limits.admit(principal);
      if (!ticket) return taken;
      ticket->keep();
    }
    return most;
  }
  Error refusal(const Principal& principal) {
    const auto ticket = house.call_limits.admit(principal);
    EXPECT_FALSE(ticket);
    return ticket ? Error{} : ticket.error();
  }
  int remaining(const Principal& principal) { return house.call_limits.look(principal).value()->remaining; }

  // As a submit does it: counts, then inserts.
  Result<std::string> submit(const Principal& principal) {
    Job job;
    job.id = new_id(house.random, "job_");
    job.user_id = principal.user_id;
    job.surface = Surface::kUpscale;
    job.operation = OperationKind::kProbe;
    job.created_at_ms = job.updated_at_ms = job.run_after_ms = clock.now_ms();
    auto written = house.database->write([&](Transaction& transaction) -> Result<void> {
      if (auto checked = house.call_limits.check_concurrent(transaction, principal); !checked) return checked;
      if (auto inserted = transaction.jobs().insert(job); !inserted) return inserted;
      JobCall call{.job_id = job.id, .user_id = job.user_id, .api_key_id = principal.api_key_id};
      call.is_test = principal.key_environment == KeyEnvironment::kTest;
      return transaction.job_calls().insert(call);
    });
    if (!written) return std::unexpected(written.error());
    return job.id;
  }

  Folder folder;
  TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  Principal bob = house.new_user("bob");
};

TEST_F(CallLimitsTest, AKeyHasTheBoundsOfItsPlan) {
  const Principal free = key("free");
  EXPECT_EQ(remaining(free), 10);
  EXPECT_EQ(take(free), 10);
  const Error error = refusal(free);
  EXPECT_EQ(error.code, ErrorCode::kRateLimited);
  ASSERT_TRUE(error.refused_bound);
  EXPECT_EQ(error.refused_bound->name, "hour");
  EXPECT_EQ(error.refused_bound->limit, 10);
  EXPECT_EQ(error.refused_bound->resets_at_ms, clock.now_ms() + kHourMs);
  EXPECT_EQ(error.retry_after_seconds, 3'600);
  EXPECT_EQ(take(key("starter")), 90) << "together they have the highest among them";
  EXPECT_EQ(take(bob), 10) << "another user's are his own";
}

TEST_F(CallLimitsTest, ADayIsBoundedAsWell) {
  const Principal free = key("free");
  for (int hour = 0; hour < 5; ++hour) {
    EXPECT_EQ(take(free), 10) << hour;
    clock.advance(kHourMs);
  }
  EXPECT_EQ(remaining(free), 0);
  const Error error = refusal(free);
  EXPECT_EQ(error.refused_bound->name, "day");
  EXPECT_EQ(error.refused_bound->limit, 50);
  EXPECT_EQ(error.retry_after_seconds, 19 * 3'600);
  clock.advance(19 * kHourMs);
  EXPECT_EQ(take(free), 10);
}

TEST_F(CallLimitsTest, TheTightestBoundIsShown) {
  const Principal starter = key("starter");
  EXPECT_EQ(house.call_limits.look(starter).value()->limit, 100);
  take(starter, 40);
  EXPECT_EQ(house.call_limits.look(starter).value()->remaining, 60);
  EXPECT_EQ(house.call_limits.look(starter).value()->resets_at_ms, clock.now_ms() + kHourMs);
  clock.advance(kHourMs);
  take(starter, 1);
  EXPECT_EQ(house.call_limits.look(starter).value()->limit, 1'000) << "959 of a day is a smaller share than 99 of 100";
}

TEST_F(CallLimitsTest, ASessionCountsAsTheUsersOwnPlan) {
  EXPECT_EQ(take(ann), 10);
  EXPECT_EQ(take(key("starter")), 90);
  clock.advance(kHourMs);
  EXPECT_EQ(take(key("free")), 10);
  EXPECT_EQ(take(ann), 10) << "its own bounds and not another key's";
}

TEST_F(CallLimitsTest, ThePlanOfTheUserLiftsAllOfHisKeysTogether) {
  std::vector<Principal> keys;
  for (int at = 0; at < 3; ++at) keys.push_back(key("free"));
  EXPECT_EQ(take(keys[0]), 10);
  EXPECT_EQ(take(keys[1]), 0) << "all of them have the highest plan's together";
  for (Principal& one : keys) one.plan = "starter";
  EXPECT_EQ(take(keys[1]), 10);
  EXPECT_EQ(take(keys[2]), 10);
}

TEST_F(CallLimitsTest, TestKeysUseUpNothingOfLiveOnes) {
  const Principal test = key("free", KeyEnvironment::kTest), live = key("free");
  EXPECT_EQ(take(test), 10);
  EXPECT_EQ(take(live), 10);
  EXPECT_EQ(take(ann), 0);
  EXPECT_EQ(take(key("free", KeyEnvironment::kTest)), 0) << "test keys are bounded together, too";
}

TEST_F(CallLimitsTest, ATestKeysPlanLiftsNoLiveOnes) {
  const Principal live = key("free");
  key("professional", KeyEnvironment::kTest);
  EXPECT_EQ(take(live), 10);
  EXPECT_EQ(take(key("free")), 0);
}

TEST_F(CallLimitsTest, ATicketThatIsNotKeptGoesBackOnce) {
  const Principal free = key("free");
  {
    auto ticket = house.call_limits.admit(free);
    ASSERT_TRUE(ticket);
    EXPECT_EQ(ticket->decision()->remaining, 9);
    EXPECT_EQ(remaining(free), 9);
    const CallTicket moved = std::move(*ticket);
    EXPECT_EQ(moved.decision()->remaining, 9);
  }
  EXPECT_EQ(remaining(free), 10);
  house.call_limits.admit(free)->keep();
  EXPECT_EQ(remaining(free), 9);
}

TEST_F(CallLimitsTest, ManyAtOncePassNoBound) {
  const Principal first = key("starter"), second = key("starter");
  std::atomic<int> let_through = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] { let_through += take(thread % 2 == 0 ? first : second, 25); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(let_through, 100) << "200 asked";
}

TEST_F(CallLimitsTest, JobsThatHaveNotEndedAreBoundedUntilTheyEnd) {
  const Principal starter = key("starter");
  std::vector<std::string> jobs;
  for (int at = 0; at < 3; ++at) jobs.push_back(submit(starter).value());
  const Error error = submit(starter).error();
  EXPECT_EQ(error.code, ErrorCode::kRateLimited);
  EXPECT_EQ(error.refused_bound->name, "concurrent");
  EXPECT_EQ(error.refused_bound->limit, 3);
  EXPECT_EQ(error.refused_bound->resets_at_ms, clock.now_ms() + 5'000);
  EXPECT_EQ(error.retry_after_seconds, 5);
  ASSERT_TRUE(house.jobs.cancel(starter, jobs[0], Surface::kUpscale));
  EXPECT_TRUE(submit(starter)) << "what ends a job gives its place back";
  EXPECT_FALSE(submit(starter));
}

TEST_F(CallLimitsTest, JobsOfAllKeysAreBoundedTogether) {
  const Principal starter = key("starter"), free = key("free");
  ASSERT_TRUE(submit(starter) && submit(starter) && submit(free));
  EXPECT_EQ(submit(free).error().refused_bound->limit, 1);
  EXPECT_EQ(submit(starter).error().refused_bound->limit, 3);
  EXPECT_EQ(submit(ann).error().refused_bound->limit, 3);
  EXPECT_TRUE(submit(key("free", KeyEnvironment::kTest))) << "tests are counted apart";
  EXPECT_FALSE(submit(key("free", KeyEnvironment::kTest)));
}

TEST_F(CallLimitsTest, SubmitsAtOncePassNoBoundOfJobs) {
  const Principal starter = key("starter");
  std::atomic<int> submitted = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      for (int at = 0; at < 25; ++at) {
        if (submit(starter)) ++submitted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(submitted, 3);
}

TEST_F(CallLimitsTest, WhereNothingIsCountedNothingIsRefused) {
  CallLimits off(*house.database, house.limiter, clock, {{}, false});
  const Principal free = key("free");
  for (int at = 0; at < 100; ++at) {
    const auto ticket = off.admit(free);
    ASSERT_TRUE(ticket);
    EXPECT_FALSE(ticket->decision());
  }
  EXPECT_FALSE(off.look(free).value());
}

}  // namespace
}  // namespace tintype::app
