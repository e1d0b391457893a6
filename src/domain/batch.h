// Pictures that are worked on together: the same operation, with the same parameters, for each.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "domain/image.h"
#include "domain/job.h"
#include "domain/operation.h"

namespace tintype {

// open -> started | cancelled
// started -> cancelled
enum class BatchState { kOpen, kStarted, kCancelled };

struct StudioBatch {
  std::string id;  // batch_...
  std::string user_id;
  std::string name;
  OperationKind operation = OperationKind::kEdit;
  Parameters parameters;
  int images_total = 0;  // it starts by itself when as many have arrived
  BatchState state = BatchState::kOpen;
  std::optional<UnixMs> paused_at_ms;  // no job of it is begun meanwhile
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> started_at_ms;
  UnixMs updated_at_ms = 0;
};

// A picture of a batch. Its original is the batch's, and stays as long as the batch does.
struct BatchImage {
  std::string batch_id;
  int position = 0;  // from 1 on, in the order in which they came
  std::string name;
  std::string object_key;
  ImageFormat format = ImageFormat::kJpeg;
  int width_px = 0;
  int height_px = 0;
  std::int64_t size_bytes = 0;
  std::string job_id;  // of its last try; empty before the start
};

// How far a batch is.
struct BatchCounts {
  int received = 0, waiting = 0, running = 0, succeeded = 0, failed = 0, cancelled = 0;
};

const char* batch_state_name(BatchState state);  // "open" ...
std::optional<BatchState> parse_batch_state(const std::string& name);

}  // namespace tintype
