#include "base/log.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "base/clock.h"

namespace tintype {

namespace {

constexpr std::size_t kWaitingBytesMax = 1 << 20;
constexpr std::size_t kUrgentBytes = 64 << 10;
constexpr std::chrono::milliseconds kGather{20};
constexpr std::size_t kWriteBytesMax = 4'096;  // PIPE_BUF: a pipe takes as much whole, so processes do not mix lines

std::string line_of(LogLevel level, std::string_view event, std::initializer_list<LogField> fields);

// Standard error may be a full pipe that does not block: then this waits, on the writing thread alone. What cannot
// be written at all is given up.
void write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(STDERR_FILENO, bytes.data(), bytes.size());
    if (count >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(count));
    } else if (errno == EAGAIN) {
      pollfd writable{STDERR_FILENO, POLLOUT, 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return;
    }
  }
}

void write_lines(std::string_view lines) {
  while (!lines.empty()) {
    std::size_t end = lines.size();
    if (end > kWriteBytesMax) {
      end = lines.rfind('\n', kWriteBytesMax - 1);
      if (end == std::string_view::npos) end = lines.find('\n');
      ++end;
    }
    write_all(lines.substr(0, end));
    lines.remove_prefix(end);
  }
}

// Lines wait in one string for one writing thread, which lets them gather for a moment, so that a busy server neither
// wakes it nor writes for each line. What is worse than information is written at once. When standard error is slower
// than we are, new lines are dropped, and counted, rather than holding up the caller.
class Writer {
 public:
  ~Writer() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_.notify_one();
    thread_.join();
  }

  void post(const std::string& line, bool urgent) {
    bool wake = false;
    {
      std::lock_guard lock(mutex_);
      ++posted_;
      if (waiting_.size() + line.size() > kWaitingBytesMax) {
        ++dropped_;
      } else {
        waiting_ += line;
      }
      if (urgent || waiting_.size() > kUrgentBytes) wake = !std::exchange(urgent_, true);
      wake = std::exchange(idle_, false) || wake;
    }
    if (wake) work_.notify_one();
  }

  void flush() {
    std::unique_lock lock(mutex_);
    const std::uint64_t until = posted_;
    urgent_ = true;
    work_.notify_one();
    done_changed_.wait(lock, [&] { return done_ >= until; });
  }

 private:
  void run() {
    std::string lines;
    std::unique_lock lock(mutex_);
    while (true) {
      idle_ = true;
      work_.wait(lock, [&] { return posted_ > done_ || stopping_; });
      idle_ = false;
      if (posted_ == done_) return;
      work_.wait_for(lock, kGather, [&] { return urgent_ || stopping_; });
      urgent_ = false;
      lines.clear();
      lines.swap(waiting_);
      const std::uint64_t taken = posted_;
      if (const std::uint64_t dropped = std::exchange(dropped_, 0); dropped > 0) {
        lines += line_of(LogLevel::kWarning, "log_lines_dropped", {{"lines", dropped}});
      }
      lock.unlock();
      write_lines(lines);
      lock.lock();
      done_ = taken;
      done_changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable work_;
  std::condition_variable done_changed_;
  std::string waiting_;
  std::uint64_t posted_ = 0;   // lines handed in, dropped ones among them
  std::uint64_t done_ = 0;     // of those, the ones that have been written or told as dropped
  std::uint64_t dropped_ = 0;  // since it was last told
  bool idle_ = false;          // the thread sleeps, or is about to
  bool urgent_ = false;        // what waits is to be written without waiting for more
  bool stopping_ = false;
  std::thread thread_{[this] { run(); }};  // last, so that all it uses is there
};

Writer& writer() {
  static Writer instance;
  return instance;
}

std::atomic<LogLevel> g_level{LogLevel::kInfo};

const char* level_name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

std::string line_of(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  JsonText line = {{"time", iso8601(SystemClock().now_ms())}, {"level", level_name(level)}, {"event", event}};
  for (const LogField& field : fields) line.add(field.name, field.value);
  return std::move(line).text() + "\n";
}

}  // namespace

void set_log_level(LogLevel level) {
  g_level.store(level, std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  writer().post(line_of(level, event, fields), level >= LogLevel::kWarning);
}

void flush_log() {
  writer().flush();
}

}  // namespace tintype
