#include "worker/worker.h"

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <new>
#include <set>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "app/jobs.h"
#include "app/object_keys.h"
#include "app/scratch.h"
#include "base/file_digest.h"
#include "base/log.h"
#include "base/step_back.h"
#include "worker/failures.h"
#include "worker/inputs.h"
#include "worker/variants.h"

namespace tintype::worker {

namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds kProgressInterval{500};  // between writes of progress
constexpr milliseconds kRescueInterval{3'000};
constexpr milliseconds kTick{100};
constexpr int kRescueMax = 100;

}  // namespace

// Threads: `slots` runners that claim and run, one timer that beats for every running job and rescues lost ones.
class Worker::Impl {
 public:
  Impl(app::Work& work, ImageEngine& engine, ObjectStore& objects, Egress& egress, Notifier& notifier,
       const Clock& clock, Random& random, WorkerOptions options)
      : work_(work),
        engine_(engine),
        objects_(objects),
        notifier_(notifier),
        clock_(clock),
        random_(random),
        options_(std::move(options)),
        inputs_(work, engine, objects, egress),
        variants_(work, engine, objects, random) {}

  ~Impl() { stop(milliseconds(0)); }

  void start() {
    std::error_code ignored;
    std::filesystem::remove_all(options_.scratch_directory, ignored);
    std::filesystem::create_directories(options_.scratch_directory);
    for (Lane* lane : {&operations_, &background_}) {
      lane->subscription = notifier_.subscribe(lane->topic, [lane] { lane->call(); });
    }
    for (int slot = 0; slot < options_.slots; ++slot) runners_.emplace_back([this] { run_jobs(operations_); });
    for (int slot = 0; slot < options_.background_slots; ++slot) {
      runners_.emplace_back([this] {
        step_back();
        run_jobs(background_);
      });
    }
    work_.figures().add_slots(QueueLane::kOperations, options_.slots);
    work_.figures().add_slots(QueueLane::kBackground, options_.background_slots);
    timer_ = std::thread([this] { watch(); });
  }

  void stop(milliseconds bound) {
    if (runners_.empty()) return;
    stopping_.store(true);
    for (Lane* lane : {&operations_, &background_}) {
      notifier_.unsubscribe(lane->subscription);
      {
        std::lock_guard lock(lane->mutex);
      }  // whoever is about to sleep sleeps before he is woken
      lane->wake.notify_all();
    }
    {
      std::unique_lock lock(mutex_);
      ended_.wait_for(lock, bound, [&] { return running_.empty(); });
      for (const auto& running : running_) running->control.cancel.store(true);
    }
    for (std::thread& runner : runners_) runner.join();
    runners_.clear();
    {
      // Another worker's thread may be writing the end of a job of this one.
      std::unique_lock lock(mutex_);
      ended_.wait(lock, [&] { return running_.empty(); });
    }
    watching_.store(false);
    timer_.join();
  }

 private:
  // A job that runs in this process.
  struct Running {
    Job job;
    RunControl control;
    std::atomic<bool> cancel_requested{false};
    std::atomic<bool> lease_lost{false};
    std::atomic<bool> poked{false};  // something about the lease changed, perhaps a cancel
    int progress_written_permille = 0;
    Notifier::Subscription subscription = 0;
    Steady::time_point beaten_at = Steady::now();
  };

  // One of the queue's lanes, and what wakes its runners. Of many jobs that come at once not each wakes one: who looks
  // wakes the next, while there may be more.
  struct Lane {
    QueueLane lane;
    std::string_view topic;
    Notifier::Subscription subscription = 0;
    std::mutex mutex{};  // held for a moment alone: whoever notifies takes it
    std::uint64_t wakes = 0;
    int looking = 0;
    bool called = false;  // somebody was woken who does not look yet
    std::condition_variable wake{};

    void call() {
      std::lock_guard lock(mutex);
      ++wakes;
      if (looking > 0 || called) return;
      called = true;
      wake.notify_one();
    }
    std::uint64_t begin_look() {
      std::lock_guard lock(mutex);
      ++looking;
      called = false;
      return wakes;
    }
    void end_look(std::uint64_t seen, bool may_be_more) {
      std::lock_guard lock(mutex);
      --looking;
      if (may_be_more || wakes != seen) wake.notify_one();
    }
    std::uint64_t wakes_so_far() {
      std::lock_guard lock(mutex);
      return wakes;
    }
  };

