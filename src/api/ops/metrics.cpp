#include "api/ops/metrics.h"

#include <prometheus/text_serializer.h>

#include <fstream>

namespace tintype::api {

namespace {

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

}  // namespace

void Metrics::add(const http::Exchange& exchange) {
  const Key key{std::string(exchange.route_pattern), exchange.method, exchange.status};
  Series* series = nullptr;
  {
    const std::lock_guard lock(mutex_);
    auto& slot = series_[key];
    if (slot.count == nullptr) slot = make_series(key);
    series = &slot;
  }
  series->count->Increment();
  series->seconds->Observe(static_cast<double>(exchange.duration.count()) / 1e6);
}

std::string Metrics::text(const std::optional<AuditRepository::Counts>& counts, const Families& families) {
  resident_.Set(static_cast<double>(resident_bytes()));
  if (counts) {
    set_jobs("queued", counts->jobs_queued);
    set_jobs("running", counts->jobs_running);
    set_jobs("succeeded", counts->jobs_succeeded);
    set_jobs("failed", counts->jobs_failed);
    set_jobs("cancelled", counts->jobs_cancelled);
    users_.Set(static_cast<double>(counts->users));
    images_.Set(static_cast<double>(counts->images));
  }
  Families all = registry_.Collect();
  all.insert(all.end(), families.begin(), families.end());
  return prometheus::TextSerializer().Serialize(all);
}

Metrics::Series Metrics::make_series(const Key& key) {
  const std::string route = key.route.empty() ? "none" : key.route;
  const std::map<std::string, std::string> of_route = {{"method", http::method_name(key.method)}, {"route", route}};
  auto labels = of_route;
  labels["status"] = std::to_string(key.status);
  const prometheus::Histogram::BucketBoundaries bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                          0.25,   0.5,   1,      2.5,   5,    10,    30};
  return {&requests_.Add(labels), &durations_.Add(of_route, bounds)};
}

void Metrics::set_jobs(const char* state, std::int64_t count) {
  jobs_.Add({{"state", state}}).Set(static_cast<double>(count));
}

}  // namespace tintype::api
