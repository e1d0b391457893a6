// What one has asked for, over all surfaces.
#include "api/account/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "api/shared/paging.h"

namespace tintype::api::account {

namespace {

std::unexpected<Error> no_such_state() {
  auto refused = fail(ErrorCode::kInvalidInput, "state must be open or ended", "Leave it out for all jobs");
  refused.error().field = "state";
  return refused;
}

Result<std::optional<JobPhase>> phase_of(const http::Request& request) {
  const auto text = request.query_parameter("state");
  if (!text) return std::nullopt;
  if (*text == "open") return JobPhase::kOpen;
  if (*text == "ended") return JobPhase::kEnded;
  return no_such_state();
}

// From 0 to 1 of what runs or has succeeded; nothing of what never began, or came to nothing.
std::optional<double> progress_of(const Job& job) {
  switch (job.state) {
    case JobState::kRunning: return job.progress_permille / 1'000.0;
    case JobState::kSucceeded: return 1.0;
    case JobState::kQueued:
    case JobState::kFailed:
    case JobState::kCancelled: return std::nullopt;
  }
  return std::nullopt;
}

// What was made, by a link for its owner; nothing of what has no file or has not succeeded.
std::optional<JsonText> result_json(const Surface& surface, const Job& job) {
  if (job.state != JobState::kSucceeded || !job.result || job.result->object_key.empty()) return std::nullopt;
  const UnixMs expires_at_ms = surface.services.clock.now_ms() + surface.options.url_seconds * 1'000;
  return JsonText{{"url", surface.services.deliveries.object_url(job.result->object_key, {expires_at_ms, {}})},
                  {"width", job.result->width_px},
                  {"height", job.result->height_px},
                  {"size_bytes", job.result->size_bytes}};
}

JsonText job_json(const Surface& surface, const UserJob& one) {
  const Job& job = one.job;
  const std::optional<JsonText> result = result_json(surface, job);
  return {{"id", job.id},
          {"surface", surface_name(job.surface)},
          {"operation", operation_name(job.operation)},
          {"state", job_state_name(job.state)},
          {"progress", progress_of(job)},
          {"tokens_reserved", one.tokens_reserved},
          {"tokens_charged", one.tokens_charged},
          {"image_id", null_or(job.image_id)},
          {"batch_id", null_or(job.batch_id)},
          {"created_at_ms", job.created_at_ms},
          {"finished_at_ms", job.finished_at_ms},
          {"result", result},
          {"error", job.failure ? null_or(job.failure->message) : nullptr}};
}

Result<http::Response> list_jobs(const Surface& surface, const http::Request& request) {
  const auto phase = phase_of(request);
  if (!phase) return std::unexpected(phase.error());
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  const UserJobFilter filter{*phase, std::string(request.query_parameter("image_id").value_or(""))};
  auto jobs = surface.services.jobs.of_user(principal_of(request).user_id, filter, *page);
  if (!jobs) return std::unexpected(jobs.error());
  const std::optional<std::string> next_cursor = cut_to(*jobs, limit);
  JsonText list = JsonText::array();
  for (const UserJob& one : *jobs) list.push_back(job_json(surface, one));
  return json_response(200, {{"jobs", list}, {"next_cursor", next_cursor}});
}

}  // namespace

void add_job_routes(http::Router& router, const Surface& surface) {
  add_read_route(router, surface, "/api/account/jobs", list_jobs);
}

}  // namespace tintype::api::account
