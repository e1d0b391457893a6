#include "base/log.h"

#include <poll.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cmath>
#include <condition_variable>
#include <cstdio>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/clock.h"

namespace tintype {

namespace {

constexpr std::size_t kQueuedLinesMax = 8'192;

std::string line_start(LogLevel level);

// Standard error may be a full pipe that does not block: then this waits, on the writing thread alone. A line that
// cannot be written at all is given up.
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

// Writes each line with one call, so that lines of several processes do not mix, and counts what became of them.
class LineSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit LineSink(spdlog::details::thread_pool& pool) : pool_(pool) {}

  // Returns when `lines` lines have been written or dropped.
  void wait_until_done(std::uint64_t lines) {
    std::unique_lock lock(done_mutex_);
    done_changed_.wait(lock, [&] { return written_ + pool_.overrun_counter() >= lines; });
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const std::size_t dropped = pool_.overrun_counter();
    std::string bytes;
    if (dropped > dropped_told_) {
      bytes = line_start(LogLevel::kWarning) + "\"log_lines_dropped\",\"lines\":" +
              std::to_string(dropped - dropped_told_) + "}\n";
      dropped_told_ = dropped;
    }
    bytes.append(message.payload.data(), message.payload.size()).push_back('\n');
    write_all(bytes);
    {
      std::lock_guard lock(done_mutex_);
      ++written_;
    }
    done_changed_.notify_all();
  }
  void flush_() override {}

  spdlog::details::thread_pool& pool_;
  std::size_t dropped_told_ = 0;  // the writing thread's alone
  std::mutex done_mutex_;
  std::condition_variable done_changed_;
  std::uint64_t written_ = 0;
};

// The lines go through a bounded queue to one writing thread; when standard error is slower than we are, the oldest
// waiting lines are dropped, and counted, rather than holding up the caller.
struct Writer {
  // Declared first to be destroyed last: its end writes what still waits.
  std::shared_ptr<spdlog::details::thread_pool> pool =
      std::make_shared<spdlog::details::thread_pool>(kQueuedLinesMax, 1);
  std::shared_ptr<LineSink> sink = std::make_shared<LineSink>(*pool);
  std::shared_ptr<spdlog::async_logger> logger = std::make_shared<spdlog::async_logger>(
      "tintype", sink, pool, spdlog::async_overflow_policy::overrun_oldest);
  std::atomic<std::uint64_t> posted{0};
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

void append_string(std::string& line, std::string_view text) {
  const bool is_text = is_valid_utf8(text);
  line.push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      line.push_back('\\');
      line.push_back(c);
    } else if (byte < 0x20 || byte == 0x7f) {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\u%04x", byte);
      line += escape;
    } else if (byte >= 0x80 && !is_text) {
      line += "\\ufffd";
    } else {
      line.push_back(c);
    }
  }
  line.push_back('"');
}

struct AppendValue {
  std::string& line;
  void operator()(std::string_view text) const { append_string(line, text); }
  void operator()(std::int64_t number) const { line += std::to_string(number); }
  void operator()(double number) const {
    char text[32];
    std::snprintf(text, sizeof text, "%.6g", number);
    line += std::isfinite(number) ? text : "null";  // JSON has no other word for it
  }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
  void operator()(Redacted) const { line += "\"[redacted]\""; }
};

std::string line_start(LogLevel level) {
  std::string line;
  line.reserve(256);
  line += "{\"time\":\"";
  line += iso8601(SystemClock().now_ms());
  line += "\",\"level\":\"";
  line += level_name(level);
  line += "\",\"event\":";
  return line;
}

}  // namespace

void set_log_level(LogLevel level) {
  g_level.store(level, std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  std::string line = line_start(level);
  append_string(line, event);
  for (const LogField& field : fields) {
    line.push_back(',');
    append_string(line, field.key);
    line.push_back(':');
    std::visit(AppendValue{line}, field.value);
  }
  line.push_back('}');
  Writer& to = writer();
  to.posted.fetch_add(1);
  to.logger->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
}

void flush_log() {
  Writer& from = writer();
  from.sink->wait_until_done(from.posted.load());
}

}  // namespace tintype
