#include "app/purchases.h"

#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

using Outcome = Purchases::Outcome;

class PurchasesTest : public testing::Test {
 protected:
  PaidCheckout checkout(const std::string& session_id) const {
    return {session_id, "pi_" + session_id, ann.user_id, "starter"};
  }
  Outcome grant(const PaidCheckout& paid) { return house.purchases.grant(paid, "req_1").value(); }
  Purchases::Reversal refund(const std::string& session_id, std::int64_t amount_refunded) {
    return house.purchases.refund({"pi_" + session_id, 900, amount_refunded}, "req_1").value();
  }
  Tokens balance() { return house.wallets.view(ann.user_id)->balance; }

  test::Folder folder{test::memory_directory()};
  test::TestClock clock;
  test::House house{folder.path(), clock};
  Principal ann = house.new_user("ann");
};

TEST_F(PurchasesTest, ACheckoutGrantsOnce) {
  EXPECT_EQ(grant(checkout("cs_1")), Outcome::kGranted);
  EXPECT_EQ(grant(checkout("cs_1")), Outcome::kKnown);
  EXPECT_EQ(grant(checkout("cs_2")), Outcome::kGranted);
  EXPECT_EQ(balance(), 300);
  const LedgerEntry entry = house.wallets.history(ann.user_id, {}, {})->at(0);
  EXPECT_EQ(entry.kind, LedgerKind::kPurchase);
  EXPECT_EQ(entry.note, "starter, cs_2");
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(PurchasesTest, WhatNamesNobodyOrNoPackageIsWrittenDownOnceAndMayGrantLater) {
  PaidCheckout lost = checkout("cs_1");
  lost.package = "gold";
  EXPECT_EQ(grant(lost), Outcome::kUnmatched);
  EXPECT_EQ(grant(lost), Outcome::kUnmatched);
  PaidCheckout nobodys = checkout("cs_2");
  nobodys.user_id = "none";
  EXPECT_EQ(grant(nobodys), Outcome::kUnmatched);
  const auto entries = house.administration.audit({kPaymentsActor, ""}, {}).value();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[1].after,
            R"({"session":"cs_1","payment":"pi_cs_1","user":")" + ann.user_id + R"(","package":"gold"})");
  EXPECT_EQ(balance(), 100);
  EXPECT_EQ(grant(checkout("cs_1")), Outcome::kGranted);
  EXPECT_EQ(balance(), 200);
}

TEST_F(PurchasesTest, ARefundTakesItsShareBackOnceAndNoMoreThanThereIs) {
  EXPECT_EQ(grant(checkout("cs_1")), Outcome::kGranted);
  EXPECT_EQ(refund("cs_1", 300).taken, 33);
  EXPECT_EQ(refund("cs_1", 300).due, 0);
  EXPECT_EQ(refund("cs_1", 200).due, 0) << "told of out of order";
  EXPECT_EQ(balance(), 167);
  ASSERT_TRUE(house.wallets.adjust(ann.user_id, -160, "spent", {"root"}));
  const auto rest = refund("cs_1", 900);
  EXPECT_EQ(rest.due, 67);
  EXPECT_EQ(rest.taken, 7);
  EXPECT_EQ(balance(), 0);
  EXPECT_EQ(house.administration.audit({kPaymentsActor, ann.user_id}, {})->at(0).after,
            R"({"due_back":100,"taken_back":40,"not_taken":60,"session":"cs_1","payment":"pi_cs_1"})");
  EXPECT_TRUE(house.faults().empty());
}

TEST_F(PurchasesTest, WhatWasRefundedBeforeItIsToldOfIsTakenBackWithIt) {
  EXPECT_EQ(refund("cs_1", 450).due, 0);
  EXPECT_EQ(grant(checkout("cs_1")), Outcome::kGranted);
  EXPECT_EQ(balance(), 150);
  EXPECT_EQ(refund("cs_1", 900).taken, 50);
  EXPECT_EQ(balance(), 100);
  EXPECT_TRUE(house.faults().empty());
}

TEST(TokensDueBack, IsTheSharesWholeTokens) {
  Purchase purchase{.tokens = 100};
  EXPECT_EQ(tokens_due_back(purchase, {"pi", 3, 1}), 33);
  EXPECT_EQ(tokens_due_back(purchase, {"pi", 3, 0}), 0);
  purchase.tokens = kPackageTokensMax;
  EXPECT_EQ(tokens_due_back(purchase, {"pi", kMoneyMax, kMoneyMax}), kPackageTokensMax);
}

}  // namespace
}  // namespace tintype::app
