// Time is injected. Wall-clock milliseconds since the Unix epoch (UTC) are what is stored and compared across
// processes; the monotonic clock is for measuring alone and is taken where it is used.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tintype {

using UnixMs = std::int64_t;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual UnixMs now_ms() const = 0;
};

class SystemClock final : public Clock {
 public:
  UnixMs now_ms() const override;
};

// ISO 8601 in UTC with milliseconds, e.g. "2025-12-12T10:30:00.000Z" (the form of JavaScript's toISOString).
std::string iso8601(UnixMs time_ms);
// A moment as RFC 3339 writes it, from 1970 on: "2025-12-12T10:30:00Z", with a fraction of a second (cut to
// milliseconds) or an offset ("+02:00") where there is one. Nothing for a day, hour or minute that there is not.
std::optional<UnixMs> parse_iso8601(std::string_view text);

}  // namespace tintype
