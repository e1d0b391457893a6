#include "api/shared/idempotent.h"

#include <gtest/gtest.h>

namespace tintype::api {
namespace {

http::Request keyed(std::string key, std::string body) {
  http::Request request;
  request.method = http::Method::kPost;
  request.path = "/api/albums";
  request.headers.add("Idempotency-Key", std::move(key));
  request.body = std::move(body);
  return request;
}

TEST(Idempotency, KeysAreVisibleAsciiAndStandOnce) {
  const Principal principal{.user_id = "u", .email = {}, .session_id = {}, .plan = {}};
  EXPECT_EQ(*idempotency_key(http::Request{}, principal.user_id), std::nullopt);
  EXPECT_TRUE(idempotency_key(keyed(std::string(255, 'k'), ""), principal.user_id));
  for (const std::string& key : {std::string(), std::string(256, 'k'), std::string("a b"), std::string("\xc3\xbc")}) {
    EXPECT_FALSE(idempotency_key(keyed(key, ""), principal.user_id)) << key;
  }
  http::Request twice = keyed("a", "");
  twice.headers.add("idempotency-key", "b");
  EXPECT_FALSE(idempotency_key(twice, principal.user_id));
}

TEST(Idempotency, FingerprintTellsPathBodyAndPartsApart) {
  const Principal principal{.user_id = "u", .email = {}, .session_id = {}, .plan = {}};
  const auto print = [&](const http::Request& request) {
    return (*idempotency_key(request, principal.user_id))->fingerprint;
  };
  const http::Request base = keyed("k", "{}");
  EXPECT_EQ(print(base), print(keyed("other", "{}")));
  EXPECT_NE(print(base), print(keyed("k", "{} ")));
  http::Request elsewhere = base;
  elsewhere.path = "/api/images";
  EXPECT_NE(print(base), print(elsewhere));
  http::Request one = keyed("k", ""), two = keyed("k", "");
  one.form.push_back({.name = "ab", .file_name = {}, .media_type = {}, .text = "c", .file = {}});
  two.form.push_back({.name = "a", .file_name = {}, .media_type = {}, .text = "bc", .file = {}});
  EXPECT_NE(print(one), print(two)) << "pieces may not run into each other";
}

}  // namespace
}  // namespace tintype::api
