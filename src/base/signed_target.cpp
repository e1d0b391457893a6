#include "base/signed_target.h"

#include <cassert>
#include <charconv>

#include "base/bytes.h"

namespace tintype {

namespace {

constexpr std::string_view kExpires = "expires=";
constexpr std::string_view kSignature = "&signature=";

std::string signature_of(std::string_view key, std::string_view signed_part) {
  std::string message = "GET\n";
  message.append(signed_part);
  return base64url_encode(hmac_sha256(key, message));
}

// What sign() has written, without its signature.
std::optional<SignedTarget> parse(std::string_view text) {
  const std::size_t question = text.find('?');
  if (question == std::string_view::npos) return std::nullopt;
  SignedTarget target;
  target.path = text.substr(0, question);
  std::string_view query = text.substr(question + 1);
  while (!query.starts_with(kExpires)) {
    const std::size_t equals = query.find('='), end = query.find('&');
    if (end == std::string_view::npos || equals > end) return std::nullopt;
    auto value = percent_decode(query.substr(equals + 1, end - equals - 1), false);
    if (!value) return std::nullopt;
    target.parameters.emplace_back(query.substr(0, equals), std::move(*value));
    query.remove_prefix(end + 1);
  }
  query.remove_prefix(kExpires.size());
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(query.data(), query.data() + query.size(), seconds);
  if (error != std::errc() || end != query.data() + query.size()) return std::nullopt;
  target.expires_at_ms = seconds * 1'000;
  return target;
}

}  // namespace

std::string_view SignedTarget::parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return value;
  }
  return {};
}

TargetSigner::TargetSigner(std::vector<std::string> keys) : keys_(std::move(keys)) {
  assert(!keys_.empty());
}

std::string TargetSigner::sign(const SignedTarget& target) const {
  std::string text;
  text.reserve(256);
  text.append(target.path).push_back('?');
  for (const auto& [name, value] : target.parameters) {
    text.append(name).append("=").append(percent_encode(value)).push_back('&');
  }
  text.append(kExpires).append(std::to_string(target.expires_at_ms / 1'000));
  const std::string signature = signature_of(keys_.front(), text);
  return text.append(kSignature).append(signature);
}

std::optional<SignedTarget> TargetSigner::verify(std::string_view target, UnixMs now_ms) const {
  const std::size_t at = target.rfind(kSignature);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view signed_part = target.substr(0, at), signature = target.substr(at + kSignature.size());
  bool holds = false;
  for (const std::string& key : keys_) holds |= constant_time_equal(signature_of(key, signed_part), signature);
  if (!holds) return std::nullopt;
  auto parsed = parse(signed_part);
  return parsed && parsed->expires_at_ms > now_ms ? parsed : std::nullopt;
}

UnixMs expiry_on_a_minute(UnixMs now_ms, std::int64_t seconds) {
  constexpr UnixMs kMinuteMs = 60'000;
  return (now_ms + seconds * 1'000 + kMinuteMs - 1) / kMinuteMs * kMinuteMs;
}

}  // namespace tintype
