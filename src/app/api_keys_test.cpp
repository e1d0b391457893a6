#include <gtest/gtest.h>

#include <thread>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;
using test::TestClock;

constexpr std::int64_t kHourMs = 3'600'000;

class ApiKeysTest : public testing::Test {
 protected:
  CreatedApiKey create(NewApiKey request) {
    auto outcome = house.api_keys.create(ann, request, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return std::get<CreatedApiKey>(*outcome);
  }
  CreatedApiKey create() { return create({.name = "One", .plan = "starter"}); }
  CreatedApiKey rotate(const std::string& id, std::int64_t overlap_ms) {
    auto outcome = house.api_keys.rotate(ann, id, overlap_ms, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return std::get<CreatedApiKey>(*outcome);
  }
  std::string refusal(const std::string& text) {
    const auto principal = house.api_keys.by_text(text);
    EXPECT_FALSE(principal);
    EXPECT_EQ(principal.error().code, ErrorCode::kUnauthorized);
    return principal.error().message;
  }

  Folder folder;
  TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
  Principal bob = house.new_user("bob");
};

TEST_F(ApiKeysTest, AKeyLetsItsUserIn) {
  const CreatedApiKey created = create(
      {.name = "One", .environment = KeyEnvironment::kTest, .plan = "professional", .scopes = {Scope::kJobsRead}});
  EXPECT_TRUE(created.text.starts_with("pk_test_"));
  EXPECT_TRUE(created.text.starts_with(created.key.prefix));
  EXPECT_EQ(created.key.key_hash.find(created.text), std::string::npos);
  const Principal principal = house.api_keys.by_text(created.text).value();
  EXPECT_EQ(principal.user_id, ann.user_id);
  EXPECT_EQ(principal.plan, "free") << "the user's own";
  EXPECT_EQ(principal.key_plan, "professional");
  EXPECT_EQ(principal.credential, CredentialKind::kApiKey);
  EXPECT_EQ(principal.api_key_id, created.key.id);
  EXPECT_EQ(principal.key_environment, KeyEnvironment::kTest);
  EXPECT_EQ(principal.scopes, Scopes{Scope::kJobsRead});
}

TEST_F(ApiKeysTest, AnAdminsKeyIsNoAdmins) {
  ASSERT_TRUE(house.accounts.set_role(ann.user_id, Role::kAdmin, {"root"}));
  EXPECT_EQ(house.api_keys.by_text(create().text)->role, Role::kUser);
}

TEST_F(ApiKeysTest, WhatDoesNotHoldIsToldApart) {
  const CreatedApiKey created = create({.name = "One", .plan = "free", .expires_at_ms = clock.now_ms() + kHourMs});
  std::string mistyped = created.text;
  mistyped.back() = mistyped.back() == 'a' ? 'b' : 'a';
  EXPECT_EQ(refusal(mistyped), "That API key is mistyped or incomplete");
  EXPECT_EQ(refusal(make_key_text(KeyEnvironment::kLive, std::string(kKeySecretBytes, 'x'))),
            "This API key is not known");
  clock.advance(kHourMs);
  EXPECT_EQ(refusal(created.text), "This API key has expired");
  const CreatedApiKey revoked = create();
  ASSERT_TRUE(house.api_keys.revoke(ann.user_id, revoked.key.id));
  EXPECT_EQ(refusal(revoked.text), "This API key has been revoked");
}

TEST_F(ApiKeysTest, BanningAUserEndsHisKeysForGood) {
  const CreatedApiKey created = create();
  ASSERT_TRUE(house.accounts.set_banned(ann.user_id, true, "", {"root"}));
  EXPECT_EQ(house.api_keys.by_text(created.text).error().code, ErrorCode::kForbidden);
  ASSERT_TRUE(house.accounts.set_banned(ann.user_id, false, "", {"root"}));
  EXPECT_EQ(refusal(created.text), "This API key has been revoked");
}

TEST_F(ApiKeysTest, NobodyTouchesAnothersKeys) {
  const CreatedApiKey created = create();
  EXPECT_TRUE(house.api_keys.list(bob.user_id)->empty());
  EXPECT_EQ(house.api_keys.revoke(bob.user_id, created.key.id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(house.api_keys.rotate(bob, created.key.id, 0, {}).error().code, ErrorCode::kNotFound);
  EXPECT_TRUE(house.api_keys.by_text(created.text));
}

TEST_F(ApiKeysTest, SomePlansAreTheOperatorsToGive) {
  const NewApiKey large{.name = "Large", .plan = "enterprise"};
  EXPECT_EQ(house.api_keys.create(ann, large, {}).error().code, ErrorCode::kForbidden);
  const auto given = house.api_keys.create_for(ann.user_id, large, {"root"});
  ASSERT_TRUE(given);
  EXPECT_EQ(house.api_keys.by_text(given->text)->key_plan, "enterprise");
  EXPECT_EQ(rotate(given->key.id, 0).key.plan, "enterprise") << "what was given can be rotated";
  EXPECT_EQ(house.api_keys.create_for(ann.user_id, {.name = "x", .plan = "none"}, {"root"}).error().code,
            ErrorCode::kInvalidInput);
  ASSERT_TRUE(house.accounts.set_plan(ann.user_id, "enterprise", "", {"root"}));
  ann.plan = "enterprise";
  EXPECT_TRUE(house.api_keys.create(ann, large, {})) << "his own plan";
  EXPECT_EQ(house.accounts.set_plan(ann.user_id, "none", "", {"root"}).error().code, ErrorCode::kInvalidInput);
}

TEST_F(ApiKeysTest, AfterARotationBothHoldForAWhile) {
  const CreatedApiKey old = create({.name = "One", .plan = "starter", .scopes = {Scope::kImagesRead}});
  const CreatedApiKey fresh = rotate(old.key.id, kHourMs);
  EXPECT_NE(fresh.text, old.text);
  EXPECT_EQ(fresh.key.name, "One");
  EXPECT_EQ(fresh.key.plan, "starter");
  EXPECT_EQ(fresh.key.scopes, old.key.scopes);
  EXPECT_TRUE(house.api_keys.by_text(old.text));
  clock.advance(kHourMs);
  EXPECT_EQ(refusal(old.text), "This API key has expired");
  EXPECT_TRUE(house.api_keys.by_text(fresh.text));
  EXPECT_EQ(house.api_keys.rotate(ann, old.key.id, 0, {}).error().code, ErrorCode::kNotFound);
}

TEST_F(ApiKeysTest, ARotationNeverMakesAKeyLiveLonger) {
  const UnixMs ends_at_ms = clock.now_ms() + kHourMs;
  const CreatedApiKey old = create({.name = "One", .plan = "free", .expires_at_ms = ends_at_ms});
  EXPECT_EQ(rotate(old.key.id, 24 * kHourMs).key.expires_at_ms, ends_at_ms);
  for (const ApiKey& key : house.api_keys.list(ann.user_id).value()) EXPECT_EQ(key.expires_at_ms, ends_at_ms);
}

TEST_F(ApiKeysTest, AUserHasTwentyAtMostHoweverManyAskAtOnce) {
  std::atomic<int> made = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int at = 0; at < 10; ++at) {
        const auto outcome = house.api_keys.create(ann, {.name = "One", .plan = "free"}, {});
        if (outcome) ++made;
        if (!outcome) {
          EXPECT_EQ(outcome.error().code, ErrorCode::kConflict);
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 20);
  const auto keys = house.api_keys.list(ann.user_id).value();
  EXPECT_EQ(keys.size(), 20U);
  EXPECT_EQ(house.api_keys.rotate(ann, keys[0].id, kHourMs, {}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(house.api_keys.rotate(ann, keys[0].id, 0, {})) << "one goes as the other comes";
  ASSERT_TRUE(house.api_keys.revoke(ann.user_id, keys[1].id));
  EXPECT_TRUE(house.api_keys.create(ann, {.name = "One", .plan = "free"}, {}));
}

TEST_F(ApiKeysTest, TheLastUseIsWrittenInBatches) {
  const CreatedApiKey created = create();
  clock.advance(1'000);
  const UnixMs used_at_ms = clock.now_ms();
  ASSERT_TRUE(house.api_keys.by_text(created.text));
  EXPECT_FALSE(house.api_keys.list(ann.user_id)->front().last_used_at_ms) << "a request writes nothing";
  ASSERT_TRUE(house.api_keys.flush());
  EXPECT_EQ(house.api_keys.list(ann.user_id)->front().last_used_at_ms, used_at_ms);
  EXPECT_TRUE(house.api_keys.flush());
}

TEST_F(ApiKeysTest, TheJanitorTakesKeysThatEndedLongAgo) {
  const CreatedApiKey revoked = create(), kept = create();
  ASSERT_TRUE(house.api_keys.revoke(ann.user_id, revoked.key.id));
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(refusal(revoked.text), "This API key has been revoked");
  clock.advance(31 * 24 * kHourMs);
  ASSERT_TRUE(house.janitor.run());
  EXPECT_EQ(refusal(revoked.text), "This API key is not known");
  EXPECT_TRUE(house.api_keys.by_text(kept.text));
}

}  // namespace
}  // namespace tintype::app
