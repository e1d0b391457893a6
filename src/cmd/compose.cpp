#include "cmd/compose.h"

#include <charconv>
#include <fstream>

#include "adapters/argon2/argon2_hasher.h"
#include "adapters/cdn/cloudfront_urls.h"
#include "adapters/cdn/hmac_urls.h"
#include "adapters/cdn/store_urls.h"
#include "adapters/egress/curl_egress.h"
#include "adapters/fs_store/fs_store.h"
#include "adapters/local_limiter/local_limiter.h"
#include "adapters/local_notifier/local_notifier.h"
#include "adapters/model_folder/model_folder.h"
#include "adapters/openai/openai_provider.h"
#include "adapters/outbound_http/curl_downloader.h"
#include "adapters/outbound_http/curl_http.h"
#include "adapters/postgres_notifier/postgres_notifier.h"
#include "adapters/redis_limiter/redis_limiter.h"
#include "adapters/replicate/replicate_provider.h"
#include "adapters/s3_store/s3_store.h"
#include "adapters/socket_notifier/socket_notifier.h"
#include "adapters/sql/sql_database.h"
#include "api/account/routes.h"
#include "api/admin/routes.h"
#include "api/auth/routes.h"
#include "api/enhancement/routes.h"
#include "api/hosting/routes.h"
#include "api/objects/routes.h"
#include "api/ops/routes.h"
#include "api/pages/routes.h"
#include "api/providers/routes.h"
#include "api/shared/dialect.h"
#include "api/upscale/routes.h"
#include "app/counting_limiter.h"
#include "base/log.h"
#include "base/process_folder.h"
#include "cmd/secrets.h"
#include "cmd/settings.h"
#include "webhook/bodies.h"

