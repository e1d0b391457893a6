#include "app/administration.h"

#include <algorithm>

#include "app/read.h"

namespace tintype::app {

namespace {

using UserFilter = AdministrationRepository::UserFilter;
using UserRecord = AdministrationRepository::UserRecord;

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1'000;

// Addresses are kept in lower case.
std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lowered;
}

Result<UserRecord> record_of(Transaction& transaction, std::string_view id) {
  auto found = transaction.administration().user(id);
  if (!found) return std::unexpected(found.error());
  if (!*found) return fail(ErrorCode::kNotFound, "There is no such user");
  return std::move(**found);
}

}  // namespace

Administration::Administration(Database& database, Accounts& accounts, Wallets& wallets, Queue& queue,
                               const Clock& clock)
    : database_(database), accounts_(accounts), wallets_(wallets), queue_(queue), clock_(clock) {}

UserView Administration::view_of(const UserRecord& record) const {
  return {record.user, wallets_.view(record.wallet), record.usage};
}

Result<UserList> Administration::users(std::string_view search, std::optional<bool> banned, std::int64_t offset,
                                       int limit) {
  const UserFilter filter{lower(search), banned};
  return read(database_, [&](Transaction& transaction) -> Result<UserList> {
    AdministrationRepository& administration = transaction.administration();
    const auto page = administration.users(filter, offset, limit);
    if (!page) return std::unexpected(page.error());
    const auto all = administration.count_users({});
    if (!all) return std::unexpected(all.error());
    const auto all_banned = administration.count_users({{}, true});
    if (!all_banned) return std::unexpected(all_banned.error());
    UserList list{.active = *all - *all_banned, .banned = *all_banned};
    list.total = !banned ? *all : (*banned ? list.banned : list.active);
    // A page that is not full is the last one, and says how many there are: addresses are not looked through twice.
    const auto shown = static_cast<std::int64_t>(page->size());
    if (!search.empty() && shown < limit && (shown > 0 || offset == 0)) {
      list.total = offset + shown;
    } else if (!search.empty()) {
      const auto found = administration.count_users(filter);
      if (!found) return std::unexpected(found.error());
      list.total = *found;
    }
    for (const UserRecord& record : *page) list.users.push_back(view_of(record));
    return list;
  });
}

Result<UserView> Administration::user(std::string_view id) {
  const auto record = read(database_, [&](Transaction& transaction) { return record_of(transaction, id); });
  if (!record) return std::unexpected(record.error());
  return view_of(*record);
}

Result<std::vector<LedgerEntry>> Administration::ledger(std::string_view user_id, const Page& page) {
  return read(database_, [&](Transaction& transaction) -> Result<std::vector<LedgerEntry>> {
    if (auto there = record_of(transaction, user_id); !there) return std::unexpected(there.error());
    return transaction.wallets().history(user_id, page);
  });
}

Result<std::vector<Job>> Administration::jobs(const AdministrationRepository::JobFilter& filter, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.administration().jobs(filter, page); });
}

Result<std::vector<AuditEntry>> Administration::audit(const AuditLogRepository::Filter& filter, const Page& page) {
  return read(database_, [&](Transaction& transaction) { return transaction.audit_log().list(filter, page); });
}

Result<Statistics> Administration::statistics() {
  const UnixMs now_ms = clock_.now_ms();
  auto made = read(database_, [&](Transaction& transaction) -> Result<Statistics> {
    AdministrationRepository& administration = transaction.administration();
    Statistics all{.at_ms = now_ms};
    const auto users = administration.count_users({});
    if (!users) return std::unexpected(users.error());
    all.users = *users;
    const auto banned = administration.count_users({{}, true});
    if (!banned) return std::unexpected(banned.error());
    all.users_banned = *banned;
    const auto storage = administration.usage();
    if (!storage) return std::unexpected(storage.error());
    all.storage = *storage;
    auto jobs = administration.count_jobs();
    if (!jobs) return std::unexpected(jobs.error());
    all.jobs = std::move(*jobs);
    auto today = administration.ledger_since(now_ms / kDayMs * kDayMs);
    if (!today) return std::unexpected(today.error());
    all.tokens_today = std::move(*today);
    auto depths = transaction.queue().depths(now_ms);
    if (!depths) return std::unexpected(depths.error());
    all.queue = std::move(*depths);
    return all;
  });
  if (!made) return made;
  const std::lock_guard lock(mutex_);
  if (auto summed = ledger_totals_.read(database_, now_ms); !summed) return std::unexpected(summed.error());
  made->tokens = ledger_totals_.sums();
  made->tokens_reserved = ledger_totals_.reserved();
  return made;
}

Result<Outcome<UserView>> Administration::change_credits(std::string_view user_id, Tokens amount,
                                                         const std::string& reason, const Actor& actor,
                                                         const Once<UserView>& once) {
  return run_once<UserView>(
      database_, user_id, once, clock_.now_ms(), [&](Transaction& transaction) -> Result<UserView> {
        if (auto adjusted = wallets_.adjust(transaction, user_id, amount, reason, actor); !adjusted) {
          return std::unexpected(adjusted.error());
        }
        const auto record = record_of(transaction, user_id);
        if (!record) return std::unexpected(record.error());
        return view_of(*record);
      });
}

Result<Banned> Administration::ban(std::string_view user_id, const std::string& reason, const Actor& actor) {
  if (actor.name == user_id) {
    return fail(ErrorCode::kConflict, "You cannot ban yourself", "Please ask another operator");
  }
  if (auto banned = accounts_.set_banned(user_id, true, reason, actor); !banned) {
    return std::unexpected(banned.error());
  }
  const auto ended = queue_.cancel_banned(user_id, actor);
  if (!ended) return std::unexpected(ended.error());
  auto view = user(user_id);
  if (!view) return std::unexpected(view.error());
  return Banned{std::move(*view), *ended};
}

Result<UserView> Administration::unban(std::string_view user_id, const std::string& reason, const Actor& actor) {
  if (auto lifted = accounts_.set_banned(user_id, false, reason, actor); !lifted) {
    return std::unexpected(lifted.error());
  }
  return user(user_id);
}

Result<UserView> Administration::set_plan(std::string_view user_id, const std::string& plan, const std::string& reason,
                                          const Actor& actor) {
  if (auto set = accounts_.set_plan(user_id, plan, reason, actor); !set) return std::unexpected(set.error());
  return user(user_id);
}

Result<int> Administration::sweep() {
  const auto ended = queue_.cancel_banned({}, {kJanitorActor});
  if (!ended) return std::unexpected(ended.error());
  return ended->cancelled + ended->stopping;
}

}  // namespace tintype::app
