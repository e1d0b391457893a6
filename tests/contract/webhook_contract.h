// What every Database has to do for webhooks, whichever engine is behind it.
#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <thread>

#include "contract/database_contract.h"

namespace tintype {

class WebhookContract : public DatabaseContract {
 protected:
  void SetUp() override {
    DatabaseContract::SetUp();
    if (IsSkipped()) return;
    write([&](Transaction& transaction) -> Result<void> {
      for (const char* id : {"one", "two"}) {
        if (auto inserted = transaction.webhooks().insert_endpoint(endpoint(id)); !inserted) return inserted;
      }
      return {};
    });
  }

  static WebhookEndpoint endpoint(const std::string& id, const std::string& user = "ann") {
    return {id, user, "https://" + id + ".example.com/", 5, std::nullopt, ""};
  }
  static WebhookDelivery delivery(const std::string& id, const std::string& endpoint_id = "one", UnixMs due_ms = 10) {
    WebhookDelivery made;
    made.id = id;
    made.user_id = "ann";
    made.endpoint_id = endpoint_id;
    made.job_id = "job-" + id;
    made.event = WebhookEvent::kJobCompleted;
    made.body = R"({"n":"\u00e4 \"x\""})";
    made.created_at_ms = made.next_attempt_at_ms = due_ms;
    return made;
  }
  void insert(const WebhookDelivery& made) {
    write([&](Transaction& transaction) { return transaction.webhooks().insert_delivery(made); });
  }
  std::vector<std::string> claim(const std::string& endpoint_id, UnixMs now_ms, UnixMs until_ms, int limit) {
    std::vector<std::string> ids;
    write([&](Transaction& transaction) -> Result<void> {
      ids.clear();
      const auto claimed = transaction.webhooks().claim_deliveries(endpoint_id, now_ms, until_ms, limit);
      if (!claimed) return std::unexpected(claimed.error());
      for (const WebhookDelivery& taken : *claimed) ids.push_back(taken.id);
      return {};
    });
    return ids;
  }
  std::vector<std::string> due(UnixMs now_ms, int limit = 10) {
    std::vector<std::string> ids;
    read([&](Transaction& transaction) -> Result<void> {
      ids = transaction.webhooks().due_endpoints(now_ms, limit).value();
      return {};
    });
    return ids;
  }
  WebhookDelivery find(const std::string& id) {
    WebhookDelivery found;
    read([&](Transaction& transaction) -> Result<void> {
      found = transaction.webhooks().delivery("ann", id).value().value();
      return {};
    });
    return found;
  }
  void with(const std::function<void(WebhookRepository&)>& use) {
    write([&](Transaction& transaction) -> Result<void> {
      use(transaction.webhooks());
      return {};
    });
  }
};

using Ids = std::vector<std::string>;

TEST_P(WebhookContract, EndpointsAreTheirOwnersAndOneForEachUrl) {
  write([&](Transaction& transaction) -> Result<void> {
    WebhookRepository& webhooks = transaction.webhooks();
    WebhookEndpoint again = endpoint("one");
    again.id = "another";
    EXPECT_EQ(webhooks.insert_endpoint(again).error().code, ErrorCode::kConflict);
    EXPECT_TRUE(webhooks.insert_endpoint(endpoint("bobs", "bob")));
    EXPECT_EQ(webhooks.endpoint_by_url("ann", "https://one.example.com/").value()->id, "one");
    EXPECT_FALSE(webhooks.endpoint_by_url("bob", "https://one.example.com/").value());
    EXPECT_FALSE(webhooks.endpoint("bob", "one").value());
    EXPECT_EQ(webhooks.count_endpoints("ann").value(), 2);
    const auto first = webhooks.endpoints("ann", {std::nullopt, 1}).value();
    EXPECT_EQ(first.front().id, "two");
    EXPECT_EQ(webhooks.endpoints("ann", {PageCursor{5, "two"}, 9}).value().front().id, "one");
    WebhookEndpoint disabled = endpoint("one");
    disabled.disabled_at_ms = 7;
    disabled.disabled_reason = "why";
    EXPECT_TRUE(webhooks.update_endpoint(disabled).value());
    EXPECT_EQ(webhooks.endpoint("ann", "one").value()->disabled_at_ms, 7);
    EXPECT_EQ(webhooks.endpoint("ann", "one").value()->disabled_reason, "why");
    EXPECT_FALSE(webhooks.remove_endpoint("bob", "one").value());
    EXPECT_TRUE(webhooks.remove_endpoint("ann", "one").value());
    EXPECT_FALSE(webhooks.remove_endpoint("ann", "one").value());
    return {};
  });
}

