// What every Database has to do for operators and payments, whichever engine is behind it.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "contract/database_contract.h"

namespace tintype {

class AdministrationContract : public DatabaseContract {
 protected:
  static AuditEntry entry(const std::string& id, const std::string& actor, const std::string& user_id) {
    return {id, 7, {actor, "req_" + id}, AuditAction::kBan, user_id, "w\xc3\xaehy \"x\"", R"({"a":1})", R"({"a":2})"};
  }
  void append(const AuditEntry& made) {
    write([&](Transaction& transaction) { return transaction.audit_log().append(made); });
  }
  std::vector<std::string> listed(const AuditLogRepository::Filter& filter, const Page& page) {
    std::vector<std::string> ids;
    read([&](Transaction& transaction) -> Result<void> {
      const auto found = transaction.audit_log().list(filter, page);
      if (!found) return std::unexpected(found.error());
      for (const AuditEntry& one : *found) ids.push_back(one.id);
      return {};
    });
    return ids;
  }
  void add_user(const std::string& id, UnixMs created_at_ms, std::optional<UnixMs> banned_at_ms = std::nullopt) {
    write([&](Transaction& transaction) -> Result<void> {
      User user{id, id + "@example.com", id, "hash"};
      user.created_at_ms = created_at_ms;
      user.banned_at_ms = banned_at_ms;
      if (auto inserted = transaction.accounts().insert_user(user); !inserted) return inserted;
      return transaction.wallets().insert({id, 50, 20, std::nullopt});
    });
  }
  using UserFilter = AdministrationRepository::UserFilter;
  std::vector<std::string> found(const UserFilter& filter, std::int64_t offset = 0, int limit = 10) {
    std::vector<std::string> ids;
    read([&](Transaction& transaction) -> Result<void> {
      const auto users = transaction.administration().users(filter, offset, limit);
      if (!users) return std::unexpected(users.error());
      for (const auto& one : *users) ids.push_back(one.user.id);
      return {};
    });
    return ids;
  }
  std::int64_t count(const UserFilter& filter) {
    std::int64_t counted = -1;
    read([&](Transaction& transaction) -> Result<void> {
      counted = transaction.administration().count_users(filter).value();
      return {};
    });
    return counted;
  }
  static Purchase purchase(const std::string& session_id) {
    return {session_id, PurchaseState::kGranted, "ann", "pi_" + session_id, "starter", 100, 0, 0, 7};
  }

  using Ids = std::vector<std::string>;
};

TEST_P(AdministrationContract, SettingsHoldUntilTheyAreChangedOrTakenBack) {
  using Settings = std::map<std::string, std::string>;
  const auto all = [&] {
    Settings settings;
    read([&](Transaction& transaction) -> Result<void> {
      settings = transaction.settings().all().value();
      return {};
    });
    return settings;
  };
  EXPECT_EQ(all(), Settings());
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.settings().put("model.TIER_1K", "photo", 1));
    return transaction.settings().put("model.upscale", "\"exact\" \xc3\xae", 1);
  });
  write([&](Transaction& transaction) { return transaction.settings().put("model.TIER_1K", "exact", 2); });
  EXPECT_EQ(all(), (Settings{{"model.TIER_1K", "exact"}, {"model.upscale", "\"exact\" \xc3\xae"}}));
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.settings().remove("model.nothing"));
    return transaction.settings().remove("model.upscale");
  });
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.settings().find("model.TIER_1K").value(), "exact");
    EXPECT_EQ(transaction.settings().find("model.upscale").value(), std::nullopt);
    return {};
  });
}

TEST_P(AdministrationContract, TheAuditLogKeepsWhatWasWrittenAndIsPaged) {
  append(entry("one", "admin key", "ann"));
  append(entry("two", "bob", "ann"));
  append(entry("three", "admin key", ""));
  EXPECT_EQ(listed({}, {}), (Ids{"three", "two", "one"}));
  EXPECT_EQ(listed({}, {std::nullopt, 2}), (Ids{"three", "two"}));
  EXPECT_EQ(listed({}, {PageCursor{7, "two"}, 2}), (Ids{"one"}));
  EXPECT_EQ(listed({"admin key", ""}, {}), (Ids{"three", "one"}));
  EXPECT_EQ(listed({"", "ann"}, {}), (Ids{"two", "one"}));
  EXPECT_EQ(listed({"bob", "ann"}, {}), (Ids{"two"}));
  read([&](Transaction& transaction) -> Result<void> {
    const AuditEntry kept = transaction.audit_log().list({}, {}).value().back();
    const AuditEntry wanted = entry("one", "admin key", "ann");
    EXPECT_EQ(kept.at_ms, wanted.at_ms);
    EXPECT_EQ(kept.actor.name, wanted.actor.name);
    EXPECT_EQ(kept.actor.request_id, wanted.actor.request_id);
    EXPECT_EQ(kept.action, wanted.action);
    EXPECT_EQ(kept.user_id, wanted.user_id);
    EXPECT_EQ(kept.reason, wanted.reason);
    EXPECT_EQ(kept.before, wanted.before);
    EXPECT_EQ(kept.after, wanted.after);
    return {};
  });
}

