#include "adapters/sql/postgres_database.h"

#include <chrono>
#include <thread>

#include "adapters/sql/connection_pool.h"
#include "adapters/sql/schema.h"

namespace tintype::sql {

namespace {

constexpr int kTriesMax = 8;
constexpr std::int64_t kMigrationLock = 7'406'821;  // any number that others do not use

// READ COMMITTED: what a unit decides by is either locked (the wallet) or guarded in its own UPDATE (a job's state
// and fencing token), so that stricter isolation would only add retries.
class PostgresDatabase final : public Database {
 public:
  explicit PostgresDatabase(const SqlOptions& options)
      : pool_(options.connections_max, [url = options.url] {
          auto lane = std::make_unique<Lane>(Dialect::kPostgresql, url);
          if (auto set = lane->connection.run("SET synchronous_commit = on"); !set) {
            throw std::runtime_error(set.error().cause);
          }
          return lane;
        }) {}

  Result<void> write(UnitOfWork unit) override {
    for (int attempt = 1;; ++attempt) {
      bool again = false;
      Result<void> result = in_transaction("BEGIN", unit, again);
      if (!again || attempt == kTriesMax) return result;
      // The pause grows and differs between threads, so that the same two do not meet again.
      const auto spread = std::hash<std::thread::id>()(std::this_thread::get_id()) % 8;
      std::this_thread::sleep_for(std::chrono::milliseconds(attempt * 2) + std::chrono::microseconds(spread * 300));
    }
  }

  Result<void> read(UnitOfWork unit) override {
    bool again = false;
    Result<void> result = in_transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", unit, again);
    if (again) result = in_transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", unit, again);
    return result;
  }

  bool reads_may_block() const override { return true; }

  Result<void> migrate() override {
    return with_lane([](Lane& lane) -> Result<void> {
      Connection& connection = lane.connection;
      if (auto begun = connection.run("BEGIN"); !begun) return begun;
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
  // `again`: the unit met a conflict, or its connection was lost before the commit was sent, and may be run again.
  Result<void> in_transaction(const char* begin, const UnitOfWork& unit, bool& again) {
    again = false;
    return with_lane([&](Lane& lane) -> Result<void> {
      Connection& connection = lane.connection;
      connection.clear_conflict();
      if (auto begun = connection.run(begin); !begun) {
        again = connection.lost();
        return begun;
      }
      Result<void> result = run_fenced(unit, lane.transaction);
      if (!result) {
        again = connection.conflicted() || connection.lost();
        static_cast<void>(connection.run("ROLLBACK"));
        return result;
      }
      result = connection.run("COMMIT");
      again = !result && connection.conflicted();
      return result;
    });
  }

  static Result<void> run_fenced(const UnitOfWork& unit, Transaction& transaction) {
    try {
      return unit(transaction);
    } catch (const std::exception& exception) {
      return fail_internal(std::string("a unit of work threw: ") + exception.what());
    }
  }

  Result<void> with_lane(FunctionRef<Result<void>(Lane&)> body) {
    std::unique_ptr<Lane> lane;
    try {
      lane = pool_.take();
    } catch (const std::exception& exception) {
      return fail_internal(std::string("connect to PostgreSQL: ") + exception.what());
    }
    Result<void> result = body(*lane);
    if (lane->connection.lost()) lane.reset();
    pool_.give(std::move(lane));
    return result;
  }

  ConnectionPool pool_;
};

}  // namespace

Result<std::unique_ptr<Database>> open_postgres(const SqlOptions& options) {
  return std::make_unique<PostgresDatabase>(options);
}

}  // namespace tintype::sql
