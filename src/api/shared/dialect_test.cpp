#include "api/shared/dialect.h"

#include <gtest/gtest.h>

#include "api/shared/json_body.h"

namespace tintype::api {
namespace {

Json body_of(const http::Response& response) {
  return Json::parse(std::get<std::string>(response.body));
}

TEST(Dialect, EnhancementSpellsTheContractsErrors) {
  const auto unauthorized = enhancement_error({ErrorCode::kUnauthorized, "You must be logged in", ""});
  EXPECT_EQ(unauthorized.status, 401);
  EXPECT_EQ(body_of(unauthorized), (Json{{"error", "You must be logged in"},
                                         {"title", "Authentication Required"},
                                         {"suggestion", "Please log in and try again"},
                                         {"code", "UNAUTHORIZED"}}));
  Error limited{ErrorCode::kRateLimited, "You've exceeded the rate limit", ""};
  limited.retry_after_seconds = 60;
  const auto response = enhancement_error(limited);
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(response.headers.find("retry-after"), "60");
  EXPECT_EQ(body_of(response)["retryAfter"], 60);
  EXPECT_EQ(body_of(response)["code"], "RATE_LIMIT");
  EXPECT_EQ(body_of(response)["title"], "Rate Limited");
}

TEST(Dialect, ACauseIsNeverShown) {
  http::Request request;
  for (const char* path : {"/api/images", "/auth/v1/user", "/unknown"}) {
    request.path = path;
    Error error{ErrorCode::kInternal, "Something went wrong", ""};
    error.cause = "disk sda1 is full";
    const auto response = render_error(request, error);
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(std::get<std::string>(response.body).find("sda1"), std::string::npos) << path;
  }
}

TEST(Dialect, GoTrueSpellsItsOwn) {
  http::Request request;
  request.path = "/auth/v1/token";
  const auto wrong = render_error(request, {ErrorCode::kUnauthorized, "Invalid login credentials", ""});
  EXPECT_EQ(wrong.status, 400);
  EXPECT_EQ(body_of(wrong),
            (Json{{"code", 400}, {"error_code", "invalid_credentials"}, {"msg", "Invalid login credentials"}}));
  const auto stranger = render_error(request, {ErrorCode::kUnauthorized, "You must be logged in", ""});
  EXPECT_EQ(stranger.status, 401);
  EXPECT_EQ(body_of(stranger)["error_code"], "no_authorization");
  EXPECT_EQ(render_error(request, {ErrorCode::kConflict, "taken", ""}).status, 422);
}

}  // namespace
}  // namespace tintype::api
