#include "adapters/postgres_notifier/postgres_notifier.h"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "adapters/local_notifier/local_notifier.h"
#include "adapters/local_notifier/outgoing_topics.h"
#include "base/log.h"

namespace tintype {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kLetterBytesMax = 7'900;  // PostgreSQL takes less than 8,000
constexpr milliseconds kPause{3};               // between two tellings: what comes meanwhile goes together
constexpr milliseconds kConnectMax{5'000};
constexpr milliseconds kPartingMax{1'000};  // for what is left to tell when the process ends
constexpr milliseconds kRetryPauseMin{100};
constexpr milliseconds kRetryPauseMax{5'000};
constexpr milliseconds kForever{-1};

// A wake-up may be lost, so its commit need not wait for the disk while it keeps all others from telling.
constexpr const char* kBegin = "SET synchronous_commit = off; SET client_min_messages = warning; LISTEN tintype";
constexpr const char* kTell = "SELECT pg_notify('tintype', $1)";

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, Finish>;

// What the URL leaves open and libpq would wait for without end gets a bound; what it says itself counts.
Connection begin_to_connect(const std::string& url) {
  const std::array<const char*, 6> keywords = {"tcp_user_timeout", "keepalives_idle", "keepalives_interval",
                                               "application_name", "dbname",          nullptr};
  const std::array<const char*, 6> values = {"20000", "20", "5", "tintype wake-ups", url.c_str(), nullptr};
  return Connection(PQconnectStartParams(keywords.data(), values.data(), 1));
}

std::string message_of(const PGconn* connection) {
  std::string message = connection != nullptr ? PQerrorMessage(connection) : "out of memory";
  message.resize(std::min(message.find('\n'), message.size()));
  return message;
}

short events_of(PostgresPollingStatusType status) {
  return status == PGRES_POLLING_WRITING ? POLLOUT : POLLIN;
}

milliseconds left_until(Steady::time_point until) {
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(until - Steady::now()));
}

}  // namespace

class PostgresNotifier::Impl {
 public:
  explicit Impl(std::string url) : url_(std::move(url)), outgoing_(kLetterBytesMax), thread_([this] { run(); }) {}

  ~Impl() {
    stop_.ring();
    thread_.join();
  }

  void notify(std::string_view topic) {
    local_.notify(topic);
    outgoing_.put(topic);
  }

  LocalNotifier& local() { return local_; }

 private:
  void run() {
    milliseconds pause = kRetryPauseMin;
    bool was_lost = false;
    while (true) {
      if (connect()) {
        if (was_lost) log(LogLevel::kInfo, "wakeups_back");
        pause = kRetryPauseMin;
        local_.notify_all();
        if (relay()) return;
      }
      if (is_stopping(milliseconds(0))) return;
      log(LogLevel::kWarning, "wakeups_lost", {{"cause", message_of(connection_.get())}});
      was_lost = true;
      connection_.reset();
      if (is_stopping(pause)) return;
      pause = std::min(2 * pause, kRetryPauseMax);
    }
  }

  bool is_stopping(milliseconds wait) const {
    pollfd polled{stop_.descriptor(), POLLIN, 0};
    return ::poll(&polled, 1, static_cast<int>(wait.count())) > 0;
  }

  // Waits for the server; false when it is time to stop or this point has passed.
  bool wait_for_server(short events, Steady::time_point until) const {
    std::array<pollfd, 2> polled = {{{PQsocket(connection_.get()), events, 0}, {stop_.descriptor(), POLLIN, 0}}};
    const int ready = ::poll(polled.data(), polled.size(), static_cast<int>(left_until(until).count()));
    return ready > 0 && polled[1].revents == 0;
  }

  // Connected, and listening; false when there is no server, or it is time to stop.
  bool connect() {
    const auto until = Steady::now() + kConnectMax;
    connection_ = begin_to_connect(url_);
    if (!connection_ || PQstatus(connection_.get()) == CONNECTION_BAD) return false;
    PostgresPollingStatusType status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK) {
      if (!wait_for_server(events_of(status), until)) return false;
      status = PQconnectPoll(connection_.get());
      if (status == PGRES_POLLING_FAILED) return false;
    }
    if (PQsetnonblocking(connection_.get(), 1) != 0 || PQsendQuery(connection_.get(), kBegin) == 0) return false;
    awaits_answer_ = true;
    refused_ = false;
    while (awaits_answer_) {
      const bool flushed = PQflush(connection_.get()) == 0;
      if (!wait_for_server(static_cast<short>(POLLIN | (flushed ? 0 : POLLOUT)), until) || !read()) return false;
    }
    return !refused_;
  }

  // Carries wake-ups both ways until the connection is lost (false) or it is time to stop and all has been told.
  bool relay() {
    auto told_at = Steady::now() - kPause;
    std::optional<Steady::time_point> parting;
    while (true) {
      const auto now = Steady::now();
      const bool may_tell = !awaits_answer_ && (parting || now - told_at >= kPause);
      if (may_tell && letters_.empty()) letters_ = outgoing_.take();
      if (parting && ((may_tell && letters_.empty()) || now >= *parting)) return true;
      if (may_tell && !letters_.empty()) {
        if (!tell()) return false;
        told_at = now;
      }
      const int unsent = PQflush(connection_.get());
      if (unsent < 0) return false;
      const bool rests = Steady::now() - told_at < kPause;
      std::array<pollfd, 3> polled = {
          {{PQsocket(connection_.get()), static_cast<short>(POLLIN | (unsent > 0 ? POLLOUT : 0)), 0},
           {parting ? -1 : stop_.descriptor(), POLLIN, 0},
           {awaits_answer_ || rests ? -1 : outgoing_.descriptor(), POLLIN, 0}}};
      const milliseconds wait = parting ? left_until(*parting) : rests ? left_until(told_at + kPause) : kForever;
      ::poll(polled.data(), polled.size(), static_cast<int>(wait.count()));
      if (polled[0].revents != 0 && !read()) return false;
      if (polled[1].revents != 0) parting = Steady::now() + kPartingMax;
    }
  }

  // What the server has said; false when the connection is lost.
  bool read() {
    PGconn* connection = connection_.get();
    if (PQconsumeInput(connection) == 0) return false;
    while (awaits_answer_ && PQisBusy(connection) == 0) {
      const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQgetResult(connection), PQclear);
      const ExecStatusType status = result ? PQresultStatus(result.get()) : PGRES_COMMAND_OK;
      if (!result) awaits_answer_ = false;
      if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) continue;
      refused_ = true;
      log(LogLevel::kWarning, "wakeup_refused", {{"cause", message_of(connection)}});
    }
    while (PGnotify* notification = PQnotifies(connection)) {
      const std::unique_ptr<PGnotify, decltype(&PQfreemem)> freed(notification, PQfreemem);
      if (notification->be_pid != PQbackendPID(connection)) deliver(notification->extra, local_);
    }
    return PQstatus(connection) == CONNECTION_OK;
  }

  // Sends the last letter. It may be told again after a lost connection.
  bool tell() {
    const char* value = letters_.back().c_str();
    if (PQsendQueryParams(connection_.get(), kTell, 1, nullptr, &value, nullptr, nullptr, 0) == 0) return false;
    letters_.pop_back();
    awaits_answer_ = true;
    return true;
  }

  const std::string url_;
  LocalNotifier local_;
  OutgoingTopics outgoing_;
  Doorbell stop_;
  Connection connection_;             // from here on the thread's
  std::vector<std::string> letters_;  // taken and not yet sent
  bool awaits_answer_ = false;
  bool refused_ = false;
  std::thread thread_;  // last: it uses all of the above
};

PostgresNotifier::PostgresNotifier(std::string url) : impl_(std::make_unique<Impl>(std::move(url))) {}

PostgresNotifier::~PostgresNotifier() = default;

void PostgresNotifier::notify(std::string_view topic) {
  impl_->notify(topic);
}

Notifier::Subscription PostgresNotifier::subscribe(std::string_view topic, std::function<void()> wake) {
  return impl_->local().subscribe(topic, std::move(wake));
}

void PostgresNotifier::unsubscribe(Subscription subscription) {
  impl_->local().unsubscribe(subscription);
}

}  // namespace tintype
