#include "api/ops/routes.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <fstream>
#include <map>
#include <mutex>

#include "api/ops/openapi.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"

namespace tintype::api {

namespace {

constexpr const char* kJson = "application/json";
constexpr UnixMs kCheckKeptMs = 5'000;
constexpr UnixMs kCountsKeptMs = 5'000;

std::int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * 4096;
}

}  // namespace

class Metrics {
 public:
  // The families are looked up once per route and status; after that an exchange costs two additions.
  void add(const http::Exchange& exchange) {
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

  std::string text(const std::optional<AuditRepository::Counts>& counts, const app::WebhookCounts& webhooks) {
    set_webhooks(webhooks);
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
    return prometheus::TextSerializer().Serialize(registry_.Collect());
  }

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

  Series make_series(const Key& key) {
    const std::string route = key.route.empty() ? "none" : key.route;
    const std::map<std::string, std::string> of_route = {{"method", http::method_name(key.method)}, {"route", route}};
    auto labels = of_route;
    labels["status"] = std::to_string(key.status);
    const prometheus::Histogram::BucketBoundaries bounds = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                                            0.25,   0.5,   1,      2.5,   5,    10,    30};
    return {&requests_.Add(labels), &durations_.Add(of_route, bounds)};
  }

  void set_webhooks(const app::WebhookCounts& webhooks) {
    constexpr std::pair<app::AttemptOutcome, const char*> kOutcomes[] = {{app::AttemptOutcome::kDelivered, "delivered"},
                                                                         {app::AttemptOutcome::kFailed, "failed"},
                                                                         {app::AttemptOutcome::kGivenUp, "given_up"}};
    const std::lock_guard lock(mutex_);
    for (const WebhookEvent event : kWebhookEvents) {
      for (const auto& [outcome, name] : kOutcomes) {
        auto& counter = webhooks_.Add({{"event", webhook_event_name(event)}, {"outcome", name}});
        counter.Increment(static_cast<double>(webhooks.get(event, outcome)) - counter.Value());
      }
    }
  }

  void set_jobs(const char* state, std::int64_t count) {
    jobs_.Add({{"state", state}}).Set(static_cast<double>(count));
  }

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
  prometheus::Family<prometheus::Counter>& webhooks_ = prometheus::BuildCounter()
                                                           .Name("tintype_webhook_attempts_total")
                                                           .Help("Attempts to send webhooks by this process")
                                                           .Register(registry_);
  prometheus::Gauge& resident_ = prometheus::BuildGauge()
                                     .Name("process_resident_memory_bytes")
                                     .Help("Resident memory size in bytes")
                                     .Register(registry_)
                                     .Add({});
  prometheus::Gauge& users_ = prometheus::BuildGauge().Name("tintype_users").Help("Users").Register(registry_).Add({});
  prometheus::Gauge& images_ =
      prometheus::BuildGauge().Name("tintype_images").Help("Images").Register(registry_).Add({});
};

std::shared_ptr<Metrics> make_metrics() {
  return std::make_shared<Metrics>();
}

void observe(Metrics& metrics, const http::Exchange& exchange) {
  metrics.add(exchange);
}

namespace {

// The last outcome of something costly, kept for a little while.
template <class T>
class Kept {
 public:
  template <class Make>
  T get(UnixMs now_ms, UnixMs kept_ms, Make make) {
    const std::lock_guard lock(mutex_);
    if (!value_ || now_ms >= made_at_ms_ + kept_ms) {
      value_ = make();
      made_at_ms_ = now_ms;
    }
    return *value_;
  }

 private:
  std::mutex mutex_;
  std::optional<T> value_;
  UnixMs made_at_ms_ = 0;
};

JsonText readiness(const Services& services, ImageEngine& engine, bool& ready) {
  const auto one = [&](Result<void> outcome) {
    ready = ready && outcome.has_value();
    return outcome ? "ok" : "failing";
  };
  ready = true;
  JsonText checks;
  checks.add("database", one(services.database.check()));
  checks.add("objects", one(services.objects.check()));
  checks.add("engine", one(engine.check()));
  return {{"status", ready ? "ready" : "not ready"}, {"checks", checks}};
}

std::optional<AuditRepository::Counts> counts_of(Database& database) {
  std::optional<AuditRepository::Counts> counts;
  static_cast<void>(database.read([&](Transaction& transaction) -> Result<void> {
    auto found = transaction.audit().counts();
    if (!found) return std::unexpected(found.error());
    counts = *found;
    return {};
  }));
  return counts;
}

}  // namespace

void add_ops_routes(http::Router& router, const Services& services, ImageEngine& engine,
                    const std::shared_ptr<Metrics>& metrics) {
  router.add({.method = http::Method::kGet,
              .pattern = "/healthz",
              .handler = [](http::Request&) { return json_response(200, {{"status", "ok"}}); },
              .place = http::Place::kInPlace});
  struct Ready {
    bool ready = false;
    JsonText body;
  };
  auto ready = std::make_shared<Kept<Ready>>();
  router.add(
      {.method = http::Method::kGet, .pattern = "/readyz", .handler = [&services, &engine, ready](http::Request&) {
         const Ready now = ready->get(services.clock.now_ms(), kCheckKeptMs, [&] {
           Ready made;
           made.body = readiness(services, engine, made.ready);
           return made;
         });
         return json_response(now.ready ? 200 : 503, now.body);
       }});
  auto counts = std::make_shared<Kept<std::optional<AuditRepository::Counts>>>();
  router.add(
      {.method = http::Method::kGet, .pattern = "/metrics", .handler = [&services, metrics, counts](http::Request&) {
         const auto now =
             counts->get(services.clock.now_ms(), kCountsKeptMs, [&] { return counts_of(services.database); });
         return http::text_response(200, metrics->text(now, services.webhook_counts),
                                    "text/plain; version=0.0.4; charset=utf-8");
       }});
  const auto add_description = [&](const char* pattern, std::string_view (*text)()) {
    router.add({.method = http::Method::kGet,
                .pattern = pattern,
                .handler = [text](http::Request&) { return http::text_response(200, std::string(text()), kJson); },
                .place = http::Place::kInPlace});
  };
  add_description("/openapi/enhancement.json", enhancement_openapi);
  add_description("/openapi/hosting.json", hosting_openapi);
  add_description("/openapi/upscale.json", upscale_openapi);
}

}  // namespace tintype::api
