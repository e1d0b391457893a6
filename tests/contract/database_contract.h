// What every Database has to do, whichever engine is behind it. A suite names a factory of fresh, migrated databases.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <functional>
#include <memory>
#include <thread>

#include "ports/database.h"

namespace tintype {

using DatabaseFactory = std::function<std::unique_ptr<Database>()>;

class DatabaseContract : public testing::TestWithParam<DatabaseFactory> {
 protected:
  void SetUp() override {
    database = GetParam()();
    if (!database) GTEST_SKIP() << "this engine is not installed here";
    write([&](Transaction& transaction) -> Result<void> {
      for (const char* id : {"ann", "bob"}) {
        User user{id, std::string(id) + "@example.org", id, "hash"};
        user.created_at_ms = id[0];
        if (auto inserted = transaction.accounts().insert_user(user); !inserted) return inserted;
        if (auto opened = transaction.wallets().insert({id, 100, 0, std::nullopt}); !opened) return opened;
        const LedgerEntry entry{std::string("led-") + id, id, LedgerKind::kInitial, 100, 100, {}, {}, 1};
        if (auto appended = transaction.wallets().append(entry); !appended) return appended;
      }
      return {};
    });
  }

  void write(UnitOfWork unit) {
    const auto written = database->write(unit);
    ASSERT_TRUE(written) << written.error().message << " " << written.error().cause;
  }
  void read(UnitOfWork unit) {
    const auto done = database->read(unit);
    ASSERT_TRUE(done) << done.error().message << " " << done.error().cause;
  }

  static Image image(std::string id, std::string user = "ann", UnixMs created_at_ms = 5) {
    Image made;
    made.id = id;
    made.user_id = std::move(user);
    made.name = "n\xc3\xa4me.png";
    made.format = ImageFormat::kWebp;
    made.width_px = 3;
    made.height_px = 4;
    made.has_alpha = true;
    made.size_bytes = 7;
    made.sha256 = "sha";
    made.object_key = "images/" + id + "/o.webp";
    made.created_at_ms = made.updated_at_ms = created_at_ms;
    return made;
  }

  static Job job(std::string id, Tokens price = 5, std::string image_id = {}) {
    Job made;
    made.id = std::move(id);
    made.user_id = "ann";
    made.image_id = std::move(image_id);
    made.parameters = {{"tier", "TIER_2K"}, {"odd &=", "\xe2\x82\xac"}};
    made.tier = "TIER_2K";
    made.price = price;
    made.created_at_ms = made.updated_at_ms = 10;
    return made;
  }

  // Inserts a job with its reservation.
  static Result<void> submit(Transaction& transaction, const Job& job) {
    auto wallet = transaction.wallets().lock(job.user_id);
    if (!wallet) return std::unexpected(wallet.error());
    if (auto reserved = reserve(*wallet, job.price); !reserved) return reserved;
    if (auto updated = transaction.wallets().update(*wallet); !updated) return updated;
    if (auto inserted = transaction.jobs().insert(job); !inserted) return inserted;
    return transaction.wallets().insert_reservation({job.id, job.user_id, job.price, ReservationState::kOpen});
  }

  std::vector<Job> claim(UnixMs now_ms = 20, int limit = 10, QueueLane lane = QueueLane::kOperations) {
    std::vector<Job> jobs;
    write([&](Transaction& transaction) -> Result<void> {
      auto claimed = transaction.jobs().claim(lane, now_ms, now_ms + 1'000, limit);
      if (!claimed) return std::unexpected(claimed.error());
      jobs = *claimed;
      return {};
    });
    return jobs;
  }

  std::vector<std::string> faults() {
    std::vector<std::string> all;
    read([&](Transaction& transaction) -> Result<void> {
      all.clear();
      for (auto found : {transaction.audit().wallet_faults(), transaction.audit().job_faults(),
                         transaction.audit().usage_faults(), transaction.audit().object_faults()}) {
        if (!found) return std::unexpected(found.error());
        all.insert(all.end(), found->begin(), found->end());
      }
      return {};
    });
    return all;
  }

  std::unique_ptr<Database> database;
};

TEST_P(DatabaseContract, UsersAreFoundByIdAndEmailAndAreUnique) {
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.accounts().insert_user({"x", "ann@example.org"}).error().code, ErrorCode::kConflict);
    return {};
  });
  write([&](Transaction& transaction) -> Result<void> {
    auto user = transaction.accounts().user_by_email("ann@example.org").value().value();
    EXPECT_EQ(user.id, "ann");
    user.role = Role::kAdmin;
    user.banned_at_ms = 77;
    EXPECT_TRUE(transaction.accounts().update_user(user));
    user.email = "bob@example.org";
    EXPECT_EQ(transaction.accounts().update_user(user).error().code, ErrorCode::kConflict);
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto user = transaction.accounts().user_by_id("ann").value().value();
    EXPECT_EQ(user.role, Role::kAdmin);
    EXPECT_EQ(user.banned_at_ms, 77);
    EXPECT_FALSE(transaction.accounts().user_by_id("nobody").value());
    const auto first = transaction.accounts().list_users({std::nullopt, 1}).value();
    EXPECT_EQ(first.front().id, "bob");
    const auto rest = transaction.accounts().list_users({PageCursor{first[0].created_at_ms, first[0].id}, 9}).value();
    EXPECT_EQ(rest.front().id, "ann");
    return {};
  });
}

TEST_P(DatabaseContract, SessionsEndAndRefreshTokensAreSpentOnce) {
  write([&](Transaction& transaction) -> Result<void> {
    AccountRepository& accounts = transaction.accounts();
    EXPECT_TRUE(accounts.insert_session({"s1", "ann", "h1", 1, 100}));
    EXPECT_TRUE(accounts.insert_session({"s2", "ann", "h2", 1, 200}));
    EXPECT_TRUE(accounts.insert_refresh_token({"r1", "s1", 1, 100, std::nullopt}));
    EXPECT_EQ(accounts.session_by_token_hash("h1", 50).value()->user.email, "ann@example.org");
    EXPECT_FALSE(accounts.session_by_token_hash("h1", 100).value());
    EXPECT_TRUE(accounts.session_by_id("s2", 150).value());
    EXPECT_TRUE(accounts.spend_refresh_token("r1", 5).value());
    EXPECT_FALSE(accounts.spend_refresh_token("r1", 6).value());
    EXPECT_EQ(accounts.refresh_token_by_hash("r1").value()->used_at_ms, 5);
    EXPECT_TRUE(accounts.set_session_token("s1", "h3"));
    EXPECT_TRUE(accounts.session_by_token_hash("h3", 50).value());
    EXPECT_EQ(accounts.delete_expired_sessions(100, 10).value(), 1);
    EXPECT_FALSE(accounts.refresh_token_by_hash("r1").value()) << "goes with its session";
    EXPECT_TRUE(accounts.delete_sessions_of("ann", "s2"));
    EXPECT_TRUE(accounts.session_by_id("s2", 150).value());
    EXPECT_TRUE(accounts.delete_session("s2"));
    EXPECT_FALSE(accounts.session_by_id("s2", 150).value());
    return {};
  });
}

TEST_P(DatabaseContract, SessionsAreListedByTheirLastUseAndEndedByTheirUser) {
  write([&](Transaction& transaction) -> Result<void> {
    AccountRepository& accounts = transaction.accounts();
    EXPECT_TRUE(accounts.insert_session({"s1", "ann", "h1", 1, 100, 1, {"192.0.2.7", "Ph\xc3\xb6ne/1.0"}}));
    EXPECT_TRUE(accounts.insert_session({"s2", "ann", "h2", 2, 100, 2}));
    EXPECT_TRUE(accounts.insert_session({"s3", "ann", "h3", 3, 10, 3}));
    EXPECT_TRUE(accounts.insert_session({"s4", "bob", "h4", 4, 100, 4}));
    EXPECT_TRUE(accounts.mark_session_used("s1", 9));
    EXPECT_TRUE(accounts.mark_session_used("s1", 5)) << "never goes back";
    EXPECT_TRUE(accounts.mark_session_used("none", 5));
    const auto live = accounts.sessions_of("ann", 50, 10).value();
    EXPECT_EQ(live.size(), 2U);
    EXPECT_EQ(live.front().id, "s1");
    EXPECT_EQ(live.front().last_used_at_ms, 9);
    EXPECT_EQ(live.front().caller.remote_address, "192.0.2.7");
    EXPECT_EQ(live.front().caller.user_agent, "Ph\xc3\xb6ne/1.0");
    EXPECT_EQ(live.back().id, "s2");
    EXPECT_EQ(accounts.sessions_of("ann", 50, 1).value().size(), 1U);
    EXPECT_EQ(accounts.session_by_token_hash("h1", 50).value()->session.last_used_at_ms, 9);
    EXPECT_FALSE(accounts.delete_session_of("ann", "s4").value()) << "somebody else's";
    EXPECT_TRUE(accounts.delete_session_of("ann", "s1").value());
    EXPECT_FALSE(accounts.delete_session_of("ann", "s1").value());
    EXPECT_EQ(accounts.delete_sessions_of("ann", "s2").value(), 1);
    EXPECT_TRUE(accounts.session_by_id("s4", 50).value());
    return {};
  });
}

TEST_P(DatabaseContract, AUsersJobsOfAllSurfacesAreListedWithTheirTokens) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"i1", "i2"}) EXPECT_TRUE(transaction.images().insert(image(id)));
    Job hidden = job("j0", 0, "i1");
    hidden.operation = OperationKind::kVariants;
    hidden.priority = kBackgroundPriority;
    hidden.created_at_ms = 40;
    EXPECT_TRUE(transaction.jobs().insert(hidden));
    Job studio = job("j1");
    studio.surface = Surface::kStudio;
    EXPECT_TRUE(submit(transaction, studio));
    EXPECT_TRUE(submit(transaction, job("j2", 5, "i2")));
    Job later = job("j3", 5, "i2");
    later.created_at_ms = 11;
    later.batch_id = "b1";
    return submit(transaction, later);
  });
  auto claimed = claim(20, 1);
  ASSERT_EQ(claimed.size(), 1U);
  ASSERT_EQ(claimed.front().id, "j1");
  write([&](Transaction& transaction) -> Result<void> {
    claimed.front().state = JobState::kSucceeded;
    claimed.front().finished_at_ms = 30;
    EXPECT_TRUE(transaction.jobs().finish(claimed.front()).value());
    EXPECT_TRUE(transaction.wallets().settle("j1", ReservationState::kCaptured).value());
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto ids = [&](std::optional<JobPhase> phase, const Page& page, const char* image_id = "") {
      std::string joined;
      const auto found = transaction.jobs().of_user("ann", {phase, image_id}, page).value();
      for (const UserJob& one : found) joined += one.job.id + " ";
      return joined;
    };
    EXPECT_EQ(ids(std::nullopt, {}), "j3 j2 j1 ");
    EXPECT_EQ(ids(std::nullopt, {PageCursor{10, "j2"}, 5}), "j1 ");
    EXPECT_EQ(ids(JobPhase::kOpen, {}), "j3 j2 ");
    EXPECT_EQ(ids(JobPhase::kOpen, {std::nullopt, 1}), "j3 ");
    EXPECT_EQ(ids(JobPhase::kEnded, {}), "j1 ");
    EXPECT_EQ(ids(std::nullopt, {}, "i2"), "j3 j2 ");
    EXPECT_EQ(ids(std::nullopt, {PageCursor{11, "j3"}, 5}, "i2"), "j2 ");
    EXPECT_EQ(ids(JobPhase::kOpen, {}, "i2"), "j3 j2 ");
    EXPECT_EQ(ids(JobPhase::kEnded, {}, "i2"), "");
    EXPECT_EQ(ids(std::nullopt, {}, "i1"), "") << "what makes variants was not asked for";
    const auto all = transaction.jobs().of_user("ann", {}, {}).value();
    EXPECT_EQ(all[0].tokens_reserved, 5);
    EXPECT_EQ(all[0].tokens_charged, 0);
    EXPECT_EQ(all[0].job.batch_id, "b1");
    EXPECT_EQ(all[2].tokens_reserved, 0);
    EXPECT_EQ(all[2].tokens_charged, 5);
    EXPECT_TRUE(transaction.jobs().of_user("bob", {}, {}).value().empty());
    EXPECT_TRUE(transaction.jobs().of_user("bob", {std::nullopt, "i2"}, {}).value().empty());
    return {};
  });
}

