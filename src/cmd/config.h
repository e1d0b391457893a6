// What can be configured, in one table: parsing, printing and documentation all come from it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype::cmd {

struct Config {
  struct {
    std::string listen = "127.0.0.1:3000";
    std::string public_url;  // empty: http://localhost:PORT
    std::int64_t event_threads = 2;
    std::int64_t pool_threads = 32;
    std::int64_t pool_queue_max = 1'024;
    std::int64_t connections_max = 10'000;
    std::int64_t header_bytes_max = 32'768;
    std::int64_t header_seconds = 10;
    std::int64_t idle_seconds = 75;
    std::int64_t read_seconds = 30;
    std::int64_t body_grace_seconds = 60;
    std::int64_t body_bytes_per_second = 4'096;
    std::int64_t call_seconds = 120;
    std::int64_t write_seconds = 30;
    std::int64_t stream_age_seconds = 900;
    std::int64_t waits_per_user_max = 20;
    std::int64_t drain_seconds = 30;
    std::string trusted_proxies;  // comma-separated addresses
  } server;
  struct {
    std::string origins;  // comma-separated, or *
    bool credentials = false;
  } cors;
  struct {
    std::string level = "info";
    bool access = true;
  } log;
  struct {
    std::string jwt_secret;
    std::string admin_key;
    std::string url_key;
    std::string receipt_key;
    std::string sign_up = "open";
    std::int64_t session_days = 30;
    std::int64_t jwt_seconds = 3'600;
    std::string jwks_url;
    std::string jwks_issuer;
    std::string jwks_audience = "authenticated";
  } auth;
  struct {
    bool enabled = true;
    std::string url = "memory:";
    std::int64_t redis_timeout_ms = 250;
    std::int64_t window_seconds = 900;
    std::int64_t upload = 30;
    std::int64_t batch_upload = 30;
    std::int64_t enhance = 50;
    std::int64_t parallel_enhance = 50;
    std::int64_t move_to_album = 50;
    std::int64_t get_image = 100;
    std::int64_t renditions_per_minute = 300;
    std::int64_t sign_up_per_hour = 30;
    std::int64_t password_tries = 10;
    std::int64_t password_tries_per_address = 100;
    std::int64_t admin_per_minute = 60;
    std::int64_t admin_key_tries = 10;
  } limits;
  struct {
    std::int64_t initial = 100;
    std::int64_t maximum = 100;
    std::int64_t regeneration_seconds = 900;
    std::int64_t price_1k = 2;
    std::int64_t price_2k = 5;
    std::int64_t price_4k = 10;
  } wallet;
  struct {
    std::string stripe_webhook_secret;  // comma-separated; empty: no payments
    std::string packages;               // NAME:CREDITS, comma-separated
  } payments;
  struct {
    std::int64_t lease_seconds = 15;
    std::int64_t heartbeat_seconds = 5;
    std::int64_t attempts_max = 3;
    std::int64_t lost_leases_max = 20;
    std::int64_t retry_pause_ms = 2'000;
    std::int64_t retry_pause_max_ms = 60'000;
    std::int64_t unfinished_max = 200;
    std::int64_t album_images_max = 20;
    std::int64_t background_slots = 2;
  } jobs;
  struct {
    std::int64_t file_bytes_max = 10LL << 20;
    std::int64_t batch_bytes_max = 50LL << 20;
    std::int64_t batch_files_max = 20;
    std::int64_t pixels_max = 64'000'000;
    std::int64_t side_max_px = 32'768;
    std::int64_t decode_seconds_max = 5;
    std::int64_t unfinished_seconds = 3'600;
    std::int64_t url_seconds = 3'600;
    std::int64_t view_url_seconds = 300;
    std::int64_t renditions_kept_days = 30;
    std::int64_t webp_effort = 2;
  } images;
  struct {
    std::int64_t part_size_bytes = 8LL << 20;
    std::int64_t file_bytes_max = 200LL << 20;
    std::int64_t single_bytes_max = 100LL << 20;
    std::int64_t session_seconds = 24 * 3'600;
    std::int64_t url_seconds = 900;
    std::int64_t known_days = 7;
    std::int64_t open_max = 1'000;
    std::int64_t unknown_size_open_max = 20;
  } uploads;
  struct {
    std::int64_t deleted_days = 7;
    std::int64_t job_days = 30;
  } retention;
  struct {
    std::int64_t file_bytes_max = 50LL << 20;
    std::int64_t url_seconds = 3'600;
  } upscale;
  struct {
    std::int64_t price_generate = 10;
    std::int64_t price_edit = 15;
    std::int64_t price_upscale = 5;
    std::int64_t price_remove_background = 8;
    std::int64_t price_relight = 12;
    std::int64_t price_expand = 10;
    std::int64_t price_magic_prompt = 3;
    std::int64_t price_magic_edit = 15;
    std::int64_t price_flux_lora = 20;
    std::int64_t price_camera_control = 12;
    std::int64_t price_video_replicate = 25;
    std::int64_t file_bytes_max = 20LL << 20;
    std::int64_t data_url_bytes_max = 8LL << 20;
    std::int64_t url_seconds = 3'600;
    std::int64_t batch_images_max = 500;
    std::int64_t batch_files_max = 100;
    std::int64_t batches_max = 1'000;
    std::int64_t upload_url_seconds = 24 * 3'600;
    std::int64_t requests_per_minute = 30;
    std::int64_t status_reads_per_minute = 120;
    std::int64_t operations_per_minute = 10;
    std::int64_t previews_per_minute = 120;
    std::int64_t previews_at_once = 2;
    std::int64_t preview_seconds = 10;
  } studio;
  struct {
    std::int64_t of_one_thing_max = 100;
  } shares;
  struct {
    std::string mode = "store";
    std::string cdn_url;
    std::string hmac_keys;  // comma-separated
    std::string cloudfront_key_pair_id;
    std::string cloudfront_key_file;
  } delivery;
  struct {
    std::int64_t side_max_px = 4'096;
    std::int64_t avif_pixels_max = 2'000'000;
    std::int64_t at_once_max = 0;
    std::int64_t waiting_max = 32;
    std::int64_t per_image_max = 100;
    std::int64_t make_seconds_max = 20;
  } renditions;
  struct {
    std::int64_t free_bytes_max = 5LL << 30;
    std::int64_t free_images_max = 10'000;
    std::int64_t starter_bytes_max = 50LL << 30;
    std::int64_t starter_images_max = 100'000;
    std::int64_t professional_bytes_max = 500LL << 30;
    std::int64_t professional_images_max = 1'000'000;
    std::int64_t enterprise_bytes_max = 5LL << 40;
    std::int64_t enterprise_images_max = 10'000'000;
    std::int64_t free_requests_per_hour = 10;
    std::int64_t free_requests_per_day = 50;
    std::int64_t free_concurrent_jobs = 1;
    std::int64_t starter_requests_per_hour = 100;
    std::int64_t starter_requests_per_day = 1'000;
    std::int64_t starter_concurrent_jobs = 3;
    std::int64_t professional_requests_per_hour = 500;
    std::int64_t professional_requests_per_day = 5'000;
    std::int64_t professional_concurrent_jobs = 10;
    std::int64_t enterprise_requests_per_hour = 2'000;
    std::int64_t enterprise_requests_per_day = 20'000;
    std::int64_t enterprise_concurrent_jobs = 50;
    std::string self_service = "free,starter,professional";  // comma-separated
  } plans;
  struct {
    std::int64_t per_user_max = 20;
  } keys;
  struct {
    bool allow_private = false;
    std::string resolvers;  // comma-separated; empty: the system's
    std::int64_t connect_seconds = 5;
    std::int64_t stall_seconds = 10;
    std::int64_t fetch_seconds = 60;
    std::int64_t fetch_bytes_max = 100LL << 20;
    std::int64_t redirects_max = 3;
    std::int64_t posts_max = 1'024;
  } egress;
  struct {
    std::string secret;  // empty: each endpoint has secrets of its own
    std::string retry_seconds = "0,5,300,1800,7200,18000,36000,50400,72000,86400";
    std::int64_t timeout_seconds = 15;
    std::int64_t lease_seconds = 45;
    std::int64_t at_once_max = 512;
    std::int64_t per_endpoint_max = 32;
    std::int64_t endpoints_max = 100;
    std::int64_t waiting_max = 1'000;
    std::int64_t kept_days = 30;
  } webhooks;
  struct {
    std::string models_directory;
    std::string catalogue;
    std::int64_t download_seconds = 4 * 3'600;
    std::int64_t download_stall_seconds = 60;
    std::int64_t upload_bytes_max = 1LL << 30;
    std::string backend = "auto";
    std::string model_family = "photo";
    std::int64_t model_idle_seconds = 600;
    std::int64_t threads = 0;
    std::int64_t memory_max_bytes = 2LL << 30;
    std::int64_t jpeg_quality = 92;
  } engine;
  struct {
    std::string generate;
    std::string edit;
    std::string upscale;
    std::string remove_background;
    std::string relight;
    std::string expand;
    std::string magic_edit;
    std::string flux_lora;
    std::string camera_control;
  } engines;  // each empty: this machine
  struct {
    std::string openai_url = "https://api.openai.com/v1";
    std::string openai_key;
    std::string replicate_url = "https://api.replicate.com/v1";
    std::string replicate_token;
    std::string replicate_webhook_secret;  // empty: predictions are looked at, and report nothing
    std::int64_t call_seconds = 180;
    std::int64_t result_seconds = 600;
    std::int64_t attempts_max = 4;
    std::int64_t retry_pause_ms = 1'000;
    std::int64_t retry_pause_max_ms = 30'000;
    std::int64_t breaker_failures = 5;
    std::int64_t breaker_seconds = 60;
    std::int64_t answer_bytes_max = 64LL << 20;
    std::int64_t picture_side_max_px = 4'096;
    std::string prices;           // comma-separated
    std::string daily_spend_max;  // empty: no cap
  } providers;
  struct {
    std::string url;  // empty: sqlite:{data}/tintype.db
    std::int64_t connections_max = 16;
    std::int64_t queued_units_max = 4'096;
  } database;
  struct {
    std::string url;              // empty: file:{data}/objects
    std::string public_endpoint;  // empty: that of the URL
    std::string access_key_id;
    std::string secret_access_key;
    std::int64_t requests_max = 64;
    std::int64_t attempts_max = 5;
    std::int64_t connect_seconds = 5;
    std::int64_t stall_seconds = 30;
    std::int64_t put_bytes_max = 256LL << 20;
  } objects;
  std::map<std::string, std::string> sources;  // by key: where a value that is no default comes from
};

// What a list of whole numbers says; nothing when one of them is none.
std::vector<std::int64_t> numbers_of(std::string_view list);

struct ConfigSources {
  std::filesystem::path file;          // empty: none
  std::vector<std::string> overrides;  // "section.key=value", strongest
};

// Strongest first: overrides, environment (TINTYPE_SECTION__KEY), file, defaults. kInvalidInput names key and source.
Result<Config> load_config(const ConfigSources& sources);

// A key as it stands.
struct Setting {
  std::string name;
  std::string value;     // "[masked]" of a secret that is set
  std::string fallback;  // the value by default
  std::string source;    // "default", "file", "environment" or "command"
  std::string meaning;
  bool is_secret = false;
};
std::vector<Setting> settings_of(const Config& config);  // in the order in which they are printed

// Every key with its effective value, its source and what it means, as TOML that can be used as a file: secrets that
// are set are commented out and masked.
std::string describe(const Config& config);

}  // namespace tintype::cmd
