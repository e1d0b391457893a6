// Removes what nobody needs any more: images whose time in the trash is over, uploads that were not completed, objects
// that nothing names, renditions that nobody looks at, shares, API keys, webhooks, batches and jobs without an image
// that ended long ago, expired sessions and idempotency keys. Ends what banned users have asked for. Each pass is
// bounded and can be cut off anywhere.
#pragma once

#include <mutex>

#include "app/administration.h"
#include "app/batches.h"
#include "app/library.h"
#include "app/uploads.h"
#include "base/clock.h"
#include "ports/database.h"
#include "ports/object_store.h"

namespace tintype::app {

struct JanitorRules {
  std::int64_t unfinished_object_ms = 60 * 60 * 1000;  // a `writing` object older than this was abandoned
  int pass_rows_max = 500;
  std::int64_t unused_rendition_ms = 30LL * 24 * 3'600 * 1'000;  // of those made on request
  std::int64_t ended_delivery_ms = 30LL * 24 * 3'600 * 1'000;    // how long a webhook that was sent is listed
  std::int64_t ended_share_ms = 30LL * 24 * 60 * 60 * 1000;      // how long a revoked or expired share is remembered
  std::int64_t ended_key_ms = 30LL * 24 * 60 * 60 * 1000;  // how long a key's end is told to whoever comes with it
  std::int64_t ended_job_ms = 30LL * 24 * 60 * 60 * 1000;  // how long a job without an image is kept, with its result
};

class Janitor {
 public:
  Janitor(Database& database, ObjectStore& objects, Uploads& uploads, Library& library, Batches& batches,
          Administration& administration, const Clock& clock, JanitorRules rules);
  struct Pass {
    int objects_removed = 0;
    int rows_removed = 0;
    bool more = false;  // a bound was reached: call again soon
  };
  Result<Pass> run();  // one at a time: another call waits

 private:
  Database& database_;
  ObjectStore& objects_;
  Uploads& uploads_;
  Library& library_;
  Batches& batches_;
  Administration& administration_;
  const Clock& clock_;
  JanitorRules rules_;
  std::mutex running_;
};

}  // namespace tintype::app