// More than one statement takes, so that whole ones and a rest of every size are met.
TEST_P(DatabaseContract, ManyJobsAreWrittenTogether) {
  constexpr std::size_t kMany = 64 + 16 + 4 + 3;
  std::vector<Job> jobs;
  std::vector<Reservation> held;
  std::vector<LedgerEntry> entries;
  for (std::size_t at = 0; at < kMany; ++at) {
    const std::string id = "j" + std::to_string(100 + at);
    jobs.push_back(job(id, 1));
    held.push_back({id, "ann", 1, ReservationState::kOpen});
    const auto left = static_cast<Tokens>(kMany - at - 1);
    entries.push_back({"l" + id, "ann", LedgerKind::kCapture, -1, left, id, {}, 30});
  }
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().insert(jobs));
    EXPECT_TRUE(transaction.wallets().insert_reservations(held));
    return transaction.wallets().update({"ann", 100, kMany, std::nullopt});
  });
  auto claimed = claim(20, kMany);
  ASSERT_EQ(claimed.size(), kMany);
  for (std::size_t at = 0; at < kMany; ++at) {
    ASSERT_EQ(claimed[at].id, jobs[at].id) << "in the order given";
    ASSERT_EQ(claimed[at].parameters, jobs[at].parameters);
    claimed[at].state = JobState::kSucceeded;
    claimed[at].result = JobResult{"key" + claimed[at].id, ImageFormat::kPng, 3, 4, 2, "sha", std::nullopt, {}};
    claimed[at].finished_at_ms = claimed[at].updated_at_ms = 30;
    held[at].state = ReservationState::kCaptured;
  }
  claimed[5].fencing_token = 7;  // another's by now
  write([&](Transaction& transaction) -> Result<void> {
    const auto finished = transaction.jobs().finish(claimed).value();
    for (std::size_t at = 0; at < kMany; ++at) EXPECT_EQ(finished[at], at != 5);
    EXPECT_TRUE(transaction.wallets().settle(held).value());
    EXPECT_FALSE(transaction.wallets().settle(std::span(held).first(3)).value()) << "settled once";
    EXPECT_TRUE(transaction.wallets().append(entries));
    return transaction.wallets().update({"ann", 100 - kMany, 0, std::nullopt});
  });
  read([&](Transaction& transaction) -> Result<void> {
    const Job ended = transaction.jobs().find("ann", jobs[86].id).value().value();
    EXPECT_EQ(ended.state, JobState::kSucceeded);
    EXPECT_EQ(ended.result->object_key, "key" + ended.id);
    EXPECT_EQ(ended.result->width_px, 3);
    EXPECT_EQ(ended.finished_at_ms, 30);
    EXPECT_FALSE(ended.lease_expires_at_ms);
    EXPECT_EQ(transaction.jobs().find("ann", jobs[5].id).value().value().state, JobState::kRunning);
    EXPECT_EQ(transaction.usage().find("ann").value().bytes, 2 * (static_cast<std::int64_t>(kMany) - 1));
    EXPECT_EQ(transaction.usage().job_days("ann", 0).value().front().succeeded, static_cast<std::int64_t>(kMany) - 1);
    EXPECT_EQ(transaction.usage().token_days("ann", 0).value().front().spent, static_cast<Tokens>(kMany));
    EXPECT_EQ(transaction.wallets().history("ann", {std::nullopt, 1}).value().front().job_id, jobs[86].id);
    return {};
  });
}

// The one that fails has written by then.
TEST_P(DatabaseContract, UnitsThatCommitTogetherSeeEachOthersWallet) {
  constexpr int kUnits = 5, kFails = 2;
  std::atomic_flag begun;
  std::thread before([&] {
    const auto waited = database->write("ann", [&](Transaction&) -> Result<void> {
      begun.test_and_set();
      begun.notify_one();
      while (database->units_waiting() <= kUnits) std::this_thread::yield();
      return {};
    });
    EXPECT_TRUE(waited);
  });
  begun.wait(false);
  std::vector<std::thread> threads;
  for (int at = 0; at < kUnits; ++at) {
    threads.emplace_back([&, at] {
      const auto written = database->write("ann", [&](Transaction& transaction) -> Result<void> {
        auto wallet = transaction.wallets().lock("ann");
        if (!wallet) return std::unexpected(wallet.error());
        wallet->reserved += 5;
        if (auto updated = transaction.wallets().update(*wallet); !updated) return updated;
        return at == kFails ? fail(ErrorCode::kConflict, "Not this one") : Result<void>();
      });
      EXPECT_EQ(written.has_value(), at != kFails);
    });
  }
  before.join();
  for (std::thread& thread : threads) thread.join();
  read([](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.wallets().find("ann").value()->reserved, 5 * (kUnits - 1));
    return {};
  });
}

TEST_P(DatabaseContract, WhatAUserDidIsCountedByDays) {
  constexpr std::int64_t kFirst = 20'000;
  const UnixMs first_ms = day_begins_at_ms(kFirst), second_ms = day_begins_at_ms(kFirst + 1);
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("i1")));
    Job hidden = job("j0", 0, "i1");
    hidden.operation = OperationKind::kVariants;
    EXPECT_TRUE(transaction.jobs().insert(hidden));
    for (const char* id : {"j1", "j2", "j3", "j4"}) EXPECT_TRUE(submit(transaction, job(id, 5, "i1")));
    return {};
  });
  const auto claimed = claim();
  ASSERT_EQ(claimed.size(), 5U);
  const auto end = [&](std::string_view id, JobState state, UnixMs now_ms) {
    write([&](Transaction& transaction) -> Result<void> {
      Job ended = *std::ranges::find(claimed, id, &Job::id);
      ended.state = state;
      ended.finished_at_ms = ended.updated_at_ms = now_ms;
      EXPECT_TRUE(transaction.jobs().finish(ended).value());
      EXPECT_FALSE(transaction.jobs().finish(ended).value()) << "counted once";
      return {};
    });
  };
  end("j0", JobState::kSucceeded, first_ms);
  end("j1", JobState::kSucceeded, first_ms);
  end("j2", JobState::kSucceeded, second_ms - 1);
  end("j3", JobState::kFailed, second_ms);
  end("j4", JobState::kCancelled, second_ms);
  write([&](Transaction& transaction) -> Result<void> {
    const auto append = [&](const char* id, LedgerKind kind, Tokens amount, UnixMs at_ms, const char* job_id = "") {
      EXPECT_TRUE(transaction.wallets().append({id, "ann", kind, amount, 100, job_id, {}, at_ms}));
    };
    append("l1", LedgerKind::kCapture, -5, first_ms, "j1");
    append("l2", LedgerKind::kCapture, -5, second_ms - 1, "j2");
    append("l3", LedgerKind::kGrant, 7, second_ms);
    append("l4", LedgerKind::kRemoval, -3, second_ms);
    for (const char* id : {"j1", "j2", "j3", "j4"}) {
      EXPECT_TRUE(transaction.wallets().settle(id, ReservationState::kReleased).value());
    }
    EXPECT_TRUE(transaction.images().remove("ann", "i1").value()) << "what was counted stays";
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto jobs = transaction.usage().job_days("ann", kFirst).value();
    EXPECT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].day, kFirst);
    EXPECT_EQ(jobs[0].operation, OperationKind::kEnhance);
    EXPECT_EQ(jobs[0].succeeded, 2);
    EXPECT_EQ(jobs[0].tokens, 10);
    EXPECT_EQ(jobs[1].failed, 1);
    EXPECT_EQ(jobs[1].tokens, 0);
    const auto tokens = transaction.usage().token_days("ann", kFirst).value();
    EXPECT_EQ(tokens.size(), 2U);
    EXPECT_EQ(tokens[0].spent, 10);
    EXPECT_EQ(tokens[0].received, 0);
    EXPECT_EQ(tokens[1].spent, 0);
    EXPECT_EQ(tokens[1].received, 7);
    EXPECT_EQ(transaction.usage().job_days("ann", kFirst + 1).value().size(), 1U);
    EXPECT_TRUE(transaction.usage().job_days("bob", 0).value().empty());
    return {};
  });
}

TEST_P(DatabaseContract, ImagesAreFoundByTheirDigest) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"i1", "i2", "i3"}) EXPECT_TRUE(transaction.images().insert(image(id)));
    EXPECT_TRUE(transaction.images().insert(image("i4", "bob")));
    Image deleted = image("i3");
    deleted.deleted_at_ms = 9;
    EXPECT_TRUE(transaction.images().update(deleted));
    Image other = image("i5");
    other.sha256 = "another";
    return transaction.images().insert(other);
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto found = transaction.images().list_of_digest("ann", "sha", {}).value();
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(found.front().id, "i2");
    EXPECT_EQ(transaction.images().list_of_digest("ann", "sha", {PageCursor{5, "i2"}, 5}).value().front().id, "i1");
    EXPECT_TRUE(transaction.images().list_of_digest("ann", "none", {}).value().empty());
    return {};
  });
}

TEST_P(DatabaseContract, ImagesAreOutlinedAsTheyAreListed) {
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("other", "bob")));
    for (int at = 1; at <= 5; ++at) {
      Image one = image("i" + std::to_string(at));
      one.width_px = 100 * at;
      one.height_px = 50;
      one.created_at_ms = 5 + at / 2;  // two at a time
      EXPECT_TRUE(transaction.images().insert(one));
    }
    Image deleted = image("i5");
    deleted.deleted_at_ms = 9;
    return transaction.images().update(deleted);
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto listed = transaction.images().list("ann", {}).value();
    const auto outlined = transaction.images().outline("ann", {}).value();
    EXPECT_EQ(outlined.size(), 4U);
    EXPECT_TRUE(std::ranges::equal(outlined, listed, {}, &ImageOutline::id, &Image::id));
    EXPECT_EQ(outlined[0].width_px, 400);
    EXPECT_EQ(outlined[0].height_px, 50);
    EXPECT_EQ(outlined[0].created_at_ms, 7);
    const auto rest = transaction.images().outline("ann", {PageCursor{6, "i3"}, 1}).value();
    EXPECT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest[0].id, "i2");
    const auto deleted = transaction.images().outline_deleted("ann", {}).value();
    EXPECT_EQ(deleted.size(), 1U);
    EXPECT_TRUE(std::ranges::equal(deleted, transaction.images().list_deleted("ann", {}).value(), {}, &ImageOutline::id,
                                   &Image::id));
    return {};
  });
}

