#include "app/call_limits.h"

#include <algorithm>

#include "app/read.h"

namespace tintype::app {

namespace {

constexpr std::int64_t kHourMs = 60LL * 60 * 1'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
// Nobody knows when the first of a user's jobs will end: about as long as a short one takes.
constexpr std::int64_t kConcurrentRetrySeconds = 5;

bool is_key(const Principal& principal) {
  return principal.credential == CredentialKind::kApiKey;
}

bool is_test(const Principal& principal) {
  return is_key(principal) && principal.key_environment == KeyEnvironment::kTest;
}

// The plan by which this one credential is bounded.
const std::string& plan_of(const Principal& principal) {
  return is_key(principal) ? principal.key_plan : principal.plan;
}

// Which of two bounds is felt first: the one of which the smaller share is left.
bool is_tighter(const RateDecision& a, const RateDecision& b) {
  return std::int64_t{a.remaining} * b.limit < std::int64_t{b.remaining} * a.limit;
}

std::optional<RateDecision> tightest(const RateDecisions& decisions) {
  std::optional<RateDecision> found;
  for (const RateDecision& decision : decisions.bounds) {
    if (!found || is_tighter(decision, *found)) found = decision;
  }
  return found;
}

std::unexpected<Error> refused(const std::string& name, const std::string& what, const RateDecision& decision) {
  auto error = fail(ErrorCode::kRateLimited, what,
                    "Please wait " + std::to_string(decision.retry_after_seconds) + " seconds, or take a larger plan");
  error.error().retry_after_seconds = decision.retry_after_seconds;
  error.error().refused_bound = RefusedBound{name, decision.limit, decision.resets_at_ms};
  return error;
}

std::unexpected<Error> refused_rate(const RateBound& bound, const RateDecision& decision) {
  const bool is_hour = bound.limit.window_ms == kHourMs;
  return refused(is_hour ? "hour" : "day",
                 "More than " + std::to_string(decision.limit) + " jobs in " + (is_hour ? "an hour" : "a day") +
                     " are not let through",
                 decision);
}

std::unexpected<Error> refused_concurrent(int limit, UnixMs now_ms) {
  return refused("concurrent", "No more than " + std::to_string(limit) + " jobs may wait and run at a time",
                 {false, limit, 0, now_ms + kConcurrentRetrySeconds * 1'000, kConcurrentRetrySeconds});
}

}  // namespace

CallTicket::CallTicket(RateLimiter& limiter, std::vector<RateBound> bounds, RateDecisions taken)
    : limiter_(&limiter), bounds_(std::move(bounds)), taken_(std::move(taken)) {}

CallTicket::CallTicket(CallTicket&& other) noexcept
    : limiter_(std::exchange(other.limiter_, nullptr)),
      bounds_(std::move(other.bounds_)),
      taken_(std::move(other.taken_)) {}

CallTicket::~CallTicket() {
  if (limiter_ != nullptr) limiter_->give_back(bounds_, taken_);
}

std::optional<RateDecision> CallTicket::decision() const {
  return tightest(taken_);
}

CallLimits::CallLimits(Database& database, RateLimiter& limiter, const Clock& clock, CallRules rules)
    : database_(database), limiter_(limiter), clock_(clock), rules_(std::move(rules)) {}

CallBounds CallLimits::bounds_of(std::string_view plan) const {
  auto found = rules_.by_plan.find(plan);
  if (found == rules_.by_plan.end()) found = rules_.by_plan.find("free");
  return found == rules_.by_plan.end() ? CallBounds{} : found->second;
}

// Of the user's own plan and those of his keys that hold; keys of the other environment are counted apart.
Result<std::string> CallLimits::highest_plan(Transaction& transaction, const Principal& principal) {
  const auto keys = transaction.api_keys().list(principal.user_id, clock_.now_ms());
  if (!keys) return std::unexpected(keys.error());
  const KeyEnvironment environment = is_test(principal) ? KeyEnvironment::kTest : KeyEnvironment::kLive;
  std::string highest = principal.plan;
  for (const ApiKey& key : *keys) {
    if (key.environment == environment && plan_rank(key.plan) > plan_rank(highest)) highest = key.plan;
  }
  return highest;
}

Result<std::vector<RateBound>> CallLimits::rate_bounds(const Principal& principal) {
  const auto highest = read(database_, [&](Transaction& transaction) { return highest_plan(transaction, principal); });
  if (!highest) return std::unexpected(highest.error());
  const CallBounds own = bounds_of(plan_of(principal)), together = bounds_of(*highest);
  const std::string own_name = is_key(principal) ? "key" : "session";
  const std::string together_name = is_test(principal) ? "test" : "user";
  const std::string& own_subject = is_key(principal) ? principal.api_key_id : principal.user_id;
  return std::vector<RateBound>{
      {own_name + ":hour", own_subject, {own.requests_per_hour, kHourMs}},
      {own_name + ":day", own_subject, {own.requests_per_day, kDayMs}},
      {together_name + ":hour", principal.user_id, {together.requests_per_hour, kHourMs}},
      {together_name + ":day", principal.user_id, {together.requests_per_day, kDayMs}},
  };
}

Result<CallTicket> CallLimits::admit(const Principal& principal) {
  if (!rules_.enabled) return CallTicket();
  auto bounds = rate_bounds(principal);
  if (!bounds) return std::unexpected(bounds.error());
  RateDecisions decisions = limiter_.take_all(*bounds, clock_.now_ms());
  if (const auto at = decisions.refused()) return refused_rate((*bounds)[*at], decisions.bounds[*at]);
  return CallTicket(limiter_, std::move(*bounds), std::move(decisions));
}

Result<void> CallLimits::check_concurrent(Transaction& transaction, const Principal& principal) {
  if (!rules_.enabled) return {};
  // Written as well as locked: on PostgreSQL, of two units that waited for it, the later one counts again.
  const auto wallet = transaction.wallets().lock(principal.user_id);
  if (!wallet) return std::unexpected(wallet.error());
  if (auto written = transaction.wallets().update(*wallet); !written) return written;
  const auto now = unfinished(transaction, principal);
  if (!now) return std::unexpected(now.error());
  if (now->own >= now->own_max) return refused_concurrent(now->own_max, clock_.now_ms());
  if (now->together >= now->together_max) return refused_concurrent(now->together_max, clock_.now_ms());
  return {};
}

Result<CallLimits::Unfinished> CallLimits::unfinished(Transaction& transaction, const Principal& principal) {
  const auto highest = highest_plan(transaction, principal);
  if (!highest) return std::unexpected(highest.error());
  const auto counted =
      transaction.job_calls().count_unfinished(principal.user_id, Surface::kUpscale, principal.api_key_id);
  if (!counted) return std::unexpected(counted.error());
  return Unfinished{counted->of_key, is_test(principal) ? counted->of_user_tests : counted->of_user,
                    bounds_of(plan_of(principal)).concurrent_jobs, bounds_of(*highest).concurrent_jobs};
}

Result<std::optional<RateDecision>> CallLimits::look(const Principal& principal) {
  if (!rules_.enabled) return std::nullopt;
  const auto bounds = rate_bounds(principal);
  if (!bounds) return std::unexpected(bounds.error());
  return tightest(limiter_.look(*bounds, clock_.now_ms()));
}

Result<std::vector<CallStanding>> CallLimits::look_at_all(const Principal& principal) {
  std::vector<CallStanding> all;
  if (!rules_.enabled) return all;
  const auto bounds = rate_bounds(principal);
  if (!bounds) return std::unexpected(bounds.error());
  const RateDecisions decisions = limiter_.look(*bounds, clock_.now_ms());
  for (const std::int64_t window_ms : {kHourMs, kDayMs}) {
    const RateDecision* least = nullptr;
    for (std::size_t at = 0; at < bounds->size(); ++at) {
      const RateDecision& one = decisions.bounds[at];
      const bool is_of_window = (*bounds)[at].limit.window_ms == window_ms;
      if (is_of_window && (least == nullptr || one.remaining < least->remaining)) least = &one;
    }
    all.push_back({window_ms == kHourMs ? "hour" : "day", *least, window_ms});
  }
  const auto now = read(database_, [&](Transaction& transaction) { return unfinished(transaction, principal); });
  if (!now) return std::unexpected(now.error());
  const std::int64_t own_left = now->own_max - now->own, together_left = now->together_max - now->together;
  const bool is_own = own_left < together_left;
  RateDecision at_a_time;
  at_a_time.limit = is_own ? now->own_max : now->together_max;
  at_a_time.remaining = static_cast<int>(std::max<std::int64_t>(std::min(own_left, together_left), 0));
  all.push_back({"concurrent", at_a_time, std::nullopt});
  return all;
}

}  // namespace tintype::app
