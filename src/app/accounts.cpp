#include "app/accounts.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "app/read.h"
#include "base/bytes.h"
#include "domain/plan.h"
#include "domain/search_words.h"

namespace tintype::app {

namespace {

constexpr std::size_t kEmailLengthMax = 254;
constexpr std::size_t kNameLengthMax = 200;
constexpr std::size_t kUserAgentLettersMax = 256;

std::string hash_of(std::string_view secret) {
  return hex_encode(sha256(secret));
}

// Trimmed and lower-cased. Nothing but the shape is checked: whether it is somebody's only a mail would tell.
Result<std::string> clean_email(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  std::string email(text);
  bool clean = is_valid_utf8(email);
  for (char& c : email) {
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    clean = clean && static_cast<unsigned char>(c) > 0x20 && c != 0x7f;
  }
  const std::size_t at = email.find('@');
  const bool shaped =
      at != std::string::npos && at > 0 && at + 1 < email.size() && email.find('@', at + 1) == email.npos;
  if (!clean || !shaped || email.size() > kEmailLengthMax) {
    return fail(ErrorCode::kInvalidInput, "That is not an e-mail address",
                "Please provide one such as name@example.org");
  }
  return email;
}

Result<void> check_password(std::string_view password, const AccountRules& rules) {
  if (password.size() < static_cast<std::size_t>(rules.password_length_min)) {
    return fail(ErrorCode::kInvalidInput, "The password is too short",
                "Please use at least " + std::to_string(rules.password_length_min) + " characters");
  }
  if (password.size() > static_cast<std::size_t>(rules.password_length_max)) {
    return fail(ErrorCode::kInvalidInput, "The password is too long",
                "Please use at most " + std::to_string(rules.password_length_max) + " bytes");
  }
  return {};
}

Result<void> check_name(std::string_view name) {
  if (name.size() > kNameLengthMax || !is_valid_utf8(name)) {
    return fail(ErrorCode::kInvalidInput, "The name is too long", "Please use at most 200 bytes");
  }
  return {};
}

// As it is kept: of more than fits the beginning, of what is no text nothing.
Caller clean_caller(const Caller& caller) {
  Caller clean = caller;
  if (!is_valid_utf8(clean.user_agent)) clean.user_agent.clear();
  clean.user_agent.resize(letter_bytes(clean.user_agent, kUserAgentLettersMax));
  return clean;
}

std::unexpected<Error> wrong_credentials() {
  return fail(ErrorCode::kUnauthorized, "Invalid login credentials", "Please check e-mail and password");
}

std::unexpected<Error> not_signed_in() {
  return fail(ErrorCode::kUnauthorized, "You must be logged in to access this resource", "Please log in and try again");
}

std::unexpected<Error> banned() {
  return fail(ErrorCode::kForbidden, "This account has been suspended", "Please contact the operator");
}

Result<void> take(RateLimiter& limiter, std::string_view bucket, std::string_view subject, const RateLimit& limit,
                  UnixMs now_ms) {
  const RateDecision decision = limiter.take(bucket, subject, limit, now_ms);
  if (decision.allowed) return {};
  auto refused = fail(ErrorCode::kRateLimited, "Too many attempts", "Please wait before trying again");
  refused.error().retry_after_seconds = decision.retry_after_seconds;
  return refused;
}

// Success, whatever number it was.
Result<void> discard(const Result<int>& number) {
  return number ? Result<void>() : std::unexpected(number.error());
}

Principal principal_of(const AccountRepository::SessionOwner& owner, CredentialKind kind) {
  return {owner.user.id, owner.user.email,           owner.session.id, owner.user.role, owner.user.plan,
          kind,          owner.session.expires_at_ms};
}

}  // namespace

Accounts::Accounts(Database& database, PasswordHasher& hasher, RateLimiter& limiter, const Clock& clock, Random& random,
                   AccountRules account_rules, Wallets& wallets)
    : database_(database),
      hasher_(hasher),
      limiter_(limiter),
      clock_(clock),
      random_(random),
      rules_(account_rules),
      wallets_(wallets) {}

const std::string& Accounts::decoy_hash() {
  std::call_once(decoy_once_, [this] { decoy_hash_ = hasher_.hash(new_secret(random_)); });
  return decoy_hash_;
}

Result<void> Accounts::insert_user(Transaction& transaction, const User& user) {
  if (auto inserted = transaction.accounts().insert_user(user); !inserted) return inserted;
  return wallets_.open(transaction, user.id);
}

// A new session with its two secrets; what goes into the database goes in by `insert_session`.
SignedIn Accounts::new_session(const User& user, const Caller& caller) {
  SignedIn signed_in;
  signed_in.user = user;
  signed_in.session_token = new_secret(random_);
  signed_in.refresh_token = new_secret(random_);
  const UnixMs now_ms = clock_.now_ms();
  signed_in.session = {
      new_uuid(random_),   user.id, hash_of(signed_in.session_token), now_ms, now_ms + rules_.session_ms, now_ms,
      clean_caller(caller)};
  return signed_in;
}

Result<void> Accounts::insert_session(Transaction& transaction, const SignedIn& signed_in) {
  const Session& session = signed_in.session;
  if (auto inserted = transaction.accounts().insert_session(session); !inserted) return inserted;
  return transaction.accounts().insert_refresh_token({hash_of(signed_in.refresh_token), session.id,
                                                      session.created_at_ms, session.created_at_ms + rules_.refresh_ms,
                                                      std::nullopt});
}

Result<SignedIn> Accounts::sign_up(const SignUp& request) {
  if (rules_.sign_up != SignUpPolicy::kOpen) {
    return fail(ErrorCode::kForbidden, "Signups not allowed for this instance",
                "Please ask the operator for an account");
  }
  const UnixMs now_ms = clock_.now_ms();
  if (auto allowed =
          take(limiter_, "sign_up", network_of(request.caller.remote_address), rules_.sign_ups_per_address, now_ms);
      !allowed) {
    return std::unexpected(allowed.error());
  }
  auto user = new_user({request.email, request.password, request.name, Role::kUser}, true);
  if (!user) return std::unexpected(user.error());
  SignedIn signed_in = new_session(*user, request.caller);
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    if (auto inserted = insert_user(transaction, *user); !inserted) return inserted;
    return insert_session(transaction, signed_in);
  });
  if (!written) return std::unexpected(written.error());
  return signed_in;
}

