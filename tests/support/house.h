// The use cases over a real SQLite file and a real store, with a clock that the test moves.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "adapters/cdn/store_urls.h"
#include "adapters/fs_store/fs_store.h"
#include "adapters/local_limiter/local_limiter.h"
#include "adapters/local_notifier/local_notifier.h"
#include "adapters/sql/sql_database.h"
#include "app/accounts.h"
#include "app/activity.h"
#include "app/administration.h"
#include "app/albums.h"
#include "app/api_keys.h"
#include "app/batches.h"
#include "app/call_limits.h"
#include "app/deliveries.h"
#include "app/doctor.h"
#include "app/images.h"
#include "app/janitor.h"
#include "app/jobs.h"
#include "app/library.h"
#include "app/models.h"
#include "app/outbox.h"
#include "app/previews.h"
#include "app/purchases.h"
#include "app/queue.h"
#include "app/renditions.h"
#include "app/searches.h"
#include "app/shares.h"
#include "app/storage.h"
#include "app/studio_jobs.h"
#include "app/submissions.h"
#include "app/uploads.h"
#include "app/upscales.h"
#include "app/view_counts.h"
#include "app/wallets.h"
#include "app/work.h"

namespace tintype::test {

class TestClock final : public Clock {
 public:
  UnixMs now_ms() const override { return now_ms_.load(); }
  void advance(std::int64_t ms) { now_ms_.fetch_add(ms); }

 private:
  std::atomic<UnixMs> now_ms_{1'700'000'000'000};
};

// Hashes by putting a mark in front: passwords are not the point of these tests.
class PlainHasher final : public PasswordHasher {
 public:
  std::string hash(std::string_view password) override { return "hash:" + std::string(password); }
  bool verify(std::string_view password, const std::string& hash) override {
    return hash == "hash:" + std::string(password);
  }
};

// Where no network lies and nobody publishes one.
class EmptyModelLibrary : public ModelLibrary {
 public:
  Result<std::vector<InstalledModel>> installed() override { return std::vector<InstalledModel>(); }
  Result<std::vector<PublishedNetwork>> published() override { return std::vector<PublishedNetwork>(); }
  Result<InstalledModel> fetch(const std::string& name, Progress, const std::atomic<bool>&) override {
    return fail(ErrorCode::kNotFound, "Nobody publishes " + name);
  }
  Result<InstalledModel> add(const NetworkFiles&) override {
    return fail(ErrorCode::kInvalidInput, "It is no network");
  }
  Result<void> remove(const std::string& name) override { return fail(ErrorCode::kNotFound, "There is no " + name); }
};

// Takes every file for a small PNG and enhances it by copying: pixels are not the point of these tests.
class CopyingEngine : public ImageEngine {
 public:
  Result<ImageFacts> inspect(const std::filesystem::path&) override {
    return ImageFacts{ImageFormat::kPng, 8, 6, false, 1};
  }
  Result<ImageFacts> verify(const std::filesystem::path& file) override {
    if (std::filesystem::file_size(file) < 4) return fail(ErrorCode::kInvalidInput, "The picture is damaged");
    return inspect(file);
  }
  Result<PhotoMetadata> metadata(const std::filesystem::path&) override { return PhotoMetadata{.make = "Copy"}; }
  Result<RunOutcome> run(const RunRequest& request, RunControl& control) override {
    if (on_run) {
      if (auto ran = on_run(control); !ran) return std::unexpected(ran.error());
    }
    std::filesystem::copy_file(request.input, request.output, std::filesystem::copy_options::overwrite_existing);
    return RunOutcome{ImageFormat::kPng, 8, 6, static_cast<std::int64_t>(std::filesystem::file_size(request.output)),
                      "copy"};
  }
  Result<WrittenPicture> preview(const PreviewRequest& request, RunControl& control) override {
    if (on_run) {
      if (auto ran = on_run(control); !ran) return std::unexpected(ran.error());
    }
    std::filesystem::copy_file(request.run.input, request.run.output);
    return WrittenPicture{ImageFormat::kWebp, 8, 6,
                          static_cast<std::int64_t>(std::filesystem::file_size(request.run.output))};
  }
  bool is_ready(OperationKind) const override { return true; }
  Result<RunForecast> forecast(const RunRequest&, const ImageFacts& picture) override {
    return RunForecast{picture.width_px, picture.height_px, 1 << 20};
  }
  // Renditions are copies too.
  Result<RenderOutcome> render(const RenderRequest& request, RunControl& control) override {
    if (on_render) {
      if (auto rendered = on_render(control); !rendered) return std::unexpected(rendered.error());
    }
    RenderOutcome outcome{{}, "thumb-hash", 0x8000'0000'0000'0001};
    for (const Rendition& rendition : request.renditions) {
      const Extent extent = extent_in(rendition.recipe.box, {8, 6});
      std::filesystem::copy_file(request.input, rendition.output);
      outcome.renditions.push_back({rendition.format, extent.width_px, extent.height_px,
                                    static_cast<std::int64_t>(std::filesystem::file_size(rendition.output))});
    }
    return outcome;
  }
  Result<WrittenPicture> strip(const std::filesystem::path& input, const std::filesystem::path& output,
                               RunControl&) override {
    std::filesystem::copy_file(input, output);
    return WrittenPicture{ImageFormat::kPng, 8, 6, static_cast<std::int64_t>(std::filesystem::file_size(output))};
  }
  Result<void> check() override { return {}; }

  std::function<Result<void>(RunControl&)> on_render;
  std::function<Result<void>(RunControl&)> on_run;
};

// Says which job and event it is for: what surfaces send is not the point of these tests.
class PlainBodies final : public WebhookBodies {
 public:
  std::string of_job(const Job& job, const JobCall&, WebhookEvent event, UnixMs) const override {
    return job.id + " " + webhook_event_name(event);
  }
  std::string of_ping(const WebhookEndpoint& endpoint, UnixMs) const override { return endpoint.id + " ping"; }
};

// Fetches what the test says; takes every URL that does not lead `inside`, and posts nothing.
class ToldEgress final : public Egress {
 public:
  Result<void> vet(std::string_view url) const override {
    return url.contains("inside") ? fail(ErrorCode::kUrlNotAllowed, "This URL leads inside") : Result<void>();
  }
  Result<FetchedFile> fetch(const FetchRequest& request, const std::atomic<bool>& cancel) override {
    const auto bytes = on_fetch ? on_fetch(request.url, cancel) : Result<std::string>("picture");
    if (!bytes) return std::unexpected(bytes.error());
    std::ofstream(request.path, std::ios::binary) << *bytes;
    return FetchedFile{static_cast<std::int64_t>(bytes->size())};
  }
  void post(PostRequest, PostDone) override {}

