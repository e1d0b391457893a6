// What the rooms count, as Prometheus' metric families. Nothing outside of this room knows Prometheus.
#pragma once

#include <prometheus/metric_family.h>

#include <map>
#include <string>
#include <vector>

#include "app/queue.h"
#include "app/webhook_counts.h"
#include "app/work_figures.h"
#include "ports/database.h"
#include "ports/image_engine.h"

namespace tintype::api {

using Families = std::vector<prometheus::MetricFamily>;
using Labels = std::vector<std::pair<const char*, std::string>>;

// One family, filled value by value.
class FamilyBuilder {
 public:
  FamilyBuilder(prometheus::MetricType type, const char* name, const char* help);
  FamilyBuilder& add(const Labels& labels, double value);
  FamilyBuilder& add(const Labels& labels, const app::Durations& durations);
  void end(Families& families) { families.push_back(std::move(family_)); }

 private:
  prometheus::MetricFamily family_;
};

void add_queue_families(Families& families, const app::QueueState& state);
void add_work_families(Families& families, const app::WorkFigures::Snapshot& figures);
void add_engine_families(Families& families, const EngineFigures& figures);
// `sums` is what the ledger sums to by kind, `reserved` what open reservations hold.
void add_ledger_families(Families& families, const std::map<LedgerKind, Tokens>& sums, Tokens reserved);
void add_webhook_families(Families& families, const app::WebhookCounts& counts);
void add_refusal_families(Families& families, const std::map<std::string, std::int64_t, std::less<>>& refusals);

}  // namespace tintype::api