TEST_P(WebhookContract, SecretsHoldUntilTheyExpireNewestFirst) {
  with([](WebhookRepository& webhooks) {
    for (const int at : {1, 2, 3}) {
      const std::string id = "s" + std::to_string(at);
      EXPECT_TRUE(webhooks.insert_secret({id, "one", "whsec_" + id, at, std::nullopt}));
    }
    EXPECT_TRUE(webhooks.insert_secret({"other", "two", "whsec_o", 1, std::nullopt}));
    EXPECT_TRUE(webhooks.expire_secrets("one", "s3", 50));
    EXPECT_TRUE(webhooks.expire_secrets("one", "s3", 60)) << "what expires sooner stays so";
    const auto live = webhooks.secrets("one", 49).value();
    ASSERT_EQ(live.size(), 3U);
    EXPECT_EQ(live[0].secret, "whsec_s3");
    EXPECT_FALSE(live[0].expires_at_ms);
    EXPECT_EQ(live[1].expires_at_ms, 50);
    EXPECT_EQ(webhooks.secrets("one", 50).value().size(), 1U);
    EXPECT_TRUE(webhooks.remove_secrets("one", "s2"));
    EXPECT_EQ(webhooks.secrets("one", 49).value().front().id, "s2");
    EXPECT_EQ(webhooks.secrets("two", 49).value().size(), 1U);
  });
}

TEST_P(WebhookContract, DeliveriesAreListedAsTheyWereWritten) {
  WebhookDelivery failed = delivery("b", "two", 20);
  failed.state = DeliveryState::kFailed;
  failed.job_id.clear();
  failed.event = WebhookEvent::kPing;
  failed.attempt = 3;
  failed.last_status = 500;
  failed.last_error = "why";
  failed.attempted_at_ms = 25;
  failed.ended_at_ms = 26;
  insert(delivery("a"));
  insert(failed);
  read([&](Transaction& transaction) -> Result<void> {
    WebhookRepository& webhooks = transaction.webhooks();
    const auto found = webhooks.delivery("ann", "b").value().value();
    EXPECT_EQ(found.body, failed.body);
    EXPECT_EQ(found.event, WebhookEvent::kPing);
    EXPECT_EQ(found.job_id, "");
    EXPECT_EQ(found.attempt, 3);
    EXPECT_EQ(found.last_status, 500);
    EXPECT_EQ(found.last_error, "why");
    EXPECT_EQ(found.attempted_at_ms, 25);
    EXPECT_EQ(found.ended_at_ms, 26);
    EXPECT_FALSE(webhooks.delivery("bob", "b").value());
    const auto ids = [&](const WebhookRepository::DeliveryFilter& filter, const Page& page = {}) {
      const auto listed = webhooks.deliveries("ann", filter, page).value();
      Ids all;
      for (const WebhookDelivery& one : listed) all.push_back(one.id);
      return all;
    };
    EXPECT_EQ(ids({}), Ids({"b", "a"}));
    EXPECT_EQ(ids({}, {PageCursor{20, "b"}, 5}), Ids({"a"}));
    EXPECT_EQ(ids({"one", "", std::nullopt}), Ids({"a"}));
    EXPECT_EQ(ids({"", "job-a", std::nullopt}), Ids({"a"}));
    EXPECT_EQ(ids({"", "", DeliveryState::kFailed}), Ids({"b"}));
    EXPECT_EQ(webhooks.deliveries("bob", {}, {}).value().size(), 0U);
    return {};
  });
}

TEST_P(WebhookContract, EndpointsAreDueByTheirOldestMessageWhateverWaitsForOthers) {
  for (int at = 0; at < 20; ++at) insert(delivery("one-" + std::to_string(at), "one", 100 + at));
  insert(delivery("two", "two", 90));
  EXPECT_EQ(due(89), Ids());
  EXPECT_EQ(due(95), Ids({"two"}));
  EXPECT_EQ(due(200), Ids({"two", "one"}));
  EXPECT_EQ(due(200, 1), Ids({"two"}));
  read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.webhooks().next_delivery_at().value(), 90);
    EXPECT_EQ(transaction.webhooks().count_waiting("one", 100).value(), 20);
    EXPECT_EQ(transaction.webhooks().count_waiting("one", 7).value(), 7);
    return {};
  });
}