TEST_P(DatabaseContract, TheAlbumsOfAnImageAreListed) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"i1", "i2"}) EXPECT_TRUE(transaction.images().insert(image(id)));
    for (const char* id : {"a1", "a2", "a3"}) {
      EXPECT_TRUE(transaction.albums().insert({.id = id, .user_id = "ann", .name = id, .created_at_ms = 5}));
    }
    for (const char* id : {"a1", "a2"}) EXPECT_TRUE(transaction.albums().add_image(id, "i1", 6).value());
    EXPECT_TRUE(transaction.albums().add_image("a3", "i2", 6).value());
    EXPECT_TRUE(transaction.albums().add_image("a2", "i2", 6).value());
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto found = transaction.albums().list_of_image("ann", "i1", {}).value();
    EXPECT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].id + found[1].id, "a2a1");
    EXPECT_EQ(found[0].image_count, 2);
    const auto behind = transaction.albums().list_of_image("ann", "i1", {PageCursor{5, "a2"}, 5}).value();
    EXPECT_EQ(behind.size(), 1U);
    EXPECT_TRUE(transaction.albums().list_of_image("bob", "i1", {}).value().empty());
    EXPECT_TRUE(transaction.albums().list_of_image("ann", "none", {}).value().empty());
    return {};
  });
}

TEST_P(DatabaseContract, TheLedgerIsPagedByKinds) {
  write([&](Transaction& transaction) -> Result<void> {
    int at = 0;
    for (const LedgerKind kind : {LedgerKind::kGrant, LedgerKind::kRegeneration, LedgerKind::kRemoval,
                                  LedgerKind::kGrant, LedgerKind::kRegeneration}) {
      const std::string id = "e" + std::to_string(++at);
      EXPECT_TRUE(transaction.wallets().append({id, "ann", kind, 1, 101, {}, "n", 10}));
    }
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto ids = [&](std::vector<LedgerKind> kinds, const Page& page) {
      std::string joined;
      const auto found = transaction.wallets().history_of_kinds("ann", kinds, page).value();
      for (const LedgerEntry& one : found) joined += one.id + " ";
      return joined;
    };
    EXPECT_EQ(ids({LedgerKind::kGrant}, {}), "e4 e1 ");
    EXPECT_EQ(ids({LedgerKind::kRemoval, LedgerKind::kGrant}, {}), "e4 e3 e1 ");
    EXPECT_EQ(ids({LedgerKind::kRemoval, LedgerKind::kGrant}, {std::nullopt, 2}), "e4 e3 ");
    EXPECT_EQ(ids({LedgerKind::kRemoval, LedgerKind::kGrant}, {PageCursor{10, "e3"}, 5}), "e1 ");
    EXPECT_EQ(ids({LedgerKind::kPurchase}, {}), "");
    return {};
  });
}

TEST_P(DatabaseContract, ReservationsAreSettledOnceAndTheLedgerIsPaged) {
  write([&](Transaction& transaction) { return submit(transaction, job("j1")); });
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.wallets().find("ann").value()->reserved, 5);
    EXPECT_TRUE(transaction.wallets().settle("j1", ReservationState::kReleased).value());
    EXPECT_FALSE(transaction.wallets().settle("j1", ReservationState::kCaptured).value());
    EXPECT_EQ(transaction.wallets().reservation("j1").value()->state, ReservationState::kReleased);
    EXPECT_EQ(transaction.wallets().lock("nobody").error().code, ErrorCode::kNotFound);
    for (int at = 0; at < 5; ++at) {
      // At one time, with ids that say nothing of their order.
      const LedgerEntry entry{std::string("acbed").substr(at, 1), "ann", LedgerKind::kGrant, 1, 101, {}, "n", 10};
      EXPECT_TRUE(transaction.wallets().append(entry));
    }
    const auto page = transaction.wallets().history("ann", {std::nullopt, 2}).value();
    EXPECT_EQ(page[0].id + page[1].id, "de");
    const auto next = transaction.wallets().history("ann", {PageCursor{page[1].created_at_ms, page[1].id}, 9}).value();
    EXPECT_EQ(next.size(), 4U);
    EXPECT_EQ(next[0].id + next[1].id + next[2].id, "bca");
    EXPECT_EQ(next.back().kind, LedgerKind::kInitial);
    return {};
  });
}

TEST_P(DatabaseContract, WhatTheRulesForbidTheTablesForbidToo) {
  const auto overdrawn = database->write(
      [&](Transaction& transaction) { return transaction.wallets().update({"ann", 5, 6, std::nullopt}); });
  EXPECT_FALSE(overdrawn);
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.wallets().find("ann").value()->balance, 100);
    return {};
  });
}

TEST_P(DatabaseContract, ImagesBelongToTheirUserAndKeepTheirFields) {
  write([&](Transaction& transaction) -> Result<void> {
    for (int at = 0; at < 3; ++at) {
      const auto inserted = transaction.images().insert(image("i" + std::to_string(at), "ann", 5 + at));
      if (!inserted) return inserted;
    }
    return {};
  });
  write([&](Transaction& transaction) -> Result<void> {
    const auto found = transaction.images().find("ann", "i1").value().value();
    EXPECT_EQ(found.name, "n\xc3\xa4me.png");
    EXPECT_EQ(found.format, ImageFormat::kWebp);
    EXPECT_TRUE(found.has_alpha);
    EXPECT_EQ(found.object_key, "images/i1/o.webp");
    EXPECT_FALSE(transaction.images().find("bob", "i1").value());
    const auto page = transaction.images().list("ann", {std::nullopt, 2}).value();
    EXPECT_EQ(page[0].id, "i2");
    EXPECT_EQ(transaction.images().list("ann", {PageCursor{page[1].created_at_ms, page[1].id}, 9}).value()[0].id, "i0");
    EXPECT_FALSE(transaction.images().remove("bob", "i1").value());
    EXPECT_TRUE(transaction.images().remove("ann", "i1").value());
    EXPECT_FALSE(transaction.images().find("ann", "i1").value());
    return {};
  });
}

TEST_P(DatabaseContract, AnImageWithAnOpenReservationIsKept) {
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("i")));
    return submit(transaction, job("j", 5, "i"));
  });
  const auto removed = database->write([&](Transaction& transaction) -> Result<void> {
    const auto gone = transaction.images().remove("ann", "i");
    return gone ? Result<void>() : std::unexpected(gone.error());
  });
  EXPECT_EQ(removed.error().code, ErrorCode::kConflict);
}

TEST_P(DatabaseContract, AlbumsKeepTheOrderOfTheirImages) {
  write([&](Transaction& transaction) -> Result<void> {
    AlbumRepository& albums = transaction.albums();
    EXPECT_TRUE(albums.insert({"a", "ann", "Album", "d", Visibility::kPrivate, 0, {}, 3, 3}));
    for (const char* id : {"i2", "i1", "i3"}) {
      EXPECT_TRUE(transaction.images().insert(image(id)));
      EXPECT_TRUE(albums.add_image("a", id, 4).value());
    }
    EXPECT_FALSE(albums.add_image("a", "i1", 5).value());
    EXPECT_EQ(albums.find("a").value()->image_count, 3);
    const auto images = albums.images("ann", "a", {std::nullopt, 2}).value();
    EXPECT_EQ(images[0].image.id + images[1].image.id, "i2i1");
    EXPECT_EQ(albums.find("a").value()->cover_image_id, "i2") << "the first, where none was chosen";
    const PageCursor after{images[1].position, images[1].image.id};
    EXPECT_TRUE(albums.remove_image("a", "i1").value()) << "a cursor outlives its image";
    const auto rest = albums.images("ann", "a", {after, kEverything}).value();
    EXPECT_EQ(rest.size(), 1U);
    EXPECT_EQ(rest.at(0).image.id, "i3");
    EXPECT_FALSE(albums.remove_image("a", "i1").value());
    EXPECT_FALSE(albums.update({"a", "bob", "Other"}).value());
    EXPECT_TRUE(albums.update({"a", "ann", "Renamed", "", Visibility::kPublic, 0, {}, 3, 9}).value());
    EXPECT_EQ(albums.list("ann", {}).value()[0].name, "Renamed");
    EXPECT_FALSE(albums.remove("bob", "a").value());
    EXPECT_TRUE(albums.remove("ann", "a").value());
    EXPECT_TRUE(transaction.images().find("ann", "i2").value()) << "images outlive their album";
    return {};
  });
}

TEST_P(DatabaseContract, AlbumsAreLaidOutAndKnowTheirPlaces) {
  write([&](Transaction& transaction) -> Result<void> {
    AlbumRepository& albums = transaction.albums();
    EXPECT_TRUE(albums.insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    EXPECT_FALSE(albums.last_position("a").value());
    for (const char* id : {"i1", "i2", "i3"}) {
      EXPECT_TRUE(transaction.images().insert(image(id)));
      EXPECT_TRUE(albums.add_image("a", id, 4).value());
    }
    EXPECT_TRUE(albums.set_position("a", {"i3", 0}));
    EXPECT_FALSE(albums.set_position("a", {"none", 0}));
    EXPECT_EQ(albums.position("a", "i1").value(), kPlaceGap);
    EXPECT_FALSE(albums.position("a", "none").value());
    EXPECT_EQ(albums.last_position("a").value(), 2 * kPlaceGap);
    EXPECT_TRUE(albums.lay_out("a", 100));
    EXPECT_EQ(albums.position("a", "i3").value(), 100);
    EXPECT_EQ(albums.position("a", "i2").value(), 100 + 2 * kPlaceGap);
    const auto behind = albums.places_behind("a", {"i3", 100}, 1).value();
    EXPECT_EQ(behind.at(0).image_id, "i1");
    EXPECT_EQ(behind.size(), 1U);
    const auto before = albums.places_before("a", {"i2", 100 + 2 * kPlaceGap}, 9).value();
    EXPECT_EQ(before.size(), 2U);
    EXPECT_EQ(before.at(0).image_id, "i1") << "the nearest first";
    EXPECT_FALSE(albums.touch("bob", "a", 9).value());
    EXPECT_TRUE(albums.touch("ann", "a", 9).value());
    EXPECT_EQ(albums.find("a").value()->updated_at_ms, 9);
    return {};
  });
}

TEST_P(DatabaseContract, UnitsThatTouchAnAlbumFollowOneAnother) {
  constexpr int kImages = 6;
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.albums().insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    for (int at = 0; at < kImages; ++at) {
      EXPECT_TRUE(transaction.images().insert(image("i" + std::to_string(at))));
      EXPECT_TRUE(transaction.albums().add_image("a", "i" + std::to_string(at), 4).value());
    }
    return {};
  });
  std::vector<std::thread> threads;
  for (int at = 0; at < kImages; ++at) {
    threads.emplace_back([this, id = "i" + std::to_string(at)] {
      write([&](Transaction& transaction) -> Result<void> {
        if (auto touched = transaction.albums().touch("ann", "a", 9); !touched) return std::unexpected(touched.error());
        const auto last = transaction.albums().last_position("a");
        if (!last) return std::unexpected(last.error());
        return transaction.albums().set_position("a", {id, last->value_or(0) + 1});
      });
    });
  }
  for (std::thread& thread : threads) thread.join();
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.albums().last_position("a").value(), kImages * kPlaceGap + kImages)
        << "no place is taken twice";
    return {};
  });
}