Result<void> Accounts::take_password_try(std::string_view email, const Caller& caller) {
  const UnixMs now_ms = clock_.now_ms();
  auto allowed =
      take(limiter_, "password_address", network_of(caller.remote_address), rules_.password_tries_per_address, now_ms);
  return allowed ? take(limiter_, "password_account", email, rules_.password_tries_per_account, now_ms) : allowed;
}

Result<SignedIn> Accounts::sign_in(std::string_view email, std::string_view password, const Caller& caller) {
  const auto clean = clean_email(email);
  if (!clean || password.size() > static_cast<std::size_t>(rules_.password_length_max)) return wrong_credentials();
  if (auto allowed = take_password_try(*clean, caller); !allowed) return std::unexpected(allowed.error());

  auto found = read(database_, [&](Transaction& transaction) { return transaction.accounts().user_by_email(*clean); });
  if (!found) return std::unexpected(found.error());
  auto& user = *found;
  // Unknown e-mails are verified against a decoy, so that they take as long as known ones.
  const bool known = user && !user->password_hash.empty();
  const bool right = hasher_.verify(password, known ? user->password_hash : decoy_hash());
  if (!known || !right) return wrong_credentials();
  if (user->banned_at_ms) return banned();
  SignedIn signed_in = new_session(*user, caller);
  auto written =
      database_.write([&](Transaction& transaction) -> Result<void> { return insert_session(transaction, signed_in); });
  if (!written) return std::unexpected(written.error());
  return signed_in;
}

Result<SignedIn> Accounts::refresh(std::string_view refresh_token) {
  const std::string hash = hash_of(refresh_token);
  const UnixMs now_ms = clock_.now_ms();
  SignedIn signed_in;
  signed_in.session_token = new_secret(random_);
  signed_in.refresh_token = new_secret(random_);
  enum class Ending { kRefreshed, kUnknown, kStolen, kBanned };
  Ending ending = Ending::kUnknown;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    AccountRepository& accounts = transaction.accounts();
    ending = Ending::kUnknown;
    const auto token = accounts.refresh_token_by_hash(hash);
    if (!token) return std::unexpected(token.error());
    if (!*token || (*token)->expires_at_ms <= now_ms) return {};
    const auto spent = accounts.spend_refresh_token(hash, now_ms);
    if (!spent) return std::unexpected(spent.error());
    if (!*spent) {
      ending = Ending::kStolen;
      return accounts.delete_session((*token)->session_id);
    }
    const auto owner = accounts.session_by_id((*token)->session_id, now_ms);
    if (!owner) return std::unexpected(owner.error());
    if (!*owner) return {};
    if ((*owner)->user.banned_at_ms) {
      ending = Ending::kBanned;
      return {};
    }
    ending = Ending::kRefreshed;
    signed_in.user = (*owner)->user;
    signed_in.session = (*owner)->session;
    signed_in.session.token_hash = hash_of(signed_in.session_token);
    if (auto set = accounts.set_session_token(signed_in.session.id, signed_in.session.token_hash); !set) return set;
    return accounts.insert_refresh_token(
        {hash_of(signed_in.refresh_token), signed_in.session.id, now_ms, now_ms + rules_.refresh_ms, std::nullopt});
  });
  if (!written) return std::unexpected(written.error());
  switch (ending) {
    case Ending::kRefreshed: return signed_in;
    case Ending::kBanned: return banned();
    case Ending::kUnknown:
    case Ending::kStolen: break;
  }
  return fail(ErrorCode::kUnauthorized, "Invalid Refresh Token: Already Used or Not Found", "Please sign in again");
}

