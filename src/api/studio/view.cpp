#include "api/studio/view.h"

#include <charconv>

#include "api/shared/authenticate.h"
#include "api/shared/dialect.h"
#include "app/studio_results.h"
#include "domain/studio_operation.h"

namespace tintype::api::studio {

// The address's bucket before the credential is looked at, so that guessing is bounded too. An answer speaks of the
// user's own bucket, where there is one.
http::Admit counted(const Surface& surface, Bucket bucket, http::Admit admit) {
  const StudioLimits& limits = surface.options.limits;
  const bool is_status = bucket == Bucket::kStatus;
  return [&services = surface.services, by_address = is_status ? limits.status_per_address : limits.per_address,
          name = is_status ? "studio_status" : "studio_address",
          admit = std::move(admit)](http::Request& request) -> std::optional<http::Response> {
    if (!services.limits_enabled) return admit(request);
    const RateDecision decision =
        services.limiter.take(name, network_of(request.remote_address), by_address, services.clock.now_ms());
    if (!decision.allowed) return refused_by(request, name, decision);
    if (auto refused = admit(request)) return refused;
    if (!rate_decision_of(request)) set_rate_decision(request, decision);
    return std::nullopt;
  };
}

namespace {

RouteLimit limit_by_user(const StudioLimits& limits, Bucket bucket) {
  switch (bucket) {
    case Bucket::kPlain:
    case Bucket::kStatus: return {};
    case Bucket::kOperation: return {"studio_operations", limits.operations};
    case Bucket::kPreview: return {"studio_previews", limits.previews};
  }
  return {};
}

}  // namespace

void add_route(http::Router& router, const Surface& surface, http::Method method, const char* pattern, Handle handle,
               RouteOptions options) {
  http::Admit admit = options.admit
                          ? std::move(options.admit)
                          : admit_user(surface.services, limit_by_user(surface.options.limits, options.bucket));
  if (options.bucket != Bucket::kPreview) admit = counted(surface, options.bucket, std::move(admit));
  router.add({.method = method,
              .pattern = pattern,
              .handler = handler([surface, handle](http::Request& request) { return handle(surface, request); }),
              .body = options.body,
              .place = options.place,
              .admit = std::move(admit),
              .admit_place = admit_place(surface.services)});
}

const char* job_status_name(JobState state) {
  switch (state) {
    case JobState::kQueued: return "queued";
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

namespace {

void add_end(const Surface& surface, JsonText& json, const Job& job) {
  if (job.result) {
    const UnixMs expires_at_ms = surface.services.clock.now_ms() + surface.options.url_seconds * 1'000;
    const std::string url = job.result->object_key.empty()
                                ? std::string()
                                : surface.services.deliveries.object_url(job.result->object_key, {expires_at_ms, {}});
    json.add("result", app::studio_result(job, url));
  }
  if (job.failure) json.add("error", job.failure->message).add("code", job.failure->code);
  if (job.state == JobState::kFailed || job.state == JobState::kCancelled) json.add("refunded", job.price);
}

}  // namespace

JsonText status_json(const Surface& surface, const app::WatchedJob& watched) {
  const Job& job = watched.job;
  JsonText json{{"status", job_status_name(job.state)}};
  if (job.state == JobState::kQueued) json.add("position", watched.wait.position);
  if (job.state == JobState::kRunning) json.add("progress", job.progress_permille / 10);
  if (!is_end_state(job.state)) json.add("estimatedWait", watched.wait.seconds);
  add_end(surface, json, job);
  return json;
}

namespace {

// The name that a parameter is kept by.
std::string kept_name(const ParameterRule& rule) {
  return rule.name == "enhance_face" ? "face" : std::string(rule.name);
}

void add_parameter(JsonText& json, const ParameterRule& rule, const std::string& text) {
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  double number = 0;
  if (rule.name == "enhance_face" || rule.name == "denoise") {
    if (const auto strength = kept_strength(text)) json.add(rule.name, *strength);
  } else if (rule.type == ParameterType::kInteger && std::from_chars(text.data(), end, integer).ptr == end) {
    json.add(rule.name, integer);
  } else if (rule.type == ParameterType::kNumber && std::from_chars(text.data(), end, number).ptr == end) {
    json.add(rule.name, number);
  } else {
    json.add(rule.name, text);
  }
}

// What was asked, so that it can be asked again. Pictures that came by address are not in it: a job keeps none.
JsonText data_json(const Job& job) {
  JsonText json;
  const OperationRule* const operation = studio_operation(job.operation);
  if (operation == nullptr) return json;
  if (!job.image_id.empty()) json.add("image_id", job.image_id);
  for (const ParameterRule& rule : operation->parameters) {
    const auto kept = job.parameters.find(kept_name(rule));
    if (kept != job.parameters.end()) add_parameter(json, rule, kept->second);
  }
  return json;
}

}  // namespace

JsonText job_json(const Surface& surface, const Job& job) {
  const auto time = [](const std::optional<UnixMs>& at_ms) {
    return at_ms ? std::optional(iso8601(*at_ms)) : std::nullopt;
  };
  JsonText json{{"jobId", job.id},
                {"operationType", operation_name(job.operation)},
                {"status", job_status_name(job.state)},
                {"progress", job.state == JobState::kSucceeded ? 100 : job.progress_permille / 10},
                {"cost", job.price},
                {"imageId", null_or(job.image_id)},
                {"data", data_json(job)},
                {"createdAt", iso8601(job.created_at_ms)},
                {"startedAt", time(job.started_at_ms)},
                {"completedAt", time(job.finished_at_ms)}};
  add_end(surface, json, job);
  return json;
}

}  // namespace tintype::api::studio
