#include "app/doctor.h"

#include <map>

namespace tintype::app {

namespace {

constexpr int kPageRows = 1'000;

void add(Report& report, const char* area, std::vector<std::string> sentences) {
  for (std::string& sentence : sentences) report.findings.push_back({area, std::move(sentence)});
}

Result<std::map<std::string, ObjectRecord>> journal_of(Database& database) {
  std::map<std::string, ObjectRecord> journal;
  auto read = database.read([&](Transaction& transaction) -> Result<void> {
    journal.clear();
    for (std::string after;;) {
      auto page = transaction.objects().list(after, kPageRows);
      if (!page) return std::unexpected(page.error());
      if (page->empty()) return {};
      after = page->back().key;
      for (ObjectRecord& record : *page) journal.emplace(record.key, std::move(record));
    }
  });
  if (!read) return std::unexpected(read.error());
  return journal;
}

}  // namespace

Result<Report> examine(Database& database, ObjectStore& objects) {
  Report report;
  auto read = database.read([&](Transaction& transaction) -> Result<void> {
    auto wallets = transaction.audit().wallet_faults();
    if (!wallets) return std::unexpected(wallets.error());
    auto jobs = transaction.audit().job_faults();
    if (!jobs) return std::unexpected(jobs.error());
    auto usage = transaction.audit().usage_faults();
    if (!usage) return std::unexpected(usage.error());
    auto named = transaction.audit().object_faults();
    if (!named) return std::unexpected(named.error());
    auto counts = transaction.audit().counts();
    if (!counts) return std::unexpected(counts.error());
    report = {};
    add(report, "wallets", std::move(*wallets));
    add(report, "jobs", std::move(*jobs));
    add(report, "usage", std::move(*usage));
    add(report, "objects", std::move(*named));
    report.counts = *counts;
    return {};
  });
  if (!read) return std::unexpected(read.error());

  // The store is listed before the journal is read: what was written meanwhile is in the journal, and what was
  // deleted meanwhile is looked up once more before it is called missing.
  std::map<std::string, std::int64_t> stored;
  auto listed = objects.list("", [&](std::string_view key, std::int64_t size_bytes) {
    stored.emplace(key, size_bytes);
    return true;
  });
  if (!listed) return std::unexpected(listed.error());
  const auto journal = journal_of(database);
  if (!journal) return std::unexpected(journal.error());
  for (const auto& [key, record] : *journal) {
    if (record.state != ObjectState::kLive) continue;
    const auto info = objects.stat(key);
    if (!info) return std::unexpected(info.error());
    if (!*info) {
      report.findings.push_back({"objects", key + ": the object is missing from the store"});
    } else if ((*info)->size_bytes != record.size_bytes) {
      report.findings.push_back({"objects", key + ": the object has another size than its row"});
    }
  }
  for (const auto& [key, size_bytes] : stored) {
    if (journal->contains(key)) continue;
    const auto info = objects.stat(key);
    if (info && *info) report.findings.push_back({"objects", key + ": the store has an object that nobody knows"});
  }
  return report;
}

}  // namespace tintype::app
