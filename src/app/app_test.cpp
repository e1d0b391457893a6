#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "app/object_keys.h"
#include "app/variants.h"
#include "support/house.h"
#include "support/watched_database.h"

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
  EXPECT_TRUE(house.succeed(jobs[0], store_result(jobs[0])).value());
  EXPECT_FALSE(house.succeed(jobs[0], store_result(jobs[1])).value()) << "settled once";
  EXPECT_TRUE(house.fail(jobs[1], {"IMAGE_DAMAGED", "broken"}, FailureKind::kFinal).value());
  EXPECT_TRUE(house.cancelled(jobs[2]).value());
  const auto view = house.wallets.view(ann.user_id).value();
  EXPECT_EQ(view.balance, 98);
  EXPECT_EQ(view.reserved, 0);
  const auto history = house.wallets.history(ann.user_id, {}, {}).value();
  EXPECT_EQ(history.size(), 2U);
}

TEST_F(App, NothingIsEnhancedWhileTheStorageIsFull) {
  const std::string image = house.new_image(ann);
  const Storage full(*house.database, {{"free", {0, 10}}});
  Submissions submissions(*house.database, house.wallets, full, house.notifier, clock, house.random, {});
  EXPECT_EQ(submissions.enhance(ann, image, {Tier::k1K}, {}).error().code, ErrorCode::kQuotaExceeded);
  EXPECT_EQ(house.wallets.view(ann.user_id).value().reserved, 0);
  EXPECT_TRUE(house.work.claim(1).value().empty());
}

TEST_F(App, TransientFailuresAreTriedAgainUpToTheirBound) {
  enhance(ann, house.new_image(ann));
  for (int attempt = 1; attempt <= 3; ++attempt) {
    auto jobs = house.work.claim(1).value();
    ASSERT_EQ(jobs.size(), 1U) << attempt;
    EXPECT_TRUE(house.fail(jobs[0], {"ENGINE_FAILED", "again"}, FailureKind::kTransient).value());
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
  EXPECT_TRUE(house.succeed(now, store_result(now)).value());
  EXPECT_FALSE(house.succeed(old, {}).value());
  EXPECT_EQ(house.wallets.view(ann.user_id).value().balance, 100 - submitted.total_cost);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(App, AJobThatGoesOnLosingItsWorkersIsEndedAndReleased) {
  const Submitted submitted = enhance(ann, house.new_image(ann));
  for (int lost = 1; lost <= 20; ++lost) {
    ASSERT_EQ(house.work.claim(1).value().size(), 1U) << lost;
    clock.advance(16'000);
    ASSERT_EQ(house.work.rescue(10).value(), 1) << lost;
  }
  EXPECT_TRUE(house.work.claim(1).value().empty());
  const Job ended = house.jobs.get(ann.user_id, submitted.jobs[0].id).value();
  EXPECT_EQ(ended.state, JobState::kFailed);
  EXPECT_EQ(ended.failure->code, "WORKER_LOST");
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100);
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
  EXPECT_TRUE(house.images.remove(ann.user_id, images[2]));
  EXPECT_TRUE(house.work.claim(10).value().empty());
  EXPECT_TRUE(house.faults().empty());
  EXPECT_TRUE(house.fail(first, {"IMAGE_DAMAGED", "x"}, FailureKind::kFinal).value());
  const auto next = house.work.claim(10).value();
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].image_id, images[3]);
}

