#include "domain/job.h"

#include <algorithm>

namespace tintype {

const char* result_format_name(const JobResult& result) {
  return result.clip_format ? clip_format_name(*result.clip_format) : image_format_name(result.format);
}

const char* result_media_type(const JobResult& result) {
  return result.clip_format ? clip_format_media_type(*result.clip_format) : image_format_media_type(result.format);
}

std::int64_t retry_pause_ms(const RetryRules& rules, int attempt) {
  std::int64_t pause_ms = rules.pause_first_ms;
  for (int i = 1; i < attempt && pause_ms < rules.pause_max_ms; ++i) pause_ms *= 2;
  return std::min(pause_ms, rules.pause_max_ms);
}

bool is_end_state(JobState state) {
  switch (state) {
    case JobState::kQueued:
    case JobState::kRunning: return false;
    case JobState::kSucceeded:
    case JobState::kFailed:
    case JobState::kCancelled: return true;
  }
  return true;
}

const char* job_state_name(JobState state) {
  switch (state) {
    case JobState::kQueued: return "queued";
    case JobState::kRunning: return "running";
    case JobState::kSucceeded: return "succeeded";
    case JobState::kFailed: return "failed";
    case JobState::kCancelled: return "cancelled";
  }
  return "failed";
}

std::optional<JobState> parse_job_state(const std::string& name) {
  for (const JobState state :
       {JobState::kQueued, JobState::kRunning, JobState::kSucceeded, JobState::kFailed, JobState::kCancelled}) {
    if (name == job_state_name(state)) return state;
  }
  return std::nullopt;
}

const char* surface_name(Surface surface) {
  switch (surface) {
    case Surface::kHosting: return "hosting";
    case Surface::kEnhancement: return "enhancement";
    case Surface::kStudio: return "studio";
    case Surface::kUpscale: return "upscale";
  }
  return "enhancement";
}

std::optional<Surface> parse_surface(const std::string& name) {
  for (const Surface surface : {Surface::kHosting, Surface::kEnhancement, Surface::kStudio, Surface::kUpscale}) {
    if (name == surface_name(surface)) return surface;
  }
  return std::nullopt;
}

}  // namespace tintype
