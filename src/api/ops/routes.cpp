#include "api/ops/routes.h"

#include <mutex>

#include "api/ops/metrics.h"
#include "api/ops/openapi.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "app/ledger_totals.h"
#include "app/read.h"

namespace tintype::api {

namespace {

constexpr const char* kJson = "application/json";
constexpr UnixMs kCheckKeptMs = 5'000;
constexpr UnixMs kFiguresKeptMs = 5'000;

}  // namespace

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

// What the database has been asked for.
struct Asked {
  std::optional<AuditRepository::Counts> counts;
  Families families;
};

Asked ask(const Services& services, app::LedgerTotals& ledger) {
  Asked asked;
  const auto counts =
      app::read(services.database, [](Transaction& transaction) { return transaction.audit().counts(); });
  if (counts) asked.counts = *counts;
  if (const auto queue = services.queue.state()) add_queue_families(asked.families, *queue);
  if (ledger.read(services.database, services.clock.now_ms())) {
    add_ledger_families(asked.families, ledger.sums(), ledger.reserved());
  }
  return asked;
}

// What this process knows by itself.
Families own_families(const Services& services, const OpsSources& sources) {
  Families families;
  add_work_families(families, sources.work.snapshot());
  add_engine_families(families, sources.engine.figures());
  add_webhook_families(families, services.webhook_counts);
  add_refusal_families(families, sources.limiter.refusals());
  FamilyBuilder(prometheus::MetricType::Gauge, "tintype_database_units_waiting",
                "Units of work that wait for the database's answer")
      .add({}, services.database.units_waiting())
      .end(families);
  return families;
}

void add_metrics_routes(http::Router& router, const Services& services, const OpsSources& sources) {
  struct State {
    Kept<Asked> asked;
    app::LedgerTotals ledger;
  };
  router.add({.method = http::Method::kGet,
              .pattern = "/metrics",
              .handler = [&services, sources, state = std::make_shared<State>()](http::Request&) {
                const Asked asked = state->asked.get(services.clock.now_ms(), kFiguresKeptMs,
                                                     [&] { return ask(services, state->ledger); });
                Families families = own_families(services, sources);
                families.insert(families.end(), asked.families.begin(), asked.families.end());
                return http::text_response(200, sources.metrics.text(asked.counts, families),
                                           "text/plain; version=0.0.4; charset=utf-8");
              }});
}

}  // namespace

void add_ops_routes(http::Router& router, const Services& services, const OpsSources& sources) {
  ImageEngine& engine = sources.engine;
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
  add_metrics_routes(router, services, sources);
}

void add_receipt_key_routes(http::Router& router, const Services& services) {
  router.add({.method = http::Method::kGet,
              .pattern = "/.well-known/jwks.json",
              .handler = [&services](http::Request&) { return json_response(200, services.receipts.keys()); }});
}

void add_description_routes(http::Router& router) {
  JsonText descriptions = JsonText::array();
  const auto add_description = [&](const char* pattern, std::string_view (*text)()) {
    descriptions.push_back(JsonText{{"url", pattern}});
    router.add({.method = http::Method::kGet,
                .pattern = pattern,
                .handler = [text](http::Request&) { return http::text_response(200, std::string(text()), kJson); },
                .place = http::Place::kInPlace});
  };
  add_description("/openapi/account.json", account_openapi);
  add_description("/openapi/enhancement.json", enhancement_openapi);
  add_description("/openapi/hosting.json", hosting_openapi);
  add_description("/openapi/upscale.json", upscale_openapi);
  add_description("/openapi/studio.json", studio_openapi);
  add_description("/openapi/admin.json", admin_openapi);
  router.add({.method = http::Method::kGet,
              .pattern = "/openapi.json",
              .handler = [body = JsonText{{"descriptions", descriptions}}](
                             http::Request&) { return json_response(200, body); },
              .place = http::Place::kInPlace});
}

}  // namespace tintype::api