  void run_jobs(Lane& lane) {
    while (!stopping_.load()) {
      const std::uint64_t seen = lane.begin_look();
      const auto jobs = work_.claim(options_.claims_max, lane.lane);
      if (!jobs) log(LogLevel::kError, "claim_failed", {{"cause", jobs.error().cause}});
      // There may be more where these came from, if not all of them came: let another runner look.
      const bool may_be_more = jobs && static_cast<int>(jobs->size()) == options_.claims_max;
      lane.end_look(seen, may_be_more);
      if (jobs && !jobs->empty()) {
        work_.figures().set_busy(lane.lane, 1);
        run_claimed(*jobs);
        work_.figures().set_busy(lane.lane, -1);
      }
      if (!may_be_more) sleep_until_woken(lane, seen);
    }
  }

  // Claimed together, all of them hold leases at once.
  void run_claimed(const std::vector<Job>& jobs) {
    std::vector<std::shared_ptr<Running>> claimed;
    {
      std::lock_guard lock(mutex_);
      for (const Job& job : jobs) {
        auto running = std::make_shared<Running>();
        running->job = job;
        running->subscription =
            notifier_.subscribe(app::lease_topic(job.id), [poked = &running->poked] { poked->store(true); });
        running_.insert(running);
        claimed.push_back(std::move(running));
      }
    }
    for (const auto& running : claimed) run_fenced(running);
  }

  // Beats no more for a job.
  void forget(const std::shared_ptr<Running>& running) {
    notifier_.unsubscribe(running->subscription);
    std::lock_guard lock(mutex_);
    running_.erase(running);
    ended_.notify_all();  // in the lock: whoever stops may be gone behind it
  }

  void sleep_until_woken(Lane& lane, std::uint64_t seen) {
    if (lane.wakes_so_far() != seen) return;
    milliseconds pause = options_.poll_interval;
    if (const auto next = work_.next_run_after(); next && *next) {
      pause = std::clamp(milliseconds(**next - clock_.now_ms()), milliseconds(1), pause);
    }
    std::unique_lock lock(lane.mutex);
    lane.wake.wait_for(lock, pause, [&] { return stopping_.load() || lane.wakes != seen; });
  }

  void run_fenced(const std::shared_ptr<Running>& running) {
    try {
      run(running);
    } catch (const std::bad_alloc&) {
      log(LogLevel::kError, "job_out_of_memory", {{"job", running->job.id}});
      work_.fail(running->job, {"OUT_OF_MEMORY", "There was not enough memory for this picture"},
                 app::FailureKind::kTransient, settled(running));
    } catch (const std::exception& exception) {
      log(LogLevel::kError, "job_threw", {{"job", running->job.id}, {"cause", exception.what()}});
      work_.fail(running->job, {"ENGINE_FAILED", "The picture could not be processed"}, app::FailureKind::kTransient,
                 settled(running));
    }
  }

  void run(const std::shared_ptr<Running>& running) {
    const Job& job = running->job;
    if (stopping_.load()) return work_.give_back(job, settled(running));
    if (job.cancel_requested) return work_.cancelled(job, settled(running));
    if (job.operation == OperationKind::kVariants) return run_variants(running);
    if (job.operation == OperationKind::kProbe) return work_.succeed(job, {}, settled(running));
    const auto began = Steady::now();
    auto result = produce(*running);
    if (!result) return end_badly(running, result.error());
    work_.succeed(job, *result, [this, running, began, key = result->object_key](const Result<bool>& held) {
      if (is_nobodys(held) && !key.empty()) static_cast<void>(objects_.remove(key));
      if (held && *held) log_success(running->job, began);
      settle(running, held);
    });
  }

  void run_variants(const std::shared_ptr<Running>& running) {
    const Job& job = running->job;
    const auto began = Steady::now();
    const auto made = variants_.make(job, scratch_of(job), running->control);
    if (!made) return end_badly(running, made.error());
    const auto held = work_.succeed_variants(job, *made);
    if (is_nobodys(held)) variants_.discard(*made);
    if (held && *held) log_success(job, began);
    settle(running, held);
  }

