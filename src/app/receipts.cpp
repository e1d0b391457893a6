#include "app/receipts.h"

#include "base/bytes.h"
#include "base/signed_token.h"

namespace tintype::app {

namespace {

// Apart from whatever else is made of the secret.
std::string seed_of(std::string_view secret) {
  return hmac_sha256(secret, "tintype receipts, Ed25519");
}

// The members that a thumbprint is made of, in their order.
JsonText public_key_json(const SigningKey& key) {
  return {{"crv", "Ed25519"}, {"kty", "OKP"}, {"x", base64url_encode(key.public_key())}};
}

void add_digest(JsonText& json, std::string_view name, const std::string& digest) {
  if (!digest.empty()) json.add(name, digest);
}

JsonText output_json(const JobResult& result) {
  JsonText json{{"sha256", result.sha256}, {"bytes", result.size_bytes}, {"format", result_format_name(result)}};
  json.add("width", result.width_px).add("height", result.height_px);
  return json;
}

}  // namespace

Receipts::Receipts(const std::vector<std::string>& secrets, const std::string& issuer, const Clock& clock)
    : issuer_(issuer), clock_(clock) {
  for (const std::string& secret : secrets) {
    SigningKey pair(seed_of(secret));
    std::string id = base64url_encode(sha256(public_key_json(pair).text()));
    keys_.push_back({std::move(pair), std::move(id)});
  }
}

std::string Receipts::sign(const Job& job, const JobResult& result, const InputDigests& inputs,
                           const std::vector<ModelDigest>& models) const {
  JsonText parameters, given, used;
  for (const auto& [name, value] : job.parameters) parameters.add(name, value);
  add_digest(given, "picture", inputs.picture);
  add_digest(given, "mask", inputs.mask);
  add_digest(given, "reference", inputs.reference);
  for (const ModelDigest& model : models) used.add(model.file, model.sha256);
  JsonText claims{{"iss", issuer_}, {"iat", clock_.now_ms() / 1'000}, {"jti", job.id}};
  claims.add("operation", operation_name(job.operation)).add("parameters", parameters).add("price", job.price);
  claims.add("input", given).add("models", used).add("output", output_json(result)).add_all(result.details);
  const JsonText header{{"alg", "EdDSA"}, {"typ", "JWT"}, {"kid", keys_.front().id}};
  return signed_token(header.text(), claims.text(),
                      [&](std::string_view text) { return keys_.front().pair.sign(text); });
}

JsonText Receipts::keys() const {
  JsonText keys = JsonText::array();
  for (const auto& [pair, id] : keys_) {
    JsonText key = public_key_json(pair);
    keys.push_back(key.add("kid", id).add("use", "sig").add("alg", "EdDSA"));
  }
  return {{"keys", keys}};
}

}  // namespace tintype::app
