#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

using UserRecord = AdministrationRepository::UserRecord;

// A part of an address as a pattern of LIKE, in which nothing but the ends stands for anything else.
std::string pattern_of(std::string_view search) {
  std::string pattern = "%";
  for (const char c : search) {
    if (c == '%' || c == '_' || c == '!') pattern.push_back('!');
    pattern.push_back(c);
  }
  if (!search.empty()) pattern.push_back('%');
  return pattern;
}

#define TINTYPE_RECORD_COLUMNS \
  TINTYPE_USER_COLUMNS ", w.balance, w.reserved, w.regeneration_started_at_ms, g.bytes, g.images"
#define TINTYPE_RECORD_TABLES " LEFT JOIN wallets w ON w.user_id = u.id LEFT JOIN storage_usage g ON g.user_id = u.id "
constexpr const char* kRecordColumnTypes = "ttttttiiiiiiii";

UserRecord record_of(const Row& row) {
  UserRecord record;
  record.user = user_of(row);
  record.wallet = {record.user.id, row.integer(9), row.integer(10), row.optional_integer(11)};
  record.usage = {row.integer(12), row.integer(13)};
  return record;
}

// Which users are on the page is read off an index; the rest is looked up for them alone.
#define TINTYPE_USER_PAGE(CONDITION)                                                         \
  "SELECT " TINTYPE_RECORD_COLUMNS " FROM (SELECT id AS page_id FROM users WHERE " CONDITION \
  "email LIKE ? ESCAPE '!' ORDER BY created_at_ms DESC, id DESC LIMIT ? OFFSET ?) AS page "  \
  "JOIN users u ON u.id = page_id" TINTYPE_RECORD_TABLES "ORDER BY u.created_at_ms DESC, u.id DESC"
#define TINTYPE_USER_COUNT(CONDITION) "SELECT COUNT(*) FROM users WHERE " CONDITION "email LIKE ? ESCAPE '!'"
#define TINTYPE_BANNED "banned_at_ms IS NOT NULL AND "
#define TINTYPE_ACTIVE "banned_at_ms IS NULL AND "

const char* page_statement(std::optional<bool> banned) {
  if (!banned) return TINTYPE_USER_PAGE("");
  return *banned ? TINTYPE_USER_PAGE(TINTYPE_BANNED) : TINTYPE_USER_PAGE(TINTYPE_ACTIVE);
}

const char* count_statement(const AdministrationRepository::UserFilter& filter) {
  if (!filter.banned) return TINTYPE_USER_COUNT("");
  return *filter.banned ? TINTYPE_USER_COUNT(TINTYPE_BANNED) : TINTYPE_USER_COUNT(TINTYPE_ACTIVE);
}

// Each says the words of the index that it goes by.
#define TINTYPE_JOB_PAGE(CONDITION)                                                           \
  "SELECT " TINTYPE_JOB_COLUMNS " FROM jobs WHERE " CONDITION                                 \
  " AND (? = '' OR state = ?) AND (? = '' OR operation = ?) AND (? = '' OR surface = ?) AND " \
  "(created_at_ms, id) < (?, ?) ORDER BY created_at_ms DESC, id DESC LIMIT ?"
constexpr const char* kJobs = TINTYPE_JOB_PAGE("price >= 0");
constexpr const char* kJobsOfOperation = TINTYPE_JOB_PAGE("price >= 0 AND operation = ?");
constexpr const char* kJobsOfUser = TINTYPE_JOB_PAGE("price >= 0 AND user_id = ?");
constexpr const char* kUnfinishedJobs = TINTYPE_JOB_PAGE("finished_at_ms IS NULL");

#define TINTYPE_TO_CANCEL       \
  "SELECT " TINTYPE_JOB_COLUMNS \
  " FROM jobs WHERE finished_at_ms IS NULL AND cancel_requested = 0 AND operation <> 'variants' AND user_id "

}  // namespace

Result<std::vector<UserRecord>> SqlAdministration::users(const UserFilter& filter, std::int64_t offset, int limit) {
  const std::string pattern = pattern_of(filter.search);
  return find_all<UserRecord>(connection_, page_statement(filter.banned), kRecordColumnTypes,
                              {pattern, std::int64_t{limit}, offset}, record_of);
}