  // Whether what was stored is named by nobody. Whose job it is now stores a result of its own; the journal still has
  // this one's keys as unfinished. After an internal failure nobody knows whether the commit was done: then the janitor
  // takes the objects unless a row names them.
  static bool is_nobodys(const Result<bool>& held) { return held ? !*held : held.error().code != ErrorCode::kInternal; }

  static void log_success(const Job& job, Steady::time_point began) {
    log(LogLevel::kInfo, "job_succeeded",
        {{"job", job.id},
         {"operation", operation_name(job.operation)},
         {"image", job.image_id},
         {"ms", std::chrono::duration_cast<milliseconds>(Steady::now() - began).count()}});
  }

  std::filesystem::path scratch_of(const Job& job) const {
    return options_.scratch_directory / (job.id + "-" + std::to_string(job.fencing_token));
  }

  template <class Act>
  auto timed(const Job& job, app::WorkStep step, Act act) {
    return app::timed(work_.figures(), job.operation, step, act);
  }

  // All of a result but its object.
  static JobResult words(const RunOutcome& outcome) {
    JobResult result;
    result.format = outcome.format;
    result.width_px = outcome.width_px;
    result.height_px = outcome.height_px;
    result.size_bytes = outcome.size_bytes;
    result.clip_format = outcome.clip_format;
    result.details = outcome.details;
    return result;
  }

  // Beside what else there is to say of the result.
  Result<void> add_receipt(const Job& job, const JobFiles& inputs, const std::vector<ModelDigest>& models,
                           JobResult& result) const {
    app::InputDigests digests;
    for (const auto& [file, digest] :
         {std::pair(&inputs.picture, &digests.picture), std::pair(&inputs.mask, &digests.mask),
          std::pair(&inputs.reference, &digests.reference)}) {
      if (!*file) continue;
      auto made = sha256_of_file((*file)->path());
      if (!made) return std::unexpected(made.error());
      *digest = std::move(*made);
    }
    const std::string receipt = options_.receipts->sign(job, result, digests, models);
    JsonText details;
    details.add_all(result.details).add("receipt", receipt);
    result.details = details.text();
    return {};
  }

  // From the picture's bytes to a stored result.
  Result<JobResult> produce(Running& running) {
    const Job& job = running.job;
    const std::filesystem::path scratch = scratch_of(job);
    const auto inputs = timed(job, app::WorkStep::kFetch, [&] { return inputs_.open(job, scratch, running.control); });
    if (!inputs) return std::unexpected(inputs.error());
    const app::ScratchFile output(scratch.string() + ".out");
    RunRequest request;
    request.operation = job.operation;
    request.parameters = job.parameters;
    if (inputs->picture) request.input = inputs->picture->path();
    if (inputs->mask) request.mask = inputs->mask->path();
    if (inputs->reference) request.reference = inputs->reference->path();
    request.output = output.path();
    const auto outcome = timed(job, app::WorkStep::kEngine, [&] { return engine_.run(request, running.control); });
    if (!outcome) return std::unexpected(outcome.error());
    if (outcome->size_bytes == 0 && !outcome->details.empty()) return words(*outcome);
    if (outcome->width_px <= 0 || outcome->height_px <= 0 || outcome->size_bytes <= 0) {
      return fail_internal(std::string(kResultRejected) + ": it has no size");
    }
    JobResult result = words(*outcome);
    result.object_key = app::result_key(random_, job.id, job.fencing_token, result);
    auto digest = sha256_of_file(output.path());
    if (!digest) return std::unexpected(digest.error());
    result.sha256 = std::move(*digest);
    if (options_.receipts != nullptr) {
      if (auto receipted = add_receipt(job, *inputs, outcome->models, result); !receipted) {
        return std::unexpected(receipted.error());
      }
    }
    if (auto begun = work_.begin_result(result.object_key); !begun) return std::unexpected(begun.error());
    const auto put = timed(job, app::WorkStep::kStore, [&] {
      return objects_.put_file(result.object_key, output.path(), result_media_type(result));
    });
    if (!put) return std::unexpected(put.error());
    return result;
  }

