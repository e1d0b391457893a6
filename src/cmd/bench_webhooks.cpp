// `bench-webhooks`: how many messages a second are taken, signed, sent and noted, each durably.
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <thread>

#include "app/outbox.h"
#include "app/read.h"
#include "app/webhooks.h"
#include "base/random.h"
#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

constexpr int kInsertedAtOnce = 500;

// The length of what a completed job of the upscale surface says.
std::string body_of(int number) {
  return R"({"event":"job.completed","job_id":"job_)" + std::to_string(number) +
         R"(","status":"completed","result":{"output_url":"https://objects.example.com/)" + std::string(260, 'x') +
         R"(","original_size":{"width":1920,"height":1080},"output_size":{"width":7680,"height":4320},)"
         R"("file_size":15234567,"processing_time":18.5},"timestamp":"2025-01-18T12:00:18.000Z"})";
}

Result<void> fill_outbox(House& house, const WebhookEndpoint& endpoint, int messages) {
  SystemRandom random;
  const UnixMs now_ms = SystemClock().now_ms();
  for (int done = 0; done < messages; done += kInsertedAtOnce) {
    auto written = house.database().write([&](Transaction& transaction) -> Result<void> {
      for (int at = done; at < std::min(messages, done + kInsertedAtOnce); ++at) {
        auto inserted = transaction.webhooks().insert_delivery(
            app::new_delivery(random, endpoint, WebhookEvent::kJobCompleted, body_of(at), now_ms));
        if (!inserted) return inserted;
      }
      return {};
    });
    if (!written) return written;
  }
  return {};
}

Result<bool> has_waiting(House& house, const WebhookEndpoint& endpoint) {
  return app::read(house.database(), [&](Transaction& transaction) -> Result<bool> {
    const auto waiting = transaction.webhooks().count_waiting(endpoint.id, 1);
    if (!waiting) return std::unexpected(waiting.error());
    return *waiting > 0;
  });
}

}  // namespace

int bench_webhooks(House& house, const std::string& url, int messages) {
  const auto user = house.accounts().create(
      {"bench-" + std::to_string(::getpid()) + "@example.org", {}, "bench", Role::kUser}, {kCommandLineActor});
  if (!user) return report(user.error());
  const auto added = house.webhooks().add(user->id, url, {});
  if (!added) return report(added.error());
  const auto& endpoint = std::get<WebhookEndpoint>(*added);
  if (auto filled = fill_outbox(house, endpoint, messages); !filled) return report(filled.error());
  auto deliverer = house.make_deliverer();
  const auto began = std::chrono::steady_clock::now();
  const std::clock_t used_before = std::clock();
  deliverer->start();
  for (auto waiting = has_waiting(house, endpoint); !waiting || *waiting; waiting = has_waiting(house, endpoint)) {
    if (!waiting) return report(waiting.error());
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  const double used_s = static_cast<double>(std::clock() - used_before) / CLOCKS_PER_SEC;
  deliverer->stop();
  std::printf(
      "%d webhooks in %.2f s: %.0f a second, each taken, signed, sent and noted in a durable commit, for %.0f us of a "
      "core\n",
      messages, took.count(), messages / took.count(), used_s * 1e6 / messages);
  return 0;
}

}  // namespace tintype::cmd
