// The queue board's API: how full the queue is, what is in it, and what may be done about it.
#include "api/admin/query.h"
#include "api/admin/routes.h"
#include "api/admin/view.h"
#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "api/shared/paging.h"

namespace tintype::api {

namespace {

using admin::optional_parsed;
using admin::parsed;
using admin::query_text;

constexpr std::size_t kNameLengthMax = 64;

Result<http::Response> state(const Services& services, http::Request&) {
  const auto state = services.queue.state();
  if (!state) return std::unexpected(state.error());
  return json_response(200, admin::state_json(*state));
}

std::optional<app::QueueWindow> parse_window(const std::string& name) {
  if (name == "hour") return app::QueueWindow::kHour;
  if (name == "day") return app::QueueWindow::kDay;
  return std::nullopt;
}

Result<http::Response> series(const Services& services, http::Request& request) {
  const auto window = optional_parsed("window", query_text(request, "window"), parse_window);
  if (!window) return std::unexpected(window.error());
  const auto operation = optional_parsed("operation", query_text(request, "operation"), parse_operation);
  if (!operation) return std::unexpected(operation.error());
  const auto series = services.queue.series(window->value_or(app::QueueWindow::kHour), *operation);
  if (!series) return std::unexpected(series.error());
  return json_response(200, admin::series_json(*series));
}

Result<QueueFilter> filter_of(const http::Request& request) {
  const auto state = optional_parsed("state", query_text(request, "state"), parse_job_state);
  if (!state) return std::unexpected(state.error());
  const auto operation = optional_parsed("operation", query_text(request, "operation"), parse_operation);
  if (!operation) return std::unexpected(operation.error());
  const auto lane = optional_parsed("lane", query_text(request, "lane"), parse_queue_lane);
  if (!lane) return std::unexpected(lane.error());
  return QueueFilter{state->value_or(JobState::kQueued), *operation, *lane};
}

Result<http::Response> list(const Services& services, http::Request& request) {
  const auto filter = filter_of(request);
  if (!filter) return std::unexpected(filter.error());
  auto page = page_of(request);
  if (!page) return std::unexpected(page.error());
  const int limit = page->limit++;
  auto jobs = services.queue.list(*filter, *page);
  if (!jobs) return std::unexpected(jobs.error());
  std::optional<std::string> next;
  if (static_cast<int>(jobs->size()) > limit) {
    jobs->resize(static_cast<std::size_t>(limit));
    const Job& last = jobs->back();
    next = encode_cursor(is_end_state(filter->state) ? last.finished_at_ms.value_or(0) : last.created_at_ms, last.id);
  }
  JsonText items = JsonText::array();
  for (const Job& job : *jobs) items.push_back(admin::job_json(job));
  return json_response(200, {{"success", true}, {"jobs", items}, {"nextCursor", next}});
}

// These take an empty object, or no body at all.
Result<void> check_no_fields(const http::Request& request) {
  if (request.body.empty()) return {};
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  return ObjectReader(*body).finish();
}

Result<http::Response> retry(const Services& services, http::Request& request) {
  if (auto checked = check_no_fields(request); !checked) return std::unexpected(checked.error());
  const auto job = services.queue.retry(request.path_parameter("id"), actor_of(request));
  if (!job) return std::unexpected(job.error());
  return json_response(200, {{"success", true}, {"job", admin::job_json(*job)}});
}

Result<http::Response> cancel(const Services& services, http::Request& request) {
  if (auto checked = check_no_fields(request); !checked) return std::unexpected(checked.error());
  const auto cancelled = services.queue.cancel(request.path_parameter("id"), actor_of(request));
  if (!cancelled) return std::unexpected(cancelled.error());
  return json_response(
      200,
      {{"success", true}, {"job", admin::job_json(cancelled->job)}, {"tokensReleased", cancelled->tokens_released}});
}

Result<http::Response> drain(const Services& services, http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader reader(*body);
  const auto lane_name = reader.optional_string("lane", 1, kNameLengthMax);
  const auto operation_name = reader.optional_string("operation", 1, kNameLengthMax);
  if (auto read = reader.finish(); !read) return std::unexpected(read.error());
  const auto lane = optional_parsed("lane", lane_name, parse_queue_lane);
  if (!lane) return std::unexpected(lane.error());
  const auto operation = optional_parsed("operation", operation_name, parse_operation);
  if (!operation) return std::unexpected(operation.error());
  if (!*lane && !*operation) return fail(ErrorCode::kInvalidInput, "Please name a lane, an operation or both");
  const auto drained = services.queue.drain(*lane, *operation, actor_of(request));
  if (!drained) return std::unexpected(drained.error());
  return json_response(200, {{"success", true},
                             {"cancelled", drained->cancelled},
                             {"tokensReleased", drained->tokens_released},
                             {"more", drained->more}});
}

using ChangeLane = Result<void> (app::Queue::*)(QueueLane, const Actor&);

template <ChangeLane change>
Result<http::Response> change_lane(const Services& services, http::Request& request) {
  const auto body = parse_json_body(request);
  if (!body) return std::unexpected(body.error());
  ObjectReader reader(*body);
  const std::string name = reader.required_string("lane", 1, kNameLengthMax);
  if (auto read = reader.finish(); !read) return std::unexpected(read.error());
  const auto lane = parsed("lane", name, parse_queue_lane);
  if (!lane) return std::unexpected(lane.error());
  if (auto changed = (services.queue.*change)(*lane, actor_of(request)); !changed) {
    return std::unexpected(changed.error());
  }
  return state(services, request);
}

}  // namespace

void add_queue_routes(http::Router& router, const Services& services) {
  const auto get = [&](const char* pattern, const admin::Handle& handle) {
    router.add(admin::route(services, http::Method::kGet, pattern, handle));
  };
  const auto post = [&](const char* pattern, const admin::Handle& handle) {
    router.add(admin::route(services, http::Method::kPost, pattern, handle));
  };
  get("/api/admin/queue", state);
  get("/api/admin/queue/series", series);
  get("/api/admin/queue/jobs", list);
  post("/api/admin/queue/jobs/{id}/retry", retry);
  post("/api/admin/queue/jobs/{id}/cancel", cancel);
  post("/api/admin/queue/drain", drain);
  post("/api/admin/queue/pause", change_lane<&app::Queue::pause>);
  post("/api/admin/queue/resume", change_lane<&app::Queue::resume>);
}

}  // namespace tintype::api
