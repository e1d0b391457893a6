// Asking for enhancements, watching them and cancelling them.
#include <set>

#include "api/enhancement/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/idempotent.h"
#include "api/shared/job_stream.h"

namespace tintype::api::enhancement {

namespace {

constexpr std::int64_t kSubmitBodyBytesMax = 16 * 1024;
constexpr std::size_t kIdLengthMax = 128;

Result<Tier> tier_of(const std::string& name) {
  const auto tier = parse_tier(name);
  if (!tier) {
    return fail(ErrorCode::kInvalidInput, "'" + name + "' is not a tier",
                "tier is one of TIER_1K, TIER_2K and TIER_4K");
  }
  return *tier;
}

// ---- POST /api/images/enhance

Result<http::Response> enhance(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string image_id = fields.required_string("imageId", 1, kIdLengthMax);
  const std::string tier_text = fields.required_string("tier", 1, 16);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto tier = tier_of(tier_text);
  if (!tier) return std::unexpected(tier.error());

  const Principal& principal = principal_of(request);
  const std::function<JsonText(const app::Submitted&)> to_json = [](const app::Submitted& submitted) -> JsonText {
    return {{"success", true},
            {"jobId", submitted.jobs.front().id},
            {"tokenCost", submitted.total_cost},
            {"newBalance", submitted.new_balance}};
  };
  const auto once_only = once<app::Submitted>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.submissions.enhance(principal, image_id, {*tier}, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

// ---- POST /api/images/parallel-enhance

Result<std::vector<Tier>> unique_tiers(const std::vector<std::string>& names) {
  std::vector<Tier> tiers;
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const auto tier = tier_of(name);
    if (!tier) return std::unexpected(tier.error());
    if (!seen.insert(name).second) {
      return fail(ErrorCode::kInvalidInput, "tiers names " + name + " twice", "Name each tier once");
    }
    tiers.push_back(*tier);
  }
  return tiers;
}

Result<http::Response> parallel_enhance(const Surface& surface, const http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader fields(*body);
  const std::string image_id = fields.required_string("imageId", 1, kIdLengthMax);
  const std::vector<std::string> names = fields.required_strings("tiers", 1, 3, 16);
  if (const auto read = fields.finish(); !read) return std::unexpected(read.error());
  const auto tiers = unique_tiers(names);
  if (!tiers) return std::unexpected(tiers.error());

  const Principal& principal = principal_of(request);
  const std::function<JsonText(const app::Submitted&)> to_json = [](const app::Submitted& submitted) -> JsonText {
    JsonText jobs = JsonText::array();
    for (const Job& job : submitted.jobs) {
      jobs.push_back({{"jobId", job.id}, {"tier", job.tier}, {"tokenCost", job.price}, {"status", status_name(job)}});
    }
    return {
        {"success", true}, {"jobs", jobs}, {"totalCost", submitted.total_cost}, {"newBalance", submitted.new_balance}};
  };
  const auto once_only = once<app::Submitted>(request, principal, to_json);
  if (!once_only) return std::unexpected(once_only.error());
  const auto outcome = surface.services.submissions.enhance(principal, image_id, *tiers, *once_only);
  if (!outcome) return std::unexpected(outcome.error());
  return reply(*outcome, to_json);
}

// ---- jobs

Result<http::Response> get_job(const Surface& surface, const http::Request& request) {
  const auto job = surface.services.jobs.get(principal_of(request).user_id, request.path_parameter("id"));
  if (!job) return std::unexpected(job.error());
  return json_response(200, {{"success", true}, {"job", job_detail_json(surface, *job)}});
}

Result<http::Response> cancel_job(const Surface& surface, const http::Request& request) {
  if (auto empty = check_empty(request); !empty) return std::unexpected(empty.error());
  const auto cancelled = surface.services.jobs.cancel(principal_of(request), request.path_parameter("id"));
  if (!cancelled) return std::unexpected(cancelled.error());
  return json_response(200, {{"success", true},
                             {"job", job_detail_json(surface, cancelled->job)},
                             {"tokensReleased", cancelled->tokens_released},
                             {"newBalance", cancelled->new_balance}});
}

Result<http::Response> job_events(const Surface& surface, const http::Request& request) {
  const std::string user_id = principal_of(request).user_id, id(request.path_parameter("id"));
  return job_stream(surface.services.notifier, id, "id", [surface, user_id, id]() -> Result<JobNews> {
    const auto now = surface.services.jobs.get(user_id, id);
    if (!now) return std::unexpected(now.error());
    return JobNews{now->state, now->progress_permille, job_detail_json(surface, *now)};
  });
}

Result<http::Response> get_batch(const Surface& surface, const http::Request& request) {
  const auto batch = surface.services.jobs.batch(principal_of(request).user_id, request.path_parameter("id"));
  if (!batch) return std::unexpected(batch.error());
  JsonText jobs = JsonText::array();
  int queued = 0, running = 0, succeeded = 0, failed = 0, cancelled = 0;
  for (const Job& job : batch->jobs) {
    switch (job.state) {
      case JobState::kQueued: ++queued; break;
      case JobState::kRunning: ++running; break;
      case JobState::kSucceeded: ++succeeded; break;
      case JobState::kFailed: ++failed; break;
      case JobState::kCancelled: ++cancelled; break;
    }
    jobs.push_back(job_detail_json(surface, job));
  }
  return json_response(200, {{"success", true},
                             {"batch",
                              {{"id", batch->id},
                               {"status", queued + running > 0 ? "PROCESSING" : "COMPLETED"},
                               {"total", batch->jobs.size()},
                               {"pending", queued},
                               {"processing", running},
                               {"completed", succeeded},
                               {"failed", failed},
                               {"cancelled", cancelled},
                               {"jobs", jobs}}}});
}

}  // namespace

void add_job_routes(http::Router& router, const Surface& surface) {
  const Services& services = surface.services;
  const EnhancementLimits& limits = surface.options.limits;
  const http::BodyPolicy json_body{http::BodyKind::kMemory, kSubmitBodyBytesMax};
  router.add({.method = http::Method::kPost,
              .pattern = "/api/images/enhance",
              .handler = handler([surface](http::Request& request) { return enhance(surface, request); }),
              .body = json_body,
              .admit = admit_user(services, {"enhance", limits.enhance}),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kPost,
              .pattern = "/api/images/parallel-enhance",
              .handler = handler([surface](http::Request& request) { return parallel_enhance(surface, request); }),
              .body = json_body,
              .admit = admit_user(services, {"parallel_enhance", limits.parallel_enhance}),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/jobs/{id}",
              .handler = handler([surface](http::Request& request) { return get_job(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/jobs/{id}/events",
              .handler = handler([surface](http::Request& request) { return job_events(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kPost,
              .pattern = "/api/jobs/{id}/cancel",
              .handler = handler([surface](http::Request& request) { return cancel_job(surface, request); }),
              .body = json_body,
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
  router.add({.method = http::Method::kGet,
              .pattern = "/api/batches/{id}",
              .handler = handler([surface](http::Request& request) { return get_batch(surface, request); }),
              .place = services.read_place(),
              .admit = admit_user(services),
              .admit_place = admit_place(services)});
}

}  // namespace tintype::api::enhancement
