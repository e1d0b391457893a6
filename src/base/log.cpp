#include "base/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <mutex>

#include "base/clock.h"

namespace tintype {

namespace {

constexpr std::size_t kQueuedLinesMax = 8'192;

// The lines go through a bounded queue to one writing thread; when standard error is slower than we are, the oldest
// waiting lines are dropped rather than holding up the caller.
spdlog::logger& writer() {
  static const std::shared_ptr<spdlog::async_logger> logger = [] {
    auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    static auto pool = std::make_shared<spdlog::details::thread_pool>(kQueuedLinesMax, 1);
    auto made = std::make_shared<spdlog::async_logger>("tintype", std::move(sink), pool,
                                                       spdlog::async_overflow_policy::overrun_oldest);
    made->set_pattern("%v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
  return *logger;
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
    line += text;
  }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
  void operator()(Redacted) const { line += "\"[redacted]\""; }
};

}  // namespace

void set_log_level(LogLevel level) {
  g_level.store(level, std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields) {
  if (level < g_level.load(std::memory_order_relaxed)) return;
  std::string line;
  line.reserve(256);
  line += "{\"time\":\"";
  line += iso8601(SystemClock().now_ms());
  line += "\",\"level\":\"";
  line += level_name(level);
  line += "\",\"event\":";
  append_string(line, event);
  for (const LogField& field : fields) {
    line.push_back(',');
    append_string(line, field.key);
    line.push_back(':');
    std::visit(AppendValue{line}, field.value);
  }
  line.push_back('}');
  writer().info("{}", line);
}

void flush_log() {
  // The queue is first in, first out: once this one has been written, so has everything before it.
  writer().flush();
}

}  // namespace tintype
