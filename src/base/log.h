// The log: one JSON object a line on standard error, with "time", "level", "event" and the event's own fields.
// Secrets are never logged: pass them through Redacted, which prints as "[redacted]". Thread-safe.
#pragma once

#include <initializer_list>
#include <string_view>

#include "base/json_text.h"

namespace tintype {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

struct Redacted {
  operator JsonValue() const { return "[redacted]"; }
};

using LogField = JsonField;

void set_log_level(LogLevel level);
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// Waits until every line logged so far has been written. Call before the process exits.
void flush_log();

}  // namespace tintype