Result<User> Accounts::user(std::string_view user_id) {
  return find_user([&](AccountRepository& accounts) { return accounts.user_by_id(user_id); });
}

Result<User> Accounts::by_email(std::string_view email) {
  const auto clean = clean_email(email);
  if (!clean) return std::unexpected(clean.error());
  return find_user([&](AccountRepository& accounts) { return accounts.user_by_email(*clean); });
}

Result<User> Accounts::find_user(FunctionRef<Result<std::optional<User>>(AccountRepository&)> find) {
  auto found = read(database_, [&](Transaction& transaction) { return find(transaction.accounts()); });
  if (!found) return std::unexpected(found.error());
  auto& user = *found;
  if (!user) return fail(ErrorCode::kNotFound, "There is no such user");
  return std::move(*user);
}

Result<User> Accounts::change_user(std::string_view user_id,
                                   FunctionRef<Result<void>(User&, AccountRepository&)> change) {
  User user;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.accounts().user_by_id(user_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
    user = std::move(**found);
    user.updated_at_ms = clock_.now_ms();
    if (auto changed = change(user, transaction.accounts()); !changed) return changed;
    return transaction.accounts().update_user(user);
  });
  if (!written) return std::unexpected(written.error());
  return user;
}

Result<User> Accounts::update(const Principal& principal, const UserChanges& changes) {
  std::string email, password_hash;
  if (changes.email) {
    auto clean = clean_email(*changes.email);
    if (!clean) return std::unexpected(clean.error());
    email = std::move(*clean);
  }
  if (changes.password) {
    if (auto good = check_password(*changes.password, rules_); !good) return std::unexpected(good.error());
    password_hash = hasher_.hash(*changes.password);
  }
  if (changes.name) {
    if (auto good = check_name(*changes.name); !good) return std::unexpected(good.error());
  }
  return change_user(principal.user_id, [&](User& user, AccountRepository& accounts) -> Result<void> {
    if (changes.email) user.email = email;
    if (changes.name) user.name = *changes.name;
    if (!changes.password) return {};
    user.password_hash = password_hash;
    return discard(accounts.delete_sessions_of(user.id, principal.session_id));
  });
}

Result<User> Accounts::update_own(const Principal& principal, UserChanges changes,
                                  const std::optional<std::string>& current_password, const Caller& caller) {
  if (changes.email) {
    const auto clean = clean_email(*changes.email);
    if (!clean) return std::unexpected(clean.error());
    if (*clean == principal.email) changes.email.reset();
  }
  if (changes.password) {
    if (auto good = check_password(*changes.password, rules_); !good) return std::unexpected(good.error());
  }
  if (changes.email || changes.password) {
    if (!current_password) {
      auto missing = fail(ErrorCode::kInvalidInput, "current_password must be given for this change");
      missing.error().field = "current_password";
      return missing;
    }
    if (auto right = confirm_password(principal, *current_password, caller); !right) {
      return std::unexpected(right.error());
    }
  }
  return update(principal, changes);
}

Result<void> Accounts::confirm_password(const Principal& principal, std::string_view password, const Caller& caller) {
  if (auto allowed = take_password_try(principal.email, caller); !allowed) return allowed;
  const auto found = user(principal.user_id);
  if (!found) return std::unexpected(found.error());
  if (found->password_hash.empty()) {
    return fail(ErrorCode::kForbidden, "This account has no password", "Please sign in the way you always do");
  }
  if (hasher_.verify(password, found->password_hash)) return {};
  return fail(ErrorCode::kForbidden, "The current password is wrong", "Please check it and try again");
}

