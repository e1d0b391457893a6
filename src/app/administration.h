// What operators see of users, jobs and tokens, and what they do to users.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/accounts.h"
#include "app/ledger_totals.h"
#include "app/once.h"
#include "app/queue.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "domain/audit_entry.h"
#include "ports/database.h"

namespace tintype::app {

// A user as an operator sees him.
struct UserView {
  User user;
  WalletView wallet;
  StorageUsage usage;
};

struct UserList {
  std::vector<UserView> users;
  std::int64_t total = 0;               // that the filter lets through
  std::int64_t active = 0, banned = 0;  // of all
};

struct Banned {
  UserView user;
  Drained jobs;
};

struct Statistics {
  UnixMs at_ms = 0;
  std::int64_t users = 0, users_banned = 0;
  StorageUsage storage;
  std::map<JobState, std::int64_t> jobs;
  std::map<LedgerKind, Tokens> tokens_today, tokens;  // today: since midnight, UTC
  Tokens tokens_reserved = 0;
  std::vector<QueueDepth> queue;
};

class Administration {
 public:
  Administration(Database& database, Accounts& accounts, Wallets& wallets, Queue& queue, const Clock& clock);

  // Newest first. `search` is a part of the e-mail address in either case.
  Result<UserList> users(std::string_view search, std::optional<bool> banned, std::int64_t offset, int limit);
  Result<UserView> user(std::string_view id);                                           // kNotFound
  Result<std::vector<LedgerEntry>> ledger(std::string_view user_id, const Page& page);  // kNotFound
  Result<std::vector<Job>> jobs(const AdministrationRepository::JobFilter& filter, const Page& page);
  Result<std::vector<AuditEntry>> audit(const AuditLogRepository::Filter& filter, const Page& page);
  Result<Statistics> statistics();

  // As Wallets::adjust.
  Result<Outcome<UserView>> change_credits(std::string_view user_id, Tokens amount, const std::string& reason,
                                           const Actor& actor, const Once<UserView>& once);
  // Refuses the user at once, ends his API keys, and then what he has asked for. Asked for again it goes on where it
  // was; should nobody do that, the janitor does (sweep()).
  Result<Banned> ban(std::string_view user_id, const std::string& reason, const Actor& actor);
  Result<UserView> unban(std::string_view user_id, const std::string& reason, const Actor& actor);
  Result<UserView> set_plan(std::string_view user_id, const std::string& plan, const std::string& reason,
                            const Actor& actor);

  // Ends jobs of banned users that a crash, or a submit at the very moment of the ban, has left. Answers how many; a
  // pass is bounded as Queue::cancel_banned is.
  Result<int> sweep();

 private:
  UserView view_of(const AdministrationRepository::UserRecord& record) const;

  Database& database_;
  Accounts& accounts_;
  Wallets& wallets_;
  Queue& queue_;
  const Clock& clock_;
  std::mutex mutex_;
  LedgerTotals ledger_totals_;  // guarded by mutex_
};

}  // namespace tintype::app
