#include "api/upscale/view.h"

#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"

namespace tintype::api::upscale {

void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options) {
  const Services& services = surface.services;
  router.add({.method = method,
              .pattern = pattern,
              .handler = handler([surface, handle](http::Request& request) { return handle(surface, request); }),
              .body = options.body,
              .place = options.place,
              .admit = options.admit ? std::move(options.admit) : admit_caller(services),
              .admit_place = admit_place(services)});
}

http::Admit admit_caller(const Services& services) {
  return [&services, admit = admit_user(services)](http::Request& request) -> std::optional<http::Response> {
    if (auto refused = admit(request)) return refused;
    const auto decision = services.call_limits.look(principal_of(request));
    if (!decision) {
      log_cause(request.request_id, request.path, decision.error());
      return render_error(request, decision.error());
    }
    if (*decision) set_rate_decision(request, **decision);
    return std::nullopt;
  };
}

http::Response data_response(const http::Request& request, int status, std::string_view data) {
  std::string body = "{\"success\":true,\"data\":";
  body.append(data).append(",\"meta\":").append(upscale_meta(request).text()).append("}");
  return http::text_response(status, std::move(body), kJsonMediaType);
}

const char* job_status_name(JobState state) {
  switch (state) {
    case JobState::kQueued: return "pending";
    case JobState::kRunning: return "processing";
    case JobState::kSucceeded: return "completed";
    case JobState::kFailed: return "failed";
    case JobState::kCancelled: return "cancelled";
  }
  return "failed";
}

std::optional<JobState> parse_job_status(std::string_view name) {
  for (const JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kSucceeded, JobState::kFailed, JobState::kCancelled}) {
    if (name == job_status_name(state)) return state;
  }
  return std::nullopt;
}

void add_size(JsonText& json, std::string_view name, const std::optional<Extent>& sides) {
  if (sides && sides->width_px > 0) {
    json.add(name, {{"width", sides->width_px}, {"height", sides->height_px}});
  } else {
    json.add(name, nullptr);
  }
}

}  // namespace tintype::api::upscale
