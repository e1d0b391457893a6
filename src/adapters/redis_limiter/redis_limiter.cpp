#include "adapters/redis_limiter/redis_limiter.h"

#include <utility>

#include "base/log.h"

namespace tintype {

namespace {

constexpr std::size_t kIdleMax = 64;

// Answers for each key when its window ends and how many it had let through. ARGV: what to do, the time, then for each
// key its limit and the length of its window. A window that ends later than one that opened now belongs to a clock that
// has been set back. Lua would print a time in milliseconds as 1.7e+12.
constexpr const char* kDecide = R"lua(
local now, answer, refused = tonumber(ARGV[2]), {}, false
for i, key in ipairs(KEYS) do
  local limit, window = tonumber(ARGV[2 * i + 1]), tonumber(ARGV[2 * i + 2])
  local kept = redis.call('HMGET', key, 'ends', 'taken')
  local ends, taken = tonumber(kept[1]), tonumber(kept[2])
  if not ends or ends <= now or ends > now + window then ends, taken = now + window, 0 end
  answer[2 * i - 1], answer[2 * i] = ends, taken
  refused = refused or taken >= limit
end
if ARGV[1] == 'take' and not refused then
  for i, key in ipairs(KEYS) do
    local ends = answer[2 * i - 1]
    redis.call('HSET', key, 'ends', string.format('%.0f', ends), 'taken', answer[2 * i] + 1)
    redis.call('PEXPIRE', key, string.format('%.0f', ends - now))
  end
end
return answer
)lua";

// ARGV: for each key when the window ends from which one was taken.
constexpr const char* kGiveBack = R"lua(
for i, key in ipairs(KEYS) do
  local kept = redis.call('HMGET', key, 'ends', 'taken')
  if kept[1] == ARGV[i] and tonumber(kept[2]) > 0 then redis.call('HINCRBY', key, 'taken', -1) end
end
return {}
)lua";

}  // namespace

RedisLimiter::RedisLimiter(RedisOptions options, std::unique_ptr<RateLimiter> meanwhile)
    : options_(std::move(options)),
      meanwhile_(std::move(meanwhile)),
      decide_script_(kDecide),
      give_back_script_(kGiveBack) {}

RateDecisions RedisLimiter::take_all(std::span<const RateBound> bounds, UnixMs now_ms) {
  auto decisions = decide_all("take", bounds, now_ms);
  if (!decisions) return meanwhile_->take_all(bounds, now_ms);
  if (!decisions->refused()) {
    for (RateDecision& decision : decisions->bounds) --decision.remaining;
  }
  return std::move(*decisions);
}

RateDecisions RedisLimiter::look(std::span<const RateBound> bounds, UnixMs now_ms) {
  auto decisions = decide_all("look", bounds, now_ms);
  return decisions ? std::move(*decisions) : meanwhile_->look(bounds, now_ms);
}

void RedisLimiter::give_back(std::span<const RateBound> bounds, const RateDecisions& taken) {
  std::vector<std::string> ends;
  for (const RateDecision& decision : taken.bounds) ends.push_back(std::to_string(decision.resets_at_ms));
  static_cast<void>(ask(give_back_script_, bounds, ends));
  // Whichever of the two it was taken from: the other has no window that ends at that time.
  meanwhile_->give_back(bounds, taken);
}

std::optional<RateDecisions> RedisLimiter::decide_all(const char* operation, std::span<const RateBound> bounds,
                                                      UnixMs now_ms) {
  std::vector<std::string> arguments = {operation, std::to_string(now_ms)};
  for (const RateBound& bound : bounds) {
    arguments.push_back(std::to_string(bound.limit.requests));
    arguments.push_back(std::to_string(bound.limit.window_ms));
  }
  const auto numbers = ask(decide_script_, bounds, arguments);
  if (!numbers || numbers->size() != 2 * bounds.size()) return std::nullopt;
  RateDecisions decisions;
  for (std::size_t at = 0; at < bounds.size(); ++at) {
    decisions.bounds.push_back(
        decide(bounds[at].limit, static_cast<int>((*numbers)[2 * at + 1]), (*numbers)[2 * at], now_ms));
  }
  return decisions;
}

std::optional<RedisLimiter::Numbers> RedisLimiter::ask(const RedisScript& script, std::span<const RateBound> bounds,
                                                       const std::vector<std::string>& arguments) {
  if (!may_try()) return std::nullopt;
  std::vector<std::string> keys;
  for (const RateBound& bound : bounds) keys.push_back("ratelimit:" + bound.bucket + ":" + bound.subject);
  auto numbers = run(script, keys, arguments);
  if (numbers) {
    note_back();
    return std::move(*numbers);
  }
  note_away(numbers.error());
  return std::nullopt;
}

Result<RedisLimiter::Numbers> RedisLimiter::run(const RedisScript& script, const std::vector<std::string>& keys,
                                                const std::vector<std::string>& arguments) {
  if (auto idle = idle_connection()) {
    auto numbers = idle->run(script, keys, arguments);
    if (numbers) keep(std::move(idle));
    if (numbers || numbers.error().code == ErrorCode::kDeadlineExceeded) return numbers;
    // It has been cut off while it was idle, and so have the others: that says nothing of Redis yet.
    forget_idle();
  }
  auto connection = RedisConnection::open(options_);
  if (!connection) return std::unexpected(connection.error());
  auto numbers = (*connection)->run(script, keys, arguments);
  if (numbers) keep(std::move(*connection));
  return numbers;
}

std::unique_ptr<RedisConnection> RedisLimiter::idle_connection() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  auto connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

void RedisLimiter::forget_idle() {
  const std::lock_guard lock(mutex_);
  idle_.clear();
}

void RedisLimiter::keep(std::unique_ptr<RedisConnection> connection) {
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
}

// While Redis is away, one caller after each pause finds out whether it still is; the others do not wait for that.
bool RedisLimiter::may_try() {
  const std::lock_guard lock(mutex_);
  if (!away_) return true;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_try_) return false;
  next_try_ = now + options_.retry_pause;
  return true;
}

void RedisLimiter::note_away(const Error& error) {
  {
    const std::lock_guard lock(mutex_);
    idle_.clear();
    next_try_ = std::chrono::steady_clock::now() + options_.retry_pause;
    if (std::exchange(away_, true)) return;
  }
  log(LogLevel::kError, "limits_redis_away", {{"host", options_.host}, {"cause", error.cause}});
}

void RedisLimiter::note_back() {
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(away_, false)) return;
  }
  log(LogLevel::kInfo, "limits_redis_back", {{"host", options_.host}});
}

}  // namespace tintype