TEST_P(DatabaseContract, ACoverCountsWhileItIsInTheAlbum) {
  write([&](Transaction& transaction) -> Result<void> {
    AlbumRepository& albums = transaction.albums();
    EXPECT_TRUE(albums.insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    for (const char* id : {"i1", "i2"}) {
      EXPECT_TRUE(transaction.images().insert(image(id)));
      EXPECT_TRUE(albums.add_image("a", id, 4).value());
    }
    EXPECT_FALSE(albums.set_cover("bob", "a", "i2").value());
    EXPECT_TRUE(albums.set_cover("ann", "a", "i2").value());
    EXPECT_EQ(albums.find("a").value()->cover_image_id, "i2");
    EXPECT_TRUE(albums.remove_image("a", "i2").value());
    EXPECT_EQ(albums.find("a").value()->cover_image_id, "i1");
    EXPECT_TRUE(albums.set_cover("ann", "a", "").value());
    EXPECT_EQ(albums.find("a").value()->cover_image_id, "i1");
    return {};
  });
}

TEST_P(DatabaseContract, APublicAlbumShowsItsPublicImages) {
  write([&](Transaction& transaction) -> Result<void> {
    AlbumRepository& albums = transaction.albums();
    EXPECT_TRUE(albums.insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    for (const char* id : {"private", "public", "deleted"}) {
      Image made = image(id);
      made.visibility = made.id == "private" ? Visibility::kPrivate : Visibility::kPublic;
      if (made.id == "deleted") made.deleted_at_ms = 9;
      EXPECT_TRUE(transaction.images().insert(made));
      EXPECT_TRUE(albums.add_image("a", id, 4).value());
    }
    EXPECT_FALSE(albums.find_public("a").value());
    EXPECT_TRUE(albums.public_images("a", {}).value().empty());
    EXPECT_TRUE(albums.update({"a", "ann", "Album", "", Visibility::kPublic, 0, {}, 3, 9}).value());
    EXPECT_TRUE(albums.set_cover("ann", "a", "private").value());
    const auto seen = albums.find_public("a").value().value();
    EXPECT_EQ(seen.image_count, 1);
    EXPECT_EQ(seen.cover_image_id, "public");
    const auto images = albums.public_images("a", {}).value();
    EXPECT_EQ(images.size(), 1U);
    EXPECT_EQ(images.at(0).image.id, "public");
    EXPECT_TRUE(albums.public_images("a", {PageCursor{images[0].position, "public"}, 9}).value().empty());
    return {};
  });
}

TEST_P(DatabaseContract, UnitsThatHoldAThingCountItsSharesOneAfterAnother) {
  constexpr int kEach = 6, kMost = 2;
  const SharedThing things[] = {{"i", {}}, {{}, "a"}};
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("i")));
    EXPECT_TRUE(transaction.albums().insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    EXPECT_FALSE(transaction.shares().hold("bob", things[0]).value());
    EXPECT_FALSE(transaction.shares().hold("bob", things[1]).value());
    return {};
  });
  std::vector<std::thread> threads;
  for (const SharedThing& thing : things) {
    for (int at = 0; at < kEach; ++at) {
      threads.emplace_back([this, &thing, id = thing.image_id + thing.album_id + std::to_string(at)] {
        write([&](Transaction& transaction) -> Result<void> {
          ShareRepository& shares = transaction.shares();
          if (auto held = shares.hold("ann", thing); !held) return std::unexpected(held.error());
          const auto count = shares.count_of("ann", thing);
          if (!count) return std::unexpected(count.error());
          if (*count >= kMost) return {};
          return shares.insert({id, "ann", thing, id, ShareRole::kViewer, {}, 0, 5, std::nullopt, std::nullopt});
        });
      });
    }
  }
  for (std::thread& thread : threads) thread.join();
  read([&](Transaction& transaction) -> Result<void> {
    for (const SharedThing& thing : things) EXPECT_EQ(transaction.shares().count_of("ann", thing).value(), kMost);
    return {};
  });
}

TEST_P(DatabaseContract, SharesAreFoundByTheirTokenAndRevokedByTheirOwner) {
  write([&](Transaction& transaction) -> Result<void> {
    ShareRepository& shares = transaction.shares();
    EXPECT_TRUE(transaction.images().insert(image("i")));
    EXPECT_TRUE(transaction.albums().insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    EXPECT_TRUE(
        shares.insert({"s1", "ann", {"i", {}}, "h1", ShareRole::kDownloader, "secret", 0, 5, 50, std::nullopt}));
    EXPECT_TRUE(
        shares.insert({"s2", "ann", {{}, "a"}, "h2", ShareRole::kViewer, {}, 0, 6, std::nullopt, std::nullopt}));
    const auto found = shares.find_by_token_hash("h1").value().value();
    EXPECT_EQ(found.id + found.user_id + found.thing.image_id + found.thing.album_id, "s1anni");
    EXPECT_EQ(found.role, ShareRole::kDownloader);
    EXPECT_EQ(found.password_hash, "secret");
    EXPECT_EQ(found.expires_at_ms, 50);
    EXPECT_FALSE(shares.find_by_token_hash("h").value());
    EXPECT_EQ(shares.list("ann", {}).value().at(0).id, "s2") << "newest first";
    EXPECT_EQ(shares.list("ann", {PageCursor{6, "s2"}, 9}).value().at(0).id, "s1");
    EXPECT_TRUE(shares.list("bob", {}).value().empty());
    EXPECT_EQ(shares.of_thing("ann", {"i", {}}, {}).value().size(), 1U);
    EXPECT_EQ(shares.of_thing("ann", {{}, "a"}, {}).value().at(0).id, "s2");
    EXPECT_EQ(shares.count_of("ann", {"i", {}}).value(), 1);
    EXPECT_EQ(shares.count_of("bob", {"i", {}}).value(), 0);
    EXPECT_TRUE(shares.add_views("s1", 3));
    EXPECT_TRUE(shares.add_views("none", 3));
    EXPECT_EQ(shares.find_by_token_hash("h1").value()->view_count, 3);
    EXPECT_FALSE(shares.revoke("bob", {"i", {}}, "s1", 9).value());
    EXPECT_FALSE(shares.revoke("ann", {{}, "a"}, "s1", 9).value()) << "of another thing";
    EXPECT_TRUE(shares.revoke("ann", {"i", {}}, "s1", 9).value());
    EXPECT_FALSE(shares.revoke("ann", {"i", {}}, "s1", 9).value());
    EXPECT_EQ(shares.find_by_token_hash("h1").value()->revoked_at_ms, 9);
    EXPECT_EQ(shares.list("ann", {}).value().size(), 1U);
    EXPECT_EQ(shares.remove_ended(9, 10).value(), 0);
    EXPECT_EQ(shares.remove_ended(10, 10).value(), 1);
    return {};
  });
}

TEST_P(DatabaseContract, SharesGoWithWhatTheyLeadTo) {
  write([&](Transaction& transaction) -> Result<void> {
    ShareRepository& shares = transaction.shares();
    EXPECT_TRUE(transaction.images().insert(image("i")));
    EXPECT_TRUE(transaction.albums().insert({"a", "ann", "Album", "", Visibility::kPrivate, 0, {}, 3, 3}));
    EXPECT_TRUE(shares.insert({"s1", "ann", {"i", {}}, "h1", ShareRole::kViewer, {}, 0, 5, 50, std::nullopt}));
    EXPECT_TRUE(shares.insert({"s2", "ann", {{}, "a"}, "h2", ShareRole::kViewer, {}, 0, 6, 60, std::nullopt}));
    EXPECT_TRUE(transaction.images().remove("ann", "i").value());
    EXPECT_TRUE(transaction.albums().remove("ann", "a").value());
    EXPECT_FALSE(shares.find_by_token_hash("h1").value());
    EXPECT_FALSE(shares.find_by_token_hash("h2").value());
    return {};
  });
}

TEST_P(DatabaseContract, AnnouncedAndDeletedImagesAreNotThere) {
  write([&](Transaction& transaction) -> Result<void> {
    ImageRepository& images = transaction.images();
    Image pending = image("pending"), deleted = image("deleted");
    pending.state = ImageState::kUploadPending;
    EXPECT_TRUE(images.insert(pending));
    EXPECT_TRUE(images.insert(deleted));
    EXPECT_TRUE(images.find("ann", "deleted").value());
    deleted.deleted_at_ms = 10;
    deleted.deletes_at_ms = 20;
    deleted.title = "T";
    deleted.thumb_hash = "abc";
    deleted.perceptual_hash = 0xffff'0000'0000'0001;
    deleted.size_bytes = 17;
    EXPECT_TRUE(images.update(deleted));
    for (const char* id : {"pending", "deleted"}) {
      EXPECT_FALSE(images.find("ann", id).value());
      EXPECT_TRUE(images.find_any("ann", id).value());
      EXPECT_FALSE(images.find_any("bob", id).value());
      EXPECT_TRUE(images.find_by_id(id).value());
    }
    EXPECT_EQ(images.find_any("ann", "deleted").value()->perceptual_hash, 0xffff'0000'0000'0001);
    EXPECT_TRUE(images.list("ann", {}).value().empty());
    EXPECT_EQ(images.list_deleted("ann", {}).value().size(), 1U);
    EXPECT_EQ(transaction.usage().find("ann").value().bytes, 7 + 17);
    EXPECT_TRUE(images.to_purge(19, 10).value().empty());
    EXPECT_EQ(images.to_purge(20, 10).value().at(0).id, "deleted");
    EXPECT_TRUE(images.set_tags("deleted", {"b", "a"}));
    EXPECT_TRUE(images.set_tags("deleted", {"c", "b"}));
    EXPECT_EQ(images.tags("deleted").value(), (std::vector<std::string>{"c", "b"}));
    EXPECT_TRUE(images.add_views("deleted", 3));
    EXPECT_EQ(images.find_any("ann", "deleted").value()->view_count, 3);
    EXPECT_TRUE(images.remove("ann", "deleted").value());
    EXPECT_EQ(transaction.usage().find("ann").value().bytes, 7);
    EXPECT_EQ(transaction.usage().find("ann").value().images, 1);
    return {};
  });
  EXPECT_EQ(faults(), std::vector<std::string>{}) << "an announced image has no object yet";
}

TEST_P(DatabaseContract, UploadSessionsMoveOnOnce) {
  UploadSession session;
  session.id = "up_1";
  session.user_id = "ann";
  session.image_id = "i";
  session.object_key = "uploads/i/original.png";
  session.total_bytes = 12;
  session.content_type = "image/png";
  session.part_size_bytes = 5;
  session.client_sha256 = "ab";
  session.created_at_ms = 5;
  session.expires_at_ms = 50;
  write([&](Transaction& transaction) -> Result<void> {
    UploadRepository& uploads = transaction.uploads();
    EXPECT_TRUE(uploads.insert(session));
    EXPECT_TRUE(transaction.objects().begin_writing(session.object_key, 5));
    EXPECT_FALSE(uploads.find("bob", "up_1").value());
    UploadSession open = session;
    open.state = UploadState::kOpen;
    open.multipart_upload_id = "m";
    EXPECT_TRUE(uploads.update(open, session).value());
    EXPECT_FALSE(uploads.update(open, session).value()) << "the row has moved on";
    EXPECT_EQ(uploads.of_image("ann", "i").value()->multipart_upload_id, "m");
    EXPECT_EQ(uploads.of_multipart("ann", "m").value()->total_bytes, 12);
    EXPECT_FALSE(uploads.of_multipart("bob", "m").value());
    EXPECT_TRUE(uploads.knows_multipart("m").value());
    EXPECT_TRUE(transaction.objects().to_purge(1'000, 1'000, 10).value().empty()) << "its session has not ended";
    EXPECT_TRUE(uploads.expired(49, 10).value().empty());
    EXPECT_EQ(uploads.expired(50, 10).value().size(), 1U);
    UploadSession ended = open;
    ended.state = UploadState::kExpired;
    EXPECT_TRUE(uploads.update(ended, open).value());
    EXPECT_FALSE(uploads.knows_multipart("m").value());
    EXPECT_EQ(uploads.to_abort(10).value().at(0).multipart_upload_id, "m");
    EXPECT_EQ(uploads.remove_ended(60, 10).value(), 0) << "the store has its parts yet";
    UploadSession aborted = ended;
    aborted.multipart_upload_id.clear();
    EXPECT_TRUE(uploads.update(aborted, ended).value());
    EXPECT_EQ(transaction.objects().to_purge(1'000, 1'000, 10).value().size(), 1U);
    EXPECT_EQ(uploads.remove_ended(60, 10).value(), 1);
    return {};
  });
}

TEST_P(DatabaseContract, NothingOfAPausedLaneIsClaimed) {
  write([&](Transaction& transaction) -> Result<void> {
    Job rendition = job("rendition", 1);
    rendition.priority = kBackgroundPriority;
    if (auto submitted = submit(transaction, job("asked", 1)); !submitted) return submitted;
    if (auto submitted = submit(transaction, rendition); !submitted) return submitted;
    EXPECT_TRUE(transaction.queue().pause({QueueLane::kOperations, 15, "root"}).value());
    EXPECT_FALSE(transaction.queue().pause({QueueLane::kOperations, 16, "other"}).value());
    const auto pauses = transaction.queue().pauses().value();
    EXPECT_EQ(pauses.size(), 1U);
    EXPECT_EQ(pauses[0].lane, QueueLane::kOperations);
    EXPECT_EQ(pauses[0].paused_at_ms, 15);
    EXPECT_EQ(pauses[0].paused_by, "root");
    return {};
  });
  EXPECT_TRUE(claim().empty());
  EXPECT_EQ(claim(20, 10, QueueLane::kBackground).front().id, "rendition");
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(transaction.queue().resume(QueueLane::kBackground).value());
    EXPECT_TRUE(transaction.queue().resume(QueueLane::kOperations).value());
    return {};
  });
  EXPECT_EQ(claim().front().id, "asked");
}

