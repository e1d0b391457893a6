#include "adapters/sql/repositories.h"

namespace tintype::sql {

namespace {

// Each check answers the ids that break its rule; `sentence` says which rule that is.
struct Check {
  const char* sentence;
  const char* statement;
};

Result<std::vector<std::string>> run_checks(Connection& connection, std::initializer_list<Check> checks) {
  std::vector<std::string> faults;
  for (const Check& check : checks) {
    const auto ran = connection.query(check.statement, "t", {},
                                      [&](const Row& row) { faults.push_back(row.text(0) + ": " + check.sentence); });
    if (!ran) return std::unexpected(ran.error());
  }
  return faults;
}

}  // namespace

Result<std::vector<std::string>> SqlAudit::wallet_faults() {
  return run_checks(
      connection_,
      {{"the balance is not the sum of the ledger",
        "SELECT w.user_id FROM wallets w WHERE w.balance <> "
        "COALESCE((SELECT SUM(l.amount) FROM ledger_entries l WHERE l.user_id = w.user_id), 0) LIMIT 100"},
       {"reserved is not the sum of the open reservations",
        "SELECT w.user_id FROM wallets w WHERE w.reserved <> COALESCE((SELECT SUM(r.tokens) FROM reservations r "
        "WHERE r.user_id = w.user_id AND r.state = 'open'), 0) LIMIT 100"},
       {"the wallet holds less than nothing",
        "SELECT w.user_id FROM wallets w WHERE w.reserved < 0 OR w.balance < w.reserved LIMIT 100"},
       {"the user has no wallet",
        "SELECT u.id FROM users u WHERE NOT EXISTS (SELECT 1 FROM wallets w WHERE w.user_id = u.id) LIMIT 100"},
       {"the ledger's last balance is not the wallet's",
        "SELECT w.user_id FROM wallets w WHERE w.balance <> COALESCE((SELECT l.balance_after FROM ledger_entries l "
        "WHERE l.user_id = w.user_id ORDER BY l.sequence DESC LIMIT 1), 0) LIMIT 100"}});
}

Result<std::vector<std::string>> SqlAudit::job_faults() {
  return run_checks(
      connection_,
      {{"the job has ended but its reservation is open",
        "SELECT j.id FROM jobs j JOIN reservations r ON r.job_id = j.id WHERE r.state = 'open' "
        "AND j.state IN ('succeeded', 'failed', 'cancelled') LIMIT 100"},
       {"the job has not ended but its tokens are not held",
        "SELECT j.id FROM jobs j WHERE j.price > 0 AND j.state IN ('queued', 'running') AND NOT EXISTS "
        "(SELECT 1 FROM reservations r WHERE r.job_id = j.id AND r.state = 'open' AND r.tokens = j.price) LIMIT 100"},
       {"the job succeeded but was not paid for",
        "SELECT j.id FROM jobs j WHERE j.price > 0 AND j.state = 'succeeded' AND NOT EXISTS "
        "(SELECT 1 FROM reservations r WHERE r.job_id = j.id AND r.state = 'captured') LIMIT 100"},
       {"the job did not succeed but was paid for",
        "SELECT j.id FROM jobs j JOIN reservations r ON r.job_id = j.id "
        "WHERE j.state <> 'succeeded' AND r.state = 'captured' LIMIT 100"},
       {"the job was captured without an entry in the ledger",
        "SELECT r.job_id FROM reservations r WHERE r.state = 'captured' AND NOT EXISTS "
        "(SELECT 1 FROM ledger_entries l WHERE l.job_id = r.job_id AND l.kind = 'capture' AND l.amount = -r.tokens) "
        "LIMIT 100"},
       {"the job succeeded without a result",
        "SELECT j.id FROM jobs j WHERE j.state = 'succeeded' AND j.operation NOT IN ('probe', 'variants') "
        "AND j.result_key IS NULL "
        "LIMIT 100"},
       {"the job waits for one that has ended or is gone",
        "SELECT j.id FROM jobs j WHERE j.state = 'queued' AND j.waits_for IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM jobs b WHERE b.id = j.waits_for AND b.state IN ('queued', 'running')) AND NOT EXISTS "
        "(SELECT 1 FROM batches p WHERE p.id = j.waits_for AND (p.paused_at_ms IS NOT NULL OR p.state = 'cancelled')) "
        "LIMIT 100"},
       {"the job runs without a lease",
        "SELECT j.id FROM jobs j WHERE j.state = 'running' AND j.lease_expires_at_ms IS NULL LIMIT 100"}});
}

Result<std::vector<std::string>> SqlAudit::usage_faults() {
  return run_checks(
      connection_, {{"the storage usage is not the sum of originals, batches' pictures and results",
                     "SELECT g.user_id FROM storage_usage g WHERE g.bytes <> "
                     "COALESCE((SELECT SUM(i.size_bytes) FROM images i WHERE i.user_id = g.user_id), 0) + "
                     "COALESCE((SELECT SUM(i.size_bytes) FROM batch_images i JOIN batches b ON b.id = i.batch_id "
                     "WHERE b.user_id = g.user_id), 0) + "
                     "COALESCE((SELECT SUM(j.result_size_bytes) FROM jobs j WHERE j.user_id = g.user_id "
                     "AND j.state = 'succeeded'), 0) "
                     "OR g.images <> (SELECT COUNT(*) FROM images i WHERE i.user_id = g.user_id) LIMIT 100"},
                    {"the user has no storage usage",
                     "SELECT u.id FROM users u WHERE NOT EXISTS (SELECT 1 FROM storage_usage g WHERE g.user_id = u.id) "
                     "LIMIT 100"}});
}

Result<std::vector<std::string>> SqlAudit::object_faults() {
  return run_checks(
      connection_,
      {{"the image's original is not a live object",
        "SELECT i.id FROM images i WHERE i.state <> 'upload_pending' AND NOT EXISTS (SELECT 1 FROM objects o WHERE "
        "o.key = i.object_key "
        "AND o.state = 'live' AND o.size_bytes = i.size_bytes) LIMIT 100"},
       {"the job's result is not a live object",
        "SELECT j.id FROM jobs j WHERE j.state = 'succeeded' AND j.result_key IS NOT NULL AND j.result_key <> '' "
        "AND NOT EXISTS (SELECT 1 FROM objects o WHERE o.key = j.result_key AND o.state = 'live' "
        "AND o.size_bytes = j.result_size_bytes) LIMIT 100"},
       {"the batch's picture is not a live object",
        "SELECT i.batch_id FROM batch_images i WHERE NOT EXISTS (SELECT 1 FROM objects o WHERE o.key = i.object_key "
        "AND o.state = 'live' AND o.size_bytes = i.size_bytes) LIMIT 100"},
       {"a ready variant of the image is not a live object",
        "SELECT v.image_id FROM variants v WHERE v.state = 'ready' AND NOT EXISTS (SELECT 1 FROM objects o WHERE "
        "o.key = v.object_key AND o.state = 'live' AND o.size_bytes = v.size_bytes) LIMIT 100"},
       {"a variant of the image is being made by no job",
        "SELECT v.image_id FROM variants v WHERE v.state = 'processing' AND NOT EXISTS (SELECT 1 FROM jobs j WHERE "
        "j.image_id = v.image_id AND j.operation = 'variants' AND j.state IN ('queued', 'running')) LIMIT 100"},
       {"nothing names this live object",
        "SELECT o.key FROM objects o WHERE o.state = 'live' "
        "AND NOT EXISTS (SELECT 1 FROM images i WHERE i.object_key = o.key) "
        "AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.result_key = o.key) "
        "AND NOT EXISTS (SELECT 1 FROM job_calls c WHERE c.input_key = o.key OR c.mask_key = o.key "
        "OR c.reference_key = o.key) "
        "AND NOT EXISTS (SELECT 1 FROM batch_images b WHERE b.object_key = o.key) "
        "AND NOT EXISTS (SELECT 1 FROM variants v WHERE v.object_key = o.key) LIMIT 100"}});
}

Result<AuditRepository::Counts> SqlAudit::counts() {
  Counts counts;
  std::int64_t* const places[] = {&counts.users,          &counts.images,         &counts.jobs_queued,
                                  &counts.jobs_running,   &counts.jobs_succeeded, &counts.jobs_failed,
                                  &counts.jobs_cancelled, &counts.objects_live,   &counts.objects_deleting};
  const auto ran = connection_.query(
      "SELECT (SELECT COUNT(*) FROM users), (SELECT COUNT(*) FROM images), "
      "(SELECT COUNT(*) FROM jobs WHERE state = 'queued'), (SELECT COUNT(*) FROM jobs WHERE state = 'running'), "
      "(SELECT COUNT(*) FROM jobs WHERE state = 'succeeded'), (SELECT COUNT(*) FROM jobs WHERE state = 'failed'), "
      "(SELECT COUNT(*) FROM jobs WHERE state = 'cancelled'), (SELECT COUNT(*) FROM objects WHERE state = 'live'), "
      "(SELECT COUNT(*) FROM objects WHERE state = 'deleting')",
      "iiiiiiiii", {}, [&](const Row& row) {
        for (std::size_t at = 0; at < std::size(places); ++at) *places[at] = row.integer(at);
      });
  if (!ran) return std::unexpected(ran.error());
  return counts;
}

Result<AuditRepository::LedgerSums> SqlAudit::ledger_sums(std::int64_t after_sequence, UnixMs settled_before_ms) {
  // On PostgreSQL an entry may be seen before one with a smaller sequence is committed: up to the first young one all
  // are there.
  LedgerSums sums;
  std::int64_t first_young = 0;
  auto ran = connection_.query(
      "SELECT COALESCE(MIN(CASE WHEN created_at_ms >= ? THEN sequence END), COALESCE(MAX(sequence), ?) + 1) "
      "FROM ledger_entries WHERE sequence > ?",
      "i", {settled_before_ms, after_sequence, after_sequence}, [&](const Row& row) { first_young = row.integer(0); });
  if (!ran) return std::unexpected(ran.error());
  sums.settled_sequence = first_young - 1;
  ran = connection_.query(
      "SELECT kind, CAST(CASE WHEN sequence < ? THEN 1 ELSE 0 END AS BIGINT), CAST(SUM(amount) AS BIGINT) "
      "FROM ledger_entries WHERE sequence > ? GROUP BY 1, 2",
      "tii", {first_young, after_sequence}, [&](const Row& row) {
        auto& part = row.integer(1) != 0 ? sums.settled : sums.unsettled;
        part[parse_ledger_kind(row.text(0)).value_or(LedgerKind::kInitial)] += row.integer(2);
      });
  if (!ran) return std::unexpected(ran.error());
  ran = connection_.query("SELECT CAST(COALESCE(SUM(tokens), 0) AS BIGINT) FROM reservations WHERE state = 'open'", "i",
                          {}, [&](const Row& row) { sums.reserved = row.integer(0); });
  if (!ran) return std::unexpected(ran.error());
  return sums;
}

}  // namespace tintype::sql
