#include "adapters/sql/sql_database.h"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "adapters/sql/connection.h"
#include "contract/database_contract.h"

namespace tintype::sql {
namespace {

std::filesystem::path new_folder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "tintype-sql-XXXXXX").string();
  return ::mkdtemp(pattern.data());
}

std::unique_ptr<Database> open_migrated(const std::string& url) {
  auto database = open_database({.url = url});
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
    const std::string name = "test" + std::to_string(++count_);
    Connection connection(Dialect::kPostgresql, url_);
    if (auto made = connection.run("CREATE DATABASE " + name); !made) throw std::runtime_error(made.error().cause);
    return open_migrated(url_.substr(0, url_.rfind('/') + 1) + name);
  }

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

TEST(OpenDatabase, SaysWhatItDoesNotKnow) {
  EXPECT_EQ(open_database({.url = "mysql://x"}).error().code, ErrorCode::kInvalidInput);
  EXPECT_FALSE(open_database({.url = "sqlite:/proc/none/x.db"}));
}

}  // namespace
}  // namespace tintype::sql
