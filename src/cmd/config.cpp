#include "cmd/config.h"

#include <toml++/toml.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <variant>

#include "ports/object_store.h"

namespace tintype::cmd {

namespace {

constexpr std::int64_t kCountMax = 1'000'000'000;  // fits an int
constexpr std::int64_t kSecondsMax = 10LL * 366 * 24 * 3'600;
constexpr std::int64_t kBytesMax = 1LL << 40;
constexpr std::int64_t kSpaceMax = 1LL << 55;

// Numbers outside of these are refused.
struct Bounds {
  std::int64_t minimum = 0;
  std::int64_t maximum = kCountMax;
};

constexpr const char* kCommandSource = "--set";
constexpr const char* kMasked = "[masked]";

enum class Shape {
  kAny,
  kList,
  kSecret,
  kUrl,  // a secret when it carries a password
};

// A key: where its value lies in a Config, and what it means.
struct Key {
  const char* name;
  std::variant<std::string*, std::int64_t*, bool*> value;
  const char* meaning;
  Bounds bounds = {};
  Shape shape = Shape::kAny;
  std::vector<std::string_view> choices;  // empty: any text
};

std::vector<Key> keys_of(Config& c) {
  return {
      {"server.listen", &c.server.listen, "address and port; port 0 takes any free one"},
      {"server.public_url", &c.server.public_url, "what clients reach us by; http://localhost:PORT when empty"},
      {"server.event_threads", &c.server.event_threads, "threads that carry connections", {1, 64}},
      {"server.pool_threads", &c.server.pool_threads, "threads for what may block", {1, 1024}},
      {"server.pool_queue_max", &c.server.pool_queue_max, "calls that may wait for such a thread; more are 503", {1}},
      {"server.connections_max",
       &c.server.connections_max,
       "open connections, fewer where descriptors are few; more are closed at once",
       {1}},
      {"server.header_bytes_max", &c.server.header_bytes_max, "a request's header", {1'024, 1 << 20}},
      {"server.header_seconds", &c.server.header_seconds, "from a header's first byte to its end", {1, kSecondsMax}},
      {"server.idle_seconds", &c.server.idle_seconds, "between two requests of a connection", {1, kSecondsMax}},
      {"server.read_seconds", &c.server.read_seconds, "for each read of a body; 408 when over", {1, kSecondsMax}},
      {"server.body_grace_seconds",
       &c.server.body_grace_seconds,
       "for a whole body, longer for those that come fast enough; 408 when over",
       {1, kSecondsMax}},
      {"server.body_bytes_per_second", &c.server.body_bytes_per_second, "what is fast enough", {1, kCountMax}},
      {"server.call_seconds",
       &c.server.call_seconds,
       "in which a thread must take up what may block; 503 when over",
       {1, kSecondsMax}},
      {"server.write_seconds", &c.server.write_seconds, "for each write of an answer", {1, kSecondsMax}},
      {"server.stream_age_seconds",
       &c.server.stream_age_seconds,
       "after which an event stream ends, for its reader to come back and show a credential that still holds",
       {1, kSecondsMax}},
      {"server.waits_per_user_max",
       &c.server.waits_per_user_max,
       "long polls and event streams that a user holds open; more are 429",
       {1}},
      {"server.drain_seconds",
       &c.server.drain_seconds,
       "for what runs when the server is told to stop",
       {0, kSecondsMax}},
      {"server.trusted_proxies",
       &c.server.trusted_proxies,
       "addresses whose X-Forwarded-* are believed, by commas",
       {},
       Shape::kList},
      {"cors.origins",
       &c.cors.origins,
       "origins that may call from browsers, by commas, or *; none when empty",
       {},
       Shape::kList},
      {"cors.credentials", &c.cors.credentials, "whether they may send cookies"},
      {"log.level",
       &c.log.level,
       "debug, info, warning or error",
       {},
       Shape::kAny,
       {"debug", "info", "warning", "error"}},
      {"log.access", &c.log.access, "a line for each request"},
      {"auth.jwt_secret", &c.auth.jwt_secret, "signs our own tokens; made at first start", {}, Shape::kSecret},
      {"auth.admin_key", &c.auth.admin_key, "x-admin-key of the admin routes; made at first start", {}, Shape::kSecret},
      {"auth.url_key",
       &c.auth.url_key,
       "signs links to objects and quotes of prices, and is the secret key of S3 clients; by commas, the first signs "
       "and all are accepted; made at first start",
       {},
       Shape::kSecret},
      {"auth.receipt_key", &c.auth.receipt_key, "signs receipts of results; made at first start", {}, Shape::kSecret},
      {"auth.signup", &c.auth.sign_up, "open, invite or closed", {}, Shape::kAny, {"open", "invite", "closed"}},
      {"auth.session_days", &c.auth.session_days, "how long a session lives", {1, 3'660}},
      {"auth.jwt_seconds", &c.auth.jwt_seconds, "how long an access token lives", {1, kSecondsMax}},
      {"auth.jwks_url", &c.auth.jwks_url, "keys of a foreign issuer that is trusted; none when empty"},
      {"auth.jwks_issuer", &c.auth.jwks_issuer, "its iss"},
      {"auth.jwks_audience", &c.auth.jwks_audience, "its aud"},
      {"limits.enabled", &c.limits.enabled, "whether requests are counted"},
      {"limits.url",
       &c.limits.url,
       "where they are counted: memory:, each process for itself, or redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]",
       {},
       Shape::kUrl},
      {"limits.redis_timeout_ms",
       &c.limits.redis_timeout_ms,
       "in which Redis must answer; then a process counts by itself until it does again",
       {1, 60'000}},
      {"limits.window_seconds", &c.limits.window_seconds, "the window of the bounds below", {1, kSecondsMax}},
      {"limits.upload", &c.limits.upload, "uploads of a user"},
      {"limits.batch_upload", &c.limits.batch_upload, "batch uploads of a user"},
      {"limits.enhance", &c.limits.enhance, "enhancements of a user, albums too"},
      {"limits.parallel_enhance", &c.limits.parallel_enhance, "parallel enhancements of a user"},
      {"limits.move_to_album", &c.limits.move_to_album, "moves of a user"},
      {"limits.get_image", &c.limits.get_image, "reads of an image by a user"},
      {"limits.renditions_per_minute",
       &c.limits.renditions_per_minute,
       "renditions that are made for one address; 0 for any number, behind a CDN that is no trusted proxy",
       {0, kCountMax}},
      {"limits.sign_up_per_hour", &c.limits.sign_up_per_hour, "sign-ups from an address"},
      {"limits.password_tries", &c.limits.password_tries, "password tries for an account in 15 minutes"},
      {"limits.password_tries_per_address", &c.limits.password_tries_per_address,
       "password tries from an address in 15 minutes"},
      {"limits.admin_per_minute", &c.limits.admin_per_minute, "calls of an operator", {1, kCountMax}},
      {"limits.admin_key_tries",
       &c.limits.admin_key_tries,
       "wrong admin keys from an address in 15 minutes; then it is refused with the right one too",
       {1, kCountMax}},
      {"wallet.initial", &c.wallet.initial, "tokens of a new user"},
      {"wallet.maximum", &c.wallet.maximum, "regeneration stops here"},
      {"wallet.regeneration_seconds",
       &c.wallet.regeneration_seconds,
       "one token comes back in this time",
       {1, kSecondsMax}},
      {"wallet.price_1k", &c.wallet.price_1k, "tokens for TIER_1K"},
      {"wallet.price_2k", &c.wallet.price_2k, "tokens for TIER_2K"},
      {"wallet.price_4k", &c.wallet.price_4k, "tokens for TIER_4K"},
      {"payments.stripe_webhook_secret",
       &c.payments.stripe_webhook_secret,
       "whsec_... of the Stripe endpoint that tells of payments; by commas while it is rotated, all are accepted; no "
       "payments when empty",
       {},
       Shape::kSecret},
      {"payments.packages",
       &c.payments.packages,
       "NAME:CREDITS by commas: what a checkout grants whose metadata has package=NAME, as starter:100,pro:500",
       {},
       Shape::kList},
      {"jobs.lease_seconds", &c.jobs.lease_seconds, "a worker's right to a job without a heartbeat", {1, 3'600}},
      {"jobs.heartbeat_seconds", &c.jobs.heartbeat_seconds, "between heartbeats", {1, 3'600}},
      {"jobs.attempts_max", &c.jobs.attempts_max, "attempts of a job that fails for reasons that may pass", {1, 1000}},
      {"jobs.lost_leases_max",
       &c.jobs.lost_leases_max,
       "times a job may lose its worker before it has failed",
       {1, 1'000}},
      {"jobs.retry_pause_ms", &c.jobs.retry_pause_ms, "after the first failed attempt; doubles"},
      {"jobs.retry_pause_max_ms", &c.jobs.retry_pause_max_ms, "up to this"},
      {"jobs.unfinished_max", &c.jobs.unfinished_max, "jobs of a user that wait or run; more are 503", {1}},
      {"jobs.album_images_max", &c.jobs.album_images_max, "images of one album batch", {1, 1'000}},
      {"jobs.background_slots", &c.jobs.background_slots, "renditions of uploads made at once", {0, 256}},
      {"images.file_bytes_max", &c.images.file_bytes_max, "one upload", {1, kBytesMax}},
      {"images.batch_bytes_max", &c.images.batch_bytes_max, "one batch upload", {1, kBytesMax}},
      {"images.batch_files_max", &c.images.batch_files_max, "files of a batch upload", {1, 1'000}},
      {"images.pixels_max", &c.images.pixels_max, "width times height of a picture", {1}},
      {"images.side_max_px", &c.images.side_max_px, "its longest side", {1, 1'000'000}},
      {"images.decode_seconds_max",
       &c.images.decode_seconds_max,
       "for decoding one picture; 503 when over",
       {1, 3'600}},
      {"images.unfinished_seconds",
       &c.images.unfinished_seconds,
       "after this an unfinished upload is cleaned up",
       {0, kSecondsMax}},
      {"images.url_seconds", &c.images.url_seconds, "how long a link to an object lives at least", {1, kSecondsMax}},
      {"images.view_url_seconds",
       &c.images.view_url_seconds,
       "how long the link of a view or download lives",
       {30, 7 * 24 * 3'600}},
      {"images.renditions_kept_days",
       &c.images.renditions_kept_days,
       "how long a rendition made on request is kept after it was last looked at",
       {1, 3'650}},
      {"images.webp_effort",
       &c.images.webp_effort,
       "of renditions, libwebp's method: 0 is quick, 6 makes the smallest files",
       {0, 6}},
      {"uploads.part_size_bytes",
       &c.uploads.part_size_bytes,
       "of a resumable upload; larger where that would be over 10,000 parts",
       {kPartBytesMin, kPartBytesMax}},
      {"uploads.file_bytes_max", &c.uploads.file_bytes_max, "one resumable upload", {1, kBytesMax}},
      {"uploads.single_bytes_max", &c.uploads.single_bytes_max, "one that comes by a single PUT", {1, kPartBytesMax}},
      {"uploads.session_seconds",
       &c.uploads.session_seconds,
       "in which an upload must be complete; then it is cleaned up",
       {60, kSecondsMax}},
      {"uploads.url_seconds", &c.uploads.url_seconds, "how long the signed URL of a part lives", {1, 7 * 24 * 3'600}},
      {"uploads.open_max", &c.uploads.open_max, "uploads of a user that have not ended; more are 429", {1}},
      {"uploads.unknown_size_open_max",
       &c.uploads.unknown_size_open_max,
       "of these, those whose size nobody announced, as Uppy's",
       {0}},
      {"uploads.known_days", &c.uploads.known_days, "that an ended upload is answered as one", {1, 3'660}},
      {"retention.deleted_days", &c.retention.deleted_days, "that a deleted image can be had back", {0, 3'660}},
      {"retention.job_days",
       &c.retention.job_days,
       "that a job without an image is kept after its end, with its result",
       {1, 3'660}},
      {"upscale.file_bytes_max", &c.upscale.file_bytes_max, "one file that comes with a call", {1, kBytesMax}},
      {"upscale.url_seconds", &c.upscale.url_seconds, "how long the URL of a result lives", {1, 7 * 24 * 3'600}},
      {"studio.price_generate", &c.studio.price_generate, "tokens for generate", {0, kCountMax}},
      {"studio.price_edit", &c.studio.price_edit, "tokens for edit", {0, kCountMax}},
      {"studio.price_upscale", &c.studio.price_upscale, "tokens for upscale", {0, kCountMax}},
      {"studio.price_remove_background",
       &c.studio.price_remove_background,
       "tokens for remove-background",
       {0, kCountMax}},
      {"studio.price_relight", &c.studio.price_relight, "tokens for relight", {0, kCountMax}},
      {"studio.price_expand", &c.studio.price_expand, "tokens for expand", {0, kCountMax}},
      {"studio.price_magic_prompt", &c.studio.price_magic_prompt, "tokens for magic-prompt", {0, kCountMax}},
      {"studio.price_magic_edit", &c.studio.price_magic_edit, "tokens for magic-edit", {0, kCountMax}},
      {"studio.price_flux_lora", &c.studio.price_flux_lora, "tokens for flux-lora", {0, kCountMax}},
      {"studio.price_camera_control", &c.studio.price_camera_control, "tokens for camera-control", {0, kCountMax}},
      {"studio.price_video_replicate", &c.studio.price_video_replicate, "tokens for video-replicate", {0, kCountMax}},
      {"studio.file_bytes_max", &c.studio.file_bytes_max, "one picture of a batch", {1, kBytesMax}},
      {"studio.data_url_bytes_max", &c.studio.data_url_bytes_max, "a picture in a data URL", {1, 64LL << 20}},
      {"studio.url_seconds", &c.studio.url_seconds, "how long the URL of a result lives", {1, 7 * 24 * 3'600}},
      {"studio.batch_images_max", &c.studio.batch_images_max, "pictures of one batch", {1, 10'000}},
      {"studio.batch_files_max", &c.studio.batch_files_max, "pictures of one upload to a batch", {1, 10'000}},
      {"studio.batches_max", &c.studio.batches_max, "batches that one user may have", {1, kCountMax}},
      {"studio.upload_url_seconds",
       &c.studio.upload_url_seconds,
       "how long the URL lives that a batch's pictures are uploaded to",
       {60, 7 * 24 * 3'600}},
      {"studio.requests_per_minute", &c.studio.requests_per_minute, "of one address", {1, kCountMax}},
      {"studio.status_reads_per_minute",
       &c.studio.status_reads_per_minute,
       "of one address, of the state of jobs and batches",
       {1, kCountMax}},
      {"studio.operations_per_minute", &c.studio.operations_per_minute, "submits of one user", {1, kCountMax}},
      {"studio.previews_per_minute", &c.studio.previews_per_minute, "previews of one user", {1, kCountMax}},
      {"studio.previews_at_once",
       &c.studio.previews_at_once,
       "previews that this process makes at the same time; more are 503",
       {1, 1'024}},
      {"studio.preview_seconds", &c.studio.preview_seconds, "in which a preview must be made", {1, kSecondsMax}},
      {"shares.of_one_thing_max",
       &c.shares.of_one_thing_max,
       "links to one image or album that were not revoked",
       {1, 1'000'000}},
      {"delivery.mode",
       &c.delivery.mode,
       "whose URLs viewers get: the object store's own, or those of a CDN; hmac for one that takes this program for "
       "its "
       "origin, cloudfront for one that takes the S3 bucket",
       {},
       Shape::kAny,
       {"store", "hmac", "cloudfront"}},
      {"delivery.cdn_url", &c.delivery.cdn_url, "what the CDN's URLs begin with"},
      {"delivery.hmac_keys",
       &c.delivery.hmac_keys,
       "sign renditions and, with hmac, all URLs; newest first, by commas, all are accepted; auth.url_key when empty",
       {},
       Shape::kSecret},
      {"delivery.cloudfront_key_pair_id", &c.delivery.cloudfront_key_pair_id,
       "of the public key that the distribution trusts"},
      {"delivery.cloudfront_key_file", &c.delivery.cloudfront_key_file, "its RSA private key in PEM"},
      {"renditions.side_max_px", &c.renditions.side_max_px, "the longest side of a rendition on request", {1, 8'192}},
      {"renditions.avif_pixels_max", &c.renditions.avif_pixels_max,
       "format=auto gives larger ones as WebP, as AVIF takes long to write"},
      {"renditions.at_once_max",
       &c.renditions.at_once_max,
       "renditions on request that are made at the same time; 0 takes as many as there are cores",
       {0, 256}},
      {"renditions.waiting_max", &c.renditions.waiting_max, "that wait for their turn; more are 429", {1, 100'000}},
      {"renditions.per_image_max",
       &c.renditions.per_image_max,
       "that are kept of one image; the longest unused go",
       {1, 10'000}},
      {"renditions.make_seconds_max", &c.renditions.make_seconds_max, "for making one; 503 when over", {1, 600}},
      {"plans.free_bytes_max", &c.plans.free_bytes_max, "originals and results of a user of this plan", {0, kSpaceMax}},
      {"plans.free_images_max", &c.plans.free_images_max, "images of a user of this plan"},
      {"plans.starter_bytes_max", &c.plans.starter_bytes_max, "as above", {0, kSpaceMax}},
      {"plans.starter_images_max", &c.plans.starter_images_max, "as above"},
      {"plans.professional_bytes_max", &c.plans.professional_bytes_max, "as above", {0, kSpaceMax}},
      {"plans.professional_images_max", &c.plans.professional_images_max, "as above"},
      {"plans.enterprise_bytes_max", &c.plans.enterprise_bytes_max, "as above", {0, kSpaceMax}},
      {"plans.enterprise_images_max", &c.plans.enterprise_images_max, "as above"},
      {"plans.free_requests_per_hour", &c.plans.free_requests_per_hour,
       "submits on the upscale surface with this plan"},
      {"plans.free_requests_per_day", &c.plans.free_requests_per_day, "as above"},
      {"plans.free_concurrent_jobs", &c.plans.free_concurrent_jobs, "jobs from there that have not ended"},
      {"plans.starter_requests_per_hour", &c.plans.starter_requests_per_hour, "as above"},
      {"plans.starter_requests_per_day", &c.plans.starter_requests_per_day, "as above"},
      {"plans.starter_concurrent_jobs", &c.plans.starter_concurrent_jobs, "as above"},
      {"plans.professional_requests_per_hour", &c.plans.professional_requests_per_hour, "as above"},
      {"plans.professional_requests_per_day", &c.plans.professional_requests_per_day, "as above"},
      {"plans.professional_concurrent_jobs", &c.plans.professional_concurrent_jobs, "as above"},
      {"plans.enterprise_requests_per_hour", &c.plans.enterprise_requests_per_hour, "as above"},
      {"plans.enterprise_requests_per_day", &c.plans.enterprise_requests_per_day, "as above"},
      {"plans.enterprise_concurrent_jobs", &c.plans.enterprise_concurrent_jobs, "as above"},
      {"plans.self_service",
       &c.plans.self_service,
       "the plans for which users make API keys themselves, by commas; for others `tintype admin key create` does",
       {},
       Shape::kList},
      {"keys.per_user_max", &c.keys.per_user_max, "API keys of a user that hold at the same time", {1, 10'000}},
      {"egress.allow_private", &c.egress.allow_private,
       "whether URLs of users may lead to private addresses and internal names; for development"},
      {"egress.resolvers",
       &c.egress.resolvers,
       "name servers for hosts of such URLs, ADDRESS:PORT by commas; the system's when empty",
       {},
       Shape::kList},
      {"egress.connect_seconds",
       &c.egress.connect_seconds,
       "to look such a host up, and as long to connect to it",
       {1, 600}},
      {"egress.stall_seconds", &c.egress.stall_seconds, "in which a file that is fetched sends nothing", {1, 600}},
      {"egress.fetch_seconds", &c.egress.fetch_seconds, "for all of such a file", {1, 3'600}},
      {"egress.fetch_bytes_max", &c.egress.fetch_bytes_max, "of such a file", {1, kBytesMax}},
      {"egress.redirects_max", &c.egress.redirects_max, "that are followed to such a file", {0, 20}},
      {"egress.posts_max", &c.egress.posts_max, "requests of webhooks under way at once", {1, 100'000}},
      {"webhooks.secret",
       &c.webhooks.secret,
       "signs the webhooks of all users; each endpoint has secrets of its own when empty",
       {},
       Shape::kSecret},
      {"webhooks.retry_seconds",
       &c.webhooks.retry_seconds,
       "pauses before each attempt to send a webhook, by commas; as many attempts are made",
       {},
       Shape::kList},
      {"webhooks.timeout_seconds", &c.webhooks.timeout_seconds, "in which a receiver must answer", {1, 300}},
      {"webhooks.lease_seconds",
       &c.webhooks.lease_seconds,
       "after which a webhook whose sender was lost is sent again; more than the timeout",
       {2, 3'600}},
      {"webhooks.at_once_max", &c.webhooks.at_once_max, "webhooks under way in all", {1, 100'000}},
      {"webhooks.per_endpoint_max",
       &c.webhooks.per_endpoint_max,
       "webhooks under way to one endpoint; one, as long as it does not answer well",
       {1, 1'000}},
      {"webhooks.endpoints_max", &c.webhooks.endpoints_max, "endpoints of a user", {1, 1'000'000}},
      {"webhooks.waiting_max",
       &c.webhooks.waiting_max,
       "webhooks that wait for an endpoint; beyond, it is told of the ends of jobs alone",
       {1, 1'000'000}},
      {"webhooks.kept_days", &c.webhooks.kept_days, "that a webhook which was sent or given up is listed", {1, 3'660}},
      {"engine.models_directory", &c.engine.models_directory,
       "the models; those that came with the program when empty"},
      {"engine.catalogue", &c.engine.catalogue,
       "a file of networks that `tintype models add NAME` downloads; the one that came with the program when empty"},
      {"engine.download_seconds",
       &c.engine.download_seconds,
       "for each of their files; what has come is kept when over",
       {1, kSecondsMax}},
      {"engine.download_stall_seconds",
       &c.engine.download_stall_seconds,
       "without bytes to speak of, after which a download is given up",
       {1, 3'600}},
      {"engine.upload_bytes_max",
       &c.engine.upload_bytes_max,
       "of a file of a network that an operator sends",
       {1, 1LL << 30}},
      {"engine.backend",
       &c.engine.backend,
       "what networks run with; auto takes the fastest that the processor has",
       {},
       Shape::kAny,
       {"auto", "avx512fp16", "amx", "avx512", "avx2", "sse2", "reference"}},
      {"engine.model_family", &c.engine.model_family, "NAME for the models NAME-x2 and NAME-x4 that tiers use"},
      {"engine.model_idle_seconds",
       &c.engine.model_idle_seconds,
       "after which a model that nobody uses leaves memory",
       {0, kSecondsMax}},
      {"engine.threads", &c.engine.threads, "for one job; 0 takes every core", {0, 1'024}},
      {"engine.memory_max_bytes",
       &c.engine.memory_max_bytes,
       "of one job; more is refused before it starts",
       {1 << 20, kBytesMax}},
      {"engine.jpeg_quality", &c.engine.jpeg_quality, "of results; 4:4:4 above 90", {1, 100}},
      {"engines.generate", &c.engines.generate,
       "who does generate: PROVIDER:MODEL such as openai:gpt-image-1 or replicate:OWNER/NAME, with settings of its "
       "provider behind a question mark (docs/studio-providers.md); this machine when empty"},
      {"engines.edit", &c.engines.edit, "who does edit, said likewise"},
      {"engines.upscale", &c.engines.upscale, "who does upscale, on the upscale surface too, said likewise"},
      {"engines.remove_background", &c.engines.remove_background, "who does remove-background, said likewise"},
      {"engines.relight", &c.engines.relight, "who does relight, said likewise"},
      {"engines.expand", &c.engines.expand, "who does expand, said likewise"},
      {"engines.magic_edit", &c.engines.magic_edit, "who does magic-edit, said likewise"},
      {"engines.flux_lora", &c.engines.flux_lora, "who does flux-lora, said likewise"},
      {"engines.camera_control", &c.engines.camera_control, "who does camera-control, said likewise"},
      {"providers.openai_url",
       &c.providers.openai_url,
       "where the images API of OpenAI is, or a server that speaks it",
       {},
       Shape::kUrl},
      {"providers.openai_key", &c.providers.openai_key, "what it knows us by; none when empty", {}, Shape::kSecret},
      {"providers.replicate_url", &c.providers.replicate_url, "where the API of Replicate is", {}, Shape::kUrl},
      {"providers.replicate_token", &c.providers.replicate_token, "what it knows us by", {}, Shape::kSecret},
      {"providers.replicate_webhook_secret",
       &c.providers.replicate_webhook_secret,
       "signs what Replicate reports to server.public_url, whsec_..., several by commas; predictions are only looked "
       "at when empty",
       {},
       Shape::kSecret},
      {"providers.call_seconds", &c.providers.call_seconds, "in which a provider must answer a request", {1, 3'600}},
      {"providers.result_seconds",
       &c.providers.result_seconds,
       "for a provider's result, with all attempts and pauses",
       {1, 24 * 3'600}},
      {"providers.attempts_max",
       &c.providers.attempts_max,
       "of a request to a provider that answers 429, 5xx or not at all",
       {1, 20}},
      {"providers.retry_pause_ms", &c.providers.retry_pause_ms, "after the first of them; doubles", {1}},
      {"providers.retry_pause_max_ms",
       &c.providers.retry_pause_max_ms,
       "up to this; a provider that asks for a longer pause is not available",
       {1}},
      {"providers.breaker_failures",
       &c.providers.breaker_failures,
       "of a provider, one after another, after which it is not asked for a while",
       {1, 1'000}},
      {"providers.breaker_seconds", &c.providers.breaker_seconds, "how long; then one job tries", {1, kSecondsMax}},
      {"providers.answer_bytes_max", &c.providers.answer_bytes_max, "of a provider's answer or file", {1, kCountMax}},
      {"providers.picture_side_max_px",
       &c.providers.picture_side_max_px,
       "the longest side of a picture that is sent to a provider; longer ones are reduced",
       {256, 16'384}},
      {"providers.prices",
       &c.providers.prices,
       "what a provider takes for one result, such as generate=0.04,edit=0.06, in your currency",
       {},
       Shape::kList},
      {"providers.daily_spend_max", &c.providers.daily_spend_max,
       "of such prices in a day (UTC), counted by all processes together; jobs over it fail; no cap when empty"},
      {"database.url",
       &c.database.url,
       "sqlite:PATH or postgresql://...; {data}/tintype.db when empty",
       {},
       Shape::kUrl},
      {"database.connections_max",
       &c.database.connections_max,
       "readers on SQLite, all connections on PostgreSQL",
       {1, 1'000}},
      {"database.queued_units_max", &c.database.queued_units_max, "writes that may wait on SQLite; more are 503", {1}},
      {"objects.url", &c.objects.url,
       "file:PATH or s3://BUCKET?endpoint=URL&region=NAME&addressing=path|host; file:{data}/objects when empty"},
      {"objects.public_endpoint", &c.objects.public_endpoint,
       "what clients reach the S3 store by, where they reach it otherwise than we do"},
      {"objects.access_key_id", &c.objects.access_key_id, "of the S3 store"},
      {"objects.secret_access_key", &c.objects.secret_access_key, "of the S3 store", {}, Shape::kSecret},
      {"objects.requests_max", &c.objects.requests_max, "to the S3 store at once; more wait", {1, 10'000}},
      {"objects.attempts_max", &c.objects.attempts_max, "of a request to the S3 store that may go well later", {1, 20}},
      {"objects.connect_seconds", &c.objects.connect_seconds, "to reach the S3 store", {1, kSecondsMax}},
      {"objects.stall_seconds", &c.objects.stall_seconds, "in which the S3 store sends nothing", {1, kSecondsMax}},
      {"objects.put_bytes_max", &c.objects.put_bytes_max, "one PUT of an object or part to file:PATH", {1, kBytesMax}},
  };
}

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string(word);
  return text;
}

std::unexpected<Error> refused(const Key& key, const std::string& source, const std::string& wanted) {
  return fail(ErrorCode::kInvalidInput, std::string(key.name) + " (" + source + ") must be " + wanted);
}

Result<void> set_number(const Key& key, std::int64_t& number, std::string_view text, const std::string& source) {
  std::int64_t read = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), read);
  if (error != std::errc() || end != text.data() + text.size() || read < key.bounds.minimum ||
      read > key.bounds.maximum) {
    return refused(key, source,
                   "a whole number from " + std::to_string(key.bounds.minimum) + " to " +
                       std::to_string(key.bounds.maximum) + ", not '" + std::string(text) + "'");
  }
  number = read;
  return {};
}

Result<void> set(const Key& key, std::string_view text, const std::string& source) {
  if (auto* const* number = std::get_if<std::int64_t*>(&key.value)) return set_number(key, **number, text, source);
  if (auto* const* flag = std::get_if<bool*>(&key.value)) {
    if (text != "true" && text != "false") {
      return refused(key, source, "true or false, not '" + std::string(text) + "'");
    }
    **flag = text == "true";
    return {};
  }
  if (!key.choices.empty() && std::ranges::find(key.choices, text) == key.choices.end()) {
    return refused(key, source, "one of " + joined(key.choices) + ", not '" + std::string(text) + "'");
  }
  *std::get<std::string*>(key.value) = text;
  return {};
}

const Key* find(const std::vector<Key>& keys, std::string_view name) {
  for (const Key& key : keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

// A value of a file has the type of its key; a list may be an array of strings.
Result<std::string> text_of(const Key& key, const toml::node& node, const std::string& source) {
  if (std::holds_alternative<std::int64_t*>(key.value)) {
    const auto* number = node.as_integer();
    if (number == nullptr) return refused(key, source, "a whole number");
    return std::to_string(number->get());
  }
  if (std::holds_alternative<bool*>(key.value)) {
    const auto* flag = node.as_boolean();
    if (flag == nullptr) return refused(key, source, "true or false");
    return flag->get() ? "true" : "false";
  }
  if (const auto* string = node.as_string()) return string->get();
  const auto* array = key.shape == Shape::kList ? node.as_array() : nullptr;
  if (array == nullptr) return refused(key, source, "a string");
  std::string text;
  for (const toml::node& item : *array) {
    const auto* string = item.as_string();
    if (string == nullptr) return refused(key, source, "a list of strings");
    text += (text.empty() ? "" : ",") + string->get();
  }
  return text;
}

using Sources = std::map<std::string, std::string>;

Result<void> read_file(const std::vector<Key>& keys, const std::filesystem::path& path, Sources& sources) {
  const toml::parse_result parsed = [&]() -> toml::parse_result { return toml::parse_file(path.string()); }();
  for (const auto& [section, table] : parsed) {
    if (!table.is_table()) {
      return fail(ErrorCode::kInvalidInput, path.string() + ": '" + std::string(section.str()) + "' is no section");
    }
    for (const auto& [name, node] : *table.as_table()) {
      const std::string full = std::string(section.str()) + "." + std::string(name.str());
      const Key* key = find(keys, full);
      if (key == nullptr) return fail(ErrorCode::kInvalidInput, path.string() + ": there is no key '" + full + "'");
      const auto text = text_of(*key, node, path.string());
      if (!text) return std::unexpected(text.error());
      if (auto done = set(*key, *text, path.string()); !done) return done;
      sources[full] = path.string();
    }
  }
  return {};
}

// server.public_url is TINTYPE_SERVER__PUBLIC_URL.
std::string variable_of(std::string_view name) {
  std::string variable = "TINTYPE_";
  for (const char c : name) {
    if (c == '.') {
      variable += "__";
    } else {
      variable.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    }
  }
  return variable;
}

bool is_secret(const Key& key, const std::string& value) {
  if (key.shape == Shape::kSecret) return !value.empty();
  return key.shape == Shape::kUrl && (value.contains('@') || value.contains("password="));
}

std::string text_of(const Key& key) {
  if (auto* const* number = std::get_if<std::int64_t*>(&key.value)) return std::to_string(**number);
  if (auto* const* flag = std::get_if<bool*>(&key.value)) return **flag ? "true" : "false";
  return *std::get<std::string*>(key.value);
}

// What a key was last said by, in a word.
std::string source_of(const Config& config, const Key& key) {
  const auto source = config.sources.find(key.name);
  if (source == config.sources.end()) return "default";
  if (source->second == kCommandSource) return "command";
  return source->second == variable_of(key.name) ? "environment" : "file";
}

// A TOML basic string.
std::string toml_string(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      constexpr char kDigits[] = "0123456789abcdef";
      out += "\\u00";
      out.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
      out.push_back(kDigits[c & 15]);
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

}  // namespace

std::vector<std::int64_t> numbers_of(std::string_view list) {
  std::vector<std::int64_t> numbers;
  while (!list.empty()) {
    const std::string_view text = list.substr(0, list.find(','));
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > kSecondsMax) return {};
    numbers.push_back(number);
    list.remove_prefix(std::min(list.size(), text.size() + 1));
  }
  return numbers;
}

Result<Config> load_config(const ConfigSources& sources) {
  Config config;
  const std::vector<Key> keys = keys_of(config);
  if (!sources.file.empty()) {
    try {
      if (auto read = read_file(keys, sources.file, config.sources); !read) return std::unexpected(read.error());
    } catch (const toml::parse_error& error) {
      return fail(ErrorCode::kInvalidInput, sources.file.string() + ": " + std::string(error.description()));
    }
  }
  for (const Key& key : keys) {
    const std::string variable = variable_of(key.name);
    if (const char* value = std::getenv(variable.c_str())) {
      if (auto done = set(key, value, variable); !done) return std::unexpected(done.error());
      config.sources[key.name] = variable;
    }
  }
  for (const std::string& override : sources.overrides) {
    const std::size_t equals = override.find('=');
    const Key* key = find(keys, std::string_view(override).substr(0, equals));
    if (key == nullptr || equals == std::string::npos) {
      return fail(ErrorCode::kInvalidInput, "--set " + override.substr(0, equals) + ": there is no such key",
                  "`tintype config` shows which there are");
    }
    if (auto done = set(*key, std::string_view(override).substr(equals + 1), kCommandSource); !done) {
      return std::unexpected(done.error());
    }
    config.sources[key->name] = kCommandSource;
  }
  if (config.jobs.heartbeat_seconds >= config.jobs.lease_seconds) {
    return fail(ErrorCode::kInvalidInput, "jobs.heartbeat_seconds must be less than jobs.lease_seconds",
                "Three heartbeats to a lease are a good measure");
  }
  if (config.webhooks.timeout_seconds >= config.webhooks.lease_seconds) {
    return fail(ErrorCode::kInvalidInput, "webhooks.timeout_seconds must be less than webhooks.lease_seconds");
  }
  if (numbers_of(config.webhooks.retry_seconds).empty()) {
    return fail(ErrorCode::kInvalidInput, "webhooks.retry_seconds must be whole numbers with commas between",
                "0,5,300 makes three attempts");
  }
  if (config.cors.origins == "*" && config.cors.credentials) {
    return fail(ErrorCode::kInvalidInput, "cors.credentials needs cors.origins to name its origins");
  }
  return config;
}

std::vector<Setting> settings_of(const Config& config) {
  Config copy = config, untouched;
  const std::vector<Key> keys = keys_of(copy), fallbacks = keys_of(untouched);
  std::vector<Setting> settings;
  for (std::size_t at = 0; at < keys.size(); ++at) {
    const Key& key = keys[at];
    Setting setting{key.name, text_of(key), text_of(fallbacks[at]), source_of(config, key), key.meaning, false};
    const bool is_hidden = is_secret(key, setting.value);
    setting.is_secret = is_hidden || key.shape == Shape::kSecret;
    if (is_hidden) setting.value = kMasked;
    settings.push_back(std::move(setting));
  }
  return settings;
}

std::string describe(const Config& config) {
  Config copy = config;
  std::string text, section;
  for (const Key& key : keys_of(copy)) {
    const std::string name = key.name;
    const std::string head = name.substr(0, name.find('.'));
    if (head != section) {
      section = head;
      text += (text.empty() ? "[" : "\n[") + section + "]\n";
    }
    const auto source = config.sources.find(name);
    text += "# " + std::string(key.meaning);
    if (source != config.sources.end()) text += " (from " + source->second + ")";
    text += "\n";
    const std::string left = name.substr(section.size() + 1) + " = ";
    const bool is_text = std::holds_alternative<std::string*>(key.value);
    const std::string value = text_of(key);
    // A masked value must not become the secret when the output is used as a file.
    text += is_text && is_secret(key, value) ? "# " + left + kMasked : left + (is_text ? toml_string(value) : value);
    text += "\n";
  }
  return text;
}

}  // namespace tintype::cmd
