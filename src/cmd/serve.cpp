// `serve` and `worker`: what runs until it is told to stop.
#include <malloc.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <poll.h>
#include <csignal>
#include <cstdlib>
#include <optional>

#include "base/log.h"
#include "base/periodic.h"
#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

constexpr int kReceiveIntervalMs = 1'000;
constexpr int kJanitorIntervalMs = 60'000;
constexpr std::chrono::seconds kCountsInterval(5);  // how late a view may be seen

sigset_t stop_signals() {
  sigset_t set{};
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

// SIGTERM and SIGINT as something to wait for; hold_stop_signals() has been called before.
class StopSignal {
 public:
  StopSignal() { descriptor_ = ::signalfd(-1, &set_, SFD_CLOEXEC); }
  ~StopSignal() { ::close(descriptor_); }
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Whether one came within this time.
  bool wait(int timeout_ms) const {
    pollfd polled{descriptor_, POLLIN, 0};
    return ::poll(&polled, 1, timeout_ms) == 1;
  }
  // From now on a second signal ends the process at once.
  void restore() const { pthread_sigmask(SIG_UNBLOCK, &set_, nullptr); }
  void take() const {
    signalfd_siginfo info{};
    static_cast<void>(::read(descriptor_, &info, sizeof info) == sizeof info);
  }

 private:
  sigset_t set_ = stop_signals();
  int descriptor_ = -1;
};

void clean_up(House& house, const StopSignal& stop) {
  for (bool more = true; more && !stop.wait(0);) {
    const auto pass = house.janitor().run();
    if (!pass) {
      log(LogLevel::kError, "janitor_failed", {{"cause", pass.error().cause}});
      return;
    }
    if (pass->objects_removed + pass->rows_removed > 0) {
      log(LogLevel::kInfo, "janitor", {{"objects", pass->objects_removed}, {"rows", pass->rows_removed}});
    }
    more = pass->more && pass->objects_removed + pass->rows_removed > 0;  // else what is left waits for the next time
  }
  ::malloc_trim(0);
}

std::chrono::milliseconds left_until(std::chrono::steady_clock::time_point until) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
  return std::max(left, std::chrono::milliseconds(0));
}

// Looks for files that came by one PUT.
void receive(House& house) {
  const auto received = house.uploads().receive();
  if (!received) log(LogLevel::kError, "receive_failed", {{"cause", received.error().cause}});
  if (received && *received > 0) log(LogLevel::kInfo, "received", {{"images", *received}});
}

void wait_for_stop(House& house, const StopSignal& stop) {
  int until_clean_up_ms = 0;
  do {
    if (until_clean_up_ms <= 0) {
      clean_up(house, stop);
      until_clean_up_ms = kJanitorIntervalMs;
    }
    receive(house);
    until_clean_up_ms -= kReceiveIntervalMs;
  } while (!stop.wait(kReceiveIntervalMs));
  stop.take();
  stop.restore();
}

// What was counted and noted while nobody had to wait for a write.
void write_counts(House& house) {
  for (const auto& written :
       {house.views().flush(), house.renditions().flush(), house.api_keys().flush(), house.accounts().flush()}) {
    if (!written) log(LogLevel::kError, "counts_not_written", {{"cause", written.error().cause}});
  }
}

}  // namespace

void hold_stop_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

int serve(House& house, int workers) {
  const StopSignal stop;
  auto server = house.make_server();
  if (!server) return report(server.error());
  if (auto started = (*server)->start(); !started) return report(started.error());
  auto worker = house.make_worker(workers);
  if (workers > 0) worker->start();
  auto deliverer = house.make_deliverer();
  deliverer->start();
  std::optional<Periodic> counting(std::in_place, kCountsInterval, [&house] { write_counts(house); });
  log(LogLevel::kInfo, "listening",
      {{"url", house.config().server.public_url}, {"port", static_cast<int>((*server)->port())}});
  wait_for_stop(house, stop);
  log(LogLevel::kInfo, "draining");
  // One bound for both: requests first, as they may wait for jobs.
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(house.config().server.drain_seconds);
  (*server)->drain(std::chrono::seconds(house.config().server.drain_seconds));
  counting.reset();  // writes what the last requests counted
  worker->stop(left_until(until));
  deliverer->stop();
  log(LogLevel::kInfo, "stopped");
  flush_log();
  return 0;
}

int work(House& house, int slots, const std::string& listen) {
  const StopSignal stop;
  std::unique_ptr<http::Server> server;
  if (!listen.empty()) {
    auto made = house.make_ops_server(listen);
    if (!made) return report(made.error());
    server = std::move(*made);
    if (auto started = server->start(); !started) return report(started.error());
  }
  auto worker = house.make_worker(slots);
  worker->start();
  auto deliverer = house.make_deliverer();
  deliverer->start();
  log(LogLevel::kInfo, "working", {{"slots", slots}, {"port", server ? static_cast<int>(server->port()) : 0}});
  wait_for_stop(house, stop);
  if (server) server->drain(std::chrono::seconds(0));
  worker->stop(std::chrono::seconds(house.config().server.drain_seconds));
  deliverer->stop();
  log(LogLevel::kInfo, "stopped");
  flush_log();
  return 0;
}

int bench_links(House& house, int links) {
  const UnixMs expires_at_ms = SystemClock().now_ms() + 900'000;
  const auto measure = [&](const char* what, const auto& sign) {
    const auto began = std::chrono::steady_clock::now();
    std::size_t bytes = 0;
    for (int at = 0; at < links; ++at) bytes += sign(at).size();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    std::printf("%s: %.0f a second on one thread, %zu bytes each\n", what, links / took.count(),
                bytes / static_cast<std::size_t>(std::max(1, links)));
  };
  measure("URLs of parts", [&](int at) {
    return house.objects().signed_part_url("uploads/img_0123456789abcdefghijkl/original.jpg", "0123456789abcdefghijkl",
                                           at % kPartsMax + 1, 8 << 20, expires_at_ms);
  });
  measure("URLs of objects", [&](int at) {
    return house.objects().signed_url("images/img_" + std::to_string(at) + "/original.jpg", {expires_at_ms, {}});
  });
  measure("URLs of views", [&](int at) {
    return house.deliveries().object_url("variants/img_" + std::to_string(at) + "/large.webp", {expires_at_ms, {}});
  });
  const RenditionSpec spec{"640x480-cover-q80", std::nullopt};
  measure("URLs of renditions", [&](int at) {
    return house.deliveries().rendition_url("img_" + std::to_string(at), spec, {expires_at_ms, {}});
  });
  return 0;
}

}  // namespace tintype::cmd
