#include "app/janitor.h"

#include <algorithm>
#include <numeric>

#include "app/batches.h"
#include "app/called_jobs.h"
#include "app/once.h"
#include "app/purge.h"
#include "app/variants.h"

namespace tintype::app {

Janitor::Janitor(Database& database, ObjectStore& objects, Uploads& uploads, Library& library, Batches& batches,
                 Administration& administration, const Clock& clock, JanitorRules rules)
    : database_(database),
      objects_(objects),
      uploads_(uploads),
      library_(library),
      batches_(batches),
      administration_(administration),
      clock_(clock),
      rules_(rules) {}

Result<Janitor::Pass> Janitor::run() {
  std::lock_guard lock(running_);
  Pass pass;
  std::vector<std::string> keys;
  const UnixMs now_ms = clock_.now_ms();
  auto written = database_.write([&](Transaction& transaction) -> Result<void> {
    pass = {};
    const auto expired =
        expire_variants(transaction, now_ms - rules_.unused_rendition_ms, now_ms, rules_.pass_rows_max);
    if (!expired) return std::unexpected(expired.error());
    auto found = transaction.objects().to_purge(now_ms - rules_.unfinished_object_ms, now_ms, rules_.pass_rows_max);
    if (!found) return std::unexpected(found.error());
    keys = std::move(*found);
    const auto sessions = transaction.accounts().delete_expired_sessions(now_ms, rules_.pass_rows_max);
    if (!sessions) return std::unexpected(sessions.error());
    const auto replies = transaction.idempotency().remove_older(now_ms - kIdempotencyKeptMs, rules_.pass_rows_max);
    if (!replies) return std::unexpected(replies.error());
    const auto shares = transaction.shares().remove_ended(now_ms - rules_.ended_share_ms, rules_.pass_rows_max);
    if (!shares) return std::unexpected(shares.error());
    const auto deliveries =
        transaction.webhooks().remove_ended_deliveries(now_ms - rules_.ended_delivery_ms, rules_.pass_rows_max);
    if (!deliveries) return std::unexpected(deliveries.error());
    const auto keys_ended = transaction.api_keys().remove_ended(now_ms - rules_.ended_key_ms, rules_.pass_rows_max);
    if (!keys_ended) return std::unexpected(keys_ended.error());
    const auto jobs = remove_ended_jobs(transaction, now_ms - rules_.ended_job_ms, now_ms, rules_.pass_rows_max);
    if (!jobs) return std::unexpected(jobs.error());
    const auto batches = remove_batches(transaction, now_ms - rules_.ended_job_ms, now_ms);
    if (!batches) return std::unexpected(batches.error());
    const int removed[] = {*expired, *sessions, *replies, *shares, *deliveries, *keys_ended, *jobs, *batches};
    pass.rows_removed = std::accumulate(std::begin(removed), std::end(removed), 0);
    pass.more = std::ranges::find(removed, rules_.pass_rows_max) != std::end(removed) ||
                *batches == kBatchesForgotten || static_cast<int>(keys.size()) == rules_.pass_rows_max;
    return {};
  });
  if (!written) return std::unexpected(written.error());

  const auto removed = purge(database_, objects_, keys);
  if (!removed) return std::unexpected(removed.error());
  pass.objects_removed = *removed;

  const auto purged = library_.purge(rules_.pass_rows_max);
  if (!purged) return std::unexpected(purged.error());
  const auto ended = batches_.sweep(rules_.pass_rows_max);
  if (!ended) return std::unexpected(ended.error());
  pass.more = pass.more || *ended == rules_.pass_rows_max;
  const auto swept = uploads_.sweep(rules_.pass_rows_max);
  if (!swept) return std::unexpected(swept.error());
  if (const auto ended = administration_.sweep(); !ended) return std::unexpected(ended.error());
  pass.rows_removed += *purged + *swept;
  pass.more = pass.more || *purged == rules_.pass_rows_max || *swept >= rules_.pass_rows_max;
  return pass;
}

}  // namespace tintype::app