TEST_P(DatabaseContract, TheQueueIsCountedByOperationStateAndAge) {
  constexpr UnixMs kHourMs = 3'600'000;
  const UnixMs now_ms = 30 * 24 * kHourMs;
  write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [id, age_ms] :
         {std::pair("new", 1'000LL), std::pair("older", 90'000LL), std::pair("old", 7'200'000LL)}) {
      Job made = job(id, 1);
      made.created_at_ms = made.run_after_ms = now_ms - age_ms;
      if (auto submitted = submit(transaction, made); !submitted) return submitted;
    }
    Job rendition = job("rendition", 0);
    rendition.operation = OperationKind::kVariants;
    rendition.priority = kBackgroundPriority;
    rendition.created_at_ms = now_ms;
    return transaction.jobs().insert(rendition);
  });
  Job failed = claim(now_ms, 1).front();
  EXPECT_EQ(failed.id, "new");  // of equal priority the first inserted
  failed.state = JobState::kFailed;
  failed.failure = JobFailure{"IMAGE_DAMAGED", "It is broken"};
  failed.finished_at_ms = failed.updated_at_ms = now_ms - 2 * kHourMs;
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().finish(failed).value());
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto depths = transaction.queue().depths(now_ms).value();
    EXPECT_EQ(depths.size(), 2U);
    EXPECT_EQ(depths[0].lane, QueueLane::kOperations);
    EXPECT_EQ(depths[0].operation, OperationKind::kEnhance);
    EXPECT_EQ(depths[0].waiting, (AgeBands{0, 1, 0, 1}));
    EXPECT_EQ(depths[0].failed, (FailedBands{0, 1, 0}));
    EXPECT_EQ(depths[0].oldest_waiting_at_ms, now_ms - 7'200'000);
    EXPECT_EQ(depths[1].lane, QueueLane::kBackground);
    EXPECT_EQ(depths[1].waiting, (AgeBands{1, 0, 0, 0}));
    return {};
  });
}

TEST_P(DatabaseContract, JobsWithoutAnImageAreForgottenWithTheirCallsAndGiveTheStorageBack) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"a", "b", "c"}) {
      Job called = job(id, 0);
      called.surface = std::string_view(id) == "c" ? Surface::kEnhancement : Surface::kUpscale;
      called.image_id.clear();
      if (auto inserted = transaction.jobs().insert(called); !inserted) return inserted;
      JobCall call;
      call.job_id = id;
      call.user_id = called.user_id;
      if (auto inserted = transaction.job_calls().insert(call); !inserted) return inserted;
    }
    return {};
  });
  for (Job ended : claim(20, 3)) {
    ended.state = JobState::kSucceeded;
    ended.finished_at_ms = ended.updated_at_ms = ended.id == "b" ? 60 : 40;
    ended.result = JobResult{"results/" + ended.id, ImageFormat::kPng, 4, 3, 100, "00"};
    write([&](Transaction& transaction) -> Result<void> {
      EXPECT_TRUE(transaction.jobs().finish(ended).value());
      return {};
    });
  }
  write([&](Transaction& transaction) -> Result<void> {
    const auto jobs = transaction.jobs().ended_without_image(50, 10).value();
    EXPECT_EQ(jobs.size(), 1U) << "one ended later, one is of another surface";
    if (jobs.empty()) return {};
    EXPECT_EQ(jobs.front().id, "a");
    const std::int64_t before = transaction.usage().find(jobs.front().user_id)->bytes;
    EXPECT_TRUE(transaction.jobs().remove_ended(jobs.front()).value());
    EXPECT_FALSE(transaction.jobs().remove_ended(jobs.front()).value());
    EXPECT_EQ(transaction.usage().find(jobs.front().user_id)->bytes, before - 100);
    EXPECT_FALSE(transaction.job_calls().find("a").value());
    EXPECT_TRUE(transaction.job_calls().find("b").value());
    return {};
  });
}

TEST_P(DatabaseContract, JobsOfAllUsersAreListedByStateOperationAndLane) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"a", "b", "c"}) {
      if (auto submitted = submit(transaction, job(id, 1)); !submitted) return submitted;
    }
    Job rendition = job("d", 0);
    rendition.user_id = "bob";
    rendition.operation = OperationKind::kVariants;
    rendition.priority = kBackgroundPriority;
    rendition.created_at_ms = 11;
    return transaction.jobs().insert(rendition);
  });
  const auto ids = [&](const QueueFilter& filter, const Page& page) {
    std::vector<std::string> found;
    read([&](Transaction& transaction) -> Result<void> {
      found.clear();
      const auto jobs = transaction.queue().list(filter, page).value();
      for (const Job& each : jobs) found.push_back(each.id);
      return {};
    });
    return found;
  };
  using Ids = std::vector<std::string>;
  EXPECT_EQ(ids({}, {std::nullopt, 2}), (Ids{"a", "b"}));
  EXPECT_EQ(ids({}, {PageCursor{10, "b"}, 10}), (Ids{"c", "d"}));
  EXPECT_EQ(ids({JobState::kQueued, OperationKind::kVariants, std::nullopt}, {}), Ids{"d"});
  EXPECT_EQ(ids({JobState::kQueued, std::nullopt, QueueLane::kOperations}, {}), (Ids{"a", "b", "c"}));
  EXPECT_TRUE(ids({JobState::kFailed, std::nullopt, std::nullopt}, {}).empty());
  for (Job ended : claim(20, 3)) {
    ended.state = ended.id == "b" ? JobState::kFailed : JobState::kCancelled;
    ended.finished_at_ms = ended.updated_at_ms = ended.id == "a" ? 50 : 40;
    write([&](Transaction& transaction) -> Result<void> {
      EXPECT_TRUE(transaction.jobs().finish(ended).value());
      return {};
    });
  }
  EXPECT_EQ(ids({JobState::kFailed, std::nullopt, std::nullopt}, {}), Ids{"b"});
  EXPECT_EQ(ids({JobState::kCancelled, std::nullopt, std::nullopt}, {}), (Ids{"a", "c"}));
  EXPECT_EQ(ids({JobState::kCancelled, std::nullopt, std::nullopt}, {PageCursor{50, "a"}, 10}), Ids{"c"});
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.queue().find("d").value()->user_id, "bob");
    EXPECT_FALSE(transaction.queue().find("none").value());
    return {};
  });
}

TEST_P(DatabaseContract, AFailedJobIsQueuedAnewAndItsReservationOpened) {
  write([&](Transaction& transaction) { return submit(transaction, job("j", 1)); });
  Job failed = claim().front();
  failed.state = JobState::kFailed;
  failed.attempt = 3;
  failed.failure = JobFailure{"IMAGE_DAMAGED", "It is broken"};
  failed.finished_at_ms = failed.updated_at_ms = 30;
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(transaction.queue().retry("j", 25).value());  // it runs
    EXPECT_FALSE(transaction.wallets().reopen("j").value());
    EXPECT_TRUE(transaction.jobs().finish(failed).value());
    EXPECT_TRUE(transaction.wallets().settle("j", ReservationState::kReleased).value());
    EXPECT_TRUE(transaction.wallets().reopen("j").value());
    EXPECT_TRUE(transaction.queue().retry("j", 40).value());
    EXPECT_FALSE(transaction.queue().retry("j", 40).value());
    const Job again = transaction.queue().find("j").value().value();
    EXPECT_EQ(again.state, JobState::kQueued);
    EXPECT_EQ(again.attempt, 0);
    EXPECT_EQ(again.run_after_ms, 40);
    EXPECT_EQ(again.fencing_token, failed.fencing_token);
    EXPECT_FALSE(again.failure || again.started_at_ms || again.finished_at_ms);
    return {};
  });
  EXPECT_EQ(claim(50).front().fencing_token, failed.fencing_token + 1);
  EXPECT_TRUE(faults().empty());
}

