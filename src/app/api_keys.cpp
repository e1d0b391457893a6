#include "app/api_keys.h"

#include <algorithm>
#include <array>

#include "app/read.h"
#include "base/bytes.h"
#include "domain/plan.h"

namespace tintype::app {

namespace {

std::unexpected<Error> no_such_key() {
  return fail(ErrorCode::kNotFound, "API key not found");
}

std::unexpected<Error> does_not_hold(const char* why) {
  return fail(ErrorCode::kUnauthorized, std::string("This API key ") + why,
              "Please use another one; its owner sees those that hold under GET /api/v1/keys");
}

Principal principal_of(const ApiKeyRepository::KeyOwner& owner) {
  Principal principal;
  principal.user_id = owner.user.id;
  principal.email = owner.user.email;
  principal.role = Role::kUser;  // whoever's it is: operating takes a session
  principal.plan = owner.user.plan;
  principal.credential = CredentialKind::kApiKey;
  principal.expires_at_ms = owner.key.expires_at_ms.value_or(0);
  principal.api_key_id = owner.key.id;
  principal.key_plan = owner.key.plan;
  principal.key_environment = owner.key.environment;
  principal.scopes = owner.key.scopes;
  return principal;
}

}  // namespace

ApiKeys::ApiKeys(Database& database, const Clock& clock, Random& random, ApiKeyRules rules)
    : database_(database), clock_(clock), random_(random), rules_(std::move(rules)) {}

CreatedApiKey ApiKeys::new_key(std::string_view user_id, const NewApiKey& request) {
  std::array<std::byte, kKeySecretBytes> secret{};
  random_.fill(secret);
  CreatedApiKey created;
  created.text = make_key_text(request.environment, {reinterpret_cast<const char*>(secret.data()), secret.size()});
  created.key = {.id = new_id(random_, "key_"),
                 .user_id = std::string(user_id),
                 .name = request.name,
                 .environment = request.environment,
                 .plan = request.plan,
                 .scopes = request.scopes,
                 .key_hash = hex_encode(sha256(created.text)),
                 .prefix = created.text.substr(0, kKeyPrefixLength),
                 .created_at_ms = clock_.now_ms(),
                 .expires_at_ms = request.expires_at_ms};
  return created;
}

// The user's wallet is the row that all who count his keys write, so that two at once cannot pass the bound together.
Result<void> ApiKeys::insert(Transaction& transaction, const ApiKey& key) {
  const auto wallet = transaction.wallets().lock(key.user_id);
  if (!wallet) return std::unexpected(wallet.error());
  if (auto written = transaction.wallets().update(*wallet); !written) return written;
  const auto keys = transaction.api_keys().list(key.user_id, clock_.now_ms());
  if (!keys) return std::unexpected(keys.error());
  if (keys->size() >= static_cast<std::size_t>(rules_.per_user_max)) {
    return fail(ErrorCode::kConflict, "You have as many API keys as you may have: " + std::to_string(keys->size()),
                "Please revoke one that is not needed");
  }
  return transaction.api_keys().insert(key);
}

Result<Outcome<CreatedApiKey>> ApiKeys::create(const Principal& principal, const NewApiKey& request,
                                               const Once<CreatedApiKey>& once) {
  // Whom an operator has given a plan himself makes keys for it.
  const bool is_own = request.plan == principal.plan;
  if (!is_own && std::ranges::find(rules_.self_service, request.plan) == rules_.self_service.end()) {
    return fail(ErrorCode::kForbidden, "Keys for the plan " + request.plan + " are given by the operator",
                "Please ask the operator, or take another plan");
  }
  const CreatedApiKey created = new_key(principal.user_id, request);
  return run_once<CreatedApiKey>(database_, principal.user_id, once, created.key.created_at_ms,
                                 [&](Transaction& transaction) -> Result<CreatedApiKey> {
                                   if (auto inserted = insert(transaction, created.key); !inserted) {
                                     return std::unexpected(inserted.error());
                                   }
                                   return created;
                                 });
}

Result<CreatedApiKey> ApiKeys::create_for(std::string_view user_id, const NewApiKey& request, const Actor& actor) {
  if (!is_plan(request.plan)) return fail(ErrorCode::kInvalidInput, "There is no plan '" + request.plan + "'");
  CreatedApiKey created = new_key(user_id, request);
  const JsonText after = {{"key", created.key.id},
                          {"plan", request.plan},
                          {"environment", key_environment_name(request.environment)},
                          {"scopes", encode_scopes(request.scopes)}};
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    if (auto inserted = insert(transaction, created.key); !inserted) return inserted;
    return note_change(transaction, random_, created.key.created_at_ms, actor,
                       {AuditAction::kCreateKey, created.key.user_id, {}, {}, after});
  });
  if (!written) return std::unexpected(written.error());
  return created;
}

