#include "cmd/bench_queue.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>
#include <vector>

#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

constexpr std::chrono::milliseconds kLook{10};  // between two looks at whether all has ended

// Submits until `left` is none, `bulk` jobs in one unit of work.
void submit(House& house, const std::string& user_id, const BenchQueueOptions& options, std::atomic<int>& left) {
  for (int before = left.fetch_sub(options.bulk); before > 0; before = left.fetch_sub(options.bulk)) {
    const auto jobs = house.submissions().probes(user_id, std::min(options.bulk, before), options.price);
    if (jobs) continue;
    report(jobs.error());
    left.store(0);
  }
}

Result<std::int64_t> unfinished_of(House& house, const std::string& user_id) {
  std::int64_t unfinished = 0;
  auto read = house.database().read([&](Transaction& transaction) -> Result<void> {
    const auto counted = transaction.jobs().count_unfinished(user_id);
    if (!counted) return std::unexpected(counted.error());
    unfinished = *counted;
    return {};
  });
  if (!read) return std::unexpected(read.error());
  return unfinished;
}

}  // namespace

int bench_queue(House& house, const BenchQueueOptions& options) {
  auto user = house.accounts().create(
      {"bench-" + std::to_string(::getpid()) + "@example.org", {}, "bench", Role::kUser}, {kCommandLineActor});
  if (!user) return report(user.error());
  if (auto granted = house.wallets().adjust(user->id, 1'000'000, "benchmark", {kCommandLineActor}); !granted)
    return report(granted.error());
  auto worker = house.make_worker(options.slots, options.claims);
  worker->start();
  const auto began = std::chrono::steady_clock::now();
  std::atomic<int> left{options.jobs};
  {
    std::vector<std::jthread> submitters;
    for (int at = 0; at < options.submitters; ++at) {
      submitters.emplace_back([&] { submit(house, user->id, options, left); });
    }
  }
  const std::chrono::duration<double> submitted = std::chrono::steady_clock::now() - began;
  for (std::int64_t unfinished = options.jobs; unfinished > 0;) {
    std::this_thread::sleep_for(kLook);
    const auto now = unfinished_of(house, user->id);
    if (!now) return report(now.error());
    unfinished = *now;
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  worker->stop(std::chrono::seconds(5));
  if (options.json) {
    std::printf("{\"jobs\":%d,\"seconds\":%.4f,\"submit_seconds\":%.4f}\n", options.jobs, took.count(),
                submitted.count());
  } else {
    std::printf("%d jobs in %.2f s: %.0f a second, each submitted, claimed and finished in durable commits\n",
                options.jobs, took.count(), options.jobs / took.count());
  }
  return 0;
}

}  // namespace tintype::cmd
