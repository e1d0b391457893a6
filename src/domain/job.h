// One asked-for operation on the way from `queued` to an end state.
//
//   queued -> running -> succeeded | failed | cancelled
//   queued -> cancelled
//   running -> queued      a lost lease, or a failed attempt with attempts left
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/error.h"
#include "domain/image.h"
#include "domain/operation.h"
#include "domain/studio_operation.h"

namespace tintype {

enum class JobState { kQueued, kRunning, kSucceeded, kFailed, kCancelled };

enum class Surface { kHosting, kEnhancement, kStudio, kUpscale };

// Jobs wait in two lanes with workers of their own, so that neither keeps the other waiting.
enum class QueueLane {
  kOperations,  // what users ask and pay for
  kBackground,  // kBackgroundPriority: what uploads bring with them, done with the processor's time that is left
};

inline constexpr int kHighPriority = 1, kNormalPriority = 0, kLowPriority = -1, kBackgroundPriority = -10;

struct JobResult {
  std::string object_key;  // empty where all that came of it are words
  ImageFormat format = ImageFormat::kJpeg;
  int width_px = 0;
  int height_px = 0;
  std::int64_t size_bytes = 0;
  std::string sha256;                     // hex
  std::optional<ClipFormat> clip_format;  // it is a clip; then `format` says nothing
  // A JSON object of what there is to say beside it, such as an edit's plan or the fidelity of what was enlarged;
  // empty: nothing.
  std::string details;
};

const char* result_format_name(const JobResult& result);  // "jpeg", "mp4" ...
const char* result_media_type(const JobResult& result);   // "image/jpeg", "video/mp4" ...

struct JobFailure {
  std::string code;     // a stable name a program can act on, e.g. "IMAGE_DAMAGED"
  std::string message;  // public
};

struct Job {
  std::string id;  // job_...
  std::string user_id;
  std::string image_id;   // empty for kProbe
  std::string batch_id;   // empty when it was started alone
  std::string waits_for;  // the job before it in a batch that runs in order, or its batch while that is paused; empty
                          // when it may run
  Surface surface = Surface::kEnhancement;
  OperationKind operation = OperationKind::kEnhance;
  Parameters parameters;
  std::string tier;  // the Enhance parameter once more, to find "already enhanced at this tier" by index
  JobState state = JobState::kQueued;
  int priority = kNormalPriority;
  Tokens price = 0;
  int attempt = 0;  // failed attempts so far; a lost lease is not one
  bool cancel_requested = false;
  int progress_permille = 0;
  UnixMs run_after_ms = 0;
  std::optional<UnixMs> lease_expires_at_ms;
  std::int64_t fencing_token = 0;  // grows with each lease; a write with an older one is refused
  std::optional<JobResult> result;
  std::optional<JobFailure> failure;
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> started_at_ms;
  std::optional<UnixMs> finished_at_ms;
  UnixMs updated_at_ms = 0;
};

struct RetryRules {
  int attempts_max = 3;
  std::int64_t pause_first_ms = 2'000;
  std::int64_t pause_max_ms = 60'000;
};

// The pause after the `attempt`-th failed attempt (1-based): doubles from pause_first_ms up to pause_max_ms.
std::int64_t retry_pause_ms(const RetryRules& rules, int attempt);

bool is_end_state(JobState state);
const char* job_state_name(JobState state);  // "queued" ...
std::optional<JobState> parse_job_state(const std::string& name);
const char* surface_name(Surface surface);  // "hosting" ...
std::optional<Surface> parse_surface(const std::string& name);

}  // namespace tintype