Result<std::vector<ApiKey>> ApiKeys::list(std::string_view user_id) {
  return read(database_,
              [&](Transaction& transaction) { return transaction.api_keys().list(user_id, clock_.now_ms()); });
}

Result<ApiKey> ApiKeys::find_live(Transaction& transaction, std::string_view user_id, std::string_view id) {
  auto found = transaction.api_keys().find(user_id, id);
  if (!found) return std::unexpected(found.error());
  if (!*found || !is_live(**found, clock_.now_ms())) return no_such_key();
  return std::move(**found);
}

Result<void> ApiKeys::revoke(std::string_view user_id, std::string_view id) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    auto key = find_live(transaction, user_id, id);
    if (!key) return std::unexpected(key.error());
    key->revoked_at_ms = clock_.now_ms();
    const auto updated = transaction.api_keys().update(*key);
    if (!updated) return std::unexpected(updated.error());
    return *updated ? Result<void>() : no_such_key();
  });
}

Result<Outcome<CreatedApiKey>> ApiKeys::rotate(const Principal& principal, std::string_view id, std::int64_t overlap_ms,
                                               const Once<CreatedApiKey>& once) {
  const UnixMs now_ms = clock_.now_ms();
  CreatedApiKey created;
  return run_once<CreatedApiKey>(
      database_, principal.user_id, once, now_ms, [&](Transaction& transaction) -> Result<CreatedApiKey> {
        auto old = find_live(transaction, principal.user_id, id);
        if (!old) return std::unexpected(old.error());
        created = new_key(principal.user_id, {old->name, old->environment, old->plan, old->scopes, old->expires_at_ms});
        const UnixMs ends_at_ms = now_ms + overlap_ms;
        old->expires_at_ms = std::min(old->expires_at_ms.value_or(ends_at_ms), ends_at_ms);
        const auto updated = transaction.api_keys().update(*old);
        if (!updated) return std::unexpected(updated.error());
        if (!*updated) return no_such_key();
        // After the old one's end is written: a rotation without overlap takes no place among those that hold.
        if (auto inserted = insert(transaction, created.key); !inserted) return std::unexpected(inserted.error());
        return created;
      });
}

Result<Principal> ApiKeys::by_text(std::string_view text) {
  if (auto checked = check_key_text(text); !checked) return std::unexpected(checked.error());
  const std::string hash = hex_encode(sha256(text));
  const auto found =
      read(database_, [&](Transaction& transaction) { return transaction.api_keys().find_by_hash(hash); });
  if (!found) return std::unexpected(found.error());
  if (!*found) return does_not_hold("is not known");
  const ApiKeyRepository::KeyOwner& owner = **found;
  const UnixMs now_ms = clock_.now_ms();
  // A banned user's keys have been revoked; that he is banned says more.
  if (owner.user.banned_at_ms) {
    return fail(ErrorCode::kForbidden, "This account has been suspended", "Please contact the operator");
  }
  if (owner.key.revoked_at_ms) return does_not_hold("has been revoked");
  if (!is_live(owner.key, now_ms)) return does_not_hold("has expired");
  uses_.note(owner.key.id, now_ms);
  return principal_of(owner);
}

Result<void> ApiKeys::flush() {
  return uses_.flush(database_, [](Transaction& transaction, const std::string& id, UnixMs used_at_ms) {
    return transaction.api_keys().mark_used(id, used_at_ms);
  });
}

}  // namespace tintype::app
