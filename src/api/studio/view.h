// What the surface's routes have in common, and its JSON shapes as ../../../openapi/studio.json describes them.
#pragma once

#include "api/shared/json_body.h"
#include "api/studio/routes.h"
#include "app/studio_jobs.h"
#include "domain/job.h"

namespace tintype::api::studio {

// What every route of the surface is given.
struct Surface {
  const Services& services;
  StudioOptions options;
};

inline constexpr http::BodyPolicy kJsonBody{http::BodyKind::kMemory, 64 * 1024};

using Handle = Result<http::Response> (*)(const Surface&, http::Request&);

// A JSON value of `data` as the text that parameters are said in; kInvalidInput with Error::field.
Result<std::string> parameter_text(const Json& value, const ParameterRule& rule);

enum class Bucket {
  kPlain,      // the address's
  kStatus,     // the address's for asking how a job is
  kOperation,  // the address's, and the user's for submits
  kPreview,    // the user's for previews alone, of which there are several in a second
};

struct RouteOptions {
  http::BodyPolicy body = {};
  Bucket bucket = Bucket::kPlain;
  http::Place place = http::Place::kPool;
  http::Admit admit = nullptr;  // in place of the user's
};
// What comes before the credential is looked at: the address's bucket, and then `admit`.
http::Admit counted(const Surface& surface, Bucket bucket, http::Admit admit);
void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options = {});

// How the surface names the states of jobs.
const char* job_status_name(JobState state);
std::optional<JobState> parse_job_status(std::string_view name);

// As the status route answers it: what there is to say in this state, and no more.
JsonText status_json(const Surface& surface, const app::WatchedJob& watched);
// As lists show it: the same, with id, operation and times.
JsonText job_json(const Surface& surface, const Job& job);

void add_submit_routes(http::Router& router, const Surface& surface);
void add_job_routes(http::Router& router, const Surface& surface);
void add_operation_routes(http::Router& router, const Surface& surface);
void add_batch_routes(http::Router& router, const Surface& surface);
void add_credit_routes(http::Router& router, const Surface& surface);
void add_purchase_routes(http::Router& router, const Surface& surface);

}  // namespace tintype::api::studio
