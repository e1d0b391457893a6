// What every answer of the surface looks like, as ../../../openapi/upscale.json describes it:
// {"success": true, "data": ..., "meta": ...}. Errors are spelled by api/shared/dialect.
#pragma once

#include <functional>
#include <string_view>
#include <variant>

#include "api/shared/json_body.h"
#include "api/upscale/routes.h"
#include "app/once.h"

namespace tintype::api::upscale {

// What every route of the surface is given.
struct Surface {
  const Services& services;
  UpscaleOptions options;
};

inline constexpr http::BodyPolicy kJsonBody{http::BodyKind::kMemory, 64 * 1024};

// A handler may change what its answer says of the caller's limits: see set_rate_decision().
using Handle = Result<http::Response> (*)(const Surface&, http::Request&);

// What a route may have otherwise than most: for callers that are known, in the pool, without a body.
struct RouteOptions {
  http::BodyPolicy body = {};
  http::Admit admit = nullptr;  // null: admit_caller()
  http::Place place = http::Place::kPool;
};
void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options = {});

// The admit hook of nearly every route: admit_user(), and what the caller has left of his limits for the answer to say.
http::Admit admit_caller(const Services& services);

// `data` is JSON.
http::Response data_response(const http::Request& request, int status, std::string_view data);

// The answer now, or the kept one (with `Idempotency-Replayed: true`). Under a key `data` alone is kept, by once() of
// api/shared/idempotent with the same `to_json`: what `meta` says is of this request.
template <class T>
http::Response reply(const http::Request& request, const app::Outcome<T>& outcome,
                     const std::function<JsonText(const T&)>& to_json, int status = 200) {
  if (const auto* kept = std::get_if<StoredReply>(&outcome)) {
    http::Response response = data_response(request, kept->status, kept->body);
    response.headers.add("Idempotency-Replayed", "true");
    return response;
  }
  return data_response(request, status, to_json(std::get<T>(outcome)).text());
}

// How the surface names the states of jobs.
const char* job_status_name(JobState state);
std::optional<JobState> parse_job_status(std::string_view name);

// {"width", "height"} under `name`; null where the sides are not known.
void add_size(JsonText& json, std::string_view name, const std::optional<Extent>& sides);

void add_submit_routes(http::Router& router, const Surface& surface);
void add_job_routes(http::Router& router, const Surface& surface);
void add_key_routes(http::Router& router, const Surface& surface);
void add_webhook_routes(http::Router& router, const Surface& surface);

}  // namespace tintype::api::upscale
