#include "adapters/sql/sqlite_database.h"

#include <sqlite3.h>

#include <atomic>
#include <filesystem>

#include "adapters/sql/connection_pool.h"
#include "adapters/sql/group_writer.h"
#include "adapters/sql/repositories.h"
#include "adapters/sql/schema.h"
#include "adapters/sql/unit_count.h"

namespace tintype::sql {

namespace {

constexpr int kWriterCacheKib = 8'192;
// What searches of a million images read again and again, the postings of what begins with a letter, fits; a smaller
// database takes no more than it has.
constexpr int kReaderCacheKib = 16'384;

std::unique_ptr<Lane> open_lane(const std::string& path, const SqlOptions& options, int cache_kib) {
  auto lane = std::make_unique<Lane>(Dialect::kSqlite, path);
  const std::string pragmas[] = {"PRAGMA busy_timeout = " + std::to_string(options.busy_timeout_ms),
                                 "PRAGMA journal_mode = WAL",
                                 "PRAGMA synchronous = FULL",
                                 "PRAGMA foreign_keys = ON",
                                 "PRAGMA temp_store = MEMORY",
                                 "PRAGMA wal_autocheckpoint = 4000",
                                 "PRAGMA journal_size_limit = 67108864",
                                 "PRAGMA cache_size = -" + std::to_string(cache_kib)};
  for (const std::string& pragma : pragmas) {
    if (auto ran = lane->connection.run(pragma); !ran) throw std::runtime_error(ran.error().cause);
  }
  return lane;
}

class SqliteDatabase final : public Database {
 public:
  SqliteDatabase(std::string path, SqlOptions options)
      : path_(std::move(path)),
        options_(std::move(options)),
        writer_lane_(open_lane(path_, options_, kWriterCacheKib)),
        readers_(options_.connections_max, options_.connection_wait_ms,
                 [this] { return open_lane(path_, options_, kReaderCacheKib); }),
        writer_(options_.queued_units_max, options_.group_units_max, [this](UnitGroup group) { commit_group(group); }) {
  }

  // All units come one after another, whatever their flow.
  Result<void> write(std::string_view, UnitOfWork unit) override {
    const UnitCount counted(units_waiting_);
    return writer_.write(unit);
  }

  Result<void> read(UnitOfWork unit) override {
    auto lane = readers_.take();
    if (!lane) return std::unexpected(lane.error());
    Connection& connection = (*lane)->connection;
    Result<void> result;
    if (auto begun = connection.execute("BEGIN"); begun) {
      result = run_fenced(unit, (*lane)->transaction);
    } else {
      result = std::unexpected(begun.error());
    }
    if (auto ended = connection.execute("COMMIT"); !ended) lane->reset();
    readers_.give(std::move(*lane));
    return result;
  }

  int units_waiting() const override { return units_waiting_.load(std::memory_order_relaxed); }
  bool reads_may_block() const override { return false; }

  Result<void> migrate() override {
    return writer_.write([this](Transaction&) { return sql::migrate(writer_lane_->connection); });
  }

  Result<void> check() override {
    auto lane = readers_.take();
    if (!lane) return std::unexpected(lane.error());
    auto checked = check_schema((*lane)->connection);
    readers_.give(std::move(*lane));
    return checked;
  }

  Result<std::vector<std::string>> pending_migrations() override {
    auto lane = readers_.take();
    if (!lane) return std::unexpected(lane.error());
    auto pending = sql::pending_migrations((*lane)->connection);
    readers_.give(std::move(*lane));
    return pending;
  }

 private:
  void commit_group(UnitGroup group) {
    if (commit(group)) return;
    // One of them may be what the disk or the memory cannot take: the others need not go with it.
    for (WaitingUnit* const& waiting : group) commit({&waiting, 1});
  }

  // All units in one transaction, each in a savepoint of its own. False when none of them was committed though a
  // transaction could be begun; their results say why either way.
  bool commit(UnitGroup group) {
    Connection& connection = writer_lane_->connection;
    const auto refuse_all = [&](const Error& error) {
      for (WaitingUnit* waiting : group) {
        if (waiting->result) waiting->result = std::unexpected(error);
      }
    };
    connection.change_view();
    if (auto begun = connection.execute("BEGIN IMMEDIATE"); !begun) {
      refuse_all(begun.error());
      return true;
    }
    Result<void> ended;
    for (WaitingUnit* waiting : group) {
      ended = run_in_savepoint(*waiting);
      if (!ended) break;
    }
    if (ended) ended = done(connection.execute("COMMIT"));
    if (ended) return true;
    static_cast<void>(connection.execute("ROLLBACK"));
    refuse_all(ended.error());
    return false;
  }

  // An error of the unit itself is its own result. Fails when the transaction around it does not stand any more: when
  // the disk or the memory is full, SQLite may roll back all of it, and then the savepoint is gone too.
  Result<void> run_in_savepoint(WaitingUnit& waiting) {
    Connection& connection = writer_lane_->connection;
    if (auto opened = connection.execute("SAVEPOINT unit"); !opened) return done(opened);
    waiting.result = run_fenced(waiting.unit, writer_lane_->transaction);
    if (!waiting.result) {
      connection.change_view();
      if (!connection.execute("ROLLBACK TO unit")) return std::unexpected(waiting.result.error());
    }
    return done(connection.execute("RELEASE unit"));
  }

  const std::string path_;
  const SqlOptions options_;
  std::unique_ptr<Lane> writer_lane_;  // the writer thread's
  ConnectionPool readers_;
  std::atomic<int> units_waiting_{0};
  GroupWriter writer_;  // last: it uses all of the above
};

}  // namespace

Result<std::unique_ptr<Database>> open_sqlite(const std::string& path, const SqlOptions& options) {
  // Once a process, before the first connection. A connection is one thread's at a time, so it needs no lock of its
  // own; and SQLite's count of its memory would take one lock for all threads at every allocation.
  [[maybe_unused]] static const int configured =
      sqlite3_config(SQLITE_CONFIG_MULTITHREAD) | sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  try {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    if (!folder.empty()) std::filesystem::create_directories(folder);
    return std::make_unique<SqliteDatabase>(path, options);
  } catch (const std::exception& exception) {
    return fail_internal("open the SQLite file " + path + ": " + exception.what());
  }
}

}  // namespace tintype::sql
