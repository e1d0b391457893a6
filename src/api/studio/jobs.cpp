// Watching jobs and cancelling them.
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/job_stream.h"
#include "api/shared/paging.h"
#include "api/shared/subscription.h"
#include "api/studio/view.h"

namespace tintype::api::studio {

namespace {

constexpr std::int64_t kCancelSeconds = 10;  // how long a cancel waits for the worker to stop

std::string id_of(const http::Request& request) {
  return std::string(request.path_parameter("id"));
}

// Of a request what answers are made of, without its credential's text.
http::Request asked_of(const http::Request& request) {
  http::Request asked;
  asked.path = request.path;
  asked.request_id = request.request_id;
  asked.attachment = request.attachment;
  return asked;
}

// Looks at the job again and again until `answer` has something to say of it, or time is over.
template <class Answer>
http::Response wait_for(const Surface& surface, const http::Request& request, std::int64_t seconds, Answer answer) {
  auto wait = std::make_shared<http::Wait>();
  wait->timeout = std::chrono::seconds(seconds);
  wait->subscribe = subscription(surface.services.notifier, app::job_topic(id_of(request)));
  wait->attempt = [surface, asked = asked_of(request), id = id_of(request),
                   answer](bool last) -> std::optional<http::Response> {
    const auto now = surface.services.studio_jobs.get(principal_of(asked).user_id, id);
    if (now) return answer(*now, last);
    log_cause(asked.request_id, asked.path, now.error());
    return render_error(asked, now.error());
  };
  http::Response response;
  response.body = std::move(wait);
  return response;
}

Result<http::Response> status(const Surface& surface, http::Request& request) {
  const auto seconds = wait_seconds(request, surface.options.wait_seconds_max);
  if (!seconds) return std::unexpected(seconds.error());
  const auto watched = surface.services.studio_jobs.get(principal_of(request).user_id, id_of(request));
  if (!watched) return std::unexpected(watched.error());
  if (*seconds == 0 || is_end_state(watched->job.state)) return json_response(200, status_json(surface, *watched));
  return wait_for(
      surface, request, *seconds,
      [surface, before = watched->job.state](const app::WatchedJob& now, bool last) -> std::optional<http::Response> {
        if (!last && now.job.state == before) return std::nullopt;
        return json_response(200, status_json(surface, now));
      });
}

http::Response cancelled(Tokens refunded) {
  return json_response(200, {{"success", true}, {"message", "Job cancelled successfully"}, {"refunded", refunded}});
}

// One that runs is waited for: only when it has stopped its credits are back.
Result<http::Response> cancel(const Surface& surface, http::Request& request) {
  if (auto empty = check_empty(request); !empty) return std::unexpected(empty.error());
  const auto told = surface.services.studio_jobs.cancel(principal_of(request), id_of(request));
  if (!told) return std::unexpected(told.error());
  if (is_end_state(told->job.state)) return cancelled(told->tokens_released);
  return wait_for(surface, request, kCancelSeconds,
                  [asked = asked_of(request)](const app::WatchedJob& now, bool last) -> std::optional<http::Response> {
                    if (now.job.state == JobState::kSucceeded) {
                      return render_error(asked, Error{ErrorCode::kConflict, "The job was done before it could stop"});
                    }
                    if (is_end_state(now.job.state)) return cancelled(now.job.price);
                    if (!last) return std::nullopt;
                    return json_response(202, {{"success", true}, {"message", "The job stops"}, {"refunded", 0}});
                  });
}

Result<http::Response> list(const Surface& surface, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const auto name = request.query_parameter("status");
  const auto state = name ? parse_job_status(*name) : std::nullopt;
  if (name && !state) {
    auto refused = fail(ErrorCode::kInvalidInput, "There is no such status",
                        "There are: queued, processing, completed, failed, cancelled");
    refused.error().field = "status";
    return refused;
  }
  const int limit = page->limit++;
  auto jobs = surface.services.studio_jobs.list(principal_of(request).user_id, state, *page);
  if (!jobs) return std::unexpected(jobs.error());
  const std::optional<std::string> next_cursor = cut_to(*jobs, limit);
  JsonText shown = JsonText::array();
  for (const Job& job : *jobs) shown.push_back(job_json(surface, job));
  return json_response(200, {{"jobs", shown}, {"nextCursor", next_cursor}});
}

Result<http::Response> events(const Surface& surface, http::Request& request) {
  const std::string user_id = principal_of(request).user_id, id(request.path_parameter("id"));
  return job_stream(surface.services.notifier, id, "jobId", [surface, user_id, id]() -> Result<JobNews> {
    const auto now = surface.services.studio_jobs.get(user_id, id);
    if (!now) return std::unexpected(now.error());
    return JobNews{now->job.state, now->job.progress_permille, status_json(surface, *now)};
  });
}

}  // namespace

void add_job_routes(http::Router& router, const Surface& surface) {
  using enum http::Method;
  const http::Place read_place = surface.services.read_place();
  add_route(router, surface, kGet, "/api/ai/status/{id}", status, {.bucket = Bucket::kStatus, .place = read_place});
  add_route(router, surface, kPost, "/api/ai/cancel/{id}", cancel, {.body = kJsonBody});
  add_route(router, surface, kGet, "/api/ai/jobs", list, {.place = read_place});
  add_route(router, surface, kGet, "/api/ai/jobs/{id}/events", events,
            {.bucket = Bucket::kStatus, .place = read_place});
}

}  // namespace tintype::api::studio
