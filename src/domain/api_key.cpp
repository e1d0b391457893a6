#include "domain/api_key.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "base/crc.h"

namespace tintype {

namespace {

constexpr std::string_view kLivePrefix = "pk_live_";
constexpr std::string_view kTestPrefix = "pk_test_";
constexpr std::string_view kBase62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t kSecretLength = 33;  // 62^33 > 2^192
constexpr std::size_t kCheckLength = 6;    // 62^6 > 2^32

constexpr std::array kScopes = {Scope::kImagesRead, Scope::kImagesWrite,  Scope::kJobsRead,
                                Scope::kJobsWrite,  Scope::kWebhooksRead, Scope::kWebhooksWrite};

// A big-endian number in base 62, with leading zeros to `length`.
std::string base62(std::string number, std::size_t length) {
  std::string digits(length, kBase62.front());
  for (std::size_t at = length; at-- > 0;) {
    unsigned rest = 0;
    for (char& byte : number) {
      const unsigned value = rest * 256 + static_cast<unsigned char>(byte);
      byte = static_cast<char>(value / 62);
      rest = value % 62;
    }
    digits[at] = kBase62[rest];
  }
  return digits;
}

std::string check_of(std::string_view text) {
  const std::uint32_t crc = crc32(0, text);
  std::string number;
  for (int shift = 24; shift >= 0; shift -= 8) number.push_back(static_cast<char>(crc >> shift & 0xff));
  return base62(std::move(number), kCheckLength);
}

}  // namespace

Scopes::Scopes(std::initializer_list<Scope> scopes) {
  for (const Scope scope : scopes) add(scope);
}

Scopes Scopes::all() {
  Scopes scopes;
  for (const Scope scope : kScopes) scopes.add(scope);
  return scopes;
}

std::vector<std::string> Scopes::names() const {
  std::vector<std::string> names;
  for (const Scope scope : kScopes) {
    if (has(scope)) names.emplace_back(scope_name(scope));
  }
  return names;
}

const char* scope_name(Scope scope) {
  switch (scope) {
    case Scope::kImagesRead: return "images:read";
    case Scope::kImagesWrite: return "images:write";
    case Scope::kJobsRead: return "jobs:read";
    case Scope::kJobsWrite: return "jobs:write";
    case Scope::kWebhooksRead: return "webhooks:read";
    case Scope::kWebhooksWrite: return "webhooks:write";
  }
  return "images:read";
}

std::optional<Scope> parse_scope(std::string_view name) {
  const auto found = std::ranges::find_if(kScopes, [&](Scope scope) { return name == scope_name(scope); });
  return found == kScopes.end() ? std::nullopt : std::optional(*found);
}

std::string encode_scopes(const Scopes& scopes) {
  std::string text;
  for (const std::string& name : scopes.names()) text += (text.empty() ? "" : " ") + name;
  return text;
}

Scopes decode_scopes(std::string_view text) {
  Scopes scopes;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    if (const auto scope = parse_scope(text.substr(begin, end - begin))) scopes.add(*scope);
    begin = end + 1;
  }
  return scopes;
}

bool is_live(const ApiKey& key, UnixMs now_ms) {
  return !key.revoked_at_ms && (!key.expires_at_ms || *key.expires_at_ms > now_ms);
}

const char* key_environment_name(KeyEnvironment environment) {
  switch (environment) {
    case KeyEnvironment::kLive: return "live";
    case KeyEnvironment::kTest: return "test";
  }
  return "live";
}

std::optional<KeyEnvironment> parse_key_environment(std::string_view name) {
  if (name == "live") return KeyEnvironment::kLive;
  if (name == "test") return KeyEnvironment::kTest;
  return std::nullopt;
}

std::string make_key_text(KeyEnvironment environment, std::string_view secret_bytes) {
  assert(secret_bytes.size() == kKeySecretBytes);
  std::string text(environment == KeyEnvironment::kLive ? kLivePrefix : kTestPrefix);
  text += base62(std::string(secret_bytes), kSecretLength);
  return text + check_of(text);
}

bool looks_like_key(std::string_view text) {
  return text.starts_with(kLivePrefix) || text.starts_with(kTestPrefix);
}

Result<KeyEnvironment> check_key_text(std::string_view text) {
  const std::size_t checked = kLivePrefix.size() + kSecretLength;
  if (!looks_like_key(text) || text.size() != checked + kCheckLength ||
      text.substr(checked) != check_of(text.substr(0, checked))) {
    return fail(ErrorCode::kUnauthorized, "That API key is mistyped or incomplete",
                "Please copy it again; a key has " + std::to_string(checked + kCheckLength) + " characters");
  }
  return text.starts_with(kLivePrefix) ? KeyEnvironment::kLive : KeyEnvironment::kTest;
}

}  // namespace tintype
