#include "cmd/config.h"

#include <toml++/toml.h>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <variant>

namespace tintype::cmd {

namespace {

// A key: where its value lies in a Config, and what it means.
struct Key {
  const char* name;
  std::variant<std::string*, std::int64_t*, bool*> value;
  const char* meaning;
  bool secret = false;
};

std::vector<Key> keys_of(Config& c) {
  return {
      {"server.listen", &c.server.listen, "address and port; port 0 takes any free one"},
      {"server.public_url", &c.server.public_url, "what clients reach us by; http://localhost:PORT when empty"},
      {"server.event_threads", &c.server.event_threads, "threads that carry connections"},
      {"server.pool_threads", &c.server.pool_threads, "threads for what may block"},
      {"server.pool_queue_max", &c.server.pool_queue_max, "calls that may wait for such a thread; more are 503"},
      {"server.connections_max", &c.server.connections_max, "open connections; more are closed at once"},
      {"server.header_bytes_max", &c.server.header_bytes_max, "a request's header"},
      {"server.idle_seconds", &c.server.idle_seconds, "between two requests of a connection"},
      {"server.read_seconds", &c.server.read_seconds, "for each read of a body"},
      {"server.write_seconds", &c.server.write_seconds, "for each write of an answer"},
      {"server.drain_seconds", &c.server.drain_seconds, "for what runs when the server is told to stop"},
      {"server.trusted_proxies", &c.server.trusted_proxies, "addresses whose X-Forwarded-* are believed, by commas"},
      {"cors.origins", &c.cors.origins, "origins that may call from browsers, by commas, or *; none when empty"},
      {"cors.credentials", &c.cors.credentials, "whether they may send cookies"},
      {"log.level", &c.log.level, "debug, info, warning or error"},
      {"log.access", &c.log.access, "a line for each request"},
      {"auth.jwt_secret", &c.auth.jwt_secret, "signs our own tokens; made at first start", true},
      {"auth.admin_key", &c.auth.admin_key, "x-admin-key of the admin routes; made at first start", true},
      {"auth.url_key", &c.auth.url_key, "signs links to objects; made at first start", true},
      {"auth.signup", &c.auth.sign_up, "open, invite or closed"},
      {"auth.session_days", &c.auth.session_days, "how long a session lives"},
      {"auth.jwt_seconds", &c.auth.jwt_seconds, "how long an access token lives"},
      {"auth.jwks_url", &c.auth.jwks_url, "keys of a foreign issuer that is trusted; none when empty"},
      {"auth.jwks_issuer", &c.auth.jwks_issuer, "its iss"},
      {"auth.jwks_audience", &c.auth.jwks_audience, "its aud"},
      {"limits.enabled", &c.limits.enabled, "whether the enhancement surface's requests are counted"},
      {"limits.window_seconds", &c.limits.window_seconds, "the window of the bounds below"},
      {"limits.upload", &c.limits.upload, "uploads of a user"},
      {"limits.batch_upload", &c.limits.batch_upload, "batch uploads of a user"},
      {"limits.enhance", &c.limits.enhance, "enhancements of a user, albums too"},
      {"limits.parallel_enhance", &c.limits.parallel_enhance, "parallel enhancements of a user"},
      {"limits.move_to_album", &c.limits.move_to_album, "moves of a user"},
      {"limits.get_image", &c.limits.get_image, "reads of an image by a user"},
      {"limits.sign_up_per_hour", &c.limits.sign_up_per_hour, "sign-ups from an address"},
      {"limits.password_tries", &c.limits.password_tries, "password tries for an account in 15 minutes"},
      {"limits.password_tries_per_address", &c.limits.password_tries_per_address,
       "password tries from an address in 15 minutes"},
      {"wallet.initial", &c.wallet.initial, "tokens of a new user"},
      {"wallet.maximum", &c.wallet.maximum, "regeneration stops here"},
      {"wallet.regeneration_seconds", &c.wallet.regeneration_seconds, "one token comes back in this time"},
      {"wallet.price_1k", &c.wallet.price_1k, "tokens for TIER_1K"},
      {"wallet.price_2k", &c.wallet.price_2k, "tokens for TIER_2K"},
      {"wallet.price_4k", &c.wallet.price_4k, "tokens for TIER_4K"},
      {"jobs.lease_seconds", &c.jobs.lease_seconds, "a worker's right to a job without a heartbeat"},
      {"jobs.heartbeat_seconds", &c.jobs.heartbeat_seconds, "between heartbeats"},
      {"jobs.attempts_max", &c.jobs.attempts_max, "attempts of a job that fails for reasons that may pass"},
      {"jobs.retry_pause_ms", &c.jobs.retry_pause_ms, "after the first failed attempt; doubles"},
      {"jobs.retry_pause_max_ms", &c.jobs.retry_pause_max_ms, "up to this"},
      {"jobs.unfinished_max", &c.jobs.unfinished_max, "jobs of a user that wait or run; more are 503"},
      {"jobs.album_images_max", &c.jobs.album_images_max, "images of one album batch"},
      {"images.file_bytes_max", &c.images.file_bytes_max, "one upload"},
      {"images.batch_bytes_max", &c.images.batch_bytes_max, "one batch upload"},
      {"images.batch_files_max", &c.images.batch_files_max, "files of a batch upload"},
      {"images.pixels_max", &c.images.pixels_max, "width times height of a picture"},
      {"images.side_max_px", &c.images.side_max_px, "its longest side"},
      {"images.unfinished_seconds", &c.images.unfinished_seconds, "after this an unfinished upload is cleaned up"},
      {"images.url_seconds", &c.images.url_seconds, "how long a link to an object lives at least"},
      {"engine.models_directory", &c.engine.models_directory,
       "the models; those that came with the program when empty"},
      {"engine.threads", &c.engine.threads, "for one job; 0 takes every core"},
      {"engine.memory_max_bytes", &c.engine.memory_max_bytes, "of one job; more is refused before it starts"},
      {"engine.jpeg_quality", &c.engine.jpeg_quality, "of results; 4:4:4 above 90"},
      {"database.url", &c.database.url, "sqlite:PATH or postgresql://...; {data}/tintype.db when empty"},
      {"database.connections_max", &c.database.connections_max, "readers on SQLite, all connections on PostgreSQL"},
      {"database.queued_units_max", &c.database.queued_units_max, "writes that may wait on SQLite; more are 503"},
      {"objects.url", &c.objects.url, "file:PATH; {data}/objects when empty"},
  };
}

Result<void> set(const Key& key, std::string_view text, const std::string& source) {
  const auto refuse = [&](const char* wanted) {
    return fail(ErrorCode::kInvalidInput, std::string(key.name) + " (" + source + ") must be " + wanted + ", not '" +
                                              std::string(key.secret ? "..." : text) + "'");
  };
  if (auto* const* string = std::get_if<std::string*>(&key.value)) {
    **string = text;
    return {};
  }
  if (auto* const* flag = std::get_if<bool*>(&key.value)) {
    if (text != "true" && text != "false") return refuse("true or false");
    **flag = text == "true";
    return {};
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size() || number < 0) {
    return refuse("a whole number, not negative");
  }
  *std::get<std::int64_t*>(key.value) = number;
  return {};
}

const Key* find(const std::vector<Key>& keys, std::string_view name) {
  for (const Key& key : keys) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

Result<void> read_file(const std::vector<Key>& keys, const std::filesystem::path& path) {
  const toml::parse_result parsed = [&]() -> toml::parse_result { return toml::parse_file(path.string()); }();
  for (const auto& [section, table] : parsed) {
    if (!table.is_table()) {
      return fail(ErrorCode::kInvalidInput, path.string() + ": '" + std::string(section.str()) + "' is no section");
    }
    for (const auto& [name, node] : *table.as_table()) {
      const std::string full = std::string(section.str()) + "." + std::string(name.str());
      const Key* key = find(keys, full);
      if (key == nullptr) return fail(ErrorCode::kInvalidInput, path.string() + ": there is no key '" + full + "'");
      std::string text;
      if (const auto* string = node.as_string()) text = string->get();
      if (const auto* number = node.as_integer()) text = std::to_string(number->get());
      if (const auto* flag = node.as_boolean()) text = flag->get() ? "true" : "false";
      if (auto done = set(*key, text, path.string()); !done) return done;
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

}  // namespace

Result<Config> load_config(const ConfigSources& sources) {
  Config config;
  const std::vector<Key> keys = keys_of(config);
  if (!sources.file.empty()) {
    try {
      if (auto read = read_file(keys, sources.file); !read) return std::unexpected(read.error());
    } catch (const toml::parse_error& error) {
      return fail(ErrorCode::kInvalidInput, sources.file.string() + ": " + std::string(error.description()));
    }
  }
  for (const Key& key : keys) {
    const std::string variable = variable_of(key.name);
    if (const char* value = std::getenv(variable.c_str())) {
      if (auto done = set(key, value, variable); !done) return std::unexpected(done.error());
    }
  }
  for (const std::string& override : sources.overrides) {
    const std::size_t equals = override.find('=');
    const Key* key = find(keys, std::string_view(override).substr(0, equals));
    if (key == nullptr || equals == std::string::npos) {
      return fail(ErrorCode::kInvalidInput, "--set " + override.substr(0, equals) + ": there is no such key",
                  "`tintype config` shows which there are");
    }
    if (auto done = set(*key, std::string_view(override).substr(equals + 1), "--set"); !done) {
      return std::unexpected(done.error());
    }
  }
  return config;
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
    text += "# " + std::string(key.meaning) + "\n" + name.substr(section.size() + 1) + " = ";
    if (auto* const* string = std::get_if<std::string*>(&key.value)) {
      text += key.secret && !(*string)->empty() ? "\"[masked]\"" : "\"" + **string + "\"";
    } else if (auto* const* flag = std::get_if<bool*>(&key.value)) {
      text += **flag ? "true" : "false";
    } else {
      text += std::to_string(*std::get<std::int64_t*>(key.value));
    }
    text += "\n";
  }
  return text;
}

}  // namespace tintype::cmd
