#include "webhook/verdict.h"

#include <gtest/gtest.h>

namespace tintype::webhook {
namespace {

constexpr UnixMs kNow = 1'000'000;

Result<PostResponse> answer(int status, std::optional<std::chrono::seconds> retry_after = std::nullopt) {
  return PostResponse{status, "no\nthanks", retry_after};
}

WebhookDelivery delivery(int attempts_made = 0) {
  WebhookDelivery made;
  made.id = "msg_1";
  made.attempt = attempts_made;
  return made;
}

TEST(Verdict, EverySuccessIsADelivery) {
  for (const int status : {200, 201, 202, 204, 299}) {
    const Verdict verdict = judge(delivery(), answer(status), {}, kNow);
    EXPECT_EQ(verdict.delivery.state, DeliveryState::kDelivered) << status;
    EXPECT_EQ(verdict.delivery.attempt, 1);
    EXPECT_EQ(verdict.delivery.last_status, status);
    EXPECT_EQ(verdict.delivery.last_error, "");
    EXPECT_EQ(verdict.delivery.ended_at_ms, kNow);
  }
}

TEST(Verdict, TheScheduleIsZeroFiveSecondsAndSoOnForThreeDays) {
  const std::int64_t pauses_s[] = {5, 300, 1'800, 7'200, 18'000, 36'000, 50'400, 72'000, 86'400};
  WebhookDelivery now = delivery();
  for (const std::int64_t pause_s : pauses_s) {
    now = judge(now, answer(500), {}, kNow).delivery;
    EXPECT_EQ(now.state, DeliveryState::kPending);
    EXPECT_EQ(now.next_attempt_at_ms, kNow + pause_s * 1'000);
  }
  now = judge(now, answer(500), {}, kNow).delivery;
  EXPECT_EQ(now.state, DeliveryState::kFailed);
  EXPECT_EQ(now.attempt, 10);
  EXPECT_EQ(now.ended_at_ms, kNow);
  EXPECT_EQ(now.last_error, "The receiver answered 500: no thanks");
}

TEST(Verdict, ARedirectIsAFailure) {
  for (const int status : {301, 302, 307, 308}) {
    const Verdict verdict = judge(delivery(), answer(status), {}, kNow);
    EXPECT_EQ(verdict.delivery.state, DeliveryState::kPending) << status;
    EXPECT_TRUE(verdict.delivery.last_error.contains("redirects are not followed"));
  }
}

TEST(Verdict, GoneStopsAtOnce) {
  const Verdict verdict = judge(delivery(), answer(410), {}, kNow);
  EXPECT_EQ(verdict.delivery.state, DeliveryState::kFailed);
  EXPECT_TRUE(verdict.endpoint_is_gone);
  EXPECT_FALSE(judge(delivery(), answer(404), {}, kNow).endpoint_is_gone);
}

TEST(Verdict, RetryAfterIsAFloorAndHasACeiling) {
  using std::chrono::seconds;
  const auto pause_ms = [](int attempts_made, std::int64_t asked_for_s) {
    return judge(delivery(attempts_made), answer(503, seconds(asked_for_s)), {}, kNow).delivery.next_attempt_at_ms -
           kNow;
  };
  EXPECT_EQ(pause_ms(0, 60), 60'000);
  EXPECT_EQ(pause_ms(0, 1), 5'000) << "never sooner than the schedule";
  EXPECT_EQ(pause_ms(3, 60), 7'200'000);
  EXPECT_EQ(pause_ms(0, 30LL * 24 * 3'600), 24LL * 3'600 * 1'000);
  EXPECT_EQ(judge(delivery(), answer(429, seconds(60)), {}, kNow).put_off_until_ms, kNow + 60'000);
  EXPECT_EQ(judge(delivery(), answer(500), {}, kNow).put_off_until_ms, 0);
}

TEST(Verdict, NoAnswerIsToldInASentence) {
  const Verdict verdict = judge(delivery(), fail(ErrorCode::kDeadlineExceeded, "It took too long"), {}, kNow);
  EXPECT_EQ(verdict.delivery.last_status, 0);
  EXPECT_EQ(verdict.delivery.last_error, "It took too long");
  EXPECT_EQ(verdict.delivery.state, DeliveryState::kPending);
}

TEST(Verdict, OfALongAnswerTheBeginningIsShownInWholeCharacters) {
  std::string body = "x";
  while (body.size() < 1'000) body += "\xc3\xa4";
  const auto shown = judge(delivery(), PostResponse{500, body, std::nullopt}, {}, kNow).delivery.last_error;
  EXPECT_TRUE(shown.ends_with("\xc3\xa4"));
  EXPECT_LT(shown.size(), 250U);
  const auto bytes = judge(delivery(), PostResponse{500, "\xff\xfe", std::nullopt}, {}, kNow).delivery.last_error;
  EXPECT_EQ(bytes, "The receiver answered 500");
}

}  // namespace
}  // namespace tintype::webhook
