// The studio's batches: pictures that arrive one after another or many at once, are worked on together, and can be had
// together.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/images.h"
#include "app/jobs.h"
#include "app/once.h"
#include "app/storage.h"
#include "app/studio_jobs.h"
#include "app/wallets.h"
#include "base/clock.h"
#include "base/random.h"
#include "domain/batch.h"
#include "ports/database.h"
#include "ports/image_engine.h"
#include "ports/notifier.h"
#include "ports/object_store.h"

namespace tintype::app {

struct BatchRules {
  int images_max = 500;
  int batches_max = 1'000;  // of one user; more is kQuotaExceeded
};

struct NewBatch {
  std::string name;
  OperationKind operation = OperationKind::kEdit;
  Parameters parameters;  // as they were said: see studio_parameters()
  int images_total = 0;
};

// A picture of a batch and how its job is.
struct BatchPicture {
  BatchImage image;
  std::optional<Job> job;
};

struct BatchView {
  StudioBatch batch;
  BatchCounts counts;
  std::vector<BatchPicture> pictures;  // where they were asked for
};

struct BatchUpload {
  BatchView view;
  int added = 0;
  std::optional<Error> not_started;  // all have arrived, and this kept it from starting
};

struct BatchCancelled {
  int cancelled = 0;
  Tokens tokens_released = 0;  // by this call; running jobs' are released when they stop
};

class Batches {
 public:
  Batches(Database& database, Wallets& wallets, Outbox& outbox, ObjectStore& objects, ImageEngine& engine,
          const StudioJobs& studio_jobs, const Storage& storage, Notifier& notifier, const Clock& clock, Random& random,
          BatchRules rules);

  // kInvalidInput with Error::field; kEngineUnavailable; kQuotaExceeded.
  Result<Outcome<StudioBatch>> create(std::string_view user_id, const NewBatch& request, const Once<StudioBatch>& once);
  // All of the files or none: kInvalidInput names the one that is no picture, or says how many may still come. The last
  // one starts the batch. kConflict when it was started or cancelled before.
  Result<Outcome<BatchUpload>> upload(std::string_view user_id, std::string_view id,
                                      const std::vector<IncomingFile>& files, const Once<BatchUpload>& once);
  // With the pictures that have arrived; one at least. kInsufficientTokens and kQuotaExceeded hold nothing.
  Result<Outcome<BatchView>> start(std::string_view user_id, std::string_view id, const Once<BatchView>& once);
  // Jobs that run go on.
  Result<Outcome<BatchView>> pause(std::string_view user_id, std::string_view id, const Once<BatchView>& once);
  Result<Outcome<BatchView>> resume(std::string_view user_id, std::string_view id, const Once<BatchView>& once);
  Result<BatchCancelled> cancel(std::string_view user_id, std::string_view id);
  // Those that failed are tried again, at their price.
  Result<Outcome<BatchView>> retry(std::string_view user_id, std::string_view id, const Once<BatchView>& once);
  Result<void> remove(std::string_view user_id, std::string_view id);  // kConflict while any of its jobs goes on

  Result<BatchView> get(std::string_view user_id, std::string_view id);  // with its pictures
  Result<std::vector<BatchView>> list(std::string_view user_id, const Page& page);

  // The janitor's: goes on with cancels that a crash has cut off. How many batches.
  Result<int> sweep(int limit);

  const BatchRules& rules() const { return rules_; }

 private:
  Result<StudioBatch> own(Transaction& transaction, std::string_view user_id, std::string_view id);
  Result<BatchView> view_of(Transaction& transaction, StudioBatch batch);
  Result<BatchView> seen(Transaction& transaction, std::string_view user_id, std::string_view id);
  Result<void> submit(Transaction& transaction, const StudioBatch& batch, const std::vector<BatchImage>& images);
  Result<void> admit(Transaction& transaction, const StudioBatch& batch, std::size_t images);
  Result<void> start(Transaction& transaction, StudioBatch batch);
  Result<void> start_when_admitted(Transaction& transaction, const StudioBatch& batch,
                                   std::optional<Error>& not_started);
  struct Arrived {
    BatchImage image;
    const IncomingFile* file = nullptr;
  };
  Result<std::vector<Arrived>> look_at(const StudioBatch& batch, const std::vector<IncomingFile>& files);
  // The batch that is to be filled, or the answer that was given before.
  Result<std::variant<StudioBatch, StoredReply>> before_upload(std::string_view user_id, std::string_view id,
                                                               const std::optional<IdempotencyKey>& key);
  Result<BatchUpload> add(Transaction& transaction, std::string_view user_id, std::string_view id,
                          const std::vector<Arrived>& arrived);
  Result<Outcome<BatchView>> change(std::string_view user_id, std::string_view id, const Once<BatchView>& once,
                                    FunctionRef<Result<void>(Transaction&, StudioBatch)> act);
  Result<BatchCancelled> cancel_jobs(const StudioBatch& batch);
  void tell(std::string_view batch_id);

  Database& database_;
  Wallets& wallets_;
  Outbox& outbox_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  const StudioJobs& studio_jobs_;
  const Storage& storage_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  BatchRules rules_;
};

// Part of the janitor's: forgets up to kBatchesForgotten batches that nothing has happened to since then, with their
// pictures, which may be many.
inline constexpr int kBatchesForgotten = 4;
Result<int> remove_batches(Transaction& transaction, UnixMs updated_before_ms, UnixMs now_ms);

}  // namespace tintype::app
