#include "domain/album.h"

#include <algorithm>

namespace tintype {

std::int64_t epoch_of(std::int64_t position) {
  // Arithmetic on negative numbers rounds towards zero; a place before the first epoch belongs to none.
  return position < 0 ? -1 : position / kEpochPlaces;
}

std::int64_t first_place_in(std::int64_t epoch) {
  return epoch * kEpochPlaces + kEpochPlaces / 2;
}

std::optional<std::vector<std::int64_t>> places_between(std::optional<std::int64_t> behind,
                                                        std::optional<std::int64_t> before, int count) {
  const std::int64_t room = kPlaceGap * (std::int64_t{count} + 1);
  const std::int64_t epoch = epoch_of(behind ? *behind : before.value_or(first_place_in(0)));
  const std::int64_t epoch_begin = epoch * kEpochPlaces;
  // At the begin and end of an album the new ones keep the usual distance, as far as the epoch reaches.
  const std::int64_t low = behind ? *behind : std::max(epoch_begin - 1, before.value_or(epoch_begin + room) - room);
  const std::int64_t high = before ? *before : std::min(epoch_begin + kEpochPlaces, low + room);
  const std::int64_t step = (high - low) / (std::int64_t{count} + 1);
  if (step < 1) return std::nullopt;
  std::vector<std::int64_t> places;
  for (int at = 1; at <= count; ++at) places.push_back(low + step * at);
  return places;
}

}  // namespace tintype
