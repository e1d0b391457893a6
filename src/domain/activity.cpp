#include "domain/activity.h"

namespace tintype {

namespace {

constexpr std::int64_t kDayMs = 24LL * 60 * 60 * 1'000;

}  // namespace

std::int64_t day_of(UnixMs at_ms) {
  return at_ms / kDayMs;
}

UnixMs day_begins_at_ms(std::int64_t day) {
  return day * kDayMs;
}

}  // namespace tintype
