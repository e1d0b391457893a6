#include "webhook/bodies.h"

#include "app/studio_results.h"
#include "base/json_text.h"

namespace tintype::webhook {

namespace {

const char* upscale_status(JobState state) {
  switch (state) {
    case JobState::kQueued: return "pending";
    case JobState::kRunning: return "processing";
    case JobState::kSucceeded: return "completed";
    case JobState::kFailed: return "failed";
    case JobState::kCancelled: return "cancelled";
  }
  return "failed";
}

double seconds_between(const std::optional<UnixMs>& from, const std::optional<UnixMs>& to) {
  return from && to ? static_cast<double>(*to - *from) / 1e3 : 0;
}

}  // namespace

std::string Bodies::for_upscale(const Job& job, const JobCall& call, WebhookEvent event, UnixMs now_ms) const {
  JsonText body = {{"event", webhook_event_name(event)}, {"job_id", job.id}, {"status", upscale_status(job.state)}};
  if (event == WebhookEvent::kJobProgress) body.add("progress", job.progress_permille / 10);
  if (job.result) {
    const std::string url = urls_.object_url(job.result->object_key, {now_ms + kResultUrlMs, {}});
    body.add("result", {{"output_url", url},
                        {"original_size", {{"width", call.input_width_px}, {"height", call.input_height_px}}},
                        {"output_size", {{"width", job.result->width_px}, {"height", job.result->height_px}}},
                        {"file_size", job.result->size_bytes},
                        {"processing_time", seconds_between(job.started_at_ms, job.finished_at_ms)}});
  }
  if (job.failure) body.add("error", {{"code", job.failure->code}, {"message", job.failure->message}});
  if (!call.metadata.empty()) body.add("metadata", JsonText::of(call.metadata));
  if (call.is_test) body.add("test", true);
  body.add("timestamp", iso8601(now_ms));
  return std::move(body).text();
}

std::string Bodies::for_studio(const Job& job, WebhookEvent event, UnixMs now_ms) const {
  JsonText body = {{"event", webhook_event_name(event)}, {"jobId", job.id}, {"userId", job.user_id}};
  if (job.result) {
    const std::string& key = job.result->object_key;
    const std::string url = key.empty() ? std::string() : urls_.object_url(key, {now_ms + kResultUrlMs, {}});
    body.add("result", app::studio_result(job, url));
  } else {
    body.add("result", nullptr);
  }
  return std::move(body).text();
}

std::string Bodies::of_job(const Job& job, const JobCall& call, WebhookEvent event, UnixMs now_ms) const {
  return job.surface == Surface::kStudio ? for_studio(job, event, now_ms) : for_upscale(job, call, event, now_ms);
}

std::string Bodies::of_ping(const WebhookEndpoint& endpoint, UnixMs now_ms) const {
  const JsonText body = {
      {"event", webhook_event_name(WebhookEvent::kPing)}, {"endpoint_id", endpoint.id}, {"timestamp", iso8601(now_ms)}};
  return body.text();
}

}  // namespace tintype::webhook
