// For operators: /healthz, /readyz, /metrics and the OpenAPI files under /openapi.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "api/shared/services.h"
#include "http/router.h"
#include "http/server.h"
#include "ports/image_engine.h"

namespace tintype::api {

class Metrics;

// Counts exchanges and jobs. `observe` is http::ServerOptions::on_exchange.
std::shared_ptr<Metrics> make_metrics();
void observe(Metrics& metrics, const http::Exchange& exchange);

void add_ops_routes(http::Router& router, const Services& services, ImageEngine& engine,
                    const std::shared_ptr<Metrics>& metrics);

}  // namespace tintype::api