TEST_P(DatabaseContract, WhatEndedIsSummedByStepsOfTime) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"a", "b", "c"}) {
      if (auto submitted = submit(transaction, job(id, 1)); !submitted) return submitted;
    }
    EXPECT_TRUE(transaction.jobs().cancel_queued("ann", "c", 1'500).value());
    return {};
  });
  for (Job ended : claim(100, 2)) {  // both may run from 0 on
    ended.state = ended.id == "a" ? JobState::kSucceeded : JobState::kFailed;
    ended.finished_at_ms = ended.updated_at_ms = ended.id == "a" ? 1'100 : 1'900;
    write([&](Transaction& transaction) -> Result<void> {
      EXPECT_TRUE(transaction.jobs().finish(ended).value());
      return {};
    });
  }
  read([&](Transaction& transaction) -> Result<void> {
    const auto points = transaction.queue().series(0, 1'000, std::nullopt).value();
    EXPECT_EQ(points.size(), 1U);
    EXPECT_EQ(points[0].from_ms, 1'000);
    EXPECT_EQ(points[0].succeeded, 1);
    EXPECT_EQ(points[0].failed, 1);
    EXPECT_EQ(points[0].cancelled, 1);
    EXPECT_EQ(points[0].started, 2);
    EXPECT_EQ(points[0].wait_sum_ms, 200);
    EXPECT_EQ(points[0].wait_max_ms, 100);
    EXPECT_EQ(points[0].run_sum_ms, 1'000 + 1'800);
    EXPECT_EQ(points[0].run_max_ms, 1'800);
    EXPECT_EQ(transaction.queue().series(1'200, 500, std::nullopt).value().size(), 2U);
    EXPECT_TRUE(transaction.queue().series(0, 1'000, OperationKind::kProbe).value().empty());
    return {};
  });
}

TEST_P(DatabaseContract, TheLedgerIsSummedByKindAndOnceSettledNotAgain) {
  const auto written = database->write([&](Transaction& transaction) -> Result<void> {
    const auto append = [&](const char* id, LedgerKind kind, Tokens amount, UnixMs at_ms) {
      return transaction.wallets().append({id, "ann", kind, amount, 0, {}, {}, at_ms});
    };
    if (auto done = append("l1", LedgerKind::kGrant, 10, 100); !done) return done;
    if (auto done = append("l2", LedgerKind::kCapture, -3, 900); !done) return done;
    if (auto done = append("l3", LedgerKind::kGrant, 5, 200); !done) return done;
    const auto before = transaction.audit().ledger_sums(0, 0).value();  // all are young
    auto sums = transaction.audit().ledger_sums(0, 500).value();
    EXPECT_EQ(before.unsettled.at(LedgerKind::kGrant), 15);
    EXPECT_EQ(before.unsettled.at(LedgerKind::kCapture), -3);
    // The second is young, so that the third may yet be preceded by others.
    EXPECT_EQ(sums.settled.at(LedgerKind::kGrant), 10);
    EXPECT_EQ(sums.unsettled.at(LedgerKind::kGrant), 5);
    EXPECT_EQ(sums.unsettled.at(LedgerKind::kCapture), -3);
    sums = transaction.audit().ledger_sums(sums.settled_sequence, 1'000).value();
    EXPECT_EQ(sums.settled.at(LedgerKind::kGrant), 5);
    EXPECT_EQ(sums.settled.at(LedgerKind::kCapture), -3);
    EXPECT_TRUE(sums.unsettled.empty());
    sums = transaction.audit().ledger_sums(sums.settled_sequence, 1'000).value();
    EXPECT_TRUE(sums.settled.empty() && sums.unsettled.empty());
    return fail(ErrorCode::kConflict, "undone");  // the wallets do not know of these
  });
  EXPECT_EQ(written.error().code, ErrorCode::kConflict);
}

TEST_P(DatabaseContract, OneUsersManyJobsKeepNobodyElseWaiting) {
  write([&](Transaction& transaction) -> Result<void> {
    for (int at = 0; at < 50; ++at) {
      if (auto inserted = transaction.jobs().insert(job("many-" + std::to_string(at), 0)); !inserted) return inserted;
    }
    return {};
  });
  EXPECT_EQ(claim(20, 10).back().id, "many-9");
  write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [id, priority] : {std::pair("low", kLowPriority), std::pair("one", kNormalPriority),
                                       std::pair("two", kNormalPriority), std::pair("high", kHighPriority)}) {
      Job made = job(id, 0);
      made.user_id = "bob";
      made.priority = priority;
      if (auto inserted = transaction.jobs().insert(made); !inserted) return inserted;
    }
    const auto place = transaction.queue().place(job("two"), 20).value();
    EXPECT_EQ(place.running, 10);
    EXPECT_EQ(place.ahead.at(OperationKind::kEnhance), 4);  // high, many-10, one, many-11
    return {};
  });
  std::vector<std::string> order;
  for (const Job& claimed : claim(20, 30)) order.push_back(claimed.id);
  const auto place_of = [&](const char* id) { return std::ranges::find(order, id) - order.begin(); };
  EXPECT_EQ(place_of("high"), 0);
  EXPECT_EQ(place_of("one"), 2);
  EXPECT_EQ(place_of("two"), 4);
  EXPECT_GT(place_of("low"), 10);
  EXPECT_LT(place_of("low"), 15) << "it does not wait for all of the many";
}

// Three who submit one each time that their last one has ended, on one worker.
TEST_P(DatabaseContract, ThoseWhoComeBackAgainAndAgainKeepNobodyWaitingForEver) {
  for (const int priority : {kNormalPriority, kHighPriority}) {
    int count = 0;
    const auto submit_as = [&](Transaction& transaction, const std::string& user, int with) {
      Job made = job(user + std::to_string(priority) + "-" + std::to_string(++count), 0);
      made.user_id = user;
      made.priority = with;
      return transaction.jobs().insert(made);
    };
    write([&](Transaction& transaction) -> Result<void> {
      for (const char* id : {"carl", "dora"}) {
        if (transaction.accounts().user_by_id(id)->has_value()) continue;
        User user{id, std::string(id) + "@example.org", id, "hash"};
        if (auto inserted = transaction.accounts().insert_user(user); !inserted) return inserted;
      }
      for (const char* user : {"ann", "ann"}) {
        if (auto submitted = submit_as(transaction, user, kNormalPriority); !submitted) return submitted;
      }
      for (const char* user : {"bob", "carl", "dora"}) {
        if (auto submitted = submit_as(transaction, user, priority); !submitted) return submitted;
      }
      return {};
    });
    int anns = 0, rounds = 0;
    for (; anns < 2 && rounds < 100; ++rounds) {
      Job ended = claim(20, 1).front();
      anns += ended.user_id == "ann" ? 1 : 0;
      ended.state = JobState::kFailed;
      ended.failure = JobFailure{"IMAGE_DAMAGED", "It is broken"};
      ended.finished_at_ms = ended.updated_at_ms = 30;
      write([&](Transaction& transaction) -> Result<void> {
        EXPECT_TRUE(transaction.jobs().finish(ended).value());
        return ended.user_id == "ann" ? Result<void>() : submit_as(transaction, ended.user_id, priority);
      });
    }
    EXPECT_EQ(anns, 2) << "after " << rounds << " jobs of priority " << priority;
    for (auto left = claim(20, 10); !left.empty(); left = claim(20, 10)) {
    }
  }
}

TEST_P(DatabaseContract, AJobThatIsQueuedAnewTakesItsTurnAnew) {
  write([&](Transaction& transaction) { return transaction.jobs().insert(job("failed", 0)); });
  Job failed = claim(20, 1).front();
  failed.state = JobState::kFailed;
  failed.failure = JobFailure{"IMAGE_DAMAGED", "It is broken"};
  failed.finished_at_ms = failed.updated_at_ms = 30;
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().finish(failed).value());
    for (int at = 0; at < 5; ++at) {
      if (auto inserted = transaction.jobs().insert(job("many-" + std::to_string(at), 0)); !inserted) return inserted;
    }
    return {};
  });
  EXPECT_EQ(claim(40, 3).size(), 3U);
  write([&](Transaction& transaction) -> Result<void> {
    Job other = job("other", 0);
    other.user_id = "bob";
    if (auto inserted = transaction.jobs().insert(other); !inserted) return inserted;
    EXPECT_TRUE(transaction.queue().retry("failed", 40).value());
    return {};
  });
  std::vector<std::string> order;
  for (const Job& claimed : claim(50, 10)) order.push_back(claimed.id);
  EXPECT_EQ(order, (std::vector<std::string>{"many-3", "other", "many-4", "failed"}));
}

TEST_P(DatabaseContract, JobsAreClaimedByPriorityAndAge) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"first", "second", "urgent", "later", "blocked"}) {
      Job made = job(id, 1);
      if (std::string_view(id) == "urgent") made.priority = 5;
      if (std::string_view(id) == "later") made.run_after_ms = 100;
      if (std::string_view(id) == "blocked") made.waits_for = "first";
      if (auto submitted = submit(transaction, made); !submitted) return submitted;
    }
    return {};
  });
  const auto claimed = claim(20, 2);
  ASSERT_EQ(claimed.size(), 2U);
  EXPECT_EQ(claimed[0].id, "urgent");
  EXPECT_EQ(claimed[1].id, "first");
  EXPECT_EQ(claimed[0].state, JobState::kRunning);
  EXPECT_EQ(claimed[0].fencing_token, 1);
  EXPECT_EQ(claimed[0].lease_expires_at_ms, 1'020);
  EXPECT_EQ(claimed[0].parameters, job("x").parameters);
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.jobs().next_run_after(20).value(), 100);
    EXPECT_EQ(transaction.jobs().count_unfinished("ann").value(), 5);
    return {};
  });
  EXPECT_EQ(claim(20).size(), 1U);
  EXPECT_EQ(claim(100).front().id, "later");
  write([&](Transaction& transaction) { return transaction.jobs().hand_over("first", ""); });
  EXPECT_EQ(claim(100).front().id, "blocked");
  EXPECT_TRUE(claim(100).empty());
}

