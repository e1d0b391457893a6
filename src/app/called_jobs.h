// Jobs and what their callers said beside them: how they begin, the files that came with their calls, and their end.
#pragma once

#include <string_view>

#include "app/webhooks.h"
#include "base/clock.h"
#include "domain/job.h"
#include "domain/job_call.h"
#include "ports/database.h"

namespace tintype::app {

struct CalledJob {
  Job job;
  JobCall call;
};

// Part of the unit of work that submits it. Its events go to `webhook_url`, an endpoint of the caller's from then on;
// empty: nobody is told.
Result<void> insert_called(Transaction& transaction, Webhooks& webhooks, std::string_view webhook_url,
                           CalledJob& called);

// Part of the unit of work that ends a job: the files that came with its call are not needed any more.
Result<void> drop_inputs(Transaction& transaction, const Job& job, UnixMs now_ms);

// Part of the janitor's: forgets up to `limit` jobs without an image that ended before then, with their calls and
// results, and gives back what they took of their users' storage. Answers how many.
Result<int> remove_ended_jobs(Transaction& transaction, UnixMs ended_before_ms, UnixMs now_ms, int limit);

}  // namespace tintype::app
