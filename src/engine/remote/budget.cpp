#include "engine/remote/budget.h"

#include "base/log.h"
#include "ports/provider.h"

namespace tintype::engine {

namespace {

constexpr std::int64_t kDayMs = 24LL * 3'600 * 1'000;

}  // namespace

Result<Budget::Taken> Budget::take(OperationKind operation) {
  const auto price = rules_.price_micros.find(operation);
  if (price == rules_.price_micros.end() || price->second == 0) return Taken{};
  const Taken wanted{clock_.now_ms() / kDayMs, price->second};
  bool is_taken = false;
  const auto done = database_.write([&](Transaction& transaction) -> Result<void> {
    const auto taken = transaction.spending().take(
        wanted.day, wanted.micros, rules_.daily_micros_max.value_or(std::numeric_limits<std::int64_t>::max()));
    if (!taken) return std::unexpected(taken.error());
    is_taken = *taken;
    return {};
  });
  if (!done) return std::unexpected(done.error());
  if (is_taken) return wanted;
  return fail(ErrorCode::kOverloaded, "What may be spent on this kind of picture today has been spent",
              "Please try again tomorrow", std::string(kSpendingReached));
}

void Budget::give_back(const Taken& taken) {
  if (taken.micros == 0) return;
  const auto done = database_.write(
      [&](Transaction& transaction) { return transaction.spending().give_back(taken.day, taken.micros); });
  // Then the day ends a little earlier than it might.
  if (!done) log(LogLevel::kWarning, "spending_not_given_back", {{"cause", done.error().cause}});
}

}  // namespace tintype::engine
