#include "cmd/settings.h"

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>
#include <thread>

#include "api/shared/dialect.h"
#include "base/log.h"
#include "engine/model/model.h"

namespace tintype::cmd {

namespace {

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kQuarterHourMs = 15 * 60 * kSecondMs;
constexpr std::int64_t kOwnDescriptors = 128;
constexpr std::int64_t kDescriptorsPerThread = 4;
constexpr std::int64_t kConnectionsMin = 16;

app::SignUpPolicy sign_up_policy(const std::string& name) {
  if (name == "open") return app::SignUpPolicy::kOpen;
  return name == "invite" ? app::SignUpPolicy::kInvite : app::SignUpPolicy::kClosed;
}

// Takes every descriptor that the system grants us. Each connection may need two, its own and that of a body or object
// on its way; what database, pool and the rest of us open must never be what is missing.
int connections_that_fit(const Config& config) {
  const std::int64_t wanted = config.server.connections_max;
  rlimit granted{};
  if (::getrlimit(RLIMIT_NOFILE, &granted) != 0) return static_cast<int>(wanted);
  granted.rlim_cur = granted.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &granted);
  const auto descriptors = static_cast<std::int64_t>(std::min<rlim_t>(granted.rlim_cur, INT_MAX));
  const std::int64_t own = kOwnDescriptors + 3 * config.database.connections_max +
                           kDescriptorsPerThread * config.server.pool_threads + config.egress.posts_max;
  const std::int64_t fit = std::max<std::int64_t>(kConnectionsMin, (descriptors - own) / 2);
  if (fit >= wanted) return static_cast<int>(wanted);
  log(LogLevel::kWarning, "connections_clamped",
      {{"connections_max", fit}, {"configured", wanted}, {"descriptors", descriptors}});
  return static_cast<int>(fit);
}

}  // namespace

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

RateLimit per_window(const Config& config, std::int64_t requests) {
  return {static_cast<int>(requests), config.limits.window_seconds * kSecondMs};
}

