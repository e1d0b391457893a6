// Pictures that programs have made larger: asking, estimating, watching and cancelling.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/call_limits.h"
#include "app/called_jobs.h"
#include "app/images.h"
#include "app/input_files.h"
#include "app/jobs.h"
#include "app/once.h"
#include "app/storage.h"
#include "app/webhooks.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/job.h"
#include "domain/job_call.h"
#include "domain/operation.h"
#include "domain/rendition.h"
#include "ports/database.h"
#include "ports/egress.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::app {

struct UpscaleRules {
  std::int64_t file_bytes_max = 50LL << 20;  // of a file that comes with a call
  int unfinished_jobs_max = 200;             // of one user, whatever his plan; more is kOverloaded
};

// What is asked for. Of the three sources exactly one is there.
struct UpscaleCall {
  Upscale upscale;
  std::string source_url;
  std::optional<IncomingFile> file;
  std::string image_id;
  std::string webhook_url;  // empty: nobody is told
  WebhookEvents webhook_events = WebhookEvents::defaults();
  std::string metadata;  // see JobCall
};

struct TimeSpan {
  std::int64_t min_seconds = 0, max_seconds = 0;
};

struct SubmittedUpscale {
  Job job;
  TimeSpan time;  // until it has ended, as far as can be said
};

struct UpscaleSubmission {
  Outcome<SubmittedUpscale> outcome;
  std::optional<RateDecision> left;  // of the caller's bounds, with this call counted
};

struct UpscaleEstimate {
  TimeSpan time;
  std::optional<Extent> original, output;  // where the picture's sides are known
  std::optional<Error> refusal;            // what submitting the same now would be refused with
};

class Upscales {
 public:
  Upscales(Database& database, ObjectStore& objects, ImageEngine& engine, const Egress& egress, Webhooks& webhooks,
           CallLimits& limits, const Storage& storage, Jobs& jobs, Notifier& notifier, const Clock& clock,
           Random& random, UpscaleRules rules);

  // Results of test keys are marked. A URL is vetted and not fetched. kUrlNotAllowed, also for webhook_url; kNotFound
  // for an image that is not the caller's; kInvalidInput for what the engine would not take; kRateLimited;
  // kQuotaExceeded when nothing is left of the user's storage.
  Result<UpscaleSubmission> submit(const Principal& principal, UpscaleCall call, const Once<SubmittedUpscale>& once);

  // `sides` of a picture of which only a URL is known. Fails when the estimate itself cannot be made: kNotFound,
  // kInvalidInput for a file that is no picture. Changes and counts nothing.
  Result<UpscaleEstimate> estimate(const Principal& principal, UpscaleCall call, const std::optional<Extent>& sides);

  Result<CalledJob> get(std::string_view user_id, std::string_view job_id);
  Result<std::vector<CalledJob>> list(std::string_view user_id, std::optional<JobState> state, const Page& page);
  // As Jobs::cancel().
  Result<CalledJob> cancel(const Principal& principal, std::string_view job_id);

  const UpscaleRules& rules() const { return rules_; }

 private:
  // What is known of a call's picture; nothing of one that has to be fetched.
  Result<std::optional<ImageFacts>> facts_of(const Principal& principal, const UpscaleCall& call);
  // Whether the engine would take it; the result's sides where the picture's are known.
  Result<std::optional<Extent>> check(const UpscaleCall& call, const std::optional<ImageFacts>& facts);
  Result<std::optional<StoredReply>> kept_reply(const std::optional<IdempotencyKey>& key);
  CalledJob new_job(const Principal& principal, const UpscaleCall& call, const std::optional<ImageFacts>& facts);
  Result<SubmittedUpscale> insert(Transaction& transaction, const Principal& principal, const UpscaleCall& call,
                                  CalledJob called, const std::vector<InputFile>& files,
                                  const std::optional<Extent>& output);
  // What may change between an estimate and a submit.
  Result<void> admit(Transaction& transaction, const Principal& principal);
  Result<TimeSpan> time_of(Transaction& transaction, const Principal& principal, const Upscale& upscale,
                           const std::optional<Extent>& output);

  Database& database_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  const Egress& egress_;
  Webhooks& webhooks_;
  CallLimits& limits_;
  const Storage& storage_;
  Jobs& jobs_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  UpscaleRules rules_;
};

}  // namespace tintype::app
