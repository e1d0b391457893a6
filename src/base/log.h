// The log: one JSON object a line on standard error, with "time", "level", "event" and the event's own fields.
// Secrets are never logged: pass them through Redacted, which prints as "[redacted]". Thread-safe.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace tintype {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct Redacted {};

using LogValue = std::variant<std::string_view, std::int64_t, double, bool, Redacted>;

struct LogField {
  std::string_view key;
  LogValue value;

  LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
  LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  LogField(std::string_view k, bool v) : key(k), value(v) {}
  LogField(std::string_view k, double v) : key(k), value(v) {}
  LogField(std::string_view k, int v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, long v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, long long v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, unsigned v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, unsigned long v) : key(k), value(static_cast<std::int64_t>(v)) {}
  LogField(std::string_view k, Redacted v) : key(k), value(v) {}
};

void set_log_level(LogLevel level);
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// Waits until every line logged so far has been written. Call before the process exits.
void flush_log();

}  // namespace tintype
