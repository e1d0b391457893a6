#include "adapters/sql/sql_database.h"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <latch>
#include <random>
#include <thread>
#include <utility>

#include "adapters/sql/connection.h"
#include "contract/administration_contract.h"
#include "contract/database_contract.h"
#include "contract/search_contract.h"
#include "contract/webhook_contract.h"

namespace tintype::sql {
namespace {

std::filesystem::path new_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tintype-sql-XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

// One that waits for another's commit as long as a slow machine needs.
std::unique_ptr<Database> open_migrated(const std::string& url) {
  auto database = open_database({.url = url, .busy_timeout_ms = 600'000});
  if (!database) throw std::runtime_error(database.error().cause + database.error().message);
  if (auto migrated = (*database)->migrate(); !migrated) throw std::runtime_error(migrated.error().cause);
  return std::move(*database);
}

// A file that goes away with the program: each test has one of its own.
class Folder {
 public:
  Folder() : path_(new_folder()) {}
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string url() const { return "sqlite:" + (path_ / "test.db").string(); }
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

DatabaseFactory sqlite() {
  return [] {
    static std::vector<std::unique_ptr<Folder>> folders;
    folders.push_back(std::make_unique<Folder>());
    return open_migrated(folders.back()->url());
  };
}

INSTANTIATE_TEST_SUITE_P(Sqlite, DatabaseContract, testing::Values(sqlite()),
                         [](const auto&) { return std::string("File"); });
INSTANTIATE_TEST_SUITE_P(Sqlite, AdministrationContract, testing::Values(sqlite()),
                         [](const auto&) { return std::string("File"); });
INSTANTIATE_TEST_SUITE_P(Sqlite, SearchContract, testing::Values(sqlite()),
                         [](const auto&) { return std::string("File"); });
INSTANTIATE_TEST_SUITE_P(Sqlite, WebhookContract, testing::Values(sqlite()),
                         [](const auto&) { return std::string("File"); });

std::string output_of(const std::string& command) {
  std::string output;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  char piece[256];
  while (pipe != nullptr && std::fgets(piece, sizeof piece, pipe) != nullptr) output += piece;
  const int status = pipe != nullptr ? ::pclose(pipe) : -1;
  while (output.ends_with('\n')) output.pop_back();
  return status == 0 ? output : std::string();
}

// One server for the whole program, one database for each test. The suite runs as one ctest entry for that reason.
class PostgresServer : public testing::Environment {
 public:
  void TearDown() override {
    if (!url_.empty()) output_of(script() + " stop " + folder_.path().string());
  }

  std::unique_ptr<Database> open() {
    if (!std::filesystem::exists("/usr/lib/postgresql")) return nullptr;
    if (url_.empty()) url_ = output_of(script() + " start " + folder_.path().string());
    if (url_.empty()) throw std::runtime_error("PostgreSQL does not start");
    Connection connection(Dialect::kPostgresql, url_);
    // That of the test before goes: those of all would be tens of thousands of files to remove at the end.
    if (count_ > 0) {
      const auto dropped = connection.run("DROP DATABASE test" + std::to_string(count_) + " WITH (FORCE)");
      if (!dropped) throw std::runtime_error(dropped.error().cause);
    }
    const std::string name = "test" + std::to_string(++count_);
    if (auto made = connection.run("CREATE DATABASE " + name); !made) throw std::runtime_error(made.error().cause);
    return open_migrated(last_url());
  }

  std::string last_url() const { return url_.substr(0, url_.rfind('/') + 1) + "test" + std::to_string(count_); }

  const std::string& url() const { return url_; }  // of the server's first database, which no test else uses

 private:
  static std::string script() { return std::string(TINTYPE_SOURCE_DIR) + "/tests/servers/postgresql"; }
  Folder folder_;
  std::string url_;
  int count_ = 0;
};

PostgresServer* const g_postgres =
    static_cast<PostgresServer*>(testing::AddGlobalTestEnvironment(new PostgresServer));  // owned by GoogleTest

INSTANTIATE_TEST_SUITE_P(Postgres, DatabaseContract,
                         testing::Values(DatabaseFactory([] { return g_postgres->open(); })),
                         [](const auto&) { return std::string("Server"); });

INSTANTIATE_TEST_SUITE_P(Postgres, AdministrationContract,
                         testing::Values(DatabaseFactory([] { return g_postgres->open(); })),
                         [](const auto&) { return std::string("Server"); });
INSTANTIATE_TEST_SUITE_P(Postgres, SearchContract, testing::Values(DatabaseFactory([] { return g_postgres->open(); })),
                         [](const auto&) { return std::string("Server"); });
INSTANTIATE_TEST_SUITE_P(Postgres, WebhookContract, testing::Values(DatabaseFactory([] { return g_postgres->open(); })),
                         [](const auto&) { return std::string("Server"); });

// Whoever comes by another way than the repositories is refused as well.
TEST(AuditLog, NothingInItIsChangedOrRemovedOnSqlite) {
  const Folder folder;
  const auto database = open_migrated(folder.url());
  ASSERT_TRUE(database->write([](Transaction& transaction) {
    return transaction.audit_log().append({"one", 7, {"root", ""}, AuditAction::kBan, "", "", "{}", "{}"});
  }));
  Connection connection(Dialect::kSqlite, (folder.path() / "test.db").string());
  for (const char* statement : {"UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log"}) {
    const auto refused = connection.run(statement);
    ASSERT_FALSE(refused) << statement;
    EXPECT_NE(refused.error().cause.find("append-only"), std::string::npos) << refused.error().cause;
  }
}

TEST(AuditLog, NothingInItIsChangedOrRemovedOnPostgres) {
  const auto database = g_postgres->open();
  if (!database) GTEST_SKIP() << "PostgreSQL is not installed here";
  ASSERT_TRUE(database->write([](Transaction& transaction) {
    return transaction.audit_log().append({"one", 7, {"root", ""}, AuditAction::kBan, "", "", "{}", "{}"});
  }));
  Connection connection(Dialect::kPostgresql, g_postgres->last_url());
  for (const char* statement : {"UPDATE audit_log SET reason = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"}) {
    const auto refused = connection.run(statement);
    ASSERT_FALSE(refused) << statement;
    EXPECT_NE(refused.error().cause.find("append-only"), std::string::npos) << refused.error().cause;
  }
}

class Postgres : public testing::Test {
 protected:
  void SetUp() override {
    database = g_postgres->open();
    if (!database) GTEST_SKIP() << "PostgreSQL is not installed here";
    write([](Transaction& transaction) -> Result<void> {
      if (auto inserted = transaction.accounts().insert_user({"ann", "ann@example.org"}); !inserted) return inserted;
      if (auto opened = transaction.wallets().insert({"ann", 100, 0, std::nullopt}); !opened) return opened;
      Image image;
      image.id = "img";
      image.user_id = "ann";
      image.object_key = "key";
      return transaction.images().insert(image);
    });
  }

  void write(UnitOfWork unit) {
    const auto written = database->write(unit);
    ASSERT_TRUE(written) << written.error().message << " " << written.error().cause;
  }

  static Result<void> submit(Transaction& transaction, std::string id, std::string waits_for = {}) {
    Job job;
    job.id = std::move(id);
    job.user_id = "ann";
    job.image_id = "img";
    job.waits_for = std::move(waits_for);
    job.price = 5;
    auto wallet = transaction.wallets().lock("ann");
    if (!wallet) return std::unexpected(wallet.error());
    if (auto reserved = reserve(*wallet, job.price); !reserved) return reserved;
    if (auto updated = transaction.wallets().update(*wallet); !updated) return updated;
    if (auto inserted = transaction.jobs().insert(job); !inserted) return inserted;
    return transaction.wallets().insert_reservation({job.id, "ann", job.price, ReservationState::kOpen});
  }

  // What another connection commits while a unit of ours has read and not yet written: once.
  void meanwhile(UnitOfWork unit) {
    if (std::exchange(met_, true)) return;
    std::thread other([&] { write(unit); });
    other.join();
  }

  std::unique_ptr<Database> database;
  bool met_ = false;
};

TEST_F(Postgres, ABanIsNotUndoneByAChangeThatReadTheUserBefore) {
  write([&](Transaction& transaction) -> Result<void> {
    User user = transaction.accounts().user_by_id("ann").value().value();
    meanwhile([](Transaction& other) -> Result<void> {
      User banned = other.accounts().user_by_id("ann").value().value();
      banned.banned_at_ms = 7;
      return other.accounts().update_user(banned);
    });
    user.name = "Ann";
    return transaction.accounts().update_user(user);
  });
  write([](Transaction& transaction) -> Result<void> {
    const User user = transaction.accounts().user_by_id("ann").value().value();
    EXPECT_EQ(user.banned_at_ms, 7);
    EXPECT_EQ(user.name, "Ann");
    return {};
  });
}

TEST_F(Postgres, AnImageIsKeptWhenAJobWasSubmittedMeanwhile) {
  const auto removed = database->write([&](Transaction& transaction) -> Result<void> {
    const auto jobs = transaction.jobs().of_image("ann", "img");
    EXPECT_EQ(jobs.value().empty(), !met_);
    meanwhile([](Transaction& other) { return submit(other, "job"); });
    const auto gone = transaction.images().remove("ann", "img");
    return gone ? Result<void>() : std::unexpected(gone.error());
  });
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().code, ErrorCode::kConflict);
  write([](Transaction& transaction) -> Result<void> {
    EXPECT_TRUE(transaction.jobs().find("ann", "job").value());
    return {};
  });
}

TEST_F(Postgres, TwoCancelsOfOneBatchStrandNobody) {
  write([](Transaction& transaction) -> Result<void> {
    for (const auto& [id, before] : {std::pair("one", ""), std::pair("two", "one"), std::pair("three", "two")}) {
      if (auto submitted = submit(transaction, id, before); !submitted) return submitted;
    }
    return {};
  });
  const auto cancel = [](Transaction& transaction, std::string_view id, FunctionRef<void()> between) -> Result<void> {
    const Job job = transaction.jobs().find("ann", id).value().value();
    between();
    EXPECT_TRUE(transaction.jobs().cancel_queued("ann", id, 9).value());
    return transaction.jobs().hand_over(id, job.waits_for);
  };
  write([&](Transaction& transaction) {
    return cancel(transaction, "two",
                  [&] { meanwhile([&](Transaction& other) { return cancel(other, "one", [] {}); }); });
  });
  write([](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.jobs().claim(QueueLane::kOperations, 100, 200, 10).value().size(), 1U) << "the third may run";
    return {};
  });
}

TEST_F(Postgres, ConnectionsThatTheServerEndedCostNobodyAnAnswer) {
  constexpr int kReaders = 4;
  std::latch inside(kReaders);
  std::vector<std::thread> readers;
  for (int at = 0; at < kReaders; ++at) {
    readers.emplace_back([&] {
      EXPECT_TRUE(database->read([&](Transaction&) -> Result<void> {
        inside.arrive_and_wait();  // all at once, so that each has a connection of its own
        return {};
      }));
    });
  }
  for (std::thread& reader : readers) reader.join();
  Connection other(Dialect::kPostgresql, g_postgres->url());
  ASSERT_TRUE(other.run("SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname <> 'postgres'"));
  const auto nothing = [](Transaction& transaction) -> Result<void> {
    const auto found = transaction.wallets().find("ann");
    return found ? Result<void>() : std::unexpected(found.error());
  };
  EXPECT_TRUE(database->read(nothing));
  EXPECT_TRUE(database->write(nothing));
}

TEST_F(Postgres, ABoundOfConnectionsThatAreAllTakenIsAnswered) {
  auto narrow = open_database({.url = g_postgres->url(), .connections_max = 1, .connection_wait_ms = 1});
  ASSERT_TRUE(narrow);
  ASSERT_TRUE((*narrow)->migrate());
  const auto taken = (*narrow)->read([&](Transaction&) -> Result<void> {
    Result<void> second;
    std::thread([&] { second = (*narrow)->read([](Transaction&) -> Result<void> { return {}; }); }).join();
    return second;
  });
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, ErrorCode::kOverloaded);
}

// Past the place where a segment of the largest size is made, step by step, with changes in between.
TEST(Sqlite, ManyImagesAreFoundWhileTheirSegmentsGrow) {
  const Folder folder;
  const auto database = open_migrated(folder.url());
  constexpr int kImages = 69'000, kTogether = 1'500;
  std::vector<bool> is_red(kImages);
  const auto entry_of = [&](int number) {
    SearchDocument document;
    document.owner_id = "ann";
    document.title = is_red[static_cast<std::size_t>(number)] ? "red" : "blue";
    return SearchEntry{std::to_string(number), search_content(document)};
  };
  const auto write = [&](UnitOfWork unit) {
    const auto written = database->write(unit);
    ASSERT_TRUE(written) << written.error().cause;
  };
  write([](Transaction& transaction) { return transaction.accounts().insert_user({"ann", "ann"}); });
  // Numbers of the last red ones, and of those in front of `before`.
  const auto expect_red = [&](int stored, std::int64_t before) {
    std::vector<std::string> expected, found;
    for (int number = static_cast<int>(std::min<std::int64_t>(stored, before - 1)); number-- > 0;) {
      if (is_red[static_cast<std::size_t>(number)] && expected.size() < 20) expected.push_back(std::to_string(number));
    }
    EXPECT_TRUE(database->read([&](Transaction& transaction) -> Result<void> {
      const auto page = transaction.searches().search("ann", plan_search(*parse_search("re"), "ann"),
                                                      SearchOrder::kNewest, SearchCursor{1, before}, 20);
      if (!page) return std::unexpected(page.error());
      for (const Image& image : page->images) found.push_back(image.id);
      return {};
    }));
    ASSERT_EQ(found, expected) << stored << " stored";
  };
  std::mt19937 random(7);
  for (int first = 0; first < kImages; first += kTogether) {
    std::vector<SearchEntry> entries;
    for (int number = first; number < first + kTogether; ++number) {
      is_red[static_cast<std::size_t>(number)] = random() % 40 == 0;
      entries.push_back(entry_of(number));
    }
    write([&](Transaction& transaction) -> Result<void> {
      for (const SearchEntry& entry : entries) {
        Image image;
        image.id = image.object_key = entry.image_id;
        image.user_id = "ann";
        if (auto inserted = transaction.images().insert(image); !inserted) return inserted;
      }
      return transaction.searches().put(entries);
    });
    std::vector<SearchEntry> changed;
    for (int count = 0; count < 40; ++count) {
      const int number = static_cast<int>(random() % static_cast<unsigned>(first + kTogether));
      is_red[static_cast<std::size_t>(number)] = !is_red[static_cast<std::size_t>(number)];
      changed.push_back(entry_of(number));
    }
    write([&](Transaction& transaction) { return transaction.searches().put(changed); });
    ASSERT_NO_FATAL_FAILURE(expect_red(first + kTogether, std::numeric_limits<std::int64_t>::max()));
    for (int count = 0; count < 10; ++count) {
      ASSERT_NO_FATAL_FAILURE(expect_red(first + kTogether, 1 + static_cast<std::int64_t>(random() % 70'000)));
    }
  }
}

TEST(Sqlite, TwoProgramsShareAFile) {
  const Folder folder;
  const auto one = open_migrated(folder.url()), two = open_migrated(folder.url());
  constexpr int kThreads = 8, kEach = 25;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      Database& database = thread % 2 == 0 ? *one : *two;
      for (int at = 0; at < kEach; ++at) {
        const std::string id = std::to_string(thread) + "-" + std::to_string(at);
        const auto written = database.write(
            [&](Transaction& transaction) { return transaction.accounts().insert_user({id, id + "@example.org"}); });
        EXPECT_TRUE(written) << written.error().cause;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const auto counted = one->read([&](Transaction& transaction) -> Result<void> {
    EXPECT_EQ(transaction.audit().counts().value().users, kThreads * kEach);
    return {};
  });
  EXPECT_TRUE(counted);
}

TEST(Sqlite, AFullQueueIsRefusedAtOnce) {
  const Folder folder;
  auto opened = open_database({.url = folder.url(), .queued_units_max = 0});
  ASSERT_TRUE(opened);
  const auto refused = (*opened)->write([](Transaction&) -> Result<void> { return {}; });
  EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
}

TEST(Sqlite, AFileThatAnotherProgramHoldsIsRefusedForNow) {
  const Folder folder;
  const auto holder = open_migrated(folder.url());
  const auto other = open_database({.url = folder.url(), .busy_timeout_ms = 1});
  ASSERT_TRUE(other);
  const auto held = holder->write([&](Transaction&) -> Result<void> {
    const auto refused = (*other)->write([](Transaction&) -> Result<void> { return {}; });
    EXPECT_EQ(refused.error().code, ErrorCode::kOverloaded);
    EXPECT_TRUE(refused.error().retry_after_seconds);
    return {};
  });
  EXPECT_TRUE(held);
  EXPECT_TRUE((*other)->write([](Transaction&) -> Result<void> { return {}; })) << "it is free again";
}

// A child writes and says what was acknowledged until it is killed: all of that must be there afterwards.
TEST(Sqlite, KillingTheWriterLosesNothingAcknowledged) {
  const Folder folder;
  open_migrated(folder.url());
  int pipe_ends[2];
  ASSERT_EQ(::pipe(pipe_ends), 0);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto database = open_migrated(folder.url());
    for (int at = 0;; ++at) {
      const std::string id = "user" + std::to_string(at);
      const auto written = database->write(
          [&](Transaction& transaction) { return transaction.accounts().insert_user({id, id + "@example.org"}); });
      if (!written || ::write(pipe_ends[1], &at, sizeof at) != sizeof at) ::_exit(1);
    }
  }
  ::close(pipe_ends[1]);
  int acknowledged = -1, at = 0;
  while (acknowledged < 200 && ::read(pipe_ends[0], &at, sizeof at) == sizeof at) acknowledged = at;
  ::kill(child, SIGKILL);
  while (::read(pipe_ends[0], &at, sizeof at) == sizeof at) acknowledged = at;
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
  const auto database = open_migrated(folder.url());
  const auto read = database->read([&](Transaction& transaction) -> Result<void> {
    for (int id = 0; id <= acknowledged; ++id) {
      EXPECT_TRUE(transaction.accounts().user_by_id("user" + std::to_string(id)).value()) << id;
    }
    return {};
  });
  EXPECT_TRUE(read);
}

// Under a disk that fills up SQLite may roll a whole transaction back by itself. What was refused then must not be
// there, and what was acknowledged must be, once.
TEST(Sqlite, AFullDiskStoresNothingThatWasRefused) {
  const Folder folder;
  open_migrated(folder.url());
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const auto database = open_migrated(folder.url());
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit small{2 << 20, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &small);
    constexpr int kThreads = 8, kEach = 12;
    std::vector<std::vector<bool>> kept(kThreads, std::vector<bool>(kEach));
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int at = 0; at < kEach; ++at) {
          User user{std::to_string(thread) + "-" + std::to_string(at), std::to_string(thread * 100 + at)};
          user.name.assign(100'000, 'n');
          kept[thread][at] = database
                                 ->write([&](Transaction& transaction) -> Result<void> {
                                   return transaction.accounts().insert_user(user);
                                 })
                                 .has_value();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    const rlimit large{RLIM_INFINITY, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &large);
    int wrong = 0, refused = 0;
    const auto read = database->read([&](Transaction& transaction) -> Result<void> {
      for (int thread = 0; thread < kThreads; ++thread) {
        for (int at = 0; at < kEach; ++at) {
          const auto found = transaction.accounts().user_by_id(std::to_string(thread) + "-" + std::to_string(at));
          wrong += !found || found->has_value() != kept[thread][at] ? 1 : 0;
          refused += kept[thread][at] ? 0 : 1;
        }
      }
      return {};
    });
    const bool writes_again = database
                                  ->write([](Transaction& transaction) -> Result<void> {
                                    return transaction.accounts().insert_user({"last", "last"});
                                  })
                                  .has_value();
    ::_exit(!read || wrong > 0 ? 1 : refused == 0 ? 2 : !writes_again ? 3 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0) << "1: not what was answered, 2: the disk never was full, 3: no write since";
}

TEST(Sqlite, AnErrorNamesTheStatementAndNoValue) {
  const Folder folder;
  const auto database = open_migrated(folder.url());
  const auto refused = database->write([](Transaction& transaction) -> Result<void> {
    return transaction.wallets().insert({"nobody-of-this-name", 1, 0, std::nullopt});
  });
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().cause.find("INSERT INTO wallets"), std::string::npos) << refused.error().cause;
  EXPECT_EQ(refused.error().cause.find("nobody-of-this-name"), std::string::npos) << refused.error().cause;
}

TEST(OpenDatabase, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(open_database({.url = "mysql://x"}).error().code, ErrorCode::kInvalidInput);
  EXPECT_FALSE(open_database({.url = "sqlite:/proc/none/x.db"}));
}

}  // namespace
}  // namespace tintype::sql
