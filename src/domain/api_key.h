// What a program calls with: a key of its user's, within a plan and scopes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/error.h"

namespace tintype {

enum class KeyEnvironment {
  kLive,
  kTest,  // consumes no quota, and its results say that they are from a test
};

// What a key may do. A route that names no scope takes no key.
enum class Scope { kImagesRead, kImagesWrite, kJobsRead, kJobsWrite, kWebhooksRead, kWebhooksWrite };

class Scopes {
 public:
  Scopes() = default;
  Scopes(std::initializer_list<Scope> scopes);
  static Scopes all();

  bool has(Scope scope) const { return (bits_ & bit(scope)) != 0; }
  bool empty() const { return bits_ == 0; }
  void add(Scope scope) { bits_ |= bit(scope); }
  std::vector<std::string> names() const;  // "images:read" ..., always in the same order
  bool operator==(const Scopes&) const = default;

 private:
  static unsigned bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
  unsigned bits_ = 0;
};

const char* scope_name(Scope scope);
std::optional<Scope> parse_scope(std::string_view name);
std::string encode_scopes(const Scopes& scopes);  // names with a space between (RFC 6749, section 3.3)
Scopes decode_scopes(std::string_view text);      // names that are not known are passed over

struct ApiKey {
  std::string id;  // key_...
  std::string user_id;
  std::string name;
  KeyEnvironment environment = KeyEnvironment::kLive;
  std::string plan;
  Scopes scopes;
  std::string key_hash;  // SHA-256 of the key, hex; the key is shown once
  std::string prefix;    // its first characters, by which its owner knows it
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> expires_at_ms;  // asked for, or the end of a rotation's overlap
  std::optional<UnixMs> revoked_at_ms;
  std::optional<UnixMs> last_used_at_ms;  // to within a minute or so
};

bool is_live(const ApiKey& key, UnixMs now_ms);  // neither revoked nor expired

const char* key_environment_name(KeyEnvironment environment);  // "live" | "test"
std::optional<KeyEnvironment> parse_key_environment(std::string_view name);

// The text of a key: "pk_live_" or "pk_test_", 33 characters of base62 for 192 bits, and 6 more for the CRC-32 of all
// before them, so that a typo is told from a wrong key and scanners know one when they see one.
inline constexpr std::size_t kKeySecretBytes = 24;
inline constexpr std::size_t kKeyPrefixLength = 12;  // of what a list shows: "pk_live_aB3d"
std::string make_key_text(KeyEnvironment environment, std::string_view secret_bytes);
bool looks_like_key(std::string_view text);  // begins as one
// kUnauthorized says whether it is mistyped. The hash of what holds is looked up.
Result<KeyEnvironment> check_key_text(std::string_view text);

}  // namespace tintype
