// How a job is, as server-sent events: the same on every surface but for what is said of it.
#pragma once

#include <functional>
#include <string>

#include "base/error.h"
#include "base/json_text.h"
#include "domain/job.h"
#include "http/message.h"
#include "ports/notifier.h"

namespace tintype::api {

struct JobNews {
  JobState state = JobState::kQueued;
  int progress_permille = 0;
  JsonText data;  // of the event
};

// One `job` event now and one for each change of state or per cent of progress; the last is the end state. When the job
// is gone, an event `deleted` with its id under `id_name`. `look` reads it anew, and its error is the answer where it
// fails at once.
Result<http::Response> job_stream(Notifier& notifier, const std::string& job_id, const char* id_name,
                                  std::function<Result<JobNews>()> look);

}  // namespace tintype::api