  std::function<Result<std::string>(const std::string& url, const std::atomic<bool>& cancel)> on_fetch;
};

// Where no disk makes a commit wait, if the machine has such a place: for properties that are tried very often.
inline std::filesystem::path memory_directory() {
  std::error_code ignored;
  const std::filesystem::path shared = "/dev/shm";
  const bool usable = std::filesystem::is_directory(shared, ignored) && ::access(shared.c_str(), W_OK) == 0;
  return usable ? shared : std::filesystem::temp_directory_path();
}

class Folder {
 public:
  explicit Folder(const std::filesystem::path& parent = std::filesystem::temp_directory_path()) {
    std::string pattern = (parent / "tintype-app-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

struct House {
  explicit House(const std::filesystem::path& data, TestClock& test_clock, std::uint64_t seed = 1)
      : clock(test_clock),
        random(seed),
        database(open(data)),
        objects({data / "objects", "http://test", {"key"}}, clock, random) {}

  static std::unique_ptr<Database> open(const std::filesystem::path& data) {
    // Another house on the same data may hold the file as long as a slow machine needs.
    auto opened = sql::open_database({.url = "sqlite:" + (data / "test.db").string(), .busy_timeout_ms = 600'000});
    if (!opened) throw std::runtime_error(opened.error().cause);
    if (auto migrated = (*opened)->migrate(); !migrated) throw std::runtime_error(migrated.error().cause);
    return std::move(*opened);
  }

  Principal new_user(const std::string& name) {
    const auto user = accounts.create({name + "@example.org", "password", name, Role::kUser}, {"root"});
    if (!user) throw std::runtime_error(user.error().message);
    return {user->id, user->email, {}, Role::kUser, "free", CredentialKind::kSessionBearer, 0};
  }

  app::IncomingFile file(const std::string& bytes) {
    const auto path = objects.spool_directory() / new_id(random, "in-");
    std::ofstream(path, std::ios::binary) << bytes;
    return {"photo.png", path, static_cast<std::int64_t>(bytes.size()), false};
  }

  std::string new_image(const Principal& principal) {
    const auto outcome = images.upload(principal, file("picture"), "", {});
    if (!outcome) throw std::runtime_error(outcome.error().message + outcome.error().cause);
    return std::get<Image>(*outcome).id;
  }

  // What becomes of a job that ends, waited for.
  Result<bool> succeed(const Job& job, const JobResult& result) {
    return told([&](app::Work::Settled settled) { work.succeed(job, result, std::move(settled)); });
  }
  Result<bool> fail(const Job& job, const JobFailure& failure, app::FailureKind kind) {
    return told([&](app::Work::Settled settled) { work.fail(job, failure, kind, std::move(settled)); });
  }
  Result<bool> cancelled(const Job& job) {
    return told([&](app::Work::Settled settled) { work.cancelled(job, std::move(settled)); });
  }
  Result<bool> give_back(const Job& job) {
    return told([&](app::Work::Settled settled) { work.give_back(job, std::move(settled)); });
  }
  static Result<bool> told(FunctionRef<void(app::Work::Settled)> end) {
    std::promise<Result<bool>> held;
    end([&](const Result<bool>& answer) { held.set_value(answer); });
    return held.get_future().get();
  }

  // What breaks a rule that always holds, in words; empty when nothing does.
  std::vector<std::string> faults() {
    std::vector<std::string> all;
    const auto report = app::examine(*database, objects);
    if (!report) return {report.error().cause};
    for (const app::Finding& finding : report->findings) all.push_back(finding.sentence);
    return all;
  }

  TestClock& clock;
  SeededRandom random;
  PlainHasher hasher;
  LocalLimiter limiter;
  LocalNotifier notifier;
  CopyingEngine engine;
  PlainBodies bodies;
  ToldEgress egress;
  std::unique_ptr<Database> database;
  FsStore objects;
  app::Wallets wallets{*database, clock, random, {}};
  app::Accounts accounts{*database, hasher, limiter, clock, random, {}, wallets};
  app::ApiKeys api_keys{*database, clock, random, {{"free", "starter", "professional"}}};
  app::CallLimits call_limits{
      *database,
      limiter,
      clock,
      {{{"free", {10, 50, 1}}, {"starter", {100, 1'000, 3}}, {"professional", {500, 5'000, 10}}}}};
  app::Storage storage{*database, {{"free", {1LL << 30, 10'000}}}};
  app::Activity activity{*database, clock};
  app::Outbox outbox{bodies, notifier, clock, random, 3};
  app::Images images{*database, objects, engine, wallets, outbox, storage, notifier, clock, random, {}};
  app::Uploads uploads{*database, objects, engine, storage, notifier, clock, random, {}};
  app::Searches searches{*database};
  app::Library library{*database, images, uploads, notifier, clock, random, {}};
  app::Albums albums{*database, clock, random};
  app::Shares shares{*database, hasher, limiter, notifier, clock, random, {}};
  StoreUrls urls{objects};
  app::Deliveries deliveries{*database, urls, TargetSigner({"key"}), "http://test", clock, {}};
  app::Renditions renditions{*database, objects, engine, notifier, clock, random, {}};
  app::ViewCounts views{*database};
  app::Submissions submissions{*database, wallets, storage, notifier, clock, random, {}};
  app::Jobs jobs{*database, wallets, outbox, notifier, clock};
  app::Queue queue{*database, wallets, outbox, notifier, clock, random};
  app::Work work{*database, wallets, outbox, notifier, clock, {}};
  app::Webhooks webhooks{*database, egress, bodies, notifier, clock, random, {}};
  app::Upscales upscales{*database, objects, engine,   egress, webhooks, call_limits,
                         storage,   jobs,    notifier, clock,  random,   {}};
  app::StudioJobs studio_jobs{*database, wallets, objects,  engine, egress, webhooks,
                              storage,   jobs,    notifier, clock,  random, {.quote_keys = {"quote key"}}};
  app::Batches batches{*database,
                       wallets,
                       outbox,
                       objects,
                       engine,
                       studio_jobs,
                       storage,
                       notifier,
                       clock,
                       random,
                       {.images_max = 10, .batches_max = 5}};
  app::Previews previews{studio_jobs, *database, objects, engine, random, {}};
  EmptyModelLibrary networks;
  app::Models models{*database, networks, clock, random, {}};
  app::Administration administration{*database, accounts, wallets, queue, clock};
  app::Purchases purchases{*database, wallets, clock, random, {{{"starter", 100}, {"pro", 500}}}};
  app::Janitor janitor{*database, objects, uploads, library, batches, administration, clock, {}};
};

}  // namespace tintype::test
