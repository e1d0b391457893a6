#include "api/ops/families.h"

#include <limits>
#include <numeric>

#include "domain/queue.h"

namespace tintype::api {

namespace {

using prometheus::MetricType;

constexpr QueueLane kLanes[] = {QueueLane::kOperations, QueueLane::kBackground};

std::vector<prometheus::ClientMetric::Label> labels_of(const Labels& labels) {
  std::vector<prometheus::ClientMetric::Label> made;
  for (const auto& [name, value] : labels) made.push_back({name, value});
  return made;
}

template <class Bands>
double sum(const Bands& bands) {
  return static_cast<double>(std::accumulate(bands.begin(), bands.end(), std::int64_t{0}));
}

Labels labels_of(const QueueDepth& depth) {
  return {{"lane", queue_lane_name(depth.lane)}, {"operation", operation_name(depth.operation)}};
}

}  // namespace

FamilyBuilder::FamilyBuilder(MetricType type, const char* name, const char* help) {
  family_.name = name;
  family_.help = help;
  family_.type = type;
}

FamilyBuilder& FamilyBuilder::add(const Labels& labels, double value) {
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  metric.label = labels_of(labels);
  if (family_.type == MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
  return *this;
}

FamilyBuilder& FamilyBuilder::add(const Labels& labels, const app::Durations& durations) {
  prometheus::ClientMetric& metric = family_.metric.emplace_back();
  metric.label = labels_of(labels);
  std::uint64_t count = 0;
  for (std::size_t at = 0; at < durations.counts.size(); ++at) {
    count += durations.counts[at];
    const bool is_bound = at < app::Durations::kBoundsSeconds.size();
    metric.histogram.bucket.push_back(
        {count, is_bound ? app::Durations::kBoundsSeconds[at] : std::numeric_limits<double>::infinity()});
  }
  metric.histogram.sample_count = count;
  metric.histogram.sample_sum = durations.sum_seconds;
  return *this;
}

void add_queue_families(Families& families, const app::QueueState& state) {
  FamilyBuilder waiting(MetricType::Gauge, "tintype_queue_waiting", "Jobs that wait");
  FamilyBuilder running(MetricType::Gauge, "tintype_queue_running", "Jobs that run, in all processes");
  FamilyBuilder failed(MetricType::Gauge, "tintype_queue_failed", "Jobs that failed within the last day");
  FamilyBuilder oldest(MetricType::Gauge, "tintype_queue_oldest_seconds", "Since the oldest waiting job was submitted");
  for (const QueueDepth& depth : state.depths) {
    const Labels labels = labels_of(depth);
    waiting.add(labels, sum(depth.waiting));
    running.add(labels, sum(depth.running));
    failed.add(labels, static_cast<double>(depth.failed[0] + depth.failed[1]));
    const UnixMs since_ms = depth.oldest_waiting_at_ms.value_or(state.at_ms);
    oldest.add(labels, static_cast<double>(std::max<std::int64_t>(0, state.at_ms - since_ms)) / 1e3);
  }
  FamilyBuilder paused(MetricType::Gauge, "tintype_queue_paused", "1 while no worker takes jobs of the lane");
  for (const QueueLane lane : kLanes) {
    const bool is_paused = std::ranges::find(state.pauses, lane, &QueuePause::lane) != state.pauses.end();
    paused.add({{"lane", queue_lane_name(lane)}}, is_paused ? 1 : 0);
  }
  for (FamilyBuilder* family : {&waiting, &running, &failed, &oldest, &paused}) family->end(families);
}

void add_work_families(Families& families, const app::WorkFigures::Snapshot& figures) {
  FamilyBuilder waits(MetricType::Histogram, "tintype_job_wait_seconds",
                      "From when a job may run until it is started, in this process");
  for (const auto& [operation, durations] : figures.waits) {
    waits.add({{"operation", operation_name(operation)}}, durations);
  }
  FamilyBuilder runs(MetricType::Histogram, "tintype_job_seconds", "From a job's last start to its end state");
  for (const auto& [of, durations] : figures.runs) {
    runs.add({{"operation", operation_name(of.first)}, {"outcome", job_state_name(of.second)}}, durations);
  }
  FamilyBuilder steps(MetricType::Histogram, "tintype_job_step_seconds", "Of a job's attempts, by step");
  for (const auto& [of, durations] : figures.steps) {
    steps.add({{"operation", operation_name(of.first)}, {"step", work_step_name(of.second)}}, durations);
  }
  FamilyBuilder slots(MetricType::Gauge, "tintype_worker_slots", "How many jobs this process runs at once at most");
  FamilyBuilder busy(MetricType::Gauge, "tintype_worker_slots_busy", "How many of them have a job");
  for (const auto& [lane, of_lane] : figures.slots) {
    slots.add({{"lane", queue_lane_name(lane)}}, of_lane.all);
    busy.add({{"lane", queue_lane_name(lane)}}, of_lane.busy);
  }
  for (FamilyBuilder* family : {&waits, &runs, &steps, &slots, &busy}) family->end(families);
}

void add_engine_families(Families& families, const EngineFigures& figures) {
  const auto add = [&](MetricType type, const char* name, const char* help, double value) {
    FamilyBuilder(type, name, help).add({}, value).end(families);
  };
  add(MetricType::Gauge, "tintype_models_loaded", "Networks that are held ready", static_cast<double>(figures.models));
  add(MetricType::Gauge, "tintype_model_bytes", "What they take", static_cast<double>(figures.model_bytes));
  add(MetricType::Counter, "tintype_model_loads_total", "Networks that were loaded",
      static_cast<double>(figures.loads));
  add(MetricType::Counter, "tintype_model_load_seconds_total", "How long that took", figures.load_seconds);
}

void add_ledger_families(Families& families, const std::map<LedgerKind, Tokens>& sums, Tokens reserved) {
  // By kind, without a sign: Prometheus' counters grow.
  FamilyBuilder ledger(MetricType::Counter, "tintype_ledger_tokens_total",
                       "Tokens that came or went, by kind of entry");
  Tokens held = 0;
  for (const LedgerKind kind : kLedgerKinds) {
    const auto found = sums.find(kind);
    const Tokens tokens = found == sums.end() ? 0 : found->second;
    held += tokens;
    ledger.add({{"kind", ledger_kind_name(kind)}}, static_cast<double>(std::abs(tokens)));
  }
  ledger.end(families);
  FamilyBuilder(MetricType::Gauge, "tintype_wallet_tokens", "What all wallets hold together")
      .add({}, static_cast<double>(held))
      .end(families);
  FamilyBuilder(MetricType::Gauge, "tintype_reserved_tokens", "What is held for jobs that have not ended")
      .add({}, static_cast<double>(reserved))
      .end(families);
}

void add_webhook_families(Families& families, const app::WebhookCounts& counts) {
  constexpr std::pair<app::AttemptOutcome, const char*> kOutcomes[] = {{app::AttemptOutcome::kDelivered, "delivered"},
                                                                       {app::AttemptOutcome::kFailed, "failed"},
                                                                       {app::AttemptOutcome::kGivenUp, "given_up"}};
  FamilyBuilder family(MetricType::Counter, "tintype_webhook_attempts_total",
                       "Attempts to send webhooks by this process");
  for (const WebhookEvent event : kWebhookEvents) {
    for (const auto& [outcome, name] : kOutcomes) {
      family.add({{"event", webhook_event_name(event)}, {"outcome", name}},
                 static_cast<double>(counts.get(event, outcome)));
    }
  }
  family.end(families);
}

void add_refusal_families(Families& families, const std::map<std::string, std::int64_t, std::less<>>& refusals) {
  FamilyBuilder family(MetricType::Counter, "tintype_rate_limited_total", "Requests refused by a bucket of the limits");
  for (const auto& [bucket, count] : refusals) family.add({{"bucket", bucket}}, static_cast<double>(count));
  family.end(families);
}

}  // namespace tintype::api