TEST_P(WebhookContract, WhatIsTakenIsDueAgainWhenTheLeaseIsOver) {
  for (const char* id : {"a", "b", "c"}) insert(delivery(id));
  EXPECT_EQ(claim("one", 9, 50, 5), Ids());
  EXPECT_EQ(claim("one", 10, 50, 2), Ids({"a", "b"}));
  EXPECT_EQ(claim("one", 10, 50, 2), Ids({"c"}));
  EXPECT_EQ(claim("one", 49, 90, 2), Ids());
  EXPECT_EQ(claim("two", 60, 90, 2), Ids());
  EXPECT_EQ(claim("one", 50, 90, 1).size(), 1U);
  with([](WebhookRepository& webhooks) {
    EXPECT_TRUE(webhooks.give_back_delivery("b", 50, 55));
    EXPECT_TRUE(webhooks.give_back_delivery("c", 49, 55)) << "not its lease";
  });
  EXPECT_EQ(find("b").next_attempt_at_ms, 55);
  EXPECT_EQ(find("c").next_attempt_at_ms, 50);
}

TEST_P(WebhookContract, TwoWhoTakeAtOnceGetDifferentMessages) {
  for (int at = 0; at < 60; ++at) insert(delivery(std::to_string(at)));
  std::mutex mutex;
  Ids all;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 3; ++thread) {
    threads.emplace_back([&] {
      for (Ids taken = claim("one", 10, 1'000, 7); !taken.empty(); taken = claim("one", 10, 1'000, 7)) {
        const std::lock_guard lock(mutex);
        all.insert(all.end(), taken.begin(), taken.end());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::ranges::sort(all);
  EXPECT_EQ(all.size(), 60U);
  EXPECT_EQ(std::ranges::adjacent_find(all), all.end());
}

TEST_P(WebhookContract, AnOutcomeIsWrittenOnce) {
  insert(delivery("a"));
  WebhookDelivery tried = delivery("a");
  tried.attempt = 1;
  tried.next_attempt_at_ms = 70;
  tried.last_status = 500;
  tried.last_error = "no";
  tried.attempted_at_ms = 11;
  with([&](WebhookRepository& webhooks) {
    EXPECT_TRUE(webhooks.update_delivery(tried).value());
    EXPECT_FALSE(webhooks.update_delivery(tried).value()) << "somebody was quicker";
    tried.attempt = 2;
    tried.state = DeliveryState::kDelivered;
    tried.ended_at_ms = 12;
    EXPECT_TRUE(webhooks.update_delivery(tried).value());
    tried.attempt = 3;
    EXPECT_FALSE(webhooks.update_delivery(tried).value()) << "it has ended";
  });
  EXPECT_EQ(find("a").state, DeliveryState::kDelivered);
  EXPECT_EQ(due(1'000), Ids());
}

TEST_P(WebhookContract, WhatWaitsFailsIsPutOffAndIsSentAgain) {
  insert(delivery("a"));
  insert(delivery("late", "one", 500));
  insert(delivery("other", "two"));
  with([](WebhookRepository& webhooks) { EXPECT_TRUE(webhooks.put_off_waiting("one", 100)); });
  EXPECT_EQ(find("a").next_attempt_at_ms, 100);
  EXPECT_EQ(find("late").next_attempt_at_ms, 500);
  EXPECT_EQ(find("other").next_attempt_at_ms, 10);
  with([](WebhookRepository& webhooks) { EXPECT_TRUE(webhooks.fail_waiting("one", "why", 20)); });
  EXPECT_EQ(find("a").state, DeliveryState::kFailed);
  EXPECT_EQ(find("a").last_error, "why");
  EXPECT_EQ(find("a").ended_at_ms, 20);
  EXPECT_EQ(find("other").state, DeliveryState::kPending);
  with([](WebhookRepository& webhooks) {
    EXPECT_FALSE(webhooks.send_again("bob", "a", 30).value());
    EXPECT_TRUE(webhooks.send_again("ann", "a", 30).value());
  });
  EXPECT_EQ(find("a").state, DeliveryState::kPending);
  EXPECT_EQ(find("a").attempt, 0);
  EXPECT_FALSE(find("a").ended_at_ms);
  EXPECT_EQ(claim("one", 30, 90, 5), Ids({"a"}));
}

TEST_P(WebhookContract, EndedOnesAreRemovedAfterTheirTimeAndAllWithTheirEndpoint) {
  WebhookDelivery ended = delivery("ended");
  ended.state = DeliveryState::kDelivered;
  ended.ended_at_ms = 40;
  insert(ended);
  insert(delivery("waiting"));
  with([](WebhookRepository& webhooks) {
    EXPECT_EQ(webhooks.remove_ended_deliveries(40, 10).value(), 0);
    EXPECT_EQ(webhooks.remove_ended_deliveries(41, 10).value(), 1);
    EXPECT_EQ(webhooks.deliveries("ann", {}, {}).value().size(), 1U);
    EXPECT_TRUE(webhooks.remove_endpoint("ann", "one").value());
    EXPECT_EQ(webhooks.deliveries("ann", {}, {}).value().size(), 0U);
  });
}

}  // namespace tintype
