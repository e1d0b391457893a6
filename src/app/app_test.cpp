#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "support/house.h"

namespace tintype::app {
namespace {

using test::Folder;
using test::House;
using test::TestClock;

class App : public testing::Test {
 protected:
  Submitted enhance(const Principal& who, const std::string& image, std::vector<Tier> tiers = {Tier::k1K}) {
    const auto outcome = house.submissions.enhance(who, image, tiers, {});
    EXPECT_TRUE(outcome) << outcome.error().message;
    return std::get<Submitted>(*outcome);
  }
  JobResult store_result(const Job& job) {
    JobResult result{"results/" + job.id + "/r.png", ImageFormat::kPng, 8, 6, 4, "sha"};
    EXPECT_TRUE(house.work.begin_result(result.object_key));
    EXPECT_TRUE(house.objects.put_bytes(result.object_key, "data", "image/png"));
    return result;
  }

  Folder folder;
  TestClock clock;
  House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
};

TEST_F(App, SubmittingReservesSucceedingCapturesFailingReleases) {
  const std::string image = house.new_image(ann);
  const Submitted submitted = enhance(ann, image, {Tier::k1K, Tier::k2K, Tier::k4K});
  EXPECT_EQ(submitted.total_cost, 17);
  EXPECT_EQ(submitted.new_balance, 83);
  const auto jobs = house.work.claim(10).value();
  ASSERT_EQ(jobs.size(), 3U);
  EXPECT_TRUE(house.work.succeed(jobs[0], store_result(jobs[0])).value());
  EXPECT_FALSE(house.work.succeed(jobs[0], store_result(jobs[1])).value()) << "settled once";
  EXPECT_TRUE(house.work.fail(jobs[1], {"IMAGE_DAMAGED", "broken"}, FailureKind::kFinal).value());
  EXPECT_TRUE(house.work.cancelled(jobs[2]).value());
  const auto view = house.wallets.view(ann.user_id).value();
  EXPECT_EQ(view.balance, 98);
  EXPECT_EQ(view.reserved, 0);
  const auto history = house.wallets.history(ann.user_id, {}).value();
  EXPECT_EQ(history.size(), 2U);
}

TEST_F(App, TransientFailuresAreTriedAgainUpToTheirBound) {
  enhance(ann, house.new_image(ann));
  for (int attempt = 1; attempt <= 3; ++attempt) {
    auto jobs = house.work.claim(1).value();
    ASSERT_EQ(jobs.size(), 1U) << attempt;
    EXPECT_TRUE(house.work.fail(jobs[0], {"ENGINE_FAILED", "again"}, FailureKind::kTransient).value());
    EXPECT_TRUE(house.work.claim(1).value().empty()) << "there is a pause, or it has ended";
    clock.advance(120'000);
  }
  EXPECT_TRUE(house.work.claim(1).value().empty());
  EXPECT_EQ(house.wallets.view(ann.user_id).value().reserved, 0);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(App, ALostLeaseIsRescuedWithoutChargingTwice) {
  const Submitted submitted = enhance(ann, house.new_image(ann));
  const Job old = house.work.claim(1).value().front();
  clock.advance(14'000);
  EXPECT_EQ(house.work.rescue(10).value(), 0);
  EXPECT_EQ(house.work.heartbeat(old, 100).value(), Work::Lease::kHeld);
  clock.advance(16'000);
  EXPECT_EQ(house.work.rescue(10).value(), 1);
  const Job now = house.work.claim(1).value().front();
  EXPECT_EQ(now.attempt, 0) << "a lost lease is not a failed attempt";
  EXPECT_EQ(house.work.heartbeat(old, 200).value(), Work::Lease::kLost);
  EXPECT_TRUE(house.work.succeed(now, store_result(now)).value());
  EXPECT_FALSE(house.work.succeed(old, {}).value());
  EXPECT_EQ(house.wallets.view(ann.user_id).value().balance, 100 - submitted.total_cost);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(App, AnOrderedBatchGoesOnWhateverBecomesOfItsJobs) {
  const auto album = std::get<Album>(house.albums.create(ann, {"Album", "", Visibility::kPrivate}, {}).value());
  std::vector<std::string> images;
  for (int at = 0; at < 4; ++at) images.push_back(house.new_image(ann));
  EXPECT_EQ(house.albums.move(ann.user_id, images, album.id, std::nullopt).value().size(), 4U);
  const auto outcome = house.submissions.enhance_album(ann, album.id, Tier::k1K, true, {}).value();
  const auto& submitted = std::get<AlbumSubmitted>(outcome);
  // The second is cancelled and the third deleted while the first runs; the fourth still waits for the first.
  const Job first = house.work.claim(10).value().front();
  EXPECT_EQ(first.image_id, images[0]);
  EXPECT_EQ(house.jobs.cancel(ann, submitted.jobs[1].id).value().tokens_released, 2);
  EXPECT_TRUE(house.images.remove(ann, images[2]));
  EXPECT_TRUE(house.work.claim(10).value().empty());
  EXPECT_TRUE(house.faults().empty());
  EXPECT_TRUE(house.work.fail(first, {"IMAGE_DAMAGED", "x"}, FailureKind::kFinal).value());
  const auto next = house.work.claim(10).value();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].image_id, images[3]);
}

TEST_F(App, DeletingWhileRunningEndsTheJobAndLeavesNoObject) {
  const std::string image = house.new_image(ann);
  enhance(ann, image);
  const Job job = house.work.claim(1).value().front();
  const JobResult result = store_result(job);
  EXPECT_TRUE(house.images.remove(ann, image));
  EXPECT_FALSE(house.work.succeed(job, result).value());
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
  clock.advance(2 * 3'600'000);
  EXPECT_EQ(house.janitor.run().value().objects_removed, 1) << "the late result";
  EXPECT_FALSE(house.objects.stat(result.object_key).value());
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(App, ARefusedUploadLeavesNothing) {
  EXPECT_FALSE(house.images.upload(ann, house.file("bad"), "", {}));
  EXPECT_EQ(house.images.upload(ann, house.file("picture"), "album_x", {}).error().code, ErrorCode::kNotFound);
  const Principal bob = house.new_user("bob");
  const auto album = std::get<Album>(house.albums.create(bob, {"Bob's", "", Visibility::kPrivate}, {}).value());
  EXPECT_EQ(house.images.upload(ann, house.file("picture"), album.id, {}).error().code, ErrorCode::kForbidden);
  EXPECT_TRUE(house.images.list(ann.user_id, {}).value().empty());
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(App, AKeyIsAnsweredOnceHoweverOftenItIsSent) {
  const std::string image = house.new_image(ann);
  Once<Submitted> once;
  once.key = IdempotencyKey{ann.user_id, "key", "print"};
  once.reply = [](const Submitted& submitted) { return StoredReply{200, submitted.jobs.front().id}; };
  std::vector<std::thread> threads;
  std::set<std::string> answers;
  std::mutex mutex;
  for (int at = 0; at < 8; ++at) {
    threads.emplace_back([&] {
      const auto outcome = house.submissions.enhance(ann, image, {Tier::k1K}, once);
      ASSERT_TRUE(outcome);
      const auto* fresh = std::get_if<Submitted>(&*outcome);
      const std::lock_guard lock(mutex);
      answers.insert(fresh != nullptr ? fresh->jobs.front().id : std::get<StoredReply>(*outcome).body);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answers.size(), 1U);
  EXPECT_EQ(house.images.get(ann.user_id, image).value().jobs.size(), 1U);
  once.key->fingerprint = "other";
  EXPECT_EQ(house.submissions.enhance(ann, image, {Tier::k1K}, once).error().code, ErrorCode::kIdempotencyMismatch);
  clock.advance(kIdempotencyKeptMs + 1);
  EXPECT_TRUE(std::holds_alternative<Submitted>(house.submissions.enhance(ann, image, {Tier::k1K}, once).value()));
}

TEST_F(App, SessionsAreFoundByTheirTokenUntilTheyEnd) {
  auto signed_up = house.accounts.sign_up({" New@Example.ORG ", "long enough", "New", "address"}).value();
  EXPECT_EQ(signed_up.user.email, "new@example.org");
  EXPECT_EQ(house.accounts.sign_up({"new@example.org", "long enough", "", ""}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(house.accounts.sign_up({"other@example.org", "short", "", ""}).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(house.accounts.sign_up({"no address", "long enough", "", ""}).error().code, ErrorCode::kInvalidInput);
  const auto kind = CredentialKind::kSessionBearer;
  const auto principal = house.accounts.by_session_token(signed_up.session_token, kind).value();
  const auto refreshed = house.accounts.refresh(signed_up.refresh_token).value();
  EXPECT_FALSE(house.accounts.by_session_token(signed_up.session_token, kind)) << "the new token replaces the old";
  EXPECT_TRUE(house.accounts.by_session_token(refreshed.session_token, kind));
  EXPECT_TRUE(house.accounts.set_banned(principal.user_id, true));
  EXPECT_EQ(house.accounts.by_session_token(refreshed.session_token, kind).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(house.accounts.sign_in("new@example.org", "long enough", "a").error().code, ErrorCode::kForbidden);
  EXPECT_TRUE(house.accounts.set_banned(principal.user_id, false));
  EXPECT_EQ(house.accounts.by_session_token(refreshed.session_token, kind).error().code, ErrorCode::kUnauthorized);
  const auto again = house.accounts.sign_in("new@example.org", "long enough", "a").value();
  EXPECT_TRUE(house.accounts.sign_out({again.user.id, {}, again.session.id}, Accounts::SignOutScope::kLocal));
  EXPECT_FALSE(house.accounts.by_session_id(again.session.id));
}

TEST_F(App, GuessingPasswordsIsSlowedDown) {
  for (int at = 0; at < 10; ++at) {
    EXPECT_EQ(house.accounts.sign_in("ann@example.org", "wrong", "a").error().code, ErrorCode::kUnauthorized);
  }
  EXPECT_EQ(house.accounts.sign_in("ann@example.org", "password", "a").error().code, ErrorCode::kRateLimited);
  clock.advance(15 * 60'000);
  EXPECT_TRUE(house.accounts.sign_in("ann@example.org", "password", "a"));
}

TEST_F(App, ForeignIdentitiesAreTheSameUserEachTime) {
  const auto first = house.accounts.by_foreign_identity("https://issuer", "subject", "f@example.org").value();
  EXPECT_EQ(house.accounts.by_foreign_identity("https://issuer", "subject", "f@example.org")->user_id, first.user_id);
  EXPECT_NE(house.accounts.by_foreign_identity("https://other", "subject", "f@example.org")->user_id, first.user_id);
  const auto taken = house.accounts.by_foreign_identity("https://issuer", "someone", "ann@example.org").value();
  EXPECT_NE(taken.user_id, ann.user_id) << "an address alone gives no access to an account of ours";
  EXPECT_EQ(house.wallets.view(taken.user_id).value().balance, 100);
}

// ---- Any order of what can happen keeps the rules of the design.

// One step of somebody: submitting, working, cancelling, waiting, granting.
void step(House& house, const Principal& who, const std::string& image, int choice, std::vector<Job>& held) {
  switch (choice % 9) {
    case 0:
    case 1: static_cast<void>(house.submissions.enhance(who, image, {Tier(choice / 9 % 3)}, {})); break;
    case 2: {
      auto claimed = house.work.claim(1 + choice / 9 % 3).value();
      for (Job& job : claimed) held.push_back(std::move(job));
      break;
    }
    case 3:
    case 4:
    case 5: {
      if (held.empty()) break;
      const std::size_t at = static_cast<std::size_t>(choice / 9) % held.size();
      const Job job = held[at];
      if (choice % 9 == 3) {
        const JobResult result{
            "results/" + job.id + "/" + std::to_string(job.fencing_token) + ".png", ImageFormat::kPng, 1, 1, 1, "s"};
        static_cast<void>(house.work.begin_result(result.object_key));
        static_cast<void>(house.objects.put_bytes(result.object_key, "x", "image/png"));
        static_cast<void>(house.work.succeed(job, result));
      } else if (choice % 9 == 4) {
        const auto kind = choice / 9 % 2 == 0 ? FailureKind::kFinal : FailureKind::kTransient;
        static_cast<void>(house.work.fail(job, {"ENGINE_FAILED", "x"}, kind));
      } else {
        static_cast<void>(house.work.cancelled(job));
      }
      // Sometimes it is kept, to come back with a lease that has gone.
      if (choice / 9 % 4 != 0) held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    }
    case 6: {
      const auto found = house.images.get(who.user_id, image);
      if (!found || found->jobs.empty()) break;
      const auto& job = found->jobs[static_cast<std::size_t>(choice / 9) % found->jobs.size()];
      static_cast<void>(house.jobs.cancel(who, job.id));
      break;
    }
    case 7:
      house.clock.advance(choice / 9 % 30 * 60'000);
      static_cast<void>(house.work.rescue(10));
      break;
    case 8: static_cast<void>(house.wallets.adjust(who.user_id, choice / 9 % 41 - 20, "by hand")); break;
  }
}

RC_GTEST_PROP(AppProperty, AnyOrderKeepsTheRules, ()) {
  const Folder folder;
  TestClock clock;
  House house(folder.path(), clock);
  const Principal who = house.new_user("ann");
  const std::string image = house.new_image(who);
  std::vector<Job> held;
  const auto choices = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100'000));
  for (const int choice : choices) {
    step(house, who, image, choice, held);
    const auto faults = house.faults();
    RC_ASSERT(faults.empty());
  }
}

TEST(AppThreads, EightThreadsAgainstOneFileKeepTheRules) {
  const Folder folder;
  TestClock clock;
  House one(folder.path(), clock, 1), two(folder.path(), clock, 2);
  const Principal who = one.new_user("ann");
  const std::string image = one.new_image(who);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      House& house = thread % 2 == 0 ? one : two;
      std::vector<Job> held;
      SeededRandom random(static_cast<std::uint64_t>(thread) + 10);
      for (int at = 0; at < 60; ++at) {
        std::uint32_t choice = 0;
        random.fill(std::as_writable_bytes(std::span(&choice, 1)));
        step(house, who, image, static_cast<int>(choice % 100'000), held);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(one.faults(), std::vector<std::string>());
}

}  // namespace
}  // namespace tintype::app