TEST_P(DatabaseContract, TheQueuesLanesDoNotKeepEachOtherWaiting) {
  write([&](Transaction& transaction) -> Result<void> {
    Job rendition = job("rendition", 0);
    rendition.operation = OperationKind::kVariants;
    rendition.priority = kBackgroundPriority;
    if (auto inserted = transaction.jobs().insert(rendition); !inserted) return inserted;
    return submit(transaction, job("paid", 1));
  });
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.jobs().count_unfinished("ann").value(), 1) << "nobody asked for the other";
    return {};
  });
  EXPECT_EQ(claim(20, 10, QueueLane::kBackground).front().operation, OperationKind::kVariants);
  EXPECT_EQ(claim(20, 10, QueueLane::kOperations).front().id, "paid");
  EXPECT_TRUE(claim(20, 10, QueueLane::kBackground).empty());
}

TEST_P(DatabaseContract, VariantsBelongToTheirImagesOwner) {
  Variant thumb{"i", "thumb", ImageFormat::kWebp, VariantState::kProcessing, 2, 3, 0, "", 5, 5};
  const VariantKey key = thumb.key();
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("i")));
    VariantRepository& variants = transaction.variants();
    EXPECT_TRUE(variants.put({"i", "large", ImageFormat::kJpeg, VariantState::kFailed, 20, 30, 0, "", 5, 5}));
    EXPECT_TRUE(variants.put(thumb));
    EXPECT_EQ(variants.find("ann", "i", key).value()->object_key, "");
    thumb.state = VariantState::kReady;
    thumb.size_bytes = 99;
    thumb.object_key = "variants/i/thumb-x.webp";
    EXPECT_TRUE(variants.put(thumb));
    EXPECT_TRUE(variants.mark_used("i", key, 50));
    EXPECT_TRUE(variants.mark_used("i", key, 40)) << "is no error";
    const auto found = variants.find("ann", "i", key).value();
    EXPECT_EQ(found->state, VariantState::kReady);
    EXPECT_EQ(found->size_bytes, 99);
    EXPECT_EQ(found->object_key, thumb.object_key);
    EXPECT_EQ(found->used_at_ms, 50) << "never goes back";
    EXPECT_FALSE(variants.find("bob", "i", key).value());
    EXPECT_FALSE(variants.find("ann", "i", {"thumb", ImageFormat::kJpeg}).value());
    const auto all = variants.of_image("ann", "i").value();
    EXPECT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].name + all[1].name, "thumblarge");
    EXPECT_TRUE(variants.of_image("bob", "i").value().empty());
    EXPECT_TRUE(variants.remove("i", key).value());
    EXPECT_FALSE(variants.remove("i", key).value());
    EXPECT_TRUE(transaction.images().remove("ann", "i").value());
    EXPECT_TRUE(variants.of_image("ann", "i").value().empty()) << "they go with their image";
    return {};
  });
}

TEST_P(DatabaseContract, OnlyRenditionsMadeOnRequestExpire) {
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("i")));
    VariantRepository& variants = transaction.variants();
    const auto add = [&](const char* name, VariantState state, UnixMs used_at_ms) {
      EXPECT_TRUE(variants.put({"i", name, ImageFormat::kWebp, state, 1, 1, 0, "", 5, used_at_ms}));
    };
    for (const char* name : {"thumb", "medium", "large", "published"}) add(name, VariantState::kReady, 5);
    add("9x9-cover-q80", VariantState::kReady, 20);
    add("8x8-cover-q80", VariantState::kFailed, 10);
    add("7x7-cover-q80", VariantState::kProcessing, 10);
    add("6x6-cover-q80", VariantState::kReady, 30);
    EXPECT_TRUE(variants.to_expire(10, 10).value().empty());
    const auto expired = variants.to_expire(30, 10).value();
    EXPECT_EQ(expired.size(), 2U);
    EXPECT_EQ(expired.at(0).name + expired.at(1).name, "8x8-cover-q809x9-cover-q80");
    EXPECT_EQ(variants.to_expire(30, 1).value().size(), 1U);
    return {};
  });
}

TEST_P(DatabaseContract, AStaleLeaseCanDoNothing) {
  write([&](Transaction& transaction) { return submit(transaction, job("j")); });
  const Job old = claim().front();
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.jobs().heartbeat("j", 1, 2'000, 300, 30).value(), false);
    EXPECT_EQ(transaction.jobs().find("ann", "j").value()->progress_permille, 300);
    EXPECT_TRUE(transaction.jobs().expired_leases(2'000, 9).value().empty());
    EXPECT_EQ(transaction.jobs().expired_leases(2'001, 9).value().size(), 1U);
    EXPECT_TRUE(transaction.jobs().requeue(old).value());
    return {};
  });
  const Job now = claim().front();
  EXPECT_EQ(now.fencing_token, 2);
  write([&](Transaction& transaction) -> Result<void> {
    Job ended = old;
    ended.state = JobState::kSucceeded;
    EXPECT_FALSE(transaction.jobs().finish(ended).value());
    EXPECT_FALSE(transaction.jobs().requeue(old).value());
    EXPECT_FALSE(transaction.jobs().heartbeat("j", 1, 9'000, 1, 1).value());
    EXPECT_TRUE(transaction.jobs().request_cancel("ann", "j", 40).value());
    EXPECT_EQ(transaction.jobs().heartbeat("j", 2, 9'000, 1, 50).value(), true);
    ended = now;
    ended.state = JobState::kFailed;
    ended.failure = JobFailure{"IMAGE_DAMAGED", "It is broken"};
    ended.finished_at_ms = 60;
    EXPECT_TRUE(transaction.jobs().finish(ended).value());
    EXPECT_FALSE(transaction.jobs().finish(ended).value());
    EXPECT_FALSE(transaction.jobs().request_cancel("ann", "j", 70).value());
    EXPECT_EQ(transaction.jobs().find("ann", "j").value()->failure->code, "IMAGE_DAMAGED");
    return {};
  });
}

TEST_P(DatabaseContract, ResultsAndEnhancedImagesAreFound) {
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("i")));
    Job made = job("j", 0, "i");
    made.batch_id = "b";
    return transaction.jobs().insert(made);
  });
  Job ended = claim().front();
  ended.state = JobState::kSucceeded;
  ended.result = JobResult{"results/j/1.png", ImageFormat::kPng, 20, 10, 99, "sha"};
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().finish(ended).value());
    EXPECT_EQ(transaction.jobs().of_image("ann", "i").value()[0].result->size_bytes, 99);
    EXPECT_EQ(transaction.jobs().of_batch("ann", "b").value().size(), 1U);
    EXPECT_TRUE(transaction.jobs().of_batch("bob", "b").value().empty());
    EXPECT_EQ(transaction.jobs().enhanced_images("ann", {"i", "x"}, "TIER_2K").value().size(), 1U);
    EXPECT_TRUE(transaction.jobs().enhanced_images("ann", {"i"}, "TIER_1K").value().empty());
    EXPECT_EQ(transaction.usage().find("ann").value().bytes, 7 + 99);
    EXPECT_EQ(transaction.usage().find("ann").value().images, 1);
    return {};
  });
}

TEST_P(DatabaseContract, TheJournalOfObjectsHasNoWayBack) {
  write([&](Transaction& transaction) -> Result<void> {
    ObjectRepository& objects = transaction.objects();
    for (const char* key : {"a", "b", "c"}) EXPECT_TRUE(objects.begin_writing(key, 10));
    EXPECT_TRUE(objects.make_live("a", 5, 11));
    EXPECT_EQ(objects.make_live("a", 5, 11).error().code, ErrorCode::kConflict);
    EXPECT_TRUE(objects.to_purge(10, 20, 9).value().empty());
    EXPECT_EQ(objects.to_purge(11, 20, 9).value().size(), 2U);
    EXPECT_EQ(objects.make_live("b", 5, 12).error().code, ErrorCode::kConflict) << "the janitor has taken it";
    EXPECT_TRUE(objects.forget("a"));
    EXPECT_EQ(objects.list("", 9).value().size(), 3U) << "live objects are not forgotten";
    EXPECT_TRUE(objects.mark_deleting("a", 30));
    EXPECT_TRUE(objects.forget("a"));
    EXPECT_EQ(objects.list("b", 9).value().size(), 1U);
    return {};
  });
}

TEST_P(DatabaseContract, RepliesAreKeptForTheirTime) {
  write([&](Transaction& transaction) -> Result<void> {
    IdempotencyRepository& replies = transaction.idempotency();
    EXPECT_TRUE(replies.insert({"ann", "k", "f", {201, "{}"}, 100}, 50));
    EXPECT_EQ(replies.find("ann", "k", 100).value()->reply.status, 201);
    EXPECT_FALSE(replies.find("ann", "k", 101).value());
    EXPECT_FALSE(replies.find("bob", "k", 0).value());
    EXPECT_TRUE(replies.insert({"ann", "k", "g", {200, "new"}, 300}, 200)) << "an old one is replaced";
    EXPECT_EQ(replies.find("ann", "k", 0).value()->fingerprint, "g");
    EXPECT_EQ(replies.remove_older(300, 9).value(), 0);
    EXPECT_EQ(replies.remove_older(301, 9).value(), 1);
    return {};
  });
}

TEST_P(DatabaseContract, ApiKeysAreFoundByTheirHashAndEndForGood) {
  ApiKey key{.id = "key_1", .user_id = "ann", .name = "One", .environment = KeyEnvironment::kTest, .plan = "starter"};
  key.scopes = {Scope::kJobsRead, Scope::kWebhooksWrite};
  key.key_hash = "hash-1";
  key.prefix = "pk_test_aB3d";
  key.created_at_ms = 10;
  ApiKey other = key;
  other.id = "key_2";
  other.key_hash = "hash-2";
  other.created_at_ms = 20;
  other.expires_at_ms = 100;
  write([&](Transaction& transaction) -> Result<void> {
    if (auto inserted = transaction.api_keys().insert(key); !inserted) return inserted;
    return transaction.api_keys().insert(other);
  });
  read([&](Transaction& transaction) -> Result<void> {
    ApiKeyRepository& keys = transaction.api_keys();
    const auto owner = keys.find_by_hash("hash-1").value().value();
    EXPECT_EQ(owner.user.email, "ann@example.org");
    EXPECT_EQ(owner.key.name, "One");
    EXPECT_EQ(owner.key.environment, KeyEnvironment::kTest);
    EXPECT_EQ(owner.key.plan, "starter");
    EXPECT_EQ(owner.key.scopes, key.scopes);
    EXPECT_EQ(owner.key.prefix, key.prefix);
    EXPECT_FALSE(owner.key.expires_at_ms || owner.key.revoked_at_ms || owner.key.last_used_at_ms);
    EXPECT_FALSE(keys.find_by_hash("hash-3").value());
    EXPECT_FALSE(keys.find("bob", "key_1").value()) << "somebody else's";
    EXPECT_EQ(keys.list("ann", 99).value().size(), 2U);
    EXPECT_EQ(keys.list("ann", 99).value().front().id, "key_2");
    EXPECT_EQ(keys.list("ann", 100).value().size(), 1U) << "one has expired";
    EXPECT_TRUE(keys.list("bob", 0).value().empty());
    return {};
  });
  write([&](Transaction& transaction) -> Result<void> {
    ApiKeyRepository& keys = transaction.api_keys();
    EXPECT_TRUE(keys.mark_used("key_1", 50));
    EXPECT_TRUE(keys.mark_used("key_1", 40));
    EXPECT_TRUE(keys.mark_used("nothing", 40)) << "is no error";
    key.revoked_at_ms = 60;
    EXPECT_TRUE(keys.update(key).value());
    EXPECT_FALSE(keys.update(key).value()) << "it has been revoked";
    ApiKey stolen = other;
    stolen.user_id = "bob";
    EXPECT_FALSE(keys.update(stolen).value());
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const ApiKey found = transaction.api_keys().find("ann", "key_1").value().value();
    EXPECT_EQ(found.last_used_at_ms, 50);
    EXPECT_EQ(found.revoked_at_ms, 60);
    EXPECT_EQ(transaction.api_keys().list("ann", 0).value().size(), 1U);
    return {};
  });
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.api_keys().remove_ended(60, 10).value(), 0);
    EXPECT_EQ(transaction.api_keys().remove_ended(101, 1).value(), 1);
    EXPECT_EQ(transaction.api_keys().remove_ended(101, 10).value(), 1);
    EXPECT_FALSE(transaction.api_keys().find_by_hash("hash-1").value());
    return {};
  });
}