Result<std::vector<Session>> Accounts::sessions(const Principal& principal) {
  const UnixMs now_ms = clock_.now_ms();
  auto found = read(database_, [&](Transaction& transaction) {
    return transaction.accounts().sessions_of(principal.user_id, now_ms, kSessionsListed);
  });
  if (!found) return found;
  const auto own = std::ranges::find(*found, principal.session_id, &Session::id);
  if (own == found->end()) return found;
  own->last_used_at_ms = now_ms;
  std::rotate(found->begin(), own, own + 1);
  return found;
}

Result<void> Accounts::end_session(const Principal& principal, std::string_view id) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    const auto ended = transaction.accounts().delete_session_of(principal.user_id, id);
    if (!ended) return std::unexpected(ended.error());
    return *ended ? Result<void>() : fail(ErrorCode::kNotFound, "Session not found");
  });
}

Result<int> Accounts::end_other_sessions(const Principal& principal) {
  Result<int> ended = 0;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    ended = transaction.accounts().delete_sessions_of(principal.user_id, principal.session_id);
    return discard(ended);
  });
  if (!written) return std::unexpected(written.error());
  return ended;
}

Result<void> Accounts::flush() {
  return session_uses_.flush(database_, [](Transaction& transaction, const std::string& id, UnixMs used_at_ms) {
    return transaction.accounts().mark_session_used(id, used_at_ms);
  });
}

Result<void> Accounts::sign_out(const Principal& principal, SignOutScope scope) {
  return database_.write([&](Transaction& transaction) -> Result<void> {
    switch (scope) {
      case SignOutScope::kLocal: return transaction.accounts().delete_session(principal.session_id);
      case SignOutScope::kGlobal: return discard(transaction.accounts().delete_sessions_of(principal.user_id, ""));
      case SignOutScope::kOthers:
        return discard(transaction.accounts().delete_sessions_of(principal.user_id, principal.session_id));
    }
    return {};
  });
}

Result<Principal> Accounts::by_session_token(std::string_view token, CredentialKind kind) {
  const std::string hash = hash_of(token);
  return by_session([&](AccountRepository& accounts) { return accounts.session_by_token_hash(hash, clock_.now_ms()); },
                    kind);
}

Result<Principal> Accounts::by_session_id(std::string_view session_id) {
  return by_session([&](AccountRepository& accounts) { return accounts.session_by_id(session_id, clock_.now_ms()); },
                    CredentialKind::kJwt);
}

Result<Principal> Accounts::by_session(
    FunctionRef<Result<std::optional<AccountRepository::SessionOwner>>(AccountRepository&)> find, CredentialKind kind) {
  auto found = read(database_, [&](Transaction& transaction) { return find(transaction.accounts()); });
  if (!found) return std::unexpected(found.error());
  auto& owner = *found;
  if (!owner) return not_signed_in();
  if (owner->user.banned_at_ms) return banned();
  const UnixMs now_ms = clock_.now_ms();
  if (now_ms - owner->session.last_used_at_ms >= kSessionUseMs) session_uses_.note(owner->session.id, now_ms);
  return principal_of(*owner, kind);
}

Result<Principal> Accounts::by_foreign_identity(std::string_view issuer, std::string_view subject,
                                                std::string_view email) {
  // The id follows from who vouches for whom, so that it is the same at every sign-in.
  const std::string digest = hex_encode(sha256(std::string(issuer) + "\n" + std::string(subject)));
  const std::string id = digest.substr(0, 8) + "-" + digest.substr(8, 4) + "-8" + digest.substr(12, 3) + "-8" +
                         digest.substr(15, 3) + "-" + digest.substr(18, 12);
  auto known = user(id);
  if (!known && known.error().code == ErrorCode::kNotFound) {
    auto made = new_user({std::string(email), {}, {}, Role::kUser}, false);
    if (!made) made = new_user({id + "@foreign.invalid", {}, {}, Role::kUser}, false);
    if (!made) return std::unexpected(made.error());
    made->id = id;
    auto insert = [&] {
      return database_.write([&](Transaction& transaction) -> Result<void> { return insert_user(transaction, *made); });
    };
    if (auto written = insert(); !written) {
      if (written.error().code != ErrorCode::kConflict) return std::unexpected(written.error());
      // The address belongs to an account of ours already: the foreign one stays apart from it.
      made->email = id + "@foreign.invalid";
      if (auto again = insert(); !again && again.error().code != ErrorCode::kConflict) {
        return std::unexpected(again.error());
      }
    }
    known = user(id);
  }
  if (!known) return std::unexpected(known.error());
  if (known->banned_at_ms) return banned();
  return Principal{known->id, known->email, {}, known->role, known->plan, CredentialKind::kJwt, 0};
}

