#include "app/call_limits.h"

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
  const auto highest = highest_plan(transaction, principal);
  if (!highest) return std::unexpected(highest.error());
  const auto unfinished =
      transaction.job_calls().count_unfinished(principal.user_id, Surface::kUpscale, principal.api_key_id);
  if (!unfinished) return std::unexpected(unfinished.error());
  const int own_max = bounds_of(plan_of(principal)).concurrent_jobs;
  const int together_max = bounds_of(*highest).concurrent_jobs;
  const std::int64_t together = is_test(principal) ? unfinished->of_user_tests : unfinished->of_user;
  if (unfinished->of_key >= own_max) return refused_concurrent(own_max, clock_.now_ms());
  if (together >= together_max) return refused_concurrent(together_max, clock_.now_ms());
  return {};
}

Result<std::optional<RateDecision>> CallLimits::look(const Principal& principal) {
  if (!rules_.enabled) return std::nullopt;
  const auto bounds = rate_bounds(principal);
  if (!bounds) return std::unexpected(bounds.error());
  return tightest(limiter_.look(*bounds, clock_.now_ms()));
}

}  // namespace tintype::app
