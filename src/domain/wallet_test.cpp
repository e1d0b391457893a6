#include "domain/wallet.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

namespace tintype {
namespace {

constexpr WalletRules kRules;
constexpr UnixMs kInterval = kRules.regeneration_interval_ms;

Wallet wallet_with(Tokens balance) {
  Wallet wallet{"user", balance, 0, std::nullopt};
  regenerate(wallet, kRules, 0);
  return wallet;
}

TEST(Wallet, OneTokenComesBackEachInterval) {
  Wallet wallet = wallet_with(97);
  EXPECT_EQ(regenerate(wallet, kRules, kInterval - 1), 0);
  EXPECT_EQ(regenerate(wallet, kRules, kInterval), 1);
  EXPECT_EQ(next_token_at(wallet, kRules), 2 * kInterval);
  EXPECT_EQ(regenerate(wallet, kRules, 100 * kInterval), 2);
  EXPECT_EQ(wallet.balance, 100);
  EXPECT_FALSE(next_token_at(wallet, kRules));
}

TEST(Wallet, TheClockStartsWhenTheBalanceFallsBelowTheMaximum) {
  Wallet wallet = wallet_with(100);
  EXPECT_EQ(regenerate(wallet, kRules, 50 * kInterval), 0);
  ASSERT_TRUE(reserve(wallet, 10));
  EXPECT_FALSE(next_token_at(wallet, kRules)) << "reserving leaves the balance as it is";
  capture(wallet, 10, kRules, 60 * kInterval);
  EXPECT_EQ(next_token_at(wallet, kRules), 61 * kInterval);
}

TEST(Wallet, AGrantMayGoAboveTheMaximumAndPausesRegeneration) {
  Wallet wallet = wallet_with(90);
  ASSERT_TRUE(adjust(wallet, 50, kRules, 10));
  EXPECT_EQ(wallet.balance, 140);
  EXPECT_EQ(regenerate(wallet, kRules, 100 * kInterval), 0);
}

TEST(Wallet, TooFewTokensChangeNothing) {
  Wallet wallet = wallet_with(5);
  ASSERT_TRUE(reserve(wallet, 4));
  const auto refused = reserve(wallet, 2);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInsufficientTokens);
  EXPECT_EQ(refused.error().tokens_required, 2);
  EXPECT_EQ(wallet.available(), 1);
  EXPECT_FALSE(adjust(wallet, -2, kRules, 0));
}

TEST(Wallet, TimeThatGoesBackGivesNothing) {
  Wallet wallet = wallet_with(50);
  EXPECT_EQ(regenerate(wallet, kRules, -kInterval * 10), 0);
  EXPECT_EQ(regenerate(wallet, kRules, kInterval), 1);
}

// Whoever asks often gets as much as who asks once, also where the clock is set back in between.
RC_GTEST_PROP(Wallet, RegenerationDoesNotHangOnHowOftenItIsAskedFor, ()) {
  Wallet often = wallet_with(*rc::gen::inRange(0, 100));
  Wallet once = often;
  const Tokens before = often.balance;
  UnixMs latest_ms = 0;
  Tokens back = 0;
  for (const int at : *rc::gen::container<std::vector<int>>(rc::gen::inRange(-1'000, 150'000))) {
    const UnixMs now_ms = at * 1'000L;
    latest_ms = std::max(latest_ms, now_ms);
    back += regenerate(often, kRules, now_ms);
    RC_ASSERT(often.balance == std::min(kRules.maximum, before + latest_ms / kInterval));
  }
  RC_ASSERT(regenerate(once, kRules, latest_ms) == back);
  RC_ASSERT(once.balance == often.balance);
  RC_ASSERT(once.regeneration_started_at_ms == often.regeneration_started_at_ms);
}

// Any sequence of steps keeps the rules: nothing below zero, every change of the balance accounted for.
RC_GTEST_PROP(Wallet, AnySequenceKeepsTheRules, ()) {
  Wallet wallet = wallet_with(100);
  Tokens ledger = 100;
  std::vector<Tokens> open;
  UnixMs now_ms = 0;
  const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1'000'000));
  for (const int step : steps) {
    const Tokens tokens = step / 10 % 30;
    switch (step % 5) {
      case 0:
        if (reserve(wallet, tokens)) open.push_back(tokens);
        break;
      case 1:
      case 2:
        if (open.empty()) break;
        if (step % 5 == 1) {
          capture(wallet, open.back(), kRules, now_ms);
          ledger -= open.back();
        } else {
          release(wallet, open.back());
        }
        open.pop_back();
        break;
      case 3: {
        const Tokens amount = tokens - 15;
        if (adjust(wallet, amount, kRules, now_ms)) ledger += amount;
        break;
      }
      case 4:
        now_ms += step % 7 * kInterval / 3;
        ledger += regenerate(wallet, kRules, now_ms);
        break;
    }
    Tokens reserved = 0;
    for (const Tokens held : open) reserved += held;
    RC_ASSERT(wallet.balance == ledger);
    RC_ASSERT(wallet.reserved == reserved);
    RC_ASSERT(wallet.available() >= 0);
    RC_ASSERT(wallet.regeneration_started_at_ms.has_value() == (wallet.balance < kRules.maximum));
  }
}

}  // namespace
}  // namespace tintype
