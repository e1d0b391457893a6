#include "base/clock.h"

#include <chrono>
#include <iterator>

namespace tintype {

UnixMs SystemClock::now_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string iso8601(UnixMs time_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> time{milliseconds{time_ms}};
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&](std::size_t at, std::size_t digits, std::int64_t number) {
    for (; digits > 0; --digits, number /= 10) text[at + digits - 1] = static_cast<char>('0' + number % 10);
  };
  put(0, 4, static_cast<int>(date.year()));
  put(5, 2, static_cast<unsigned>(date.month()));
  put(8, 2, static_cast<unsigned>(date.day()));
  put(11, 2, clock.hours().count());
  put(14, 2, clock.minutes().count());
  put(17, 2, clock.seconds().count());
  put(20, 3, clock.subseconds().count());
  return text;
}

namespace {

// Reads a text from its front.
class Reading {
 public:
  explicit Reading(std::string_view text) : left_(text) {}

  std::optional<int> number(std::size_t digits) {
    if (left_.size() < digits) return std::nullopt;
    int value = 0;
    for (; digits > 0; --digits, left_.remove_prefix(1)) {
      if (!is_digit(left_.front())) return std::nullopt;
      value = value * 10 + (left_.front() - '0');
    }
    return value;
  }
  bool take(char wanted) {
    if (left_.empty() || left_.front() != wanted) return false;
    left_.remove_prefix(1);
    return true;
  }
  // Of ".25": 250; digits behind the third are passed over.
  std::optional<int> fraction_ms() {
    if (!take('.')) return 0;
    int value = 0, digits = 0;
    for (; !left_.empty() && is_digit(left_.front()); ++digits, left_.remove_prefix(1)) {
      if (digits < 3) value = value * 10 + (left_.front() - '0');
    }
    if (digits == 0) return std::nullopt;
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }
  bool at_end() const { return left_.empty(); }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::string_view left_;
};

constexpr std::int64_t kMinuteMs = 60'000;

// "Z", or how far the clock that was read is ahead of UTC.
std::optional<std::int64_t> read_offset_ms(Reading& reading) {
  if (reading.take('Z') || reading.take('z')) return 0;
  const bool ahead = reading.take('+');
  if (!ahead && !reading.take('-')) return std::nullopt;
  const auto hours = reading.number(2);
  if (!hours || !reading.take(':')) return std::nullopt;
  const auto minutes = reading.number(2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return (ahead ? 1 : -1) * (*hours * 60 + *minutes) * kMinuteMs;
}

}  // namespace

std::optional<UnixMs> parse_iso8601(std::string_view text) {
  using namespace std::chrono;
  Reading reading(text);
  int parts[6] = {};
  constexpr char kBefore[] = "--T::";
  for (std::size_t at = 0; at < std::size(parts); ++at) {
    if (at > 0 && !reading.take(kBefore[at - 1])) return std::nullopt;
    const auto number = reading.number(at == 0 ? 4 : 2);
    if (!number) return std::nullopt;
    parts[at] = *number;
  }
  const auto fraction_ms = reading.fraction_ms();
  if (!fraction_ms) return std::nullopt;
  const auto offset_ms = read_offset_ms(reading);
  const year_month_day date{year(parts[0]), month(static_cast<unsigned>(parts[1])),
                            day(static_cast<unsigned>(parts[2]))};
  if (!offset_ms || !reading.at_end() || !date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59) {
    return std::nullopt;
  }
  const milliseconds time = sys_days(date).time_since_epoch() + hours(parts[3]) + minutes(parts[4]) +
                            seconds(parts[5]) + milliseconds(*fraction_ms - *offset_ms);
  return time.count() < 0 ? std::nullopt : std::optional<UnixMs>(time.count());
}

}  // namespace tintype