TEST_F(App, DeletingWhileRunningEndsTheJobAndLeavesNoObject) {
  const std::string image = house.new_image(ann);
  enhance(ann, image);
  const Job job = house.work.claim(1).value().front();
  const JobResult result = store_result(job);
  EXPECT_TRUE(house.images.remove(ann.user_id, image));
  EXPECT_FALSE(house.succeed(job, result).value());
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

// Three jobs, of which two end while the end of the first is written.
class EndsTogether : public App {
 protected:
  EndsTogether() {
    enhance(ann, house.new_image(ann), {Tier::k1K, Tier::k2K, Tier::k4K});
    jobs = house.work.claim(10).value();
    told.resize(jobs.size());
    database.writes_left = 100;
  }

  Work::Settled note(std::size_t at) {
    return [this, at](const Result<bool>& held) { told[at] = held; };
  }
  // The last one fails, for its own reasons.
  void end_all(const JobResult& second) {
    const JobResult first = store_result(jobs[0]);
    database.before_write = [&] {
      work.succeed(jobs[1], second, note(1));
      work.fail(jobs[2], {"IMAGE_DAMAGED", "broken"}, FailureKind::kFinal, note(2));
      EXPECT_FALSE(told[1].has_value()) << "nobody waited";
      EXPECT_FALSE(told[2].has_value());
    };
    work.succeed(jobs[0], first, note(0));
  }

  test::WatchedDatabase database{*house.database};
  Work work{database, house.wallets, house.outbox, house.notifier, clock, {}};
  std::vector<Job> jobs;
  std::vector<std::optional<Result<bool>>> told;
};

TEST_F(EndsTogether, AreWrittenInOneUnitOfWorkBehindTheFirst) {
  database.writes_left = 3;
  end_all(store_result(jobs[1]));
  EXPECT_EQ(database.writes_left, 1);
  for (const auto& held : told) EXPECT_TRUE(held->value());
  const auto view = house.wallets.view(ann.user_id).value();
  EXPECT_EQ(view.balance, 100 - jobs[0].price - jobs[1].price);
  EXPECT_EQ(view.reserved, 0);
  const auto entries = house.wallets.history(ann.user_id, {}, {}).value();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].job_id, jobs[1].id);
  EXPECT_EQ(entries[0].balance_after, view.balance);
  EXPECT_EQ(entries[1].balance_after, 100 - jobs[0].price);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(EndsTogether, OneWhoseLeaseIsLostIsToldSoAndTheOthersAreSettled) {
  const JobResult second = store_result(jobs[1]);
  EXPECT_TRUE(house.cancelled(jobs[1]).value());
  end_all(second);
  EXPECT_TRUE(told[0]->value());
  EXPECT_FALSE(told[1]->value());
  EXPECT_TRUE(told[2]->value());
  EXPECT_EQ(house.wallets.view(ann.user_id).value().available, 100 - jobs[0].price);
}

