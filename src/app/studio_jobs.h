// What the studio makes of pictures and words: asking, estimating, watching and cancelling.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/called_jobs.h"
#include "app/images.h"
#include "app/input_files.h"
#include "app/jobs.h"
#include "app/once.h"
#include "app/price_quotes.h"
#include "app/storage.h"
#include "app/wallets.h"
#include "app/webhooks.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/account.h"
#include "domain/image.h"
#include "domain/job.h"
#include "domain/job_call.h"
#include "domain/studio_operation.h"
#include "ports/database.h"
#include "ports/egress.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::app {

struct StudioRules {
  std::map<OperationKind, Tokens> prices;  // of those that the operator priced; the others cost what they do by default
  std::int64_t file_bytes_max = 20LL << 20;  // of a picture that comes with a call
  int unfinished_jobs_max = 200;             // of one user; more is kOverloaded
  std::vector<std::string> quote_keys;       // as PriceQuotes takes them
};

// A picture as a call names it: at most one of the two.
struct StudioPicture {
  std::string source_url;
  std::optional<IncomingFile> file;
  bool is_there() const { return !source_url.empty() || file.has_value(); }
};

struct StudioCall {
  OperationKind operation = OperationKind::kEdit;
  Parameters parameters;  // as they were said: see studio_parameters()
  StudioPicture picture, mask, reference;
  std::string image_id;  // of the caller's images, in place of a picture
  int priority = kNormalPriority;
  std::string quote;        // of an estimate, that submit() is held to; empty: what it costs now
  std::string webhook_url;  // empty: nobody is told
  WebhookEvents webhook_events = WebhookEvents::defaults();
};

// How long a job waits still, and what for.
struct StudioWait {
  std::int64_t position = 0;  // 1 is next; 0 runs
  std::int64_t seconds = 0;   // until it has ended, as far as can be said
};

struct SubmittedStudio {
  Job job;
  StudioWait wait;
};

struct StudioEstimate {
  Tokens price = 0;
  PriceQuote quote;  // holds the price for the caller
  Tokens available = 0;
  std::int64_t seconds = 0;      // until a job that is submitted now has ended
  std::optional<Extent> output;  // where the picture's sides are known, and the result is a picture
  std::optional<Error> refusal;  // what submitting the same now would be refused with
};

// A call that holds, and what is known of its pictures; nothing of those that have to be fetched.
struct CheckedCall {
  std::optional<ImageFacts> picture, mask, reference;
  std::optional<Image> image;  // where the picture is one of the caller's images
  std::optional<Extent> output;
};

struct WatchedJob {
  Job job;
  StudioWait wait;
};

class StudioJobs {
 public:
  StudioJobs(Database& database, Wallets& wallets, ObjectStore& objects, ImageEngine& engine, const Egress& egress,
             Webhooks& webhooks, const Storage& storage, Jobs& jobs, Notifier& notifier, const Clock& clock,
             Random& random, StudioRules rules);

  // URLs are vetted and not fetched. kEngineUnavailable; kUrlNotAllowed; kInvalidInput with Error::field for what the
  // engine would not take; kNotFound for an image that is not the caller's; kInsufficientTokens; kQuotaExceeded when
  // nothing is left of the user's storage. Nothing is kept or reserved then.
  Result<Outcome<SubmittedStudio>> submit(const Principal& principal, StudioCall call,
                                          const Once<SubmittedStudio>& once);
  // Changes nothing, and looks at no quote. Fails when the estimate itself cannot be made: as submit() would for the
  // call's form.
  Result<StudioEstimate> estimate(const Principal& principal, StudioCall call);

  Result<WatchedJob> get(std::string_view user_id, std::string_view job_id);
  Result<std::vector<Job>> list(std::string_view user_id, std::optional<JobState> state, const Page& page);
  // As Jobs::cancel().
  Result<Cancelled> cancel(const Principal& principal, std::string_view job_id);

  // What submit() checks before anything is stored; brings the call's parameters into the form that is kept. Fails as
  // it does, but for what only the moment of submitting knows: tokens, jobs and room.
  Result<CheckedCall> check(const Principal& principal, StudioCall& call);
  // What was said of an operation, checked and brought into the form that is kept, as far as that can be done without
  // its pictures. kInvalidInput with Error::field; kEngineUnavailable.
  Result<Parameters> check_operation(OperationKind operation, const Parameters& said) const;
  Tokens price_of(OperationKind operation) const;
  bool is_ready(OperationKind operation) const { return engine_.is_ready(operation); }
  const StudioRules& rules() const { return rules_; }

 private:
  Result<std::optional<ImageFacts>> facts_of(const StudioPicture& picture, std::string_view field);
  Result<std::optional<Extent>> forecast(OperationKind operation, const Parameters& parameters,
                                         const std::optional<ImageFacts>& picture) const;

  // The lower of what it costs now and what was promised.
  Result<Tokens> price_for(const Principal& principal, const StudioCall& call) const;
  CalledJob new_job(const Principal& principal, const StudioCall& call, const CheckedCall& checked, Tokens price);
  // The call's files become objects under their own names in the job's record.
  std::vector<InputFile> take_files(const StudioCall& call, const CheckedCall& checked, CalledJob& called);
  Result<SubmittedStudio> insert(Transaction& transaction, const Principal& principal, const StudioCall& call,
                                 CalledJob called, const std::vector<InputFile>& files);
  Result<void> admit(Transaction& transaction, const Principal& principal);
  Result<StudioWait> wait_of(Transaction& transaction, const Job& job);
  Result<void> look_at_pace(Transaction& transaction);
  // Of any of its kind; of this very job, whose length counts where it is a clip.
  Result<double> run_seconds(Transaction& transaction, OperationKind operation);
  Result<double> run_seconds(Transaction& transaction, OperationKind operation, const Parameters& parameters);

  Database& database_;
  Wallets& wallets_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  const Egress& egress_;
  Webhooks& webhooks_;
  const Storage& storage_;
  Jobs& jobs_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  StudioRules rules_;
  PriceQuotes quotes_;

  // How long operations took lately, looked up every few seconds.
  std::mutex pace_mutex_;
  std::map<OperationKind, double> mean_run_ms_;
  double clip_frame_ms_ = 0;
  UnixMs pace_read_at_ms_ = 0;
};

}  // namespace tintype::app
