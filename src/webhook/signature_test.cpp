#include "webhook/signature.h"

#include <gtest/gtest.h>

#include "base/bytes.h"

namespace tintype::webhook {
namespace {

constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

// The example of Standard Webhooks' own libraries.
TEST(Signature, IsThatOfStandardWebhooks) {
  EXPECT_EQ(standard_signature(kSecret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, R"({"test": 2432232314})"),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

// Of Node.js: createHmac("sha256", "whsec_...").update(body).digest("hex"). The key is the text itself.
TEST(Signature, IsThatOfTheContract) {
  EXPECT_EQ(contract_signature("key", "The quick brown fox jumps over the lazy dog"),
            "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8");
}

TEST(Signature, ASecretOfAnotherFormIsItsCharacters) {
  const std::string signed_text = "msg_1.5.{}";
  const std::string wanted = "v1," + base64_encode(hmac_sha256("plain words", signed_text));
  EXPECT_EQ(standard_signature("plain words", "msg_1", 5, "{}"), wanted);
}

std::string header(const std::vector<std::pair<std::string, std::string>>& headers, const std::string& name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(Signature, TwoSecretsSignTogetherAndTakeTurnsInTheContractsHeader) {
  WebhookDelivery delivery;
  delivery.id = "msg_1";
  delivery.body = "{}";
  const std::vector<std::string> secrets = {kSecret, "whsec_b2xk"};
  for (const int attempt : {0, 1, 2}) {
    delivery.attempt = attempt;
    const auto headers = signed_headers(delivery, secrets, 77);
    EXPECT_EQ(header(headers, "webhook-id"), "msg_1");
    EXPECT_EQ(header(headers, "webhook-timestamp"), "77");
    EXPECT_EQ(header(headers, "webhook-signature"), standard_signature(secrets[0], "msg_1", 77, "{}") + " " +
                                                        standard_signature(secrets[1], "msg_1", 77, "{}"));
    EXPECT_EQ(header(headers, "X-Webhook-Signature"), contract_signature(secrets[attempt == 1 ? 1 : 0], "{}"));
  }
}

}  // namespace
}  // namespace tintype::webhook