app::AccountRules account_rules(const Config& config) {
  app::AccountRules rules;
  rules.sign_up = sign_up_policy(config.auth.sign_up);
  rules.session_ms = config.auth.session_days * 24 * 3'600 * kSecondMs;
  rules.sign_ups_per_address = {static_cast<int>(config.limits.sign_up_per_hour), 3'600 * kSecondMs};
  rules.password_tries_per_account = {static_cast<int>(config.limits.password_tries), kQuarterHourMs};
  rules.password_tries_per_address = {static_cast<int>(config.limits.password_tries_per_address), kQuarterHourMs};
  return rules;
}

app::ShareRules share_rules(const Config& config) {
  app::ShareRules rules;
  rules.of_one_thing_max = static_cast<int>(config.shares.of_one_thing_max);
  rules.password_tries_per_address = {static_cast<int>(config.limits.password_tries), kQuarterHourMs};
  rules.password_tries = {static_cast<int>(config.limits.password_tries_per_address), kQuarterHourMs};
  return rules;
}

std::map<std::string, StorageQuota, std::less<>> storage_quotas(const Config& config) {
  const auto& plans = config.plans;
  return {{"free", {plans.free_bytes_max, plans.free_images_max}},
          {"starter", {plans.starter_bytes_max, plans.starter_images_max}},
          {"professional", {plans.professional_bytes_max, plans.professional_images_max}},
          {"enterprise", {plans.enterprise_bytes_max, plans.enterprise_images_max}}};
}

app::CallRules call_rules(const Config& config) {
  const auto& plans = config.plans;
  const auto bounds = [](std::int64_t hour, std::int64_t day, std::int64_t concurrent) {
    return CallBounds{static_cast<int>(hour), static_cast<int>(day), static_cast<int>(concurrent)};
  };
  return {{{"free", bounds(plans.free_requests_per_hour, plans.free_requests_per_day, plans.free_concurrent_jobs)},
           {"starter",
            bounds(plans.starter_requests_per_hour, plans.starter_requests_per_day, plans.starter_concurrent_jobs)},
           {"professional", bounds(plans.professional_requests_per_hour, plans.professional_requests_per_day,
                                   plans.professional_concurrent_jobs)},
           {"enterprise", bounds(plans.enterprise_requests_per_hour, plans.enterprise_requests_per_day,
                                 plans.enterprise_concurrent_jobs)}},
          config.limits.enabled};
}

app::ApiKeyRules api_key_rules(const Config& config) {
  return {split(config.plans.self_service), static_cast<int>(config.keys.per_user_max)};
}

app::LeaseRules lease_rules(const Config& config) {
  return {config.jobs.lease_seconds * kSecondMs,
          config.jobs.heartbeat_seconds * kSecondMs,
          {static_cast<int>(config.jobs.attempts_max), config.jobs.retry_pause_ms, config.jobs.retry_pause_max_ms},
          static_cast<int>(config.jobs.lost_leases_max)};
}

Result<app::PurchaseRules> purchase_rules(const Config& config) {
  app::PurchaseRules rules;
  for (const std::string& package : split(config.payments.packages)) {
    const std::size_t colon = package.find(':');
    Tokens tokens = 0;
    const char* const end = package.data() + package.size();
    const auto [after, error] =
        std::from_chars(colon == std::string::npos ? end : package.data() + colon + 1, end, tokens);
    if (error != std::errc() || after != end || colon == 0 || tokens < 1 || tokens > kPackageTokensMax) {
      return fail(ErrorCode::kInvalidInput, "payments.packages must be NAME:CREDITS, not '" + package + "'",
                  "starter:100,pro:500 makes two; each grants from 1 to " + std::to_string(kPackageTokensMax));
    }
    if (!rules.packages.emplace(package.substr(0, colon), tokens).second) {
      return fail(ErrorCode::kInvalidInput, "payments.packages names '" + package.substr(0, colon) + "' twice");
    }
  }
  return rules;
}

app::JanitorRules janitor_rules(const Config& config) {
  constexpr std::int64_t kDayMs = 24 * 3'600 * kSecondMs;
  app::JanitorRules rules;
  rules.unfinished_object_ms = config.images.unfinished_seconds * kSecondMs;
  rules.unused_rendition_ms = config.images.renditions_kept_days * kDayMs;
  rules.ended_delivery_ms = config.webhooks.kept_days * kDayMs;
  rules.ended_job_ms = config.retention.job_days * kDayMs;
  return rules;
}

app::RenditionRules rendition_rules(const Config& config) {
  app::RenditionRules rules;
  const int cores = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  rules.at_once_max = config.renditions.at_once_max > 0 ? static_cast<int>(config.renditions.at_once_max) : cores;
  rules.waiting_max = static_cast<int>(config.renditions.waiting_max);
  rules.per_image_max = static_cast<int>(config.renditions.per_image_max);
  rules.make_seconds_max = static_cast<int>(config.renditions.make_seconds_max);
  return rules;
}

app::StudioRules studio_rules(const Config& config) {
  using enum OperationKind;
  const auto& studio = config.studio;
  app::StudioRules rules;
  rules.prices = {{kGenerate, studio.price_generate},
                  {kEdit, studio.price_edit},
                  {kUpscale, studio.price_upscale},
                  {kRemoveBackground, studio.price_remove_background},
                  {kRelight, studio.price_relight},
                  {kExpand, studio.price_expand},
                  {kMagicPrompt, studio.price_magic_prompt},
                  {kMagicEdit, studio.price_magic_edit},
                  {kFluxLora, studio.price_flux_lora},
                  {kCameraControl, studio.price_camera_control},
                  {kVideoReplicate, studio.price_video_replicate}};
  rules.file_bytes_max = studio.file_bytes_max;
  rules.unfinished_jobs_max = static_cast<int>(config.jobs.unfinished_max);
  rules.quote_keys = split(config.auth.url_key);
  return rules;
}

app::PreviewRules preview_rules(const Config& config) {
  return {static_cast<int>(config.studio.previews_at_once), std::chrono::seconds(config.studio.preview_seconds)};
}

api::EnhancementLimits enhancement_limits(const Config& config) {
  const auto& limits = config.limits;
  return {per_window(config, limits.upload),        per_window(config, limits.batch_upload),
          per_window(config, limits.enhance),       per_window(config, limits.parallel_enhance),
          per_window(config, limits.move_to_album), per_window(config, limits.get_image)};
}

api::AccountOptions account_options(const Config& config) {
  const api::EnhancementLimits enhancement = enhancement_limits(config);
  const api::StudioLimits studio = studio_options(config).limits;
  return {{{"upload", enhancement.upload},
           {"batch_upload", enhancement.batch_upload},
           {"enhance", enhancement.enhance},
           {"parallel_enhance", enhancement.parallel_enhance},
           {"move_to_album", enhancement.move_to_album},
           {"get_image", enhancement.get_image},
           {"studio_operations", studio.operations},
           {"studio_address", studio.per_address, true},
           {"studio_status", studio.status_per_address, true}},
          config.images.url_seconds};
}

api::StudioOptions studio_options(const Config& config) {
  const auto per_minute = [](std::int64_t requests) { return RateLimit{static_cast<int>(requests), 60 * kSecondMs}; };
  api::StudioOptions options;
  options.limits.per_address = per_minute(config.studio.requests_per_minute);
  options.limits.status_per_address = per_minute(config.studio.status_reads_per_minute);
  options.limits.operations = per_minute(config.studio.operations_per_minute);
  options.limits.previews = per_minute(config.studio.previews_per_minute);
  options.url_seconds = config.studio.url_seconds;
  options.data_url_bytes_max = config.studio.data_url_bytes_max;
  options.upload_url_seconds = config.studio.upload_url_seconds;
  options.files_max = static_cast<int>(config.studio.batch_files_max);
  options.url_keys = split(config.auth.url_key);
  options.stripe_secrets = split(config.payments.stripe_webhook_secret);
  return options;
}

webhook::DelivererOptions deliverer_options(const Config& config) {
  webhook::DelivererOptions options;
  options.retry.pauses_ms = numbers_of(config.webhooks.retry_seconds);
  for (std::int64_t& pause : options.retry.pauses_ms) pause *= kSecondMs;
  options.timeout = std::chrono::seconds(config.webhooks.timeout_seconds);
  options.lease = std::chrono::seconds(config.webhooks.lease_seconds);
  options.at_once_max = static_cast<int>(std::min(config.webhooks.at_once_max, config.egress.posts_max));
  options.per_endpoint_max = static_cast<int>(config.webhooks.per_endpoint_max);
  options.shared_secret = config.webhooks.secret;
  return options;
}

engine::NativeEngineOptions engine_options(const Config& config) {
  engine::NativeEngineOptions options;
  options.models_directory = engine::models_directory(config.engine.models_directory);
  options.model_family = config.engine.model_family;
  options.backend = engine::backend_of(config.engine.backend);  // none for "auto"
  options.model_idle_seconds = config.engine.model_idle_seconds;
  options.threads = static_cast<int>(config.engine.threads);
  options.memory_bytes_max = config.engine.memory_max_bytes;
  options.limits.pixels_max = config.images.pixels_max;
  options.limits.side_max_px = static_cast<int>(config.images.side_max_px);
  options.limits.decode_ms_max = config.images.decode_seconds_max * 1'000;
  options.jpeg_quality = static_cast<int>(config.engine.jpeg_quality);
  options.rendition_webp_effort = static_cast<int>(config.images.webp_effort);
  return options;
}

Result<engine::Assignments> assignments(const Config& config) {
  const auto& engines = config.engines;
  const std::array said = {
      std::pair(OperationKind::kGenerate, &engines.generate),
      std::pair(OperationKind::kEdit, &engines.edit),
      std::pair(OperationKind::kUpscale, &engines.upscale),
      std::pair(OperationKind::kRemoveBackground, &engines.remove_background),
      std::pair(OperationKind::kRelight, &engines.relight),
      std::pair(OperationKind::kExpand, &engines.expand),
      std::pair(OperationKind::kMagicEdit, &engines.magic_edit),
      std::pair(OperationKind::kFluxLora, &engines.flux_lora),
      std::pair(OperationKind::kCameraControl, &engines.camera_control),
  };
  engine::Assignments all;
  for (const auto& [operation, text] : said) {
    if (text->empty()) continue;
    auto assignment = engine::parse_assignment(*text);
    if (!assignment) {
      std::string name = operation_name(operation);
      std::ranges::replace(name, '-', '_');
      return fail(ErrorCode::kInvalidInput, "engines." + name + ": " + assignment.error().message);
    }
    all.emplace(operation, std::move(*assignment));
  }
  return all;
}

Result<engine::RemoteRules> remote_rules(const Config& config) {
  const auto& providers = config.providers;
  engine::RemoteRules rules;
  const engine::NativeEngineOptions native = engine_options(config);
  rules.files = {native.limits, native.memory_bytes_max, native.jpeg_quality,
                 static_cast<int>(providers.picture_side_max_px)};
  rules.breaker = {static_cast<int>(providers.breaker_failures), providers.breaker_seconds * kSecondMs};
  auto prices = engine::parse_prices(providers.prices);
  if (!prices) return fail(ErrorCode::kInvalidInput, "providers.prices: " + prices.error().message);
  rules.budget.price_micros = std::move(*prices);
  if (providers.daily_spend_max.empty()) return rules;
  const auto cap = engine::parse_micros(providers.daily_spend_max);
  if (!cap) return fail(ErrorCode::kInvalidInput, "providers.daily_spend_max: " + cap.error().message);
  rules.budget.daily_micros_max = *cap;
  const auto assigned = assignments(config);
  if (!assigned) return std::unexpected(assigned.error());
  for (const auto& [operation, assignment] : *assigned) {
    if (rules.budget.price_micros.contains(operation)) continue;
    return fail(ErrorCode::kInvalidInput, std::string("providers.daily_spend_max needs the price of ") +
                                              operation_name(operation) + " in providers.prices");
  }
  return rules;
}

// The origins whose pages read and write objects: our own console's, and those that may call us.
std::vector<std::string> browser_origins(const Config& config) {
  std::vector<std::string> origins = split(config.cors.origins);
  const std::string& url = config.server.public_url;
  const std::size_t scheme = url.find("://");
  origins.push_back(url.substr(0, scheme == std::string::npos ? scheme : url.find('/', scheme + 3)));
  return origins;
}

std::vector<std::string> delivery_keys(const Config& config) {
  auto keys = split(config.delivery.hmac_keys);
  return keys.empty() ? split(config.auth.url_key) : keys;
}

std::vector<api::Setting> settings_shown(const Config& config) {
  std::vector<api::Setting> shown;
  for (Setting& setting : settings_of(config)) {
    shown.push_back({std::move(setting.name), std::move(setting.value), std::move(setting.fallback),
                     std::move(setting.source), std::move(setting.meaning), setting.is_secret});
  }
  return shown;
}

http::ServerOptions server_options(const Config& config, const std::pair<std::string, std::uint16_t>& listen) {
  http::ServerOptions options;
  options.address = listen.first;
  options.port = listen.second;
  options.event_threads = static_cast<int>(std::max<std::int64_t>(1, config.server.event_threads));
  options.pool_threads = static_cast<int>(std::max<std::int64_t>(1, config.server.pool_threads));
  options.pool_queue_max = static_cast<int>(config.server.pool_queue_max);
  options.connections_max = connections_that_fit(config);
  options.header_bytes_max = config.server.header_bytes_max;
  options.header_timeout = std::chrono::seconds(config.server.header_seconds);
  options.idle_timeout = std::chrono::seconds(config.server.idle_seconds);
  options.read_timeout = std::chrono::seconds(config.server.read_seconds);
  options.body_grace = std::chrono::seconds(config.server.body_grace_seconds);
  options.body_bytes_per_second = config.server.body_bytes_per_second;
  options.request_timeout = std::chrono::seconds(config.server.call_seconds);
  options.write_timeout = std::chrono::seconds(config.server.write_seconds);
  options.stream_age_max = std::chrono::seconds(config.server.stream_age_seconds);
  options.waits_per_client_max = static_cast<int>(config.server.waits_per_user_max);
  options.trusted_proxies = split(config.server.trusted_proxies);
  options.cors.origins = split(config.cors.origins);
  options.cors.credentials = config.cors.credentials;
  options.cors.exposed_headers = {"ETag",
                                  "Content-Range",
                                  "X-Request-Id",
                                  "Retry-After",
                                  "X-RateLimit-Limit",
                                  "X-RateLimit-Remaining",
                                  "X-RateLimit-Reset",
                                  "Idempotency-Replayed"};
  options.render_error = api::render_error;
  return options;
}

}  // namespace tintype::cmd