TEST_P(DatabaseContract, CallsOfJobsThatHaveNotEndedAreCounted) {
  const auto insert = [](Transaction& transaction, const char* id, Surface surface, const char* key, bool is_test) {
    Job made = job(id, 0);
    made.surface = surface;
    EXPECT_TRUE(transaction.jobs().insert(made));
    EXPECT_TRUE(
        transaction.job_calls().insert({.job_id = id, .user_id = "ann", .api_key_id = key, .is_test = is_test}));
  };
  write([&](Transaction& transaction) -> Result<void> {
    insert(transaction, "one", Surface::kUpscale, "key_1", false);
    insert(transaction, "two", Surface::kUpscale, "key_1", false);
    insert(transaction, "three", Surface::kUpscale, "", false);
    insert(transaction, "four", Surface::kUpscale, "key_2", true);
    insert(transaction, "other", Surface::kStudio, "key_1", false);
    return {};
  });
  const auto counted = [&](const char* key) {
    JobCallRepository::Unfinished unfinished;
    read([&](Transaction& transaction) -> Result<void> {
      unfinished = transaction.job_calls().count_unfinished("ann", Surface::kUpscale, key).value();
      EXPECT_EQ(transaction.job_calls().count_unfinished("bob", Surface::kUpscale, key).value().of_key, 0);
      return {};
    });
    return std::array{unfinished.of_user, unfinished.of_user_tests, unfinished.of_key};
  };
  EXPECT_EQ(counted("key_1"), (std::array<std::int64_t, 3>{3, 1, 2}));
  EXPECT_EQ(counted("key_2"), (std::array<std::int64_t, 3>{3, 1, 1}));
  EXPECT_EQ(counted(""), (std::array<std::int64_t, 3>{3, 1, 1})) << "the session's";
  for (Job& running : claim(20, 1)) {
    EXPECT_EQ(counted("key_1"), (std::array<std::int64_t, 3>{3, 1, 2})) << "it runs";
    write([&](Transaction& transaction) -> Result<void> {
      running.state = JobState::kFailed;
      running.failure = JobFailure{"ENGINE_FAILED", "It failed"};
      running.finished_at_ms = 30;
      EXPECT_TRUE(transaction.jobs().finish(running).value());
      return {};
    });
  }
  EXPECT_EQ(counted("key_1"), (std::array<std::int64_t, 3>{2, 1, 1})) << "what ends a job gives its place back";
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().cancel_queued("ann", "four", 40).value());
    return {};
  });
  EXPECT_EQ(counted("key_2"), (std::array<std::int64_t, 3>{2, 0, 0}));
}

// The rule that submits of the upscale surface go by: count, then insert, with the wallet locked and written.
TEST_P(DatabaseContract, ThoseWhoCountBeforeTheyInsertPassNoBoundTogether) {
  constexpr int kBound = 7;
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&, thread] {
      for (int at = 0; at < 25; ++at) {
        bool inserted = false;
        write([&](Transaction& transaction) -> Result<void> {
          inserted = false;
          const auto wallet = transaction.wallets().lock("ann");
          if (!wallet) return std::unexpected(wallet.error());
          if (auto written = transaction.wallets().update(*wallet); !written) return written;
          const auto unfinished = transaction.job_calls().count_unfinished("ann", Surface::kUpscale, "key_1");
          if (!unfinished) return std::unexpected(unfinished.error());
          if (unfinished->of_key >= kBound) return {};
          Job made = job(std::to_string(thread) + "-" + std::to_string(at), 0);
          made.surface = Surface::kUpscale;
          inserted = true;
          if (auto done = transaction.jobs().insert(made); !done) return done;
          return transaction.job_calls().insert({.job_id = made.id, .user_id = "ann", .api_key_id = "key_1"});
        });
        if (inserted) ++accepted;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted, kBound);
}

TEST_P(DatabaseContract, AFailingUnitIsRolledBackAloneAndOneThatThrowsHarmsNobody) {
  const auto refused = database->write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.images().insert(image("gone")));
    return fail(ErrorCode::kInvalidInput, "no");
  });
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  const auto thrown = database->write([&](Transaction&) -> Result<void> { throw std::runtime_error("a bug"); });
  EXPECT_EQ(thrown.error().code, ErrorCode::kInternal);
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_FALSE(transaction.images().find("ann", "gone").value());
    return {};
  });
}

// Each adds one to the same wallet by what it read: none is run again for a conflict, and those that fail behind what
// they have written take none of the others with them.
TEST_P(DatabaseContract, UnitsOfOneFlowComeOneAfterAnother) {
  constexpr int kThreads = 16, kEach = 20;
  const auto balance = [&] {
    Tokens found = 0;
    read([&](Transaction& transaction) -> Result<void> {
      found = transaction.wallets().find("ann").value()->balance;
      return {};
    });
    return found;
  };
  const Tokens before = balance();
  const auto add_one = [](Transaction& transaction) -> Result<void> {
    auto wallet = transaction.wallets().lock("ann");
    if (!wallet) return std::unexpected(wallet.error());
    ++wallet->balance;
    return transaction.wallets().update(*wallet);
  };
  std::atomic<int> runs{0};
  const auto all_at_once = [&](int failing_every) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int at = 0; at < kEach; ++at) {
          const bool fails = failing_every > 0 && (thread + at) % failing_every == 0;
          const auto written = database->write("ann", [&](Transaction& transaction) -> Result<void> {
            runs.fetch_add(1);
            auto added = add_one(transaction);
            return added && fails ? fail(ErrorCode::kInvalidInput, "no") : added;
          });
          EXPECT_EQ(written.has_value(), !fails);
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  };
  all_at_once(0);
  EXPECT_EQ(balance(), before + kThreads * kEach);
  EXPECT_EQ(runs.load(), kThreads * kEach);
  all_at_once(4);
  EXPECT_EQ(balance(), before + kThreads * kEach * 7 / 4);
}

// Many threads spend from one wallet: none gets through twice, and the failing ones leave nothing.
TEST_P(DatabaseContract, ManyWritersAtOnceKeepEveryRule) {
  constexpr int kThreads = 8, kEach = 20;
  std::atomic<int> accepted{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int at = 0; at < kEach; ++at) {
        const Job made = job("j" + std::to_string(thread) + "-" + std::to_string(at), 1);
        const auto written = database->write([&](Transaction& transaction) { return submit(transaction, made); });
        if (written) accepted.fetch_add(1);
        EXPECT_TRUE(written || written.error().code == ErrorCode::kInsufficientTokens) << written.error().cause;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(accepted.load(), 100);
  EXPECT_TRUE(faults().empty());
  std::vector<Job> claimed;
  std::mutex mutex;
  threads.clear();
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (auto jobs = claim(20, 3); !jobs.empty(); jobs = claim(20, 3)) {
        const std::lock_guard lock(mutex);
        claimed.insert(claimed.end(), jobs.begin(), jobs.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(claimed.size(), 100U) << "each job is claimed once";
}

TEST_P(DatabaseContract, TheAuditFindsWhatIsWrong) {
  EXPECT_TRUE(faults().empty());
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.wallets().update({"ann", 90, 3, std::nullopt}));
    EXPECT_TRUE(transaction.jobs().insert(job("unpaid")));
    Job orphan = job("orphan", 0);
    orphan.waits_for = "nobody";
    EXPECT_TRUE(transaction.jobs().insert(orphan));
    EXPECT_TRUE(transaction.images().insert(image("no-object")));
    EXPECT_TRUE(transaction.variants().put({"no-object", "thumb", ImageFormat::kWebp, VariantState::kReady, 1, 1, 5,
                                            "variants/no-object/thumb-x.webp", 1, 1}));
    EXPECT_TRUE(transaction.variants().put(
        {"no-object", "large", ImageFormat::kWebp, VariantState::kProcessing, 1, 1, 0, "", 1, 1}));
    EXPECT_TRUE(transaction.objects().begin_writing("nobody's", 1));
    return transaction.objects().make_live("nobody's", 1, 2);
  });
  const auto found = faults();
  for (const char* sentence : {"not the sum of the ledger", "not the sum of the open reservations",
                               "tokens are not held", "waits for one that has ended or is gone",
                               "original is not a live object", "a ready variant of the image is not a live object",
                               "is being made by no job", "nothing names this live object"}) {
    EXPECT_TRUE(std::any_of(found.begin(), found.end(), [&](const std::string& fault) {
      return fault.find(sentence) != std::string::npos;
    })) << sentence;
  }
}

TEST_P(DatabaseContract, SpendingHasACapThatHoldsForAllAtOnce) {
  constexpr int kThreads = 8, kEach = 5;
  constexpr std::int64_t kPrice = 40'000, kCap = 10 * kPrice + 1;
  std::atomic<int> taken = 0;
  std::vector<std::jthread> threads;
  for (int at = 0; at < kThreads; ++at) {
    threads.emplace_back([&] {
      for (int once = 0; once < kEach; ++once) {
        bool is_mine = false;
        EXPECT_TRUE(database->write([&](Transaction& transaction) -> Result<void> {
          is_mine = transaction.spending().take(20'000, kPrice, kCap).value();
          return {};
        }));
        if (is_mine) ++taken;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(taken, 10);
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.spending().spent(20'000).value(), 10 * kPrice);
    EXPECT_EQ(transaction.spending().spent(20'001).value(), 0) << "each day by itself";
    EXPECT_TRUE(transaction.spending().give_back(20'000, kPrice));
    EXPECT_TRUE(transaction.spending().take(20'000, kPrice, kCap).value());
    EXPECT_FALSE(transaction.spending().take(20'000, kPrice, kCap).value());
    EXPECT_FALSE(transaction.spending().take(20'001, kCap + 1, kCap).value());
    return {};
  });
}

TEST_P(DatabaseContract, MigratingTwiceChangesNothing) {
  EXPECT_TRUE(database->migrate());
  EXPECT_TRUE(database->check());
  EXPECT_TRUE(database->pending_migrations().value().empty());
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.audit().counts().value().users, 2);
    return {};
  });
}

}  // namespace tintype
