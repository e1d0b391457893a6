// A provider's server whose answers are the test's, and all that stands between it and a run.
#pragma once

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <list>
#include <mutex>
#include <thread>

#include "adapters/egress/curl_egress.h"
#include "adapters/local_notifier/local_notifier.h"
#include "adapters/outbound_http/curl_http.h"
#include "adapters/provider_calls/provider_calls.h"
#include "adapters/sql/sql_database.h"
#include "base/bytes.h"
#include "engine/operation/native_engine.h"
#include "engine/operation/picture_file.h"
#include "engine/remote/engines.h"
#include "support/http_server.h"
#include "support/test_folder.h"

namespace tintype::engine::test {

using tintype::test::Exchange;
using tintype::test::kept_answer;

struct Heard {
  std::string line;  // "POST /v1/images/generations"
  std::string head, body;
};

// Answers each request by the next handler, and those that come after the last one by that.
class ProviderServer {
 public:
  using Handler = std::function<void(Exchange&)>;

  ProviderServer() : server_([this](Exchange& exchange) { answer(exchange); }) {}

  void answer_with(const std::string& status, const std::string& body, const std::string& headers = {}) {
    handle([=](Exchange& exchange) { exchange.send(kept_answer(status, body, headers)); });
  }
  void handle(Handler handler) {
    const std::lock_guard lock(mutex_);
    handlers_.push_back(std::move(handler));
  }
  std::string url(const std::string& path = {}) const { return server_.url(path); }
  std::vector<Heard> heard() {
    const std::lock_guard lock(mutex_);
    return heard_;
  }

 private:
  void answer(Exchange& exchange) {
    Handler handler;
    {
      const std::lock_guard lock(mutex_);
      heard_.push_back({exchange.head.substr(0, exchange.head.find(" HTTP/")), exchange.head, exchange.body});
      if (!handlers_.empty()) {
        last_ = std::move(handlers_.front());
        handlers_.pop_front();
      }
      handler = last_;
    }
    handler(exchange);
  }

  std::mutex mutex_;
  std::list<Handler> handlers_;
  Handler last_;
  std::vector<Heard> heard_;
  tintype::test::HttpServer server_;
};

class MovedClock final : public Clock {
 public:
  UnixMs now_ms() const override { return now_ms_.load(); }
  void advance(std::int64_t ms) { now_ms_ += ms; }

 private:
  std::atomic<UnixMs> now_ms_{1'700'000'000'000};
};

// Soft waves, with a hole around the middle where there is to be alpha.
inline Raster waves(int width, int height, bool has_hole = false) {
  Raster raster(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = raster.at(x, y);
      pixel[0] = static_cast<std::uint8_t>(128 + 100 * std::sin(x * 0.05));
      pixel[1] = static_cast<std::uint8_t>(128 + 100 * std::cos(y * 0.07));
      pixel[2] = static_cast<std::uint8_t>((x + y) % 256);
      pixel[3] = has_hole && (x < width / 4 || x > width * 3 / 4) ? 0 : 255;
    }
  }
  return raster;
}

inline std::string all_of(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline bool starts(const Error& error, std::string_view code) {
  return error.cause.starts_with(code);
}

// None of these is over because the machine is slow.
inline CurlEgressOptions patient() {
  CurlEgressOptions options;
  options.connect_timeout = options.fetch_timeout = options.stall_timeout = std::chrono::minutes(5);
  return options;
}

class Remote : public testing::Test {
 protected:
  Remote() {
    auto opened = sql::open_database({.url = "sqlite:" + (folder / "test.db").string()});
    if (!opened || !(*opened)->migrate()) throw std::runtime_error("no database");
    database = std::move(*opened);
    call_rules.run_timeout = std::chrono::minutes(5);
  }

  // Pauses are written down, not made.
  ProviderPause pause() {
    return [this](std::chrono::milliseconds time, const std::atomic<bool>&) { pauses.push_back(time); };
  }
  std::string png(const Raster& raster, ImageFormat format = ImageFormat::kPng) {
    const auto file = folder / "drawn";
    EXPECT_TRUE(save_picture(raster, {.format = format}, file));
    return all_of(file);
  }
  std::filesystem::path picture(const Raster& raster, ImageFormat format = ImageFormat::kPng,
                                const std::string& name = "input") {
    EXPECT_TRUE(save_picture(raster, {.format = format}, folder / name));
    return folder / name;
  }
  Engines engines(Provider& provider, const std::string& assignment, std::vector<OperationKind> operations) {
    Assignments assignments;
    for (const OperationKind operation : operations) assignments[operation] = parse_assignment(assignment).value();
    const Providers providers = {{assignments.begin()->second.provider, &provider}};
    EXPECT_TRUE(Engines::check(assignments, providers));
    return Engines(native, providers, assignments, *database, clock, rules);
  }
  RunRequest request(OperationKind operation, const Parameters& said) {
    RunRequest made;
    made.operation = operation;
    const auto kept = studio_parameters(operation, said);
    EXPECT_TRUE(kept) << kept.error().message;
    made.parameters = *kept;
    made.output = output;
    return made;
  }
  Raster result() {
    const std::atomic<bool> never{false};
    return load_picture(output, {}, never).value().raster;
  }
  std::int64_t spent() {
    std::int64_t micros = 0;
    EXPECT_TRUE(database->read([&](Transaction& transaction) -> Result<void> {
      micros = transaction.spending().spent(clock.now_ms() / 86'400'000).value();
      return {};
    }));
    return micros;
  }

  TestFolder folder, results;
  const std::filesystem::path output = results / "result";
  MovedClock clock;
  std::unique_ptr<Database> database;
  ProviderServer server;
  CurlHttp http;
  CurlEgress egress{patient(), clock};
  LocalNotifier notifier;
  std::vector<std::chrono::milliseconds> pauses;
  ProviderCallRules call_rules;
  NativeEngine native{{.models_directory = std::filesystem::path(TINTYPE_SOURCE_DIR) / "models"}};
  RemoteRules rules;
  RunControl control;
};

}  // namespace tintype::engine::test
