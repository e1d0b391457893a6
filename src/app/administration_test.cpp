#include "app/administration.h"

#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::House;

class AdministrationTest : public testing::Test {
 protected:
  Job submit(const Principal& user) {
    const auto outcome = house.submissions.enhance(user, house.new_image(user), {Tier::k2K}, {});
    if (!outcome) throw std::runtime_error(outcome.error().message);
    return std::get<Submitted>(*outcome).jobs.at(0);
  }
  JobState state(const Principal& user, const Job& job) { return house.jobs.get(user.user_id, job.id)->state; }
  std::vector<std::string> audit(const std::string& user_id) {
    std::vector<std::string> actions;
    const auto entries = house.administration.audit({"", user_id}, {});
    for (const AuditEntry& entry : *entries) {
      actions.push_back(audit_action_name(entry.action));
    }
    return actions;
  }

  test::Folder folder{test::memory_directory()};
  test::TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  Principal bob = house.new_user("bob");
  const Actor root{"root", "req_1"};
};

TEST_F(AdministrationTest, ABanEndsWhatTheUserAskedForAndNothingElse) {
  const Job running = submit(ann);
  ASSERT_EQ(house.work.claim(1).value().at(0).id, running.id);
  const Job waiting = submit(ann), others = submit(bob);
  const auto banned = house.administration.ban(ann.user_id, "spam", root);
  ASSERT_TRUE(banned) << banned.error().message << banned.error().cause;
  EXPECT_TRUE(banned->user.user.banned_at_ms);
  EXPECT_EQ(banned->jobs.cancelled, 1);
  EXPECT_EQ(banned->jobs.stopping, 1);
  EXPECT_EQ(banned->jobs.tokens_released, 5);
  EXPECT_EQ(state(ann, waiting), JobState::kCancelled);
  EXPECT_TRUE(house.jobs.get(ann.user_id, running.id)->cancel_requested);
  EXPECT_EQ(state(bob, others), JobState::kQueued);
  const auto again = house.administration.ban(ann.user_id, "once more", root);
  EXPECT_EQ(again->jobs.cancelled + again->jobs.stopping, 0);
  EXPECT_EQ(audit(ann.user_id), (std::vector<std::string>{"cancel_jobs", "ban", "create_user"}));
  EXPECT_EQ(house.administration.ban(ann.user_id, "himself", {ann.user_id, ""}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(house.administration.ban("none", "x", root).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(AdministrationTest, WhatABanHasLeftTheJanitorEnds) {
  const Job job = submit(ann), others = submit(bob);
  // As a process leaves it that ends between the two.
  ASSERT_TRUE(house.accounts.set_banned(ann.user_id, true, "spam", root));
  EXPECT_EQ(state(ann, job), JobState::kQueued);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(state(ann, job), JobState::kCancelled);
  EXPECT_EQ(state(bob, others), JobState::kQueued);
  EXPECT_EQ(house.administration.audit({kJanitorActor, ""}, {})->at(0).action, AuditAction::kCancelJobs);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(AdministrationTest, EachChangeIsWrittenDownWithWhatWasBefore) {
  const Once<UserView> once;
  ASSERT_TRUE(house.administration.change_credits(ann.user_id, 50, "bonus", root, once));
  const auto poor = house.administration.change_credits(ann.user_id, -151, "too much", root, once);
  EXPECT_EQ(poor.error().code, ErrorCode::kInsufficientTokens);
  ASSERT_TRUE(house.administration.set_plan(ann.user_id, "starter", "a friend", root));
  ASSERT_TRUE(house.administration.set_plan(ann.user_id, "starter", "again", root));
  ASSERT_TRUE(house.accounts.set_role(ann.user_id, Role::kAdmin, root));
  ASSERT_TRUE(house.api_keys.create_for(ann.user_id, {.name = "k", .plan = "free"}, root));
  EXPECT_EQ(audit(ann.user_id),
            (std::vector<std::string>{"create_key", "set_role", "set_plan", "add_credits", "create_user"}));
  const AuditEntry added = house.administration.audit({"root", ann.user_id}, {})->at(3);
  EXPECT_EQ(added.before, R"({"balance":100,"reserved":0})");
  EXPECT_EQ(added.after, R"({"balance":150,"reserved":0,"amount":50})");
  EXPECT_EQ(added.reason, "bonus");
  EXPECT_EQ(added.actor.request_id, "req_1");
}

TEST_F(AdministrationTest, AKeyAddsCreditsOnce) {
  const Once<UserView> once{IdempotencyKey{"admin key", "k", "print"},
                            [](const UserView&) { return StoredReply{200, "{}"}; }};
  for (int times = 0; times < 2; ++times) {
    ASSERT_TRUE(house.administration.change_credits(ann.user_id, 50, "bonus", root, once));
  }
  EXPECT_EQ(house.administration.user(ann.user_id)->wallet.balance, 150);
}

TEST_F(AdministrationTest, FiguresAreOfTodayAndOfAll) {
  ASSERT_TRUE(house.purchases.grant({"cs_1", "pi_1", ann.user_id, "starter"}, ""));
  clock.advance(24LL * 60 * 60 * 1'000);
  ASSERT_TRUE(house.purchases.grant({"cs_2", "pi_2", ann.user_id, "pro"}, ""));
  ASSERT_TRUE(house.purchases.refund({"pi_1", 100, 100}, ""));
  submit(bob);
  const Statistics figures = house.administration.statistics().value();
  EXPECT_EQ(figures.users, 2);
  EXPECT_EQ(figures.tokens_today.at(LedgerKind::kPurchase), 500);
  EXPECT_EQ(figures.tokens.at(LedgerKind::kPurchase), 600);
  EXPECT_EQ(figures.tokens.at(LedgerKind::kReversal), -100);
  EXPECT_FALSE(figures.tokens_today.contains(LedgerKind::kInitial));
  EXPECT_EQ(figures.tokens_reserved, 5);
  EXPECT_EQ(figures.jobs.at(JobState::kQueued), 2) << "the enhancement, and the upload's renditions";
  EXPECT_EQ(figures.storage.images, 1);
}

}  // namespace
}  // namespace tintype::app