Result<User> Accounts::new_user(const NewUser& request, bool password_needed) {
  auto email = clean_email(request.email);
  if (!email) return std::unexpected(email.error());
  if (password_needed || !request.password.empty()) {
    if (auto good = check_password(request.password, rules_); !good) return std::unexpected(good.error());
  }
  if (auto good = check_name(request.name); !good) return std::unexpected(good.error());
  User user;
  user.id = new_uuid(random_);
  user.email = std::move(*email);
  user.name = request.name;
  user.role = request.role;
  if (!request.password.empty()) user.password_hash = hasher_.hash(request.password);
  user.created_at_ms = user.updated_at_ms = clock_.now_ms();
  return user;
}

Result<User> Accounts::create(const NewUser& request, const Actor& actor) {
  auto user = new_user(request, false);
  if (!user) return user;
  const JsonText after = {{"email", user->email}, {"role", role_name(user->role)}, {"plan", user->plan}};
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    if (auto inserted = insert_user(transaction, *user); !inserted) return inserted;
    return note_change(transaction, random_, user->created_at_ms, actor,
                       {AuditAction::kCreateUser, user->id, {}, {}, after});
  });
  if (!written) return std::unexpected(written.error());
  return user;
}

Result<std::vector<User>> Accounts::list(const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.accounts().list_users(page); });
}

Result<User> Accounts::administer(std::string_view user_id, const Actor& actor,
                                  FunctionRef<Result<std::optional<Change>>(User&, Transaction&)> change) {
  User user;
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.accounts().user_by_id(user_id);
    if (!found) return std::unexpected(found.error());
    if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
    user = std::move(**found);
    const UnixMs now_ms = clock_.now_ms();
    const auto changed = change(user, transaction);
    if (!changed) return std::unexpected(changed.error());
    if (!*changed) return {};
    user.updated_at_ms = now_ms;
    if (auto updated = transaction.accounts().update_user(user); !updated) return updated;
    return note_change(transaction, random_, now_ms, actor, **changed);
  });
  if (!written) return std::unexpected(written.error());
  return user;
}

Result<User> Accounts::set_banned(std::string_view user_id, bool ban, const std::string& reason, const Actor& actor) {
  return administer(user_id, actor, [&](User& user, Transaction& transaction) -> Result<std::optional<Change>> {
    if (user.banned_at_ms.has_value() == ban) return std::nullopt;
    user.banned_at_ms = ban ? std::optional(clock_.now_ms()) : std::nullopt;
    if (!ban) {
      if (auto ended = transaction.accounts().delete_sessions_of(user.id, ""); !ended) {
        return std::unexpected(ended.error());
      }
      return Change{AuditAction::kUnban, user.id, reason, {{"status", "banned"}}, {{"status", "active"}}};
    }
    // A banned user's sessions stay, so that the refusal can say why; they end when the ban is lifted.
    const auto revoked = transaction.api_keys().revoke_all(user.id, *user.banned_at_ms);
    if (!revoked) return std::unexpected(revoked.error());
    return Change{
        AuditAction::kBan, user.id, reason, {{"status", "active"}}, {{"status", "banned"}, {"keys_revoked", *revoked}}};
  });
}

Result<User> Accounts::set_role(std::string_view user_id, Role role, const Actor& actor) {
  return administer(user_id, actor, [&](User& user, Transaction&) -> Result<std::optional<Change>> {
    if (user.role == role) return std::nullopt;
    const Role before = std::exchange(user.role, role);
    return Change{AuditAction::kSetRole, user.id, {}, {{"role", role_name(before)}}, {{"role", role_name(role)}}};
  });
}

Result<User> Accounts::set_plan(std::string_view user_id, std::string_view plan, const std::string& reason,
                                const Actor& actor) {
  if (!is_plan(plan)) return fail(ErrorCode::kInvalidInput, "There is no plan '" + std::string(plan) + "'");
  return administer(user_id, actor, [&](User& user, Transaction&) -> Result<std::optional<Change>> {
    if (user.plan == plan) return std::nullopt;
    const std::string before = std::exchange(user.plan, std::string(plan));
    return Change{AuditAction::kSetPlan, user.id, reason, {{"plan", before}}, {{"plan", plan}}};
  });
}

}  // namespace tintype::app