namespace tintype::cmd {

namespace {

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kMinuteMs = 60 * kSecondMs;

Result<std::pair<std::string, std::uint16_t>> parse_listen(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  std::uint16_t port = 0;
  const char* end = listen.data() + listen.size();
  const auto [after, error] = std::from_chars(colon == std::string::npos ? end : listen.data() + colon + 1, end, port);
  if (error != std::errc() || after != end) {
    return fail(ErrorCode::kInvalidInput, "server.listen must be ADDRESS:PORT, not '" + listen + "'");
  }
  std::string address = listen.substr(0, colon);
  if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
  if (address == "localhost") address = "127.0.0.1";
  return std::pair(address, port);
}

std::string local_url(std::uint16_t port) {
  return "http://localhost:" + std::to_string(port);
}

Result<std::unique_ptr<Database>> open_sql(const Config& config) {
  sql::SqlOptions options;
  options.url = config.database.url;
  options.connections_max = static_cast<int>(config.database.connections_max);
  options.queued_units_max = static_cast<int>(config.database.queued_units_max);
  return sql::open_database(options);
}

CurlEgressOptions egress_options(const Config& config) {
  CurlEgressOptions options;
  options.vetting.allow_private = config.egress.allow_private;
  options.resolvers = config.egress.resolvers;
  options.connect_timeout = std::chrono::seconds(config.egress.connect_seconds);
  options.stall_timeout = std::chrono::seconds(config.egress.stall_seconds);
  options.fetch_timeout = std::chrono::seconds(config.egress.fetch_seconds);
  options.fetch_bytes_max = config.egress.fetch_bytes_max;
  options.redirects_max = static_cast<int>(config.egress.redirects_max);
  options.posts_max = static_cast<int>(config.egress.posts_max);
  return options;
}

// A URL that the operator wrote, as paths are put behind it.
std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

ProviderCallRules provider_call_rules(const Config& config) {
  const auto& providers = config.providers;
  ProviderCallRules rules;
  rules.attempts_max = static_cast<int>(providers.attempts_max);
  rules.pause_first = std::chrono::milliseconds(providers.retry_pause_ms);
  rules.pause_max = std::chrono::milliseconds(providers.retry_pause_max_ms);
  rules.call_timeout = std::chrono::seconds(providers.call_seconds);
  rules.run_timeout = std::chrono::seconds(providers.result_seconds);
  rules.answer_bytes_max = providers.answer_bytes_max;
  return rules;
}

// Where predictions report to; nowhere without the secret by which they can be believed.
std::string prediction_webhook(const Config& config) {
  const bool can_report = !config.providers.replicate_webhook_secret.empty();
  return can_report ? config.server.public_url + std::string(api::kReplicateWebhookPath) : std::string();
}

ReplicateOptions replicate_options(const Config& config) {
  ReplicateOptions options;
  options.account = {without_slash(config.providers.replicate_url), config.providers.replicate_token};
  options.calls = provider_call_rules(config);
  options.webhook_url = prediction_webhook(config);
  return options;
}

constexpr std::string_view kSqlite = "sqlite:";

// Wakes all processes that share the database. The sockets lie beside a database that is a file, as whoever opens it
// can reach them there.
std::unique_ptr<Notifier> make_notifier(const std::string& database_url, Random& random) {
  if (!database_url.starts_with(kSqlite)) return std::make_unique<PostgresNotifier>(database_url);
  const std::string folder = database_url.substr(kSqlite.size()) + "-wakeups";
  try {
    return std::make_unique<SocketNotifier>(folder, random);
  } catch (const std::exception& exception) {
    // Not every file system takes sockets. Other processes then find their work by looking once a second.
    log(LogLevel::kWarning, "wakeups_within_process_only", {{"folder", folder}, {"cause", exception.what()}});
    return std::make_unique<LocalNotifier>();
  }
}

constexpr std::string_view kLocalStore = "file:";

FsStoreOptions fs_options(const Config& config) {
  return {config.objects.url.substr(kLocalStore.size()), config.server.public_url, split(config.auth.url_key)};
}

// Where the bucket is; nothing for a local store. kInvalidInput says which key is wrong.
Result<std::optional<S3Options>> s3_options(const Config& config) {
  const std::string& url = config.objects.url;
  if (url.starts_with(kLocalStore)) return std::nullopt;
  if (!url.starts_with("s3://")) {
    return fail(ErrorCode::kInvalidInput,
                "objects.url must be file:PATH or s3://BUCKET?endpoint=..., not '" + url + "'");
  }
  auto options = parse_s3_url(url);
  if (!options)
    return fail(options.error().code, "objects.url: " + options.error().message, options.error().suggestion);
  if (config.objects.access_key_id.empty() || config.objects.secret_access_key.empty()) {
    return fail(ErrorCode::kInvalidInput, "objects.access_key_id and objects.secret_access_key must be set for " + url,
                "Give them by TINTYPE_OBJECTS__ACCESS_KEY_ID and TINTYPE_OBJECTS__SECRET_ACCESS_KEY, or in the file");
  }
  if (!config.objects.public_endpoint.empty()) {
    auto endpoint = parse_endpoint(config.objects.public_endpoint);
    if (!endpoint) return fail(endpoint.error().code, "objects.public_endpoint: " + endpoint.error().message);
    options->public_endpoint = std::move(*endpoint);
  }
  options->access_key_id = config.objects.access_key_id;
  options->secret_access_key = config.objects.secret_access_key;
  options->requests_max = static_cast<int>(config.objects.requests_max);
  options->attempts_max = static_cast<int>(config.objects.attempts_max);
  options->connect_timeout = std::chrono::seconds(config.objects.connect_seconds);
  options->stall_timeout = std::chrono::seconds(config.objects.stall_seconds);
  return options;
}

// A local store has a spool of its own, on the file system to which its files are renamed.
S3Options with_spool(S3Options options, const std::filesystem::path& folder) {
  options.spool_directory = folder;
  return options;
}

Result<std::unique_ptr<RateLimiter>> make_limiter(const Config& config) {
  if (config.limits.url == "memory:") return std::make_unique<LocalLimiter>();
  auto options = parse_redis_url(config.limits.url);
  if (!options) return std::unexpected(options.error());
  options->timeout = std::chrono::milliseconds(config.limits.redis_timeout_ms);
  return std::make_unique<RedisLimiter>(std::move(*options), std::make_unique<LocalLimiter>());
}

Result<void> check_plans(const Config& config) {
  for (const std::string& plan : split(config.plans.self_service)) {
    if (!is_plan(plan)) return fail(ErrorCode::kInvalidInput, "plans.self_service: there is no plan '" + plan + "'");
  }
  return {};
}

// What signs for a CDN, if there is one.
struct Cdn {
  std::unique_ptr<HmacUrls> hmac;
  std::unique_ptr<CloudfrontUrls> cloudfront;
};

Result<Cdn> make_cdn(const Config& config) {
  const auto& delivery = config.delivery;
  Cdn cdn;
  if (delivery.mode == "store") return cdn;
  if (delivery.cdn_url.empty()) {
    return fail(ErrorCode::kInvalidInput, "delivery.mode " + delivery.mode + " needs delivery.cdn_url");
  }
  if (delivery.mode == "hmac") {
    cdn.hmac = std::make_unique<HmacUrls>(delivery.cdn_url, delivery_keys(config));
    return cdn;
  }
  if (config.objects.url.starts_with("file:")) {
    return fail(ErrorCode::kInvalidInput, "delivery.mode cloudfront needs objects in S3",
                "Please use delivery.mode hmac with objects in a folder");
  }
  if (delivery.cloudfront_key_pair_id.empty() || delivery.cloudfront_key_file.empty()) {
    return fail(ErrorCode::kInvalidInput,
                "delivery.mode cloudfront needs delivery.cloudfront_key_pair_id and delivery.cloudfront_key_file");
  }
  std::ifstream stream(delivery.cloudfront_key_file);
  const std::string pem((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  auto cloudfront = CloudfrontUrls::create({delivery.cdn_url, delivery.cloudfront_key_pair_id, pem});
  if (!cloudfront) return std::unexpected(cloudfront.error());
  cdn.cloudfront = std::move(*cloudfront);
  return cdn;
}

// Where pages load pictures from besides this server: the bucket and the CDN.
std::vector<std::string> store_origins(const Config& config) {
  std::vector<std::string> origins;
  if (const auto bucket = s3_options(config); bucket && *bucket) {
    std::string origin = (*bucket)->public_endpoint.empty() ? (*bucket)->endpoint : (*bucket)->public_endpoint;
    if ((*bucket)->addressing == S3Addressing::kHost) origin.insert(origin.find("://") + 3, (*bucket)->bucket + ".");
    origins.push_back(std::move(origin));
  }
  if (!config.delivery.cdn_url.empty()) origins.push_back(config.delivery.cdn_url);
  return origins;
}

// What operators have chosen since is asked for at each run.
engine::NativeEngineOptions with_choices(engine::NativeEngineOptions options, app::Models& models) {
  options.chosen_model = [&models](OperationKind operation, const Parameters& parameters) {
    return models.chosen_for(operation, parameters);
  };
  return options;
}

// What is done elsewhere, and within which bounds.
struct Remote {
  engine::Assignments assignments;
  engine::RemoteRules rules;
};

Result<Remote> remote_of(const Config& config) {
  auto assigned = assignments(config);
  if (!assigned) return std::unexpected(assigned.error());
  auto rules = remote_rules(config);
  if (!rules) return std::unexpected(rules.error());
  return Remote{std::move(*assigned), std::move(*rules)};
}

}  // namespace

std::unique_ptr<Downloader> make_downloader() {
  return std::make_unique<CurlDownloader>();
}

std::unique_ptr<ModelLibrary> make_model_library(const Config& config, Downloader& downloader) {
  return std::make_unique<ModelFolder>(downloader,
                                       ModelFolderOptions{engine::models_directory(config.engine.models_directory),
                                                          engine::catalogue_file(config.engine.catalogue),
                                                          std::chrono::seconds(config.engine.download_seconds),
                                                          std::chrono::seconds(config.engine.download_stall_seconds)});
}

struct House::Parts {
  Parts(Config effective, const Place& place, std::unique_ptr<Database> opened, std::unique_ptr<RateLimiter> counting,
        std::optional<S3Options> bucket, Cdn signers, const Remote& remote, app::PurchaseRules packages)
      : config(std::move(effective)),
        real_limiter(std::move(counting)),
        wakeups(make_notifier(config.database.url, random)),
        notifier(*wakeups),
        database(std::move(opened)),
        bucket_spool(bucket ? std::make_unique<ProcessFolder>(place.data / "spool", random) : nullptr),
        s3(bucket ? std::make_unique<S3Store>(with_spool(std::move(*bucket), bucket_spool->path()), clock, random)
                  : nullptr),
        local(s3 ? nullptr : std::make_unique<FsStore>(fs_options(config), clock, random)),
        objects(s3 ? static_cast<ObjectStore&>(*s3) : *local),
        cdn(std::move(signers)),
        bodies(urls()),
        outbox(bodies, notifier, clock, random, static_cast<int>(config.webhooks.waiting_max)),
        networks(make_model_library(config, *downloader)),
        models(*database, *networks, clock, random, {config.engine.model_family}),
        native(with_choices(engine_options(config), models)),
        openai(outbound, egress, {without_slash(config.providers.openai_url), config.providers.openai_key},
               provider_call_rules(config)),
        replicate(outbound, egress, notifier, replicate_options(config)),
        engine(native, providers(), remote.assignments, *database, clock, remote.rules),
        wallets(*database, clock, random,
                {config.wallet.initial, config.wallet.maximum, config.wallet.regeneration_seconds * kSecondMs}),
        accounts(*database, hasher, limiter, clock, random, account_rules(config), wallets),
        api_keys(*database, clock, random, api_key_rules(config)),
        call_limits(*database, limiter, clock, call_rules(config)),
        storage(*database, storage_quotas(config)),
        activity(*database, clock),
        images(*database, objects, engine, wallets, outbox, storage, notifier, clock, random,
               {config.images.file_bytes_max, config.images.batch_bytes_max,
                static_cast<int>(config.images.batch_files_max)}),
        uploads(*database, objects, engine, storage, notifier, clock, random,
                {config.uploads.part_size_bytes, config.uploads.file_bytes_max, config.uploads.single_bytes_max,
                 static_cast<int>(config.uploads.open_max), static_cast<int>(config.uploads.unknown_size_open_max),
                 config.uploads.session_seconds * kSecondMs, config.uploads.url_seconds * kSecondMs,
                 config.uploads.known_days * 24 * 3'600 * kSecondMs}),
        searches(*database),
        library(*database, images, uploads, notifier, clock, random,
                {config.retention.deleted_days * 24 * 3'600 * kSecondMs}),
        albums(*database, clock, random),
        shares(*database, hasher, limiter, notifier, clock, random, share_rules(config)),
        deliveries(*database, urls(), TargetSigner(delivery_keys(config)),
                   cdn.hmac ? config.delivery.cdn_url : config.server.public_url, clock,
                   {config.images.view_url_seconds, static_cast<int>(config.renditions.side_max_px),
                    config.renditions.avif_pixels_max}),
        renditions(*database, objects, engine, notifier, clock, random, rendition_rules(config)),
        views(*database),
        submissions(*database, wallets, storage, notifier, clock, random,
                    {{config.wallet.price_1k, config.wallet.price_2k, config.wallet.price_4k},
                     static_cast<int>(config.jobs.album_images_max),
                     static_cast<int>(config.jobs.unfinished_max)}),
        jobs(*database, wallets, outbox, notifier, clock),
        queue(*database, wallets, outbox, notifier, clock, random),
        administration(*database, accounts, wallets, queue, clock),
        purchases(*database, wallets, clock, random, std::move(packages)),
        work(*database, wallets, outbox, notifier, clock, lease_rules(config)),
        receipts(split(config.auth.receipt_key), config.server.public_url, clock),
        webhooks(*database, egress, bodies, notifier, clock, random,
                 {static_cast<int>(config.webhooks.endpoints_max), config.webhooks.secret}),
        upscales(*database, objects, engine, egress, webhooks, call_limits, storage, jobs, notifier, clock, random,
                 {config.upscale.file_bytes_max, static_cast<int>(config.jobs.unfinished_max)}),
        studio_jobs(*database, wallets, objects, engine, egress, webhooks, storage, jobs, notifier, clock, random,
                    studio_rules(config)),
        previews(studio_jobs, *database, objects, engine, random, preview_rules(config)),
        batches(*database, wallets, outbox, objects, engine, studio_jobs, storage, notifier, clock, random,
                {static_cast<int>(config.studio.batch_images_max), static_cast<int>(config.studio.batches_max)}),
        janitor(*database, objects, uploads, library, batches, administration, clock, janitor_rules(config)),
        authenticator(accounts, api_keys, outbound, clock,
                      {config.auth.jwt_secret,
                       config.server.public_url,
                       config.auth.jwks_url,
                       config.auth.jwks_issuer,
                       config.auth.jwks_audience,
                       config.auth.admin_key,
                       config.auth.jwt_seconds,
                       config.cors.credentials ? split(config.cors.origins) : std::vector<std::string>(),
                       {static_cast<int>(config.limits.admin_per_minute), kMinuteMs},
                       {static_cast<int>(config.limits.admin_key_tries), 15 * kMinuteMs}}),
        services{.accounts = accounts,
                 .api_keys = api_keys,
                 .call_limits = call_limits,
                 .wallets = wallets,
                 .storage = storage,
                 .activity = activity,
                 .images = images,
                 .uploads = uploads,
                 .library = library,
                 .searches = searches,
                 .albums = albums,
                 .shares = shares,
                 .deliveries = deliveries,
                 .renditions = renditions,
                 .views = views,
                 .submissions = submissions,
                 .jobs = jobs,
                 .queue = queue,
                 .administration = administration,
                 .purchases = purchases,
                 .webhooks = webhooks,
                 .upscales = upscales,
                 .studio_jobs = studio_jobs,
                 .previews = previews,
                 .models = models,
                 .receipts = receipts,
                 .batches = batches,
                 .webhook_counts = webhook_counts,
                 .database = *database,
                 .objects = objects,
                 .egress = egress,
                 .limiter = limiter,
                 .notifier = notifier,
                 .clock = clock,
                 .random = random,
                 .authenticator = authenticator,
                 .public_url = config.server.public_url,
                 .limits_enabled = config.limits.enabled} {}

  // What links and tokens begin with. Only before the server starts.
  void set_public_url(const std::string& url) {
    config.server.public_url = url;
    if (local) local->set_public_url(url);
    authenticator.set_public_url(url);
    if (!cdn.hmac) deliveries.set_base_url(url);
    services.public_url = url;
    replicate.set_webhook_url(prediction_webhook(config));
  }

  engine::Providers providers() { return {{"openai", &openai}, {"replicate", &replicate}}; }

  const UrlSigner& urls() const {
    if (cdn.hmac) return *cdn.hmac;
    if (cdn.cloudfront) return *cdn.cloudfront;
    return store_urls;
  }

  Config config;
  SystemClock clock;
  SystemRandom random;
  std::unique_ptr<RateLimiter> real_limiter;
  app::CountingLimiter limiter{*real_limiter};
  Argon2Hasher hasher;
  CurlHttp outbound;
  CurlEgress egress{egress_options(config), clock};
  std::unique_ptr<Notifier> wakeups;
  Notifier& notifier;
  std::unique_ptr<Database> database;
  std::unique_ptr<ProcessFolder> bucket_spool;
  std::unique_ptr<S3Store> s3;  // one of these two
  std::unique_ptr<FsStore> local;
  ObjectStore& objects;
  Cdn cdn;
  StoreUrls store_urls{objects};
  webhook::Bodies bodies;
  app::Outbox outbox;
  std::unique_ptr<Downloader> downloader = make_downloader();
  std::unique_ptr<ModelLibrary> networks;
  app::Models models;
  engine::NativeEngine native;
  OpenAiProvider openai;
  ReplicateProvider replicate;
  engine::Engines engine;
  app::Wallets wallets;
  app::Accounts accounts;
  app::ApiKeys api_keys;
  app::CallLimits call_limits;
  app::Storage storage;
  app::Activity activity;
  app::Images images;
  app::Uploads uploads;
  app::Searches searches;
  app::Library library;
  app::Albums albums;
  app::Shares shares;
  app::Deliveries deliveries;
  app::Renditions renditions;
  app::ViewCounts views;
  app::Submissions submissions;
  app::Jobs jobs;
  app::Queue queue;
  app::Administration administration;
  app::Purchases purchases;
  app::Work work;
  app::Receipts receipts;
  app::Webhooks webhooks;
  app::Upscales upscales;
  app::StudioJobs studio_jobs;
  app::Previews previews;
  app::Batches batches;
  app::WebhookCounts webhook_counts;
  app::Janitor janitor;
  api::Authenticator authenticator;
  api::Services services;
  std::shared_ptr<api::Metrics> metrics = api::make_metrics();
};

House::House(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
House::~House() = default;

Result<std::unique_ptr<House>> House::open(Config config, const Place& place) {
  SystemRandom random;
  const auto listen = parse_listen(config.server.listen);
  if (!listen) return std::unexpected(listen.error());
  auto packages = purchase_rules(config);
  if (!packages) return std::unexpected(packages.error());
  if (config.server.public_url.empty()) {
    config.server.public_url = local_url(listen->second);
  }
  while (config.server.public_url.ends_with('/')) config.server.public_url.pop_back();
  if (config.database.url.empty()) config.database.url = "sqlite:" + (place.data / "tintype.db").string();
  if (config.objects.url.empty()) config.objects.url = "file:" + (place.data / "objects").string();
  auto bucket = s3_options(config);
  if (!bucket) return std::unexpected(bucket.error());
  if (auto filled = fill_secrets(config, place.data / "secrets", random); !filled)
    return std::unexpected(filled.error());
  while (config.delivery.cdn_url.ends_with('/')) config.delivery.cdn_url.pop_back();
  auto cdn = make_cdn(config);
  if (!cdn) return std::unexpected(cdn.error());
  if (auto checked = check_plans(config); !checked) return std::unexpected(checked.error());
  auto remote = remote_of(config);
  if (!remote) return std::unexpected(remote.error());
  auto limiter = make_limiter(config);
  if (!limiter) return std::unexpected(limiter.error());
  if (auto usable = CurlEgress::check(egress_options(config)); !usable) return std::unexpected(usable.error());
  auto database = open_sql(config);
  if (!database) return std::unexpected(database.error());
  if (auto migrated = (*database)->migrate(); !migrated) return std::unexpected(migrated.error());
  if (auto written = app::Searches(**database).write_missing(); !written) return std::unexpected(written.error());
  if (auto checked = (*database)->check(); !checked) return std::unexpected(checked.error());
  try {
    std::unique_ptr<House> house(
        new House(std::make_unique<Parts>(std::move(config), place, std::move(*database), std::move(*limiter),
                                          std::move(*bucket), std::move(*cdn), *remote, std::move(*packages))));
    auto assigned = engine::Engines::check(remote->assignments, house->parts_->providers());
    if (!assigned) return fail(assigned.error().code, "engines: " + assigned.error().message);
    house->parts_->egress.set_own(house->config().server.public_url, listen->first, listen->second);
    return house;
  } catch (const std::exception& exception) {
    return fail_internal(exception.what());
  }
}

Database& House::database() {
  return *parts_->database;
}
ObjectStore& House::objects() {
  return parts_->objects;
}
Result<std::vector<StoreFinding>> House::examine_store(bool mend) {
  std::vector<StoreFinding> all;
  if (!parts_->s3) return all;
  auto findings = parts_->s3->examine_bucket(browser_origins(parts_->config), mend);
  if (!findings) return std::unexpected(findings.error());
  for (BucketFinding& finding : *findings) {
    all.push_back({std::move(finding.sentence), finding.mended, finding.required});
  }
  return all;
}
app::Accounts& House::accounts() {
  return parts_->accounts;
}
app::ApiKeys& House::api_keys() {
  return parts_->api_keys;
}
app::Administration& House::administration() {
  return parts_->administration;
}
app::Wallets& House::wallets() {
  return parts_->wallets;
}
app::Submissions& House::submissions() {
  return parts_->submissions;
}
ImageEngine& House::engine() {
  return parts_->engine;
}
app::Deliveries& House::deliveries() {
  return parts_->deliveries;
}
app::Renditions& House::renditions() {
  return parts_->renditions;
}
app::ViewCounts& House::views() {
  return parts_->views;
}
app::Uploads& House::uploads() {
  return parts_->uploads;
}
app::Webhooks& House::webhooks() {
  return parts_->webhooks;
}
app::Janitor& House::janitor() {
  return parts_->janitor;
}
Notifier& House::notifier() {
  return parts_->notifier;
}
const Config& House::config() const {
  return parts_->config;
}

std::unique_ptr<worker::Worker> House::make_worker(int slots, int claims_max) {
  worker::WorkerOptions options;
  options.slots = slots;
  options.background_slots = static_cast<int>(parts_->config.jobs.background_slots);
  options.claims_max = claims_max;
  options.scratch_directory = parts_->objects.spool_directory() / "jobs";
  options.receipts = &parts_->receipts;
  return std::make_unique<worker::Worker>(parts_->work, parts_->engine, parts_->objects, parts_->egress,
                                          parts_->notifier, parts_->clock, parts_->random, options);
}

std::unique_ptr<webhook::Deliverer> House::make_deliverer() {
  return std::make_unique<webhook::Deliverer>(*parts_->database, parts_->egress, parts_->notifier, parts_->clock,
                                              parts_->webhook_counts, deliverer_options(parts_->config));
}

namespace {

void log_access(const http::Exchange& exchange) {
  // The path of a share holds its token, which is as good as a password.
  const bool is_secret = exchange.path.starts_with("/s/");
  log(LogLevel::kInfo, "request",
      {{"request_id", exchange.request_id},
       {"method", http::method_name(exchange.method)},
       {"path", is_secret ? exchange.route_pattern : exchange.path},
       {"status", exchange.status},
       {"code", null_or(exchange.error_code)},
       {"us", exchange.duration.count()},
       {"in", exchange.request_bytes},
       {"out", exchange.response_bytes},
       {"from", exchange.remote_address}});
}

}  // namespace

Result<std::unique_ptr<http::Server>> House::make_server() {
  const Config& config = parts_->config;
  const auto listen = parse_listen(config.server.listen);
  if (!listen) return std::unexpected(listen.error());
  http::Router router;
  api::add_gotrue_routes(router, parts_->services);
  api::add_nextauth_routes(router, parts_->services);
  api::EnhancementOptions enhancement;
  enhancement.limits = enhancement_limits(config);
  enhancement.url_seconds = config.images.url_seconds;
  api::add_enhancement_routes(router, parts_->services, enhancement);
  api::add_account_routes(router, parts_->services, account_options(config));
  api::add_hosting_routes(
      router, parts_->services,
      {config.images.view_url_seconds, parts_->local != nullptr, parts_->cdn.hmac.get(), config.auth.url_key,
       RateLimit{static_cast<int>(config.limits.renditions_per_minute), 60'000}});
  api::add_studio_routes(router, parts_->services, studio_options(config));
  api::add_upscale_routes(router, parts_->services, {config.upscale.url_seconds});
  if (parts_->local) {
    api::add_object_routes(router, {*parts_->local, *parts_->local, parts_->clock, parts_->random,
                                    parts_->services.public_url, config.objects.put_bytes_max});
  }
  api::add_queue_routes(router, parts_->services);
  api::add_provider_routes(router, parts_->services, split(config.providers.replicate_webhook_secret));
  api::add_administration_routes(router, parts_->services);
  api::add_model_routes(router, parts_->services, config.engine.upload_bytes_max);
  // As it is by then: what clients reach us by may be known only once we listen.
  api::add_config_routes(router, parts_->services, [parts = parts_.get()] { return settings_shown(parts->config); });
  const auto pages = api::make_pages(parts_->services, store_origins(config));
  api::add_page_routes(router, pages);
  api::add_ops_routes(router, parts_->services,
                      {parts_->engine, parts_->work.figures(), parts_->limiter, *parts_->metrics});
  api::add_description_routes(router);
  api::add_receipt_key_routes(router, parts_->services);
  http::ServerOptions options = server_options(config, *listen);
  options.render_error = [pages](const http::Request& request, const Error& error) {
    return api::render_page_error(*pages, request, error);
  };
  options.spool_directory = parts_->objects.spool_directory();
  options.on_exchange = [metrics = parts_->metrics, access = config.log.access](const http::Exchange& exchange) {
    api::observe(*metrics, exchange);
    if (access) log_access(exchange);
  };
  auto server = std::make_unique<http::Server>(std::move(options), std::move(router), parts_->random);
  if (auto bound = server->listen(); !bound) return std::unexpected(bound.error());
  // With port 0 the address that nobody configured is known only now.
  if (config.server.public_url == local_url(0)) parts_->set_public_url(local_url(server->port()));
  parts_->egress.set_own(config.server.public_url, listen->first, server->port());
  return server;
}

Result<std::unique_ptr<http::Server>> House::make_ops_server(const std::string& listen) {
  const auto address = parse_listen(listen);
  if (!address) return std::unexpected(address.error());
  http::Router router;
  api::add_ops_routes(router, parts_->services,
                      {parts_->engine, parts_->work.figures(), parts_->limiter, *parts_->metrics});
  auto server =
      std::make_unique<http::Server>(server_options(parts_->config, *address), std::move(router), parts_->random);
  if (auto bound = server->listen(); !bound) return std::unexpected(bound.error());
  return server;
}

}  // namespace tintype::cmd
