// For operators: /healthz, /readyz and /metrics; and for everybody the OpenAPI files under /openapi, and the keys that
// receipts are checked with.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/shared/services.h"
#include "app/counting_limiter.h"
#include "app/work_figures.h"
#include "http/router.h"
#include "http/server.h"
#include "ports/image_engine.h"

namespace tintype::api {

class Metrics;

// Counts exchanges and jobs. `observe` is http::ServerOptions::on_exchange.
std::shared_ptr<Metrics> make_metrics();
void observe(Metrics& metrics, const http::Exchange& exchange);

// What is reported of beside `Services`. All of it outlives the router.
struct OpsSources {
  ImageEngine& engine;
  const app::WorkFigures& work;
  const app::CountingLimiter& limiter;
  Metrics& metrics;
};

void add_ops_routes(http::Router& router, const Services& services, const OpsSources& sources);
void add_description_routes(http::Router& router);
void add_receipt_key_routes(http::Router& router, const Services& services);

}  // namespace tintype::api
