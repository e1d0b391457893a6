// Who people are: sign-up, sign-in, sessions, and what an operator does to users.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/audit_log.h"
#include "app/last_uses.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/wallet.h"
#include "ports/database.h"
#include "ports/password_hasher.h"
#include "ports/rate_limiter.h"

namespace tintype::app {

enum class SignUpPolicy { kOpen, kInvite, kClosed };  // with kInvite and kClosed users come from the operator alone

struct AccountRules {
  SignUpPolicy sign_up = SignUpPolicy::kOpen;
  std::int64_t session_ms = 30LL * 24 * 60 * 60 * 1000;
  std::int64_t refresh_ms = 60LL * 24 * 60 * 60 * 1000;
  int password_length_min = 8;  // characters are not counted, bytes are
  int password_length_max = 512;
  RateLimit password_tries_per_account{10, 15 * 60 * 1000};
  RateLimit password_tries_per_address{100, 15 * 60 * 1000};
  RateLimit sign_ups_per_address{30, 60 * 60 * 1000};
};

// The two secrets are shown once and kept as hashes.
struct SignedIn {
  User user;
  Session session;
  std::string session_token;
  std::string refresh_token;
};

struct SignUp {
  std::string email;
  std::string password;
  std::string name;
  Caller caller;
};

struct UserChanges {
  std::optional<std::string> email;
  std::optional<std::string> password;  // ends every other session
  std::optional<std::string> name;
};

// A session's use is noted when the last one that was lies longer back than this.
inline constexpr std::int64_t kSessionUseMs = 5 * 60 * 1'000;
inline constexpr int kSessionsListed = 200;

// Thread-safe. When sessions were last used is written in batches, and lost with the process since the last flush().
class Accounts {
 public:
  Accounts(Database& database, PasswordHasher& hasher, RateLimiter& limiter, const Clock& clock, Random& random,
           AccountRules rules, Wallets& wallets);

  // kConflict when the e-mail is taken, kForbidden when sign-up is not open. The wallet starts with its first entry.
  Result<SignedIn> sign_up(const SignUp& request);
  // The same answer and about the same time for an unknown e-mail and a wrong password: kUnauthorized.
  // kForbidden for a banned user whose password was right; kRateLimited after too many tries.
  SignUpPolicy sign_up_policy() const { return rules_.sign_up; }
  Result<SignedIn> sign_in(std::string_view email, std::string_view password, const Caller& caller);
  // Spends the refresh token for a new one of the same session. A spent one ends the session: kUnauthorized.
  // The new session token replaces the old.
  Result<SignedIn> refresh(std::string_view refresh_token);
  Result<User> user(std::string_view user_id);
  Result<User> update(const Principal& principal, const UserChanges& changes);
  // The same for who shows that he knows the password: another e-mail or password is kInvalidInput without the present
  // one and kForbidden with a wrong one, whose tries are counted as those of sign_in().
  Result<User> update_own(const Principal& principal, UserChanges changes,
                          const std::optional<std::string>& current_password, const Caller& caller);
  enum class SignOutScope { kLocal, kGlobal, kOthers };
  Result<void> sign_out(const Principal& principal, SignOutScope scope);
  // Live ones, last used first, at most kSessionsListed. The one that asks is in use now.
  Result<std::vector<Session>> sessions(const Principal& principal);
  Result<void> end_session(const Principal& principal, std::string_view id);  // kNotFound when he has none such
  Result<int> end_other_sessions(const Principal& principal);                 // how many
  // Writes when sessions were last used, in one unit of work. Blocks.
  Result<void> flush();

  // kUnauthorized when the credential does not hold, kForbidden when the user is banned. Reads only.
  Result<Principal> by_session_token(std::string_view token, CredentialKind kind);
  Result<Principal> by_session_id(std::string_view session_id);
  // A user of a trusted foreign issuer (JWKS), made with a wallet at first sight. May write once.
  Result<Principal> by_foreign_identity(std::string_view issuer, std::string_view subject, std::string_view email);

  // The operator's.
  struct NewUser {
    std::string email;
    std::string password;  // empty: the user cannot sign in by password
    std::string name;
    Role role = Role::kUser;
  };
  Result<User> create(const NewUser& request, const Actor& actor);
  Result<User> by_email(std::string_view email);
  Result<std::vector<User>> list(const Page& page);
  // Each of these writes who did it, and why, into the audit log; what is as it should be already is left so.
  //
  // A banned user's every request is refused at once, and his API keys have ended; lifting the ban asks for a new
  // sign-in. What he has asked for goes on: see Administration::ban.
  Result<User> set_banned(std::string_view user_id, bool ban, const std::string& reason, const Actor& actor);
  Result<User> set_role(std::string_view user_id, Role role, const Actor& actor);
  // kInvalidInput when there is none such.
  Result<User> set_plan(std::string_view user_id, std::string_view plan, const std::string& reason, const Actor& actor);

 private:
  Result<User> new_user(const NewUser& request, bool password_needed);
  SignedIn new_session(const User& user, const Caller& caller);
  Result<void> take_password_try(std::string_view email, const Caller& caller);
  Result<void> confirm_password(const Principal& principal, std::string_view password, const Caller& caller);
  Result<void> insert_user(Transaction& transaction, const User& user);  // with its wallet
  Result<void> insert_session(Transaction& transaction, const SignedIn& signed_in);
  Result<User> find_user(FunctionRef<Result<std::optional<User>>(AccountRepository&)> find);
  Result<User> change_user(std::string_view user_id, FunctionRef<Result<void>(User&, AccountRepository&)> change);
  // The same for operators: `change` answers what it was, or nothing when there was nothing to change.
  Result<User> administer(std::string_view user_id, const Actor& actor,
                          FunctionRef<Result<std::optional<Change>>(User&, Transaction&)> change);
  Result<Principal> by_session(
      FunctionRef<Result<std::optional<AccountRepository::SessionOwner>>(AccountRepository&)> find,
      CredentialKind kind);
  const std::string& decoy_hash();

  Database& database_;
  PasswordHasher& hasher_;
  RateLimiter& limiter_;
  const Clock& clock_;
  Random& random_;
  AccountRules rules_;
  Wallets& wallets_;
  LastUses session_uses_;
  std::once_flag decoy_once_;
  std::string decoy_hash_;  // verified against for unknown e-mails, so that they take as long
};

}  // namespace tintype::app