  void end_badly(const std::shared_ptr<Running>& running, const Error& error) {
    const Job& job = running->job;
    if (running->lease_lost.load()) return forget(running);  // somebody else's job by now
    if (error.code == ErrorCode::kCancelled) {
      if (running->cancel_requested.load()) return work_.cancelled(job, settled(running));
      return work_.give_back(job, settled(running));
    }
    log(LogLevel::kWarning, "job_attempt_failed",
        {{"job", job.id}, {"attempt", job.attempt + 1}, {"message", error.message}, {"cause", error.cause}});
    work_.fail(job, failure_of(error), kind_of(error), settled(running));
  }

  app::Work::Settled settled(const std::shared_ptr<Running>& running) {
    return [this, running](const Result<bool>& held) { settle(running, held); };
  }

  void settle(const std::shared_ptr<Running>& running, const Result<bool>& held) {
    // Not settled: the lease runs out and the job is rescued.
    if (!held) log(LogLevel::kError, "job_not_settled", {{"job", running->job.id}, {"cause", held.error().cause}});
    if (held && !*held) log(LogLevel::kWarning, "job_lease_lost", {{"job", running->job.id}});
    forget(running);
  }

  // The timer thread: heartbeats, progress, rescue.
  void watch() {
    auto rescued_at = Steady::now() - kRescueInterval;
    while (watching_.load()) {
      std::vector<std::shared_ptr<Running>> due;
      {
        std::unique_lock lock(mutex_);
        ended_.wait_for(lock, kTick, [&] { return !watching_.load(); });
        due.assign(running_.begin(), running_.end());
      }
      for (const auto& running : due) beat(*running);
      if (Steady::now() - rescued_at < kRescueInterval) continue;
      rescued_at = Steady::now();
      if (const auto count = work_.rescue(kRescueMax); count && *count > 0) {
        log(LogLevel::kWarning, "jobs_rescued", {{"count", *count}});
      }
    }
  }

  // In time for the lease, and sooner when there is progress to show or somebody asks for something.
  void beat(Running& running) {
    const auto since = Steady::now() - running.beaten_at;
    const int progress = running.control.progress_permille.load();
    const bool moved = progress != running.progress_written_permille && since >= kProgressInterval;
    // Before the lease is read: who pokes meanwhile is heard the next time.
    const bool poked = running.poked.exchange(false);
    if (moved || poked || since >= milliseconds(work_.rules().heartbeat_ms)) {
      write_beat(running, moved ? progress : running.progress_written_permille);
    }
  }

  void write_beat(Running& running, int progress) {
    running.beaten_at = Steady::now();
    Job job = running.job;
    job.progress_permille = std::exchange(running.progress_written_permille, progress);
    const auto lease = work_.heartbeat(job, progress);
    if (!lease) {
      log(LogLevel::kError, "heartbeat_failed", {{"job", running.job.id}, {"cause", lease.error().cause}});
      return;
    }
    switch (*lease) {
      case app::Work::Lease::kHeld: return;
      case app::Work::Lease::kCancelRequested: running.cancel_requested.store(true); break;
      case app::Work::Lease::kLost: running.lease_lost.store(true); break;
    }
    running.control.cancel.store(true);
  }

  app::Work& work_;
  ImageEngine& engine_;
  ObjectStore& objects_;
  Notifier& notifier_;
  const Clock& clock_;
  Random& random_;
  const WorkerOptions options_;
  Inputs inputs_;
  VariantMaker variants_;

  Lane operations_{QueueLane::kOperations, app::kQueueTopic};
  Lane background_{QueueLane::kBackground, app::kBackgroundTopic};
  std::vector<std::thread> runners_;
  std::thread timer_;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> watching_{true};
  std::mutex mutex_;
  std::condition_variable ended_;
  // By attempt, not by job: a job whose lease was lost may be back before its first runner has noticed.
  std::set<std::shared_ptr<Running>> running_;
};

Worker::Worker(app::Work& work, ImageEngine& engine, ObjectStore& objects, Egress& egress, Notifier& notifier,
               const Clock& clock, Random& random, WorkerOptions options)
    : impl_(std::make_unique<Impl>(work, engine, objects, egress, notifier, clock, random, std::move(options))) {}

Worker::~Worker() = default;

void Worker::start() {
  impl_->start();
}

void Worker::stop(milliseconds bound) {
  impl_->stop(bound);
}

}  // namespace tintype::worker
