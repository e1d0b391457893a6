#include "webhook/signature.h"

#include "base/bytes.h"

namespace tintype::webhook {

namespace {

std::string key_of(std::string_view secret) {
  if (!secret.starts_with(kWebhookSecretPrefix)) return std::string(secret);
  return base64_decode(secret.substr(kWebhookSecretPrefix.size())).value_or(std::string(secret));
}

}  // namespace

std::string contract_signature(std::string_view secret, std::string_view body) {
  return hex_encode(hmac_sha256(secret, body));
}

std::string standard_signature(std::string_view secret, std::string_view id, std::int64_t timestamp_seconds,
                               std::string_view body) {
  std::string signed_text;
  signed_text.reserve(id.size() + body.size() + 24);
  signed_text.append(id).append(1, '.').append(std::to_string(timestamp_seconds)).append(1, '.').append(body);
  return "v1," + base64_encode(hmac_sha256(key_of(secret), signed_text));
}

std::vector<std::pair<std::string, std::string>> signed_headers(const WebhookDelivery& delivery,
                                                                const std::vector<std::string>& secrets,
                                                                std::int64_t timestamp_seconds) {
  std::vector<std::pair<std::string, std::string>> headers = {{"Content-Type", "application/json"},
                                                              {"webhook-id", delivery.id},
                                                              {"webhook-timestamp", std::to_string(timestamp_seconds)}};
  if (secrets.empty()) return headers;
  std::string signatures;
  for (const std::string& secret : secrets) {
    if (!signatures.empty()) signatures.push_back(' ');
    signatures += standard_signature(secret, delivery.id, timestamp_seconds, delivery.body);
  }
  headers.emplace_back("webhook-signature", std::move(signatures));
  const std::string& secret = secrets[static_cast<std::size_t>(delivery.attempt) % secrets.size()];
  headers.emplace_back("X-Webhook-Signature", contract_signature(secret, delivery.body));
  return headers;
}

}  // namespace tintype::webhook