Result<std::int64_t> SqlAdministration::count_users(const UserFilter& filter) {
  const std::string pattern = pattern_of(filter.search);
  const auto count = find_one<std::int64_t>(connection_, count_statement(filter), "i", {pattern},
                                            [](const Row& row) { return row.integer(0); });
  if (!count) return std::unexpected(count.error());
  return count->value_or(0);
}

Result<std::optional<UserRecord>> SqlAdministration::user(std::string_view id) {
  return find_one<UserRecord>(connection_,
                              "SELECT " TINTYPE_RECORD_COLUMNS " FROM users u" TINTYPE_RECORD_TABLES "WHERE u.id = ?",
                              kRecordColumnTypes, {id}, record_of);
}

Result<std::vector<Job>> SqlAdministration::jobs(const JobFilter& filter, const Page& page) {
  const std::string_view user_id = filter.user_id;
  const std::string_view state = filter.state ? job_state_name(*filter.state) : "";
  const std::string_view operation = filter.operation ? operation_name(*filter.operation) : "";
  const std::string_view surface = filter.surface ? surface_name(*filter.surface) : "";
  const Value time = cursor_time(page), id = cursor_id(page), limit = std::int64_t{page.limit};
  if (!user_id.empty()) {
    return find_all<Job>(connection_, kJobsOfUser, kJobColumnTypes,
                         {user_id, state, state, operation, operation, surface, surface, time, id, limit}, job_of);
  }
  const bool is_unfinished = filter.state && !is_end_state(*filter.state);
  if (filter.operation && !is_unfinished) {
    return find_all<Job>(connection_, kJobsOfOperation, kJobColumnTypes,
                         {operation, state, state, operation, operation, surface, surface, time, id, limit}, job_of);
  }
  return find_all<Job>(connection_, is_unfinished ? kUnfinishedJobs : kJobs, kJobColumnTypes,
                       {state, state, operation, operation, surface, surface, time, id, limit}, job_of);
}

Result<std::vector<Job>> SqlAdministration::to_cancel(std::string_view user_id, int limit) {
  return find_all<Job>(connection_, TINTYPE_TO_CANCEL "= ? ORDER BY sequence LIMIT ?", kJobColumnTypes,
                       {user_id, std::int64_t{limit}}, job_of);
}

Result<std::vector<Job>> SqlAdministration::to_cancel_of_banned(int limit) {
  return find_all<Job>(connection_,
                       TINTYPE_TO_CANCEL
                       "IN (SELECT id FROM users WHERE banned_at_ms IS NOT NULL) ORDER BY sequence LIMIT ?",
                       kJobColumnTypes, {std::int64_t{limit}}, job_of);
}

Result<std::map<JobState, std::int64_t>> SqlAdministration::count_jobs() {
  std::map<JobState, std::int64_t> counts;
  for (const char* statement : {"SELECT state, COUNT(*) FROM jobs WHERE finished_at_ms IS NULL GROUP BY state",
                                "SELECT state, COUNT(*) FROM jobs WHERE finished_at_ms IS NOT NULL GROUP BY state"}) {
    const auto ran = connection_.query(statement, "ti", {}, [&](const Row& row) {
      counts[parse_job_state(row.text(0)).value_or(JobState::kFailed)] += row.integer(1);
    });
    if (!ran) return std::unexpected(ran.error());
  }
  return counts;
}

Result<StorageUsage> SqlAdministration::usage() {
  const auto sums = find_one<StorageUsage>(
      connection_,
      "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT), CAST(COALESCE(SUM(images), 0) AS BIGINT) FROM storage_usage",
      "ii", {}, [](const Row& row) { return StorageUsage{row.integer(0), row.integer(1)}; });
  if (!sums) return std::unexpected(sums.error());
  return sums->value_or(StorageUsage{});
}

Result<std::map<LedgerKind, Tokens>> SqlAdministration::ledger_since(UnixMs from_ms) {
  std::map<LedgerKind, Tokens> sums;
  const auto ran = connection_.query(
      "SELECT kind, CAST(SUM(amount) AS BIGINT) FROM ledger_entries WHERE created_at_ms >= ? GROUP BY kind", "ti",
      {from_ms},
      [&](const Row& row) { sums[parse_ledger_kind(row.text(0)).value_or(LedgerKind::kInitial)] += row.integer(1); });
  if (!ran) return std::unexpected(ran.error());
  return sums;
}

}  // namespace tintype::sql
