// What the surface's routes have in common, and its JSON shapes as ../../../openapi/studio.json describes them.
#pragma once

#include "api/shared/json_body.h"
#include "api/studio/routes.h"
#include "domain/job.h"

namespace tintype::api::studio {

// What every route of the surface is given.
struct Surface {
  const Services& services;
  StudioOptions options;
};

inline constexpr http::BodyPolicy kJsonBody{http::BodyKind::kMemory, 64 * 1024};

using Handle = Result<http::Response> (*)(const Surface&, http::Request&);

enum class Bucket {
  kPlain,      // the address's
  kStatus,     // the address's for asking how a job is
  kOperation,  // the address's, and the user's for submits
};

struct RouteOptions {
  http::BodyPolicy body = {};
  Bucket bucket = Bucket::kPlain;
  http::Place place = http::Place::kPool;
};
void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options = {});

// How the surface names the states of jobs.
const char* job_status_name(JobState state);
std::optional<JobState> parse_job_status(std::string_view name);

// As the status route answers it: what there is to say in this state, and no more.
JsonText status_json(const Surface& surface, const app::WatchedJob& watched);
// As lists show it: the same, with id, operation and times.
JsonText job_json(const Surface& surface, const Job& job);

// There is nothing to say: an empty object is taken as no body is, as many clients send one with every POST.
Result<void> check_empty(const http::Request& request);

void add_submit_routes(http::Router& router, const Surface& surface);
void add_job_routes(http::Router& router, const Surface& surface);
void add_operation_routes(http::Router& router, const Surface& surface);
void add_credit_routes(http::Router& router, const Surface& surface);

}  // namespace tintype::api::studio