TEST_P(AdministrationContract, UsersAreFoundByAPartOfTheirAddressThatStandsForNothingElse) {
  add_user("a_b", 300);
  add_user("axb", 301, 900);
  add_user("50%", 302);
  add_user("a!b", 303);
  EXPECT_EQ(found({}), (Ids{"a!b", "50%", "axb", "a_b", "bob", "ann"}));
  EXPECT_EQ(found({}, 1, 2), (Ids{"50%", "axb"}));
  EXPECT_EQ(found({}, 6, 2), Ids{});
  EXPECT_EQ(found({"example.com", std::nullopt}, 3), (Ids{"a_b"}));
  EXPECT_EQ(found({"a_b", std::nullopt}), (Ids{"a_b"}));
  EXPECT_EQ(found({"%", std::nullopt}), (Ids{"50%"}));
  EXPECT_EQ(found({"!b", std::nullopt}), (Ids{"a!b"}));
  EXPECT_EQ(found({"'", std::nullopt}), Ids{});
  EXPECT_EQ(found({"", true}), (Ids{"axb"}));
  EXPECT_EQ(found({"b@", false}), (Ids{"a!b", "a_b", "bob"}));
  EXPECT_EQ(count({}), 6);
  EXPECT_EQ(count({"", true}), 1);
  EXPECT_EQ(count({"b@", false}), 3);
  read([&](Transaction& transaction) -> Result<void> {
    const auto one = transaction.administration().user("a_b").value();
    EXPECT_EQ(one->user.email, "a_b@example.com");
    EXPECT_EQ(one->wallet.balance, 50);
    EXPECT_EQ(one->wallet.available(), 30);
    EXPECT_EQ(one->usage.bytes, 0);
    EXPECT_FALSE(transaction.administration().user("none").value());
    return {};
  });
}

TEST_P(AdministrationContract, JobsOfAllAreListedAndThoseOfTheBannedFound) {
  add_user("cut", 300, 900);
  const auto insert = [&](const std::string& id, const std::string& user_id, UnixMs at_ms, OperationKind operation) {
    Job made = job(id, 0);
    made.user_id = user_id;
    made.operation = operation;
    made.created_at_ms = at_ms;
    write([&](Transaction& transaction) { return transaction.jobs().insert(made); });
  };
  insert("one", "ann", 10, OperationKind::kEnhance);
  insert("two", "cut", 11, OperationKind::kRelight);
  insert("three", "cut", 12, OperationKind::kEnhance);
  insert("four", "cut", 13, OperationKind::kVariants);
  insert("five", "bob", 14, OperationKind::kEnhance);
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().cancel_queued("bob", "five", 20).value());
    return {};
  });
  using Filter = AdministrationRepository::JobFilter;
  const auto jobs = [&](const Filter& filter, const Page& page = {}) {
    Ids ids;
    read([&](Transaction& transaction) -> Result<void> {
      const auto found = transaction.administration().jobs(filter, page);
      if (!found) return std::unexpected(found.error());
      for (const Job& one : *found) ids.push_back(one.id);
      return {};
    });
    return ids;
  };
  EXPECT_EQ(jobs({}), (Ids{"five", "four", "three", "two", "one"}));
  EXPECT_EQ(jobs({}, {PageCursor{13, "four"}, 2}), (Ids{"three", "two"}));
  EXPECT_EQ(jobs({.user_id = "cut"}, {std::nullopt, 2}), (Ids{"four", "three"}));
  EXPECT_EQ(jobs({.user_id = "cut", .operation = OperationKind::kRelight}), (Ids{"two"}));
  EXPECT_EQ(jobs({.state = JobState::kCancelled}), (Ids{"five"}));
  EXPECT_EQ(jobs({.state = JobState::kQueued, .operation = OperationKind::kEnhance}), (Ids{"three", "one"}));
  EXPECT_EQ(jobs({.surface = Surface::kStudio}), Ids{});

  write([&](Transaction& transaction) -> Result<void> {
    AdministrationRepository& administration = transaction.administration();
    EXPECT_EQ(administration.to_cancel("cut", 10).value().size(), 2U) << "nobody has asked for renditions";
    EXPECT_EQ(administration.to_cancel("ann", 10).value().size(), 1U);
    EXPECT_EQ(administration.to_cancel_of_banned(1).value().at(0).id, "two");
    EXPECT_TRUE(transaction.jobs().cancel_queued("cut", "two", 20).value());
    EXPECT_EQ(administration.to_cancel_of_banned(10).value().at(0).id, "three");
    const auto counts = administration.count_jobs().value();
    EXPECT_EQ(counts, (std::map<JobState, std::int64_t>{{JobState::kQueued, 3}, {JobState::kCancelled, 2}}));
    return {};
  });
  EXPECT_EQ(claim(30, 1).at(0).id, "one");
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.administration().to_cancel("ann", 10).value().size(), 1U) << "it runs";
    return {};
  });
  write([&](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().request_cancel("ann", "one", 31).value());
    EXPECT_TRUE(transaction.administration().to_cancel("ann", 10).value().empty()) << "it has been told";
    return {};
  });
}

