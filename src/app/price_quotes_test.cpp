#include "app/price_quotes.h"

#include <gtest/gtest.h>

#include "support/house.h"

namespace tintype::app {
namespace {

constexpr auto kEdit = OperationKind::kEdit;
constexpr UnixMs kQuarterMs = 15 * 60 * 1'000;

class PriceQuotesTest : public testing::Test {
 protected:
  ErrorCode refusal(std::string_view quote, std::string_view user = "ann", OperationKind operation = kEdit) {
    const auto price = quotes.price_of(quote, user, operation);
    if (price) return ErrorCode::kInternal;
    EXPECT_EQ(price.error().field, "quote");
    return price.error().code;
  }

  test::TestClock clock;
  PriceQuotes quotes{{"new key", "old key"}, clock};
};

TEST_F(PriceQuotesTest, HoldsForItsUserAndOperationAQuarterOfAnHour) {
  const PriceQuote quote = quotes.make("ann", kEdit, 15);
  EXPECT_EQ(quotes.price_of(quote.text, "ann", kEdit).value(), 15);
  EXPECT_EQ(refusal(quote.text, "bob"), ErrorCode::kInvalidInput);
  EXPECT_EQ(refusal(quote.text, "ann", OperationKind::kExpand), ErrorCode::kInvalidInput);
  clock.advance(kQuarterMs - 1'000);
  EXPECT_EQ(quotes.price_of(quote.text, "ann", kEdit).value(), 15);
  clock.advance(1'000);
  EXPECT_EQ(refusal(quote.text), ErrorCode::kInvalidInput);
}

TEST_F(PriceQuotesTest, NothingOfItCanBeChanged) {
  const std::string quote = quotes.make("ann", kEdit, 15).text;
  for (std::size_t at = 0; at < quote.size(); ++at) {
    std::string changed = quote;
    changed[at] = changed[at] == '1' ? '2' : '1';
    EXPECT_EQ(refusal(changed), ErrorCode::kInvalidInput) << changed;
    EXPECT_EQ(refusal(quote.substr(0, at)), ErrorCode::kInvalidInput) << at;
  }
  for (const char* text : {"", ".", "..", "1.2", "-1.9999999999.", "99999999999999999999.1.a", "a.b.c"}) {
    EXPECT_EQ(refusal(text), ErrorCode::kInvalidInput) << text;
  }
}

TEST_F(PriceQuotesTest, KeysChangeAndQuotesStay) {
  const PriceQuotes before({"old key"}, clock);
  EXPECT_EQ(quotes.price_of(before.make("ann", kEdit, 7).text, "ann", kEdit).value(), 7);
  EXPECT_FALSE(before.price_of(quotes.make("ann", kEdit, 7).text, "ann", kEdit));
}

}  // namespace
}  // namespace tintype::app
