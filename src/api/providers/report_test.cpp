#include "api/providers/report.h"

#include <gtest/gtest.h>

#include "webhook/signature.h"

namespace tintype::api {
namespace {

constexpr UnixMs kNowMs = 1'700'000'000'123;
constexpr std::int64_t kNow = kNowMs / 1'000;
const std::string kSecret = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";
const std::string kBody = R"({"id":"gm3qorzdhgbfurvjtvhg6dckhu","status":"succeeded"})";

http::Request report(const std::string& signature, std::int64_t seconds = kNow, const std::string& body = kBody) {
  http::Request request;
  request.headers.add("webhook-id", "msg_1");
  request.headers.add("webhook-timestamp", std::to_string(seconds));
  request.headers.add("webhook-signature", signature);
  request.body = body;
  return request;
}

std::string signature(std::int64_t seconds = kNow, const std::string& secret = kSecret) {
  return webhook::standard_signature(secret, "msg_1", seconds, kBody);
}

bool is_believed(const http::Request& request, const std::vector<std::string>& secrets = {kSecret}) {
  const auto checked = check_report(request, secrets, kNowMs);
  if (!checked) {
    EXPECT_EQ(checked.error().code, ErrorCode::kInvalidSignature);
  }
  return checked.has_value();
}

TEST(Report, IsBelievedByItsSignature) {
  EXPECT_TRUE(is_believed(report(signature())));
  EXPECT_TRUE(is_believed(report("v1,AAAA " + signature() + " v2,x"))) << "one of several";
  EXPECT_TRUE(is_believed(report(signature()), {"whsec_AAAA", kSecret})) << "while secrets change";
}

TEST(Report, IsNotBelievedWithAnother) {
  EXPECT_FALSE(is_believed(report(signature(kNow, "whsec_AAAA"))));
  EXPECT_FALSE(is_believed(report(signature().substr(3))));
  EXPECT_FALSE(is_believed(report("")));
  EXPECT_FALSE(is_believed(report(signature(), kNow, kBody + " ")));
  EXPECT_FALSE(is_believed(report(signature(), kNow + 1))) << "the time is signed too";
  EXPECT_FALSE(is_believed(report(signature()), {}));
  http::Request other = report(signature());
  other.headers.set("webhook-id", "msg_2");
  EXPECT_FALSE(is_believed(other));
  EXPECT_FALSE(is_believed(http::Request{}));
}

TEST(Report, IsNotBelievedAfterItsTime) {
  for (const std::int64_t off : {std::int64_t{300}, std::int64_t{-300}}) {
    EXPECT_TRUE(is_believed(report(signature(kNow + off), kNow + off))) << off;
    const std::int64_t over = off + (off > 0 ? 1 : -1);
    EXPECT_FALSE(is_believed(report(signature(kNow + over), kNow + over))) << over;
  }
  http::Request odd = report(signature());
  for (const char* time : {"", "now", "1e9", "99999999999999999999", "-9223372036854775808"}) {
    odd.headers.set("webhook-timestamp", time);
    EXPECT_FALSE(is_believed(odd)) << time;
  }
}

}  // namespace
}  // namespace tintype::api
