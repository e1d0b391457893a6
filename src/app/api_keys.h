// Keys that programs call with: made, listed, rotated and revoked by their user, and found again when a program comes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/audit_log.h"
#include "app/last_uses.h"
#include "app/once.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/api_key.h"
#include "ports/database.h"

namespace tintype::app {

struct ApiKeyRules {
  std::vector<std::string> self_service;  // plans for which users make keys, beside their own; operators for all
  int per_user_max = 20;                  // that hold at the same time
};

struct NewApiKey {
  std::string name;
  KeyEnvironment environment = KeyEnvironment::kLive;
  std::string plan;
  Scopes scopes = Scopes::all();
  std::optional<UnixMs> expires_at_ms;  // in the future
};

// The key's text is shown once and kept as a hash.
struct CreatedApiKey {
  ApiKey key;
  std::string text;
};

inline constexpr std::int64_t kRotationOverlapMs = 24LL * 60 * 60 * 1'000;
inline constexpr std::int64_t kRotationOverlapMsMax = 7 * kRotationOverlapMs;

// Thread-safe. When a key was last used is written in batches, and lost with the process since the last flush().
class ApiKeys {
 public:
  ApiKeys(Database& database, const Clock& clock, Random& random, ApiKeyRules rules);

  // kForbidden for a plan that only an operator gives and has not given this user, kConflict when the user has as many
  // keys as he may have.
  Result<Outcome<CreatedApiKey>> create(const Principal& principal, const NewApiKey& request,
                                        const Once<CreatedApiKey>& once);
  // The operator's; written into the audit log.
  Result<CreatedApiKey> create_for(std::string_view user_id, const NewApiKey& request, const Actor& actor);
  // Those that hold, newest first.
  Result<std::vector<ApiKey>> list(std::string_view user_id);
  // Ends it at once. kNotFound when there is none of this user that holds.
  Result<void> revoke(std::string_view user_id, std::string_view id);
  // A new key with the same name, plan, scopes and end; the old one holds for `overlap_ms` more, or until its own end.
  Result<Outcome<CreatedApiKey>> rotate(const Principal& principal, std::string_view id, std::int64_t overlap_ms,
                                        const Once<CreatedApiKey>& once);

  // Who comes with this text. kUnauthorized says whether it is mistyped, unknown, revoked or expired: who has all of a
  // key's characters may know. kForbidden when the user is banned. Reads only.
  Result<Principal> by_text(std::string_view text);
  // Writes when keys were last used, in one unit of work. After a failure it is kept for the next time. Blocks.
  Result<void> flush();

 private:
  CreatedApiKey new_key(std::string_view user_id, const NewApiKey& request);
  Result<void> insert(Transaction& transaction, const ApiKey& key);
  Result<ApiKey> find_live(Transaction& transaction, std::string_view user_id, std::string_view id);

  Database& database_;
  const Clock& clock_;
  Random& random_;
  ApiKeyRules rules_;
  LastUses uses_;
};

}  // namespace tintype::app
