// Watching jobs and cancelling them.
#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "api/shared/job_stream.h"
#include "api/shared/paging.h"
#include "api/shared/subscription.h"
#include "api/upscale/view.h"

namespace tintype::api {

template <>
inline PageCursor place_of(const app::CalledJob& called) {
  return {called.job.created_at_ms, called.job.id};
}

}  // namespace tintype::api

namespace tintype::api::upscale {

namespace {

std::string id_of(const http::Request& request) {
  return std::string(request.path_parameter("id"));
}

std::optional<std::string> time_or_null(const std::optional<UnixMs>& time_ms) {
  return time_ms ? std::optional(iso8601(*time_ms)) : std::nullopt;
}

std::optional<double> seconds_taken(const Job& job) {
  if (!is_end_state(job.state) || !job.started_at_ms || !job.finished_at_ms) return std::nullopt;
  return static_cast<double>(*job.finished_at_ms - *job.started_at_ms) / 1e3;
}

// Signed anew at each asking.
JsonText result_json(const Surface& surface, const app::CalledJob& called) {
  const JobResult& result = *called.job.result;
  const UnixMs expires_at_ms = surface.services.clock.now_ms() + surface.options.url_seconds * 1'000;
  const std::string url = surface.services.deliveries.object_url(result.object_key, {expires_at_ms, {}});
  JsonText json{{"output_url", url}};
  add_size(json, "original_size", Extent{called.call.input_width_px, called.call.input_height_px});
  add_size(json, "output_size", Extent{result.width_px, result.height_px});
  json.add("file_size", result.size_bytes);
  json.add("processing_time", seconds_taken(called.job));
  json.add("format", image_format_name(result.format));
  json.add("expires_at", iso8601(expires_at_ms));
  json.add_all(result.details);
  return json;
}

JsonText job_json(const Surface& surface, const app::CalledJob& called) {
  const Job& job = called.job;
  JsonText json{{"job_id", job.id},
                {"status", job_status_name(job.state)},
                {"progress", job.state == JobState::kSucceeded ? 100 : job.progress_permille / 10},
                {"created_at", iso8601(job.created_at_ms)},
                {"started_at", time_or_null(job.started_at_ms)},
                {"completed_at", time_or_null(job.finished_at_ms)},
                {"processing_time", seconds_taken(job)},
                {"test", called.call.is_test}};
  if (job.result) {
    json.add("result", result_json(surface, called));
  } else {
    json.add("result", nullptr);
  }
  if (job.failure) {
    json.add("error", {{"code", job.failure->code}, {"message", job.failure->message}});
  } else {
    json.add("error", nullptr);
  }
  if (called.call.metadata.empty()) {
    json.add("metadata", nullptr);
  } else {
    json.add("metadata", JsonText::of(called.call.metadata));
  }
  return json;
}

http::Response job_response(const Surface& surface, const http::Request& request, const app::CalledJob& called) {
  return data_response(request, 200, job_json(surface, called).text());
}

// Answers as soon as the job's state is another than when it was asked.
http::Response wait_for_change(const Surface& surface, const http::Request& request, JobState before,
                               std::int64_t seconds) {
  auto wait = std::make_shared<http::Wait>();
  wait->timeout = std::chrono::seconds(seconds);
  wait->subscribe = subscription(surface.services.notifier, app::job_topic(id_of(request)));
  // Of the request what answers are made of, without its credential.
  http::Request asked;
  asked.path = request.path;
  asked.request_id = request.request_id;
  asked.attachment = request.attachment;
  wait->attempt = [surface, asked = std::move(asked), id = id_of(request),
                   before](bool last) -> std::optional<http::Response> {
    const auto now = surface.services.upscales.get(principal_of(asked).user_id, id);
    if (!now) {
      log_cause(asked.request_id, asked.path, now.error());
      return render_error(asked, now.error());
    }
    if (!last && now->job.state == before) return std::nullopt;
    return job_response(surface, asked, *now);
  };
  http::Response response;
  response.body = std::move(wait);
  return response;
}

Result<http::Response> get_job(const Surface& surface, http::Request& request) {
  const auto seconds = wait_seconds(request, surface.options.wait_seconds_max);
  if (!seconds) return std::unexpected(seconds.error());
  const auto called = surface.services.upscales.get(principal_of(request).user_id, id_of(request));
  if (!called) return std::unexpected(called.error());
  if (*seconds > 0 && !is_end_state(called->job.state)) {
    return wait_for_change(surface, request, called->job.state, *seconds);
  }
  return job_response(surface, request, *called);
}

Result<http::Response> list_jobs(const Surface& surface, http::Request& request) {
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const auto status = request.query_parameter("status");
  const auto state = status ? parse_job_status(*status) : std::nullopt;
  if (status && !state) {
    return fail(ErrorCode::kInvalidInput, "There is no such status",
                "There are: pending, processing, completed, failed, cancelled");
  }
  const int limit = page->limit++;
  auto jobs = surface.services.upscales.list(principal_of(request).user_id, state, *page);
  if (!jobs) return std::unexpected(jobs.error());
  const std::optional<std::string> next_cursor = cut_to(*jobs, limit);
  JsonText shown = JsonText::array();
  for (const app::CalledJob& called : *jobs) shown.push_back(job_json(surface, called));
  return data_response(request, 200, JsonText{{"jobs", shown}, {"next_cursor", next_cursor}}.text());
}

Result<http::Response> cancel_job(const Surface& surface, http::Request& request) {
  if (auto empty = check_empty(request); !empty) return std::unexpected(empty.error());
  const auto cancelled = surface.services.upscales.cancel(principal_of(request), id_of(request));
  if (!cancelled) return std::unexpected(cancelled.error());
  return job_response(surface, request, *cancelled);
}

Result<http::Response> job_events(const Surface& surface, http::Request& request) {
  const std::string user_id = principal_of(request).user_id, id(request.path_parameter("id"));
  return job_stream(surface.services.notifier, id, "job_id", [surface, user_id, id]() -> Result<JobNews> {
    const auto now = surface.services.upscales.get(user_id, id);
    if (!now) return std::unexpected(now.error());
    return JobNews{now->job.state, now->job.progress_permille, job_json(surface, *now)};
  });
}

}  // namespace

void add_job_routes(http::Router& router, const Surface& surface) {
  using enum http::Method;
  const http::Place read_place = surface.services.read_place();
  add_route(router, surface, kGet, "/api/v1/jobs", list_jobs, {.place = read_place});
  add_route(router, surface, kGet, "/api/v1/jobs/{id}", get_job, {.place = read_place});
  add_route(router, surface, kGet, "/api/v1/jobs/{id}/events", job_events, {.place = read_place});
  add_route(router, surface, kPost, "/api/v1/jobs/{id}/cancel", cancel_job, {.body = kJsonBody});
}

}  // namespace tintype::api::upscale
