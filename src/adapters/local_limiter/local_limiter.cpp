#include "adapters/local_limiter/local_limiter.h"

#include <algorithm>
#include <vector>

namespace tintype {

namespace {

constexpr UnixMs kPassedMs = 5'000;  // by how much one request may pass another between its clock and its turn

}  // namespace

std::vector<LocalLimiter::Place> LocalLimiter::places_of(std::span<const RateBound> bounds) {
  std::vector<Place> places;
  places.reserve(bounds.size());
  for (const RateBound& bound : bounds) {
    Place place;
    place.key.reserve(bound.bucket.size() + bound.subject.size() + 1);
    place.key.append(bound.bucket).append(1, '\n').append(bound.subject);
    place.shard = std::hash<std::string>()(place.key) % kShards;
    places.push_back(std::move(place));
  }
  return places;
}

// Every shard once and in their order, so that two that take from several never wait for each other.
std::vector<std::unique_lock<std::mutex>> LocalLimiter::lock(const std::vector<Place>& places) {
  std::array<bool, kShards> wanted{};
  for (const Place& place : places) wanted[place.shard] = true;
  std::vector<std::unique_lock<std::mutex>> locks;
  locks.reserve(places.size());
  for (std::size_t at = 0; at < kShards; ++at) {
    if (wanted[at]) locks.emplace_back(shards_[at].mutex);
  }
  return locks;
}

LocalLimiter::Window LocalLimiter::window_at(const Place& place, const RateLimit& limit, UnixMs now_ms) const {
  const UnixMs ends_at_ms = now_ms + limit.window_ms;
  const auto& windows = shards_[place.shard].windows;
  const auto found = windows.find(place.key);
  // A window that ends much later than one that opened now belongs to a clock that has been set back; a little later,
  // to a request that looked at the clock behind this one and came in before it.
  const bool is_open =
      found != windows.end() && found->second.ends_at_ms > now_ms && found->second.ends_at_ms <= ends_at_ms + kPassedMs;
  return is_open ? found->second : Window{ends_at_ms, 0};
}

RateDecisions LocalLimiter::decide_all(std::span<const RateBound> bounds, const std::vector<Place>& places,
                                       UnixMs now_ms) const {
  RateDecisions decisions;
  decisions.bounds.reserve(bounds.size());
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    const Window window = window_at(places[at], bounds[at].limit, now_ms);
    decisions.bounds.push_back(decide(bounds[at].limit, window.taken, window.ends_at_ms, now_ms));
  }
  return decisions;
}

RateDecisions LocalLimiter::look(std::span<const RateBound> bounds, UnixMs now_ms) {
  const auto places = places_of(bounds);
  const auto locks = lock(places);
  return decide_all(bounds, places, now_ms);
}

RateDecisions LocalLimiter::take_all(std::span<const RateBound> bounds, UnixMs now_ms) {
  const auto places = places_of(bounds);
  const auto locks = lock(places);
  RateDecisions decisions = decide_all(bounds, places, now_ms);
  if (decisions.refused()) return decisions;
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    Shard& shard = shards_[places[at].shard];
    Window window = window_at(places[at], bounds[at].limit, now_ms);
    ++window.taken;
    --decisions.bounds[at].remaining;
    if (!shard.windows.contains(places[at].key)) make_room(shard, shard_subjects_max_, now_ms);
    shard.windows.insert_or_assign(places[at].key, window);
  }
  return decisions;
}

void LocalLimiter::give_back(std::span<const RateBound> bounds, const RateDecisions& taken) {
  const auto places = places_of(bounds);
  const auto locks = lock(places);
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    auto& windows = shards_[places[at].shard].windows;
    const auto found = windows.find(places[at].key);
    if (found == windows.end() || found->second.ends_at_ms != taken.bounds[at].resets_at_ms) continue;
    found->second.taken = std::max(0, found->second.taken - 1);
  }
}

std::size_t LocalLimiter::subjects_held() {
  std::size_t held = 0;
  for (Shard& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    held += shard.windows.size();
  }
  return held;
}

// Each sweep leaves room for as many more as an eighth of those that it passed over, so that a request pays for a
// few windows on average, whoever sends it.
void LocalLimiter::make_room(Shard& shard, std::size_t subjects_max, UnixMs now_ms) {
  if (shard.windows.size() < shard.sweep_at) return;
  std::erase_if(shard.windows, [&](const auto& entry) { return entry.second.ends_at_ms <= now_ms; });
  if (shard.windows.size() >= subjects_max) {
    std::vector<UnixMs> ends_ms;
    ends_ms.reserve(shard.windows.size());
    for (const auto& [key, window] : shard.windows) ends_ms.push_back(window.ends_at_ms);
    const auto eighth = ends_ms.begin() + static_cast<std::ptrdiff_t>(ends_ms.size() / 8);
    std::nth_element(ends_ms.begin(), eighth, ends_ms.end());
    // Many may end at the same time: no more of them go than have to.
    std::size_t to_go = ends_ms.size() / 8 + 1;
    std::erase_if(shard.windows, [&](const auto& entry) {
      if (to_go == 0 || entry.second.ends_at_ms > *eighth) return false;
      --to_go;
      return true;
    });
  }
  shard.sweep_at = std::min(subjects_max, std::max(kSweepMin, 2 * shard.windows.size()));
}

}  // namespace tintype
