// What is counted of exchanges, and everything that is counted as Prometheus' text.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "api/ops/families.h"
#include "http/server.h"
#include "ports/database.h"

namespace tintype::api {

class Metrics {
 public:
  // The families are looked up once per route and status; after that an exchange costs two additions.
  void add(const http::Exchange& exchange);

  // What the registry holds, with the families behind it. Nothing of the database's where it could not be asked.
  std::string text(const std::optional<AuditRepository::Counts>& counts, const Families& families);

 private:
  struct Key {
    std::string route;
    http::Method method;
    int status;
    auto operator<=>(const Key&) const = default;
  };
  struct Series {
    prometheus::Counter* count = nullptr;
    prometheus::Histogram* seconds = nullptr;
  };

  Series make_series(const Key& key);
  void set_jobs(const char* state, std::int64_t count);

  std::mutex mutex_;
  std::map<Key, Series> series_;
  prometheus::Registry registry_;
  prometheus::Family<prometheus::Counter>& requests_ =
      prometheus::BuildCounter().Name("tintype_http_requests_total").Help("HTTP requests answered").Register(registry_);
  prometheus::Family<prometheus::Histogram>& durations_ = prometheus::BuildHistogram()
                                                              .Name("tintype_http_request_seconds")
                                                              .Help("From a request's header to its answer")
                                                              .Register(registry_);
  prometheus::Family<prometheus::Gauge>& jobs_ =
      prometheus::BuildGauge().Name("tintype_jobs").Help("Jobs by state").Register(registry_);
  prometheus::Gauge& resident_ = prometheus::BuildGauge()
                                     .Name("process_resident_memory_bytes")
                                     .Help("Resident memory size in bytes")
                                     .Register(registry_)
                                     .Add({});
  prometheus::Gauge& users_ = prometheus::BuildGauge().Name("tintype_users").Help("Users").Register(registry_).Add({});
  prometheus::Gauge& images_ =
      prometheus::BuildGauge().Name("tintype_images").Help("Images").Register(registry_).Add({});
};

}  // namespace tintype::api
