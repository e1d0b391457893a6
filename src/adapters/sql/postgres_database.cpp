#include "adapters/sql/postgres_database.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <random>
#include <thread>

#include "adapters/sql/connection_pool.h"
#include "adapters/sql/group_writer.h"
#include "adapters/sql/schema.h"
#include "adapters/sql/unit_count.h"

namespace tintype::sql {

namespace {

constexpr int kTriesMax = 30;
constexpr int kWriters = 4;
constexpr int kPauseMaxMs = 20;
constexpr std::int64_t kMigrationLock = 7'406'821;  // any number that others do not use

// What a connection holds itself to: an answered COMMIT is on the disk, no statement and no forgotten transaction
// keeps its locks without end. What the operator's own URL or role says of the two times is left as it is.
constexpr const char* kSettings =
    "SELECT set_config('synchronous_commit', 'on', false), set_config('client_min_messages', 'warning', false), "
    "CASE WHEN current_setting('statement_timeout') = '0' "
    "THEN set_config('statement_timeout', '30s', false) END, "
    "CASE WHEN current_setting('idle_in_transaction_session_timeout') = '0' "
    "THEN set_config('idle_in_transaction_session_timeout', '60s', false) END";

// The pause before another try grows, and differs between threads, so that the same two do not meet again.
void pause_before(int attempt) {
  thread_local std::minstd_rand random(
      static_cast<std::minstd_rand::result_type>(std::hash<std::thread::id>()(std::this_thread::get_id())));
  const int longest_ms = std::min(2 * attempt, kPauseMaxMs);
  std::this_thread::sleep_for(
      std::chrono::microseconds(std::uniform_int_distribution<int>(100, longest_ms * 1'000)(random)));
}

// REPEATABLE READ: a unit reads one snapshot, and writing what another has changed since then is a conflict, after
// which the unit is run again from its start. So what it decided by is still true when it commits, as on SQLite,
// where one unit runs at a time. What is left is write skew: two units that read what the other writes and write
// different rows. The rules that span rows therefore have a row that every unit concerned writes: the wallet for all
// that submits and settles, the job behind for what hands a batch over, the image for what deletes it.
//
// All that a user does meets in those rows. So the units of one flow go to one of a few writers, in which they come one
// after another and commit together: within a process they never meet in a conflict, and many share one wait for the
// disk. What other processes write meanwhile is a conflict still.
class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const SqlOptions& options)
      : pool_(options.connections_max, options.connection_wait_ms,
              [url = options.url] {
                auto lane = std::make_unique<Lane>(Dialect::kPostgresql, url);
                if (auto set = lane->connection.run(kSettings); !set) {
                  throw std::runtime_error(set.error().cause);
                }
                return lane;
              }),
        writers_{make_writer(options), make_writer(options), make_writer(options), make_writer(options)} {}

  Result<void> write(std::string_view flow, UnitOfWork unit) override {
    const UnitCount counted(units_waiting_);
    const std::size_t at =
        flow.empty() ? next_writer_.fetch_add(1, std::memory_order_relaxed) : std::hash<std::string_view>()(flow);
    return writers_[at % kWriters].write(unit);
  }

  Result<void> read(UnitOfWork unit) override {
    const auto run = [&](Transaction& transaction, Connection&) { return run_fenced(unit, transaction); };
    Ran ran = in_transaction(kRead, run);
    if (ran.again) ran = in_transaction(kRead, run);
    return std::move(ran.result);
  }

  int units_waiting() const override { return units_waiting_.load(std::memory_order_relaxed); }
  bool reads_may_block() const override { return true; }

  Result<void> migrate() override {
    return with_lane([](Lane& lane) -> Result<void> {
      Connection& connection = lane.connection;
      if (auto begun = connection.run("BEGIN"); !begun) return begun;
      if (auto unbound = connection.run("SET LOCAL statement_timeout = 0"); !unbound) return unbound;
      auto migrated = connection.run("SELECT pg_advisory_xact_lock(" + std::to_string(kMigrationLock) + ")");
      if (migrated) migrated = sql::migrate(connection);
      auto ended = connection.run(migrated ? "COMMIT" : "ROLLBACK");
      return migrated ? ended : migrated;
    });
  }

  Result<void> check() override {
    return with_lane([](Lane& lane) { return check_schema(lane.connection); });
  }

  Result<std::vector<std::string>> pending_migrations() override {
    std::vector<std::string> pending;
    auto ran = with_lane([&](Lane& lane) -> Result<void> {
      auto names = sql::pending_migrations(lane.connection);
      if (!names) return std::unexpected(names.error());
      pending = std::move(*names);
      return {};
    });
    if (!ran) return std::unexpected(ran.error());
    return pending;
  }

 private:
  GroupWriter make_writer(const SqlOptions& options) {
    return {options.queued_units_max, options.group_units_max, [this](UnitGroup group) { commit_group(group); }};
  }

  // What became of a transaction. `again`: it met a conflict, or its connection was lost before the commit was sent,
  // and it may be run again.
  struct Ran {
    Result<void> result;
    bool began = false, again = false;
  };

  void commit_group(UnitGroup group) {
    if (group.size() > 1 && commit_together(group)) return;
    for (std::size_t at = 0; at < group.size(); ++at) {
      Ran ran = commit_alone(group[at]->unit);
      if (!ran.began) return refuse(group.subspan(at), ran.result.error());
      group[at]->result = std::move(ran.result);
    }
  }

  // False when all was rolled back: one of them met a conflict or failed behind what it had written, and the others
  // need not go with it.
  bool commit_together(UnitGroup group) {
    bool have_run = false;
    const auto run_all = [&](Transaction& transaction, Connection& connection) -> Result<void> {
      for (WaitingUnit* waiting : group) {
        connection.forget_writes();
        waiting->result = run_fenced(waiting->unit, transaction);
        if (connection.has_failed() || (!waiting->result && connection.has_written())) {
          return fail_internal("a unit of the group failed");
        }
      }
      have_run = true;
      return {};
    };
    Ran ran = in_transaction(kWrite, run_all);
    if (!ran.began && ran.again) ran = in_transaction(kWrite, run_all);
    if (ran.result) return true;
    if (ran.began && (!have_run || ran.again)) return false;
    refuse(group, ran.result.error());
    return true;
  }

  Ran commit_alone(const UnitOfWork& unit) {
    const auto run = [&](Transaction& transaction, Connection&) { return run_fenced(unit, transaction); };
    for (int attempt = 1;; ++attempt) {
      Ran ran = in_transaction(kWrite, run);
      if (!ran.again || attempt == kTriesMax) return ran;
      pause_before(attempt);
    }
  }

  // Those that have an error of their own keep it.
  static void refuse(UnitGroup group, const Error& error) {
    for (WaitingUnit* waiting : group) {
      if (waiting->result) waiting->result = std::unexpected(error);
    }
  }

  static constexpr const char* kWrite = "BEGIN ISOLATION LEVEL REPEATABLE READ";
  static constexpr const char* kRead = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

  Ran in_transaction(const char* begin, FunctionRef<Result<void>(Transaction&, Connection&)> body) {
    Ran ran;
    ran.result = with_lane([&](Lane& lane) -> Result<void> {
      Connection& connection = lane.connection;
      connection.forget_failures();
      connection.change_view();
      if (auto begun = connection.run(begin); !begun) {
        ran.again = connection.lost();
        return begun;
      }
      ran.began = true;
      Result<void> result = body(lane.transaction, connection);
      if (result && connection.has_failed()) result = fail_internal("a unit passed over a failed statement");
      if (!result) {
        ran.again = connection.conflicted() || connection.lost();
        static_cast<void>(connection.run("ROLLBACK"));
        return result;
      }
      result = connection.run("COMMIT");
      ran.again = !result && connection.conflicted();
      return result;
    });
    return ran;
  }

  Result<void> with_lane(FunctionRef<Result<void>(Lane&)> body) {
    auto lane = pool_.take();
    if (!lane) return std::unexpected(lane.error());
    Result<void> result = body(**lane);
    if ((*lane)->connection.lost()) {
      lane->reset();
      pool_.close_free();
    }
    pool_.give(std::move(*lane));
    return result;
  }

  std::atomic<int> units_waiting_{0};
  std::atomic<std::size_t> next_writer_{0};
  ConnectionPool pool_;
  std::array<GroupWriter, kWriters> writers_;  // last: they use all of the above
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const SqlOptions& options) {
  return std::make_unique<PostgresDatabase>(options);
}

}  // namespace tintype::sql