TEST_P(AdministrationContract, TheLedgerIsSummedFromATimeOn) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const auto& [id, kind, amount, at_ms] :
         {std::tuple("l1", LedgerKind::kPurchase, 100, 50), std::tuple("l2", LedgerKind::kPurchase, 10, 60),
          std::tuple("l3", LedgerKind::kReversal, -10, 60)}) {
      const LedgerEntry made{id, "ann", kind, amount, 100, {}, "note", at_ms};
      if (auto appended = transaction.wallets().append(made); !appended) return appended;
    }
    return {};
  });
  read([&](Transaction& transaction) -> Result<void> {
    const auto sums = transaction.administration().ledger_since(60).value();
    EXPECT_EQ(sums, (std::map<LedgerKind, Tokens>{{LedgerKind::kPurchase, 10}, {LedgerKind::kReversal, -10}}));
    EXPECT_EQ(transaction.administration().ledger_since(1).value().at(LedgerKind::kInitial), 200);
    EXPECT_EQ(transaction.administration().usage().value().bytes, 0);
    return {};
  });
}

TEST_P(AdministrationContract, APurchaseIsKnownByItsSessionAndMovesOnOnce) {
  write([&](Transaction& transaction) -> Result<void> {
    PurchaseRepository& purchases = transaction.purchases();
    Purchase unmatched{.session_id = "cs", .payment_id = "pi", .package = "gold", .created_at_ms = 7};
    EXPECT_TRUE(purchases.insert(unmatched).value());
    EXPECT_FALSE(purchases.insert(purchase("cs")).value());
    EXPECT_EQ(purchases.find("cs").value()->state, PurchaseState::kUnmatched);
    EXPECT_EQ(purchases.find("cs").value()->user_id, "");
    Purchase granted = purchase("cs");
    EXPECT_TRUE(purchases.update(granted, PurchaseState::kUnmatched).value());
    EXPECT_FALSE(purchases.update(granted, PurchaseState::kUnmatched).value());
    granted.tokens_due_back = 40;
    granted.tokens_taken_back = 30;
    EXPECT_TRUE(purchases.update(granted, PurchaseState::kGranted).value());
    const Purchase kept = purchases.find_by_payment("pi_cs").value().value();
    EXPECT_EQ(std::tuple(kept.session_id, kept.user_id, kept.package, kept.tokens, kept.created_at_ms),
              std::tuple("cs", "ann", "starter", 100, 7));
    EXPECT_EQ(std::pair(kept.tokens_due_back, kept.tokens_taken_back), std::pair(Tokens{40}, Tokens{30}));
    EXPECT_FALSE(purchases.find("none").value());
    EXPECT_FALSE(purchases.find_by_payment("pi").value());
    return {};
  });
}

TEST_P(AdministrationContract, OfSeveralRefundsOfAPaymentTheGreatestHolds) {
  write([&](Transaction& transaction) -> Result<void> {
    PurchaseRepository& purchases = transaction.purchases();
    EXPECT_FALSE(purchases.refund("pi").value());
    for (const std::int64_t refunded : {300, 900, 100}) EXPECT_TRUE(purchases.put_refund({"pi", 900, refunded}, 7));
    EXPECT_EQ(purchases.refund("pi").value()->amount_refunded, 900);
    EXPECT_EQ(purchases.refund("pi").value()->amount, 900);
    return {};
  });
}

TEST_P(AdministrationContract, OfManyWhoInsertAPurchaseOneIsTheFirst) {
  std::atomic<int> first = 0;
  std::vector<std::jthread> threads;
  for (int at = 0; at < 8; ++at) {
    threads.emplace_back([&] {
      bool inserted = false;
      const auto written = database->write([&](Transaction& transaction) -> Result<void> {
        const auto done = transaction.purchases().insert(purchase("cs"));
        if (!done) return std::unexpected(done.error());
        inserted = *done;
        return {};
      });
      EXPECT_TRUE(written);
      first += inserted ? 1 : 0;
    });
  }
  threads.clear();
  EXPECT_EQ(first, 1);
}

TEST_P(AdministrationContract, KeysOfAUserAreRevokedTogetherAndOperatorsHaveRepliesToo) {
  write([&](Transaction& transaction) -> Result<void> {
    for (const char* id : {"one", "two"}) {
      ApiKey key{.id = id, .user_id = "ann", .name = id, .plan = "free", .key_hash = id, .prefix = id};
      if (auto inserted = transaction.api_keys().insert(key); !inserted) return inserted;
    }
    EXPECT_EQ(transaction.api_keys().revoke_all("ann", 50).value(), 2);
    EXPECT_EQ(transaction.api_keys().revoke_all("ann", 60).value(), 0);
    EXPECT_EQ(transaction.api_keys().find("ann", "one").value()->revoked_at_ms, 50);
    return transaction.idempotency().insert({"admin key", "k", "print", {200, "{}"}, 5}, 1);
  });
}

}  // namespace tintype