TEST_F(EndsTogether, WhatOneCannotDoTheOthersDoNotAnswerFor) {
  end_all({"results/unknown", ImageFormat::kPng, 8, 6, 4, "sha"});
  EXPECT_TRUE(told[0]->value());
  EXPECT_EQ(told[1]->error().code, ErrorCode::kConflict);
  EXPECT_TRUE(told[2]->value());
  EXPECT_EQ(house.jobs.get(ann.user_id, jobs[1].id).value().state, JobState::kRunning);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(EndsTogether, AfterACommitThatIsInDoubtNoneIsCalledLost) {
  database.writes_left = 1;
  end_all(store_result(jobs[1]));
  for (const auto& held : told) EXPECT_EQ(held->error().code, ErrorCode::kInternal);
  EXPECT_EQ(house.wallets.view(ann.user_id).value().reserved, 0) << "it had been done";
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(App, AnUploadWhoseCommitIsInDoubtKeepsItsObject) {
  test::WatchedDatabase broken(*house.database);
  Images images(broken, house.objects, house.engine, house.wallets, house.outbox, house.storage, house.notifier, clock,
                house.random, {});
  Once<Image> once;
  once.key = IdempotencyKey{ann.user_id, "key", "print"};
  once.reply = [](const Image& image) { return StoredReply{200, image.id}; };
  broken.writes_left = 2;
  EXPECT_FALSE(images.upload(ann, house.file("picture"), "", once));
  EXPECT_TRUE(house.faults().empty());
  // The client asks once more, and hears what had been done.
  const auto again = house.images.upload(ann, house.file("picture"), "", once).value();
  const auto listed = house.images.list(ann.user_id, {}).value();
  ASSERT_EQ(listed.size(), 1U);
  EXPECT_EQ(std::get<StoredReply>(again).body, listed.front().id);
  // Before its first byte the doubt costs nothing but a row, which goes with time.
  broken.writes_left = 1;
  EXPECT_FALSE(images.upload(ann, house.file("picture"), "", {}));
  clock.advance(2 * 3'600'000);
  EXPECT_TRUE(house.janitor.run());
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
  auto signed_up = house.accounts.sign_up({" New@Example.ORG ", "long enough", "New", {}}).value();
  EXPECT_EQ(signed_up.user.email, "new@example.org");
  EXPECT_EQ(house.accounts.sign_up({"new@example.org", "long enough", "", {}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(house.accounts.sign_up({"other@example.org", "short", "", {}}).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(house.accounts.sign_up({"no address", "long enough", "", {}}).error().code, ErrorCode::kInvalidInput);
  const auto kind = CredentialKind::kSessionBearer;
  const auto principal = house.accounts.by_session_token(signed_up.session_token, kind).value();
  const auto refreshed = house.accounts.refresh(signed_up.refresh_token).value();
  EXPECT_FALSE(house.accounts.by_session_token(signed_up.session_token, kind)) << "the new token replaces the old";
  EXPECT_TRUE(house.accounts.by_session_token(refreshed.session_token, kind));
  EXPECT_TRUE(house.accounts.set_banned(principal.user_id, true, "", {"root"}));
  EXPECT_EQ(house.accounts.by_session_token(refreshed.session_token, kind).error().code, ErrorCode::kForbidden);
  EXPECT_EQ(house.accounts.sign_in("new@example.org", "long enough", {"a", {}}).error().code, ErrorCode::kForbidden);
  EXPECT_TRUE(house.accounts.set_banned(principal.user_id, false, "", {"root"}));
  EXPECT_EQ(house.accounts.by_session_token(refreshed.session_token, kind).error().code, ErrorCode::kUnauthorized);
  const auto again = house.accounts.sign_in("new@example.org", "long enough", {"a", {}}).value();
  EXPECT_TRUE(house.accounts.sign_out({again.user.id, {}, again.session.id}, Accounts::SignOutScope::kLocal));
  EXPECT_FALSE(house.accounts.by_session_id(again.session.id));
}

TEST_F(App, GuessingPasswordsIsSlowedDown) {
  for (int at = 0; at < 10; ++at) {
    EXPECT_EQ(house.accounts.sign_in("ann@example.org", "wrong", {"a", {}}).error().code, ErrorCode::kUnauthorized);
  }
  EXPECT_EQ(house.accounts.sign_in("ann@example.org", "password", {"a", {}}).error().code, ErrorCode::kRateLimited);
  clock.advance(15 * 60'000);
  EXPECT_TRUE(house.accounts.sign_in("ann@example.org", "password", {"a", {}}));
}

TEST_F(App, ASessionsUseIsWrittenInBatchesAndSeldom) {
  const auto signed_in = house.accounts.sign_up({"new@example.org", "long enough", "New", {"a", "Phone"}}).value();
  const auto used = [&] {
    const auto principal = house.accounts.by_session_id(signed_in.session.id).value();
    house.accounts.flush().value();
    return house.accounts.sessions({principal.user_id}).value().front().last_used_at_ms;
  };
  const UnixMs begun_ms = clock.now_ms();
  clock.advance(kSessionUseMs - 1);
  EXPECT_EQ(used(), begun_ms) << "not long enough ago";
  clock.advance(1);
  EXPECT_EQ(used(), begun_ms + kSessionUseMs);
  clock.advance(1);
  EXPECT_EQ(used(), begun_ms + kSessionUseMs);
  const auto own = house.accounts.sessions({signed_in.user.id, {}, signed_in.session.id}).value().front();
  EXPECT_EQ(own.last_used_at_ms, clock.now_ms()) << "the one that asks is in use now";
}

TEST_F(App, ForeignIdentitiesAreTheSameUserEachTime) {
  const auto first = house.accounts.by_foreign_identity("https://issuer", "subject", "f@example.org").value();
  EXPECT_EQ(house.accounts.by_foreign_identity("https://issuer", "subject", "f@example.org")->user_id, first.user_id);
  EXPECT_NE(house.accounts.by_foreign_identity("https://other", "subject", "f@example.org")->user_id, first.user_id);
  const auto taken = house.accounts.by_foreign_identity("https://issuer", "someone", "ann@example.org").value();
  EXPECT_NE(taken.user_id, ann.user_id) << "an address alone gives no access to an account of ours";
  EXPECT_EQ(house.wallets.view(taken.user_id).value().balance, 100);
}

// ---- Variants

Result<bool> finish_variants(House& house, const Job& job);

class AppVariants : public App {
 protected:
  Job claim_one() { return house.work.claim(1, QueueLane::kBackground).value().at(0); }
  Image image_now(const std::string& id) { return house.images.get(ann.user_id, id).value().image; }
  std::vector<Variant> variants_of(const std::string& id) {
    std::vector<Variant> found;
    EXPECT_TRUE(house.database->read([&](Transaction& transaction) -> Result<void> {
      found = transaction.variants().of_image(ann.user_id, id).value();
      return {};
    }));
    return found;
  }
  Result<std::optional<std::string>> order(const std::string& id, const std::vector<VariantKey>& keys) {
    std::optional<std::string> job;
    auto written = house.database->write([&](Transaction& transaction) -> Result<void> {
      const auto image = transaction.images().find(ann.user_id, id).value();
      auto ordered = order_variants(transaction, *image, keys, house.random, clock.now_ms());
      if (!ordered) return std::unexpected(ordered.error());
      job = *ordered;
      return {};
    });
    if (!written) return std::unexpected(written.error());
    return job;
  }
  bool all_are(const std::string& id, VariantState state) {
    return std::ranges::all_of(variants_of(id), [&](const Variant& variant) { return variant.state == state; });
  }
};

TEST_F(AppVariants, AnUploadOrdersThemAndNobodySeesTheJob) {
  const std::string id = house.new_image(ann);
  EXPECT_EQ(variants_of(id).size(), 6U);
  EXPECT_TRUE(all_are(id, VariantState::kProcessing));
  EXPECT_EQ(variants_of(id).front().width_px, 8) << "small pictures keep their size, which is known before";
  EXPECT_EQ(image_now(id).state, ImageState::kStored);
  EXPECT_TRUE(house.images.get(ann.user_id, id)->jobs.empty());
  const Job job = claim_one();
  EXPECT_FALSE(house.jobs.get(ann.user_id, job.id));
  EXPECT_FALSE(house.jobs.cancel(ann, job.id));
  EXPECT_TRUE(house.work.claim(1).value().empty()) << "it waits in a lane of its own";
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(AppVariants, AreReadyWithTheirObjectsAndTheFingerprintsAllAtOnce) {
  const std::string id = house.new_image(ann);
  const Job job = claim_one();
  ASSERT_TRUE(house.work.begin_variants(job));
  EXPECT_EQ(image_now(id).state, ImageState::kProcessing);
  EXPECT_TRUE(finish_variants(house, job).value());
  EXPECT_TRUE(all_are(id, VariantState::kReady));
  EXPECT_EQ(image_now(id).state, ImageState::kReady);
  EXPECT_EQ(image_now(id).thumb_hash, "hash");
  EXPECT_EQ(image_now(id).perceptual_hash, 7U);
  EXPECT_TRUE(house.faults().empty());
  EXPECT_EQ(order(id, display_variants()).value(), std::nullopt) << "they are there";
}

TEST_F(AppVariants, OfALostLeaseNothingStays) {
  const std::string id = house.new_image(ann);
  const Job old = claim_one();
  clock.advance(60'000);
  EXPECT_EQ(house.work.rescue(10).value(), 1);
  const Job now = claim_one();
  EXPECT_FALSE(finish_variants(house, old).value());
  EXPECT_EQ(image_now(id).state, ImageState::kProcessing);
  EXPECT_TRUE(finish_variants(house, now).value());
  EXPECT_TRUE(all_are(id, VariantState::kReady));
  clock.advance(2 * 60 * 60 * 1'000);
  EXPECT_EQ(house.janitor.run().value().objects_removed, 6) << "of the first attempt";
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(AppVariants, FailForGoodAfterTheirLastAttemptAndCanBeOrderedAgain) {
  const std::string id = house.new_image(ann);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    EXPECT_TRUE(house.fail(claim_one(), {"ENGINE_FAILED", "x"}, FailureKind::kTransient).value());
    clock.advance(120'000);
  }
  EXPECT_TRUE(all_are(id, VariantState::kFailed));
  EXPECT_EQ(image_now(id).state, ImageState::kFailed);
  EXPECT_TRUE(house.objects.stat(image_now(id).object_key).value()) << "the original stays";
  EXPECT_TRUE(house.faults().empty());
  EXPECT_TRUE(order(id, display_variants()).value());
  EXPECT_TRUE(finish_variants(house, claim_one()).value());
  EXPECT_EQ(image_now(id).state, ImageState::kReady);
}

TEST_F(AppVariants, OneMoreLeavesTheImagesStateAlone) {
  const std::string id = house.new_image(ann);
  EXPECT_TRUE(finish_variants(house, claim_one()).value());
  const std::vector<VariantKey> more{{kPublished, ImageFormat::kPng}, {"4x4-cover-q80", ImageFormat::kAvif}};
  EXPECT_TRUE(order(id, more).value());
  EXPECT_FALSE(order(id, more).value()) << "it is being made";
  const Job job = claim_one();
  ASSERT_TRUE(house.work.begin_variants(job));
  EXPECT_EQ(image_now(id).state, ImageState::kReady);
  EXPECT_TRUE(house.fail(job, {"IMAGE_DAMAGED", "x"}, FailureKind::kFinal).value());
  EXPECT_EQ(image_now(id).state, ImageState::kReady);
  EXPECT_EQ(variants_of(id).size(), 8U);
}

TEST_F(AppVariants, RenditionsMadeOnRequestGoWhenNobodyLooksAtThem) {
  const std::string id = house.new_image(ann);
  EXPECT_TRUE(finish_variants(house, claim_one()).value());
  EXPECT_TRUE(order(id, {{"4x4-cover-q80", ImageFormat::kAvif}}).value());
  EXPECT_TRUE(finish_variants(house, claim_one()).value());
  EXPECT_EQ(variants_of(id).size(), 7U);
  clock.advance(31LL * 24 * 3'600 * 1'000);
  EXPECT_EQ(house.janitor.run().value().objects_removed, 1);
  EXPECT_EQ(variants_of(id).size(), 6U);
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(AppVariants, GoWithTheirImageWhateverTheirState) {
  const std::string ready = house.new_image(ann), running = house.new_image(ann), queued = house.new_image(ann);
  EXPECT_TRUE(finish_variants(house, claim_one()).value());
  const Job job = claim_one();
  for (const std::string& id : {ready, running, queued}) EXPECT_TRUE(house.images.remove(ann.user_id, id));
  EXPECT_FALSE(finish_variants(house, job)) << "its image has gone";
  int objects = 0;
  EXPECT_TRUE(house.objects.list("", [&](std::string_view, std::int64_t) { return ++objects > 0; }));
  EXPECT_EQ(objects, 0);
  EXPECT_TRUE(house.faults().empty());
}

// ---- Any order of what can happen keeps the rules of the design.

// Somebody with an album, and the leases of whoever works for them.
struct World {
  World(House& house, Principal who) : who(std::move(who)) {
    album = std::get<Album>(house.albums.create(this->who, {"Album", "", Visibility::kPrivate}, {}).value()).id;
    for (int at = 0; at < 3; ++at) add_image(house);
  }
  void add_image(House& house) {
    while (true) {
      const auto uploaded = house.images.upload(who, house.file("picture"), album, {});
      if (uploaded) return images.push_back(std::get<Image>(*uploaded).id);
      // Somebody's clock runs so fast that the janitor takes a file for abandoned.
      if (uploaded.error().code != ErrorCode::kConflict) throw std::runtime_error(uploaded.error().cause);
    }
  }

  Principal who;
  std::string album;
  std::vector<std::string> images;
  std::vector<Job> held;
};

void submit(House& house, World& world, int detail, bool whole_album) {
  const auto tier = Tier(detail % 3);
  if (whole_album) {
    static_cast<void>(house.submissions.enhance_album(world.who, world.album, tier, detail % 2 == 0, {}));
  } else {
    const auto& image = world.images[static_cast<std::size_t>(detail) % world.images.size()];
    static_cast<void>(house.submissions.enhance(world.who, image, {tier}, {}));
  }
}

// Stores every variant that the job asks for, and settles it.
Result<bool> finish_variants(House& house, const Job& job) {
  const auto image = house.work.begin_variants(job);
  if (!image) return std::unexpected(image.error());
  MadeVariants made{{}, "hash", 7};
  const std::vector<VariantKey> wanted = variants_from(job.parameters).value();
  std::vector<std::string> keys;
  for (const VariantKey& key : wanted) {
    made.variants.push_back({key, {key.format, 1, 1, 1}, variant_key(house.random, image->id, key)});
    keys.push_back(made.variants.back().object_key);
  }
  if (auto begun = house.work.begin_objects(keys); !begun) return std::unexpected(begun.error());
  for (const std::string& key : keys) static_cast<void>(house.objects.put_bytes(key, "x", "image/webp"));
  auto held = house.work.succeed_variants(job, made);
  const bool nobodys = held ? !*held : held.error().code != ErrorCode::kInternal;
  for (const std::string& key : keys) {
    if (nobodys) static_cast<void>(house.objects.remove(key));
  }
  return held;
}

enum class Ending { kSuccess, kFailure, kCancel, kGivenBack };

void end_one(House& house, World& world, int detail, Ending ending) {
  if (world.held.empty()) return;
  const std::size_t at = static_cast<std::size_t>(detail) % world.held.size();
  const Job job = world.held[at];
  switch (ending) {
    case Ending::kSuccess: {
      if (job.operation == OperationKind::kVariants) {
        finish_variants(house, job);
        break;
      }
      const std::string key = result_key(house.random, job.id, job.fencing_token, {.format = ImageFormat::kPng});
      static_cast<void>(house.work.begin_result(key));
      static_cast<void>(house.objects.put_bytes(key, "x", "image/png"));
      const auto held = house.succeed(job, {key, ImageFormat::kPng, 1, 1, 1, "s"});
      const bool nobodys = held ? !*held : held.error().code != ErrorCode::kInternal;
      if (nobodys) static_cast<void>(house.objects.remove(key));
      break;
    }
    case Ending::kFailure: {
      const auto kind = detail % 2 == 0 ? FailureKind::kFinal : FailureKind::kTransient;
      static_cast<void>(house.fail(job, {"ENGINE_FAILED", "x"}, kind));
      break;
    }
    case Ending::kCancel: static_cast<void>(house.cancelled(job)); break;
    case Ending::kGivenBack: static_cast<void>(house.give_back(job)); break;
  }
  // Sometimes it is kept, to come back with a lease that has gone.
  if (detail % 4 != 0) world.held.erase(world.held.begin() + static_cast<std::ptrdiff_t>(at));
}

void cancel_one(House& house, World& world, int detail) {
  const auto& image = world.images[static_cast<std::size_t>(detail) % world.images.size()];
  const auto found = house.images.get(world.who.user_id, image);
  if (!found || found->jobs.empty()) return;
  const Job& job = found->jobs[static_cast<std::size_t>(detail) % found->jobs.size()];
  static_cast<void>(house.jobs.cancel(world.who, job.id));
}

// One step: submitting, working, cancelling, waiting, granting, deleting, cleaning.
void step(House& house, World& world, int choice) {
  const int detail = choice / 12;
  switch (choice % 12) {
    case 0: submit(house, world, detail, false); break;
    case 1: submit(house, world, detail, true); break;
    case 2: {
      const auto lane = detail % 4 == 3 ? QueueLane::kBackground : QueueLane::kOperations;
      auto claimed = house.work.claim(1 + detail % 3, lane);
      if (!claimed) break;
      for (Job& job : *claimed) world.held.push_back(std::move(job));
      break;
    }
    case 3:
    case 4: end_one(house, world, detail, Ending::kSuccess); break;
    case 5: end_one(house, world, detail, Ending::kFailure); break;
    case 6: end_one(house, world, detail, Ending::kCancel); break;
    case 7: end_one(house, world, detail, Ending::kGivenBack); break;
    case 8: cancel_one(house, world, detail); break;
    case 9:
      house.clock.advance(detail % 30 * 60'000);
      static_cast<void>(house.work.rescue(10));
      static_cast<void>(house.janitor.run());
      break;
    case 10: static_cast<void>(house.wallets.adjust(world.who.user_id, detail % 41 - 20, "by hand", {"root"})); break;
    case 11: {
      const std::size_t at = static_cast<std::size_t>(detail) % world.images.size();
      if (!house.images.remove(world.who.user_id, world.images[at])) break;
      world.images.erase(world.images.begin() + static_cast<std::ptrdiff_t>(at));
      world.add_image(house);
      break;
    }
  }
}

RC_GTEST_PROP(AppProperty, AnyOrderKeepsTheRules, ()) {
  const Folder folder(test::memory_directory());
  TestClock clock;
  House house(folder.path(), clock);
  World world(house, house.new_user("ann"));
  const auto choices = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 100'000));
  for (const int choice : choices) {
    step(house, world, choice);
    const auto faults = house.faults();
    if (!faults.empty()) RC_FAIL(faults.front());
  }
}

TEST(AppThreads, EightThreadsAgainstOneFileKeepTheRules) {
  const Folder folder;
  TestClock clock;
  House one(folder.path(), clock, 1), two(folder.path(), clock, 2);
  const Principal who = one.new_user("ann");
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      House& house = thread % 2 == 0 ? one : two;
      World world(house, who);  // albums of their own, one wallet and one queue for all
      SeededRandom random(static_cast<std::uint64_t>(thread) + 10);
      for (int at = 0; at < 60; ++at) {
        std::uint32_t choice = 0;
        random.fill(std::as_writable_bytes(std::span(&choice, 1)));
        step(house, world, static_cast<int>(choice % 100'000));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(one.faults(), std::vector<std::string>());
}

}  // namespace
}  // namespace tintype::app
