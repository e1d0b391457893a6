#include "adapters/postgres_notifier/postgres_notifier.h"

#include "contract/reaching_notifier_contract.h"
#include "support/postgres_server.h"

namespace tintype {
namespace {

using std::chrono::milliseconds;

// One server for the whole program. The tests share its one channel, so they use topics of their own or none but theirs
// runs at a time. The suite runs as one ctest entry for that reason.
class Server : public testing::Environment {
 public:
  void TearDown() override { server_.reset(); }
  test::PostgresServer* get() {
    if (!server_ && test::PostgresServer::is_installed()) server_ = std::make_unique<test::PostgresServer>();
    return server_.get();
  }

 private:
  std::unique_ptr<test::PostgresServer> server_;
};

Server* const g_server = static_cast<Server*>(testing::AddGlobalTestEnvironment(new Server));  // owned by GoogleTest

// Notifies until it is heard: then both are connected.
void meet(Notifier& from, Notifier& to, const std::string& topic) {
  std::binary_semaphore heard(0);
  std::atomic<bool> is_first = true;
  const auto subscription = to.subscribe(topic, [&] {
    if (is_first.exchange(false)) heard.release();
  });
  do {
    from.notify(topic);
  } while (!heard.try_acquire_for(milliseconds(20)));
  to.unsubscribe(subscription);
}

std::vector<std::unique_ptr<Notifier>> connected(int count) {
  std::vector<std::unique_ptr<Notifier>> made;
  if (g_server->get() == nullptr) return made;
  while (count-- > 0) made.push_back(std::make_unique<PostgresNotifier>(g_server->get()->url()));
  for (const auto& from : made) {
    for (const auto& to : made) {
      if (from != to) meet(*from, *to, "meet");
    }
  }
  return made;
}

INSTANTIATE_TEST_SUITE_P(Postgres, NotifierContract, testing::Values(MakeNotifier([]() -> std::unique_ptr<Notifier> {
                           auto both = connected(2);  // the second has heard the first
                           return both.empty() ? nullptr : std::move(both.front());
                         })));

INSTANTIATE_TEST_SUITE_P(Postgres, ReachingNotifierContract, testing::Values(MakeNotifiers(connected)));

class Postgres : public testing::Test {
 protected:
  void SetUp() override {
    if (g_server->get() == nullptr) GTEST_SKIP() << "PostgreSQL is not installed here";
  }
};

TEST_F(Postgres, ARestartOfTheServerWakesEverybodyAndIsSurvived) {
  const auto house = connected(2);
  std::counting_semaphore<> woken(0);
  const auto subscription = house[0]->subscribe("job:nobody", [&] { woken.release(); });
  g_server->get()->restart();
  EXPECT_TRUE(woken.try_acquire_for(std::chrono::seconds(60))) << "what was missed is looked for";
  house[0]->unsubscribe(subscription);
  meet(*house[0], *house[1], "again");
  meet(*house[1], *house[0], "again");
}

TEST_F(Postgres, EndsAtOnceWhereNoServerAnswers) {
  // The quickest of some, as the machine may stand still in one.
  auto quickest = std::chrono::steady_clock::duration::max();
  for (int round = 0; round < 3; ++round) {
    const auto began = std::chrono::steady_clock::now();
    auto nobody = std::make_unique<PostgresNotifier>("postgresql://nobody@127.0.0.1:1/none");
    int woken = 0;
    const auto subscription = nobody->subscribe("queue", [&] { ++woken; });
    nobody->notify("queue");
    EXPECT_EQ(woken, 1) << "within the process it goes on";
    nobody->unsubscribe(subscription);
    nobody.reset();
    quickest = std::min(quickest, std::chrono::steady_clock::now() - began);
  }
  EXPECT_LT(quickest, std::chrono::seconds(4));
}

}  // namespace
}  // namespace tintype
