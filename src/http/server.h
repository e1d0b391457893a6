// The HTTP/1.1 server: Boost.Beast on Asio coroutines, behind plain values.
//
// A connection is one coroutine. It reads a header, finds the route, runs `admit`, reads the body within the
// route's bounds, runs the handler in place or in the pool, writes the answer and goes on (keep-alive).
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/random.h"
#include "http/message.h"
#include "http/router.h"

namespace tintype::http {

struct CorsOptions {
  std::vector<std::string> origins;  // exact origins, or a single "*"; empty: no CORS headers at all
  bool credentials = false;          // with exact origins only
  std::vector<std::string> exposed_headers;
};

// One finished exchange, for the access log and the metrics.
struct Exchange {
  std::string_view request_id;
  Method method;
  std::string_view path;           // without query: queries carry signatures
  std::string_view route_pattern;  // empty when none was found
  int status = 0;
  std::string_view error_code;  // of the response; empty when it is no error
  std::int64_t request_bytes = 0;
  std::int64_t response_bytes = 0;
  std::chrono::microseconds duration{0};
  std::string_view remote_address;
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 3000;  // 0: any free one, see Server::port()
  int event_threads = 1;
  int pool_threads = 64;
  int pool_queue_max = 1'024;    // more waiting calls: 503
  int connections_max = 10'000;  // more: refused at accept
  std::int64_t header_bytes_max = 32 * 1024;
  std::chrono::milliseconds header_timeout{10'000};    // from the first byte of a header to its end
  std::chrono::milliseconds idle_timeout{75'000};      // between requests of one connection
  std::chrono::milliseconds read_timeout{30'000};      // for each read of a body
  std::chrono::milliseconds body_grace{60'000};        // a body may take so long ...
  std::int64_t body_bytes_per_second = 4'096;          // ... and longer while it comes this fast; 408 otherwise
  std::chrono::milliseconds write_timeout{30'000};     // for each write
  std::chrono::milliseconds request_timeout{120'000};  // for a call, from when it is due: Request::deadline
  std::chrono::milliseconds stream_age_max{900'000};   // an event stream ends, so that its reader is admitted anew
  int waits_per_client_max = 20;                       // open waits and streams of a Request::client; more: 429
  std::filesystem::path spool_directory;               // of bodies and parts; none where no route takes a file
  std::vector<std::string> trusted_proxies;            // addresses whose X-Forwarded-* are believed
  CorsOptions cors;
  // Spells an error in the dialect of the path's surface: for 404, 405, 413, 408, 503, 500 ...
  std::function<Response(const Request&, const Error&)> render_error;
  std::function<void(const Exchange&)> on_exchange;  // called on the event loop; must not block
};

class Server {
 public:
  Server(ServerOptions options, Router router, Random& random);
  ~Server();

  // Binds, so that port() is known before anybody is answered. Call at most once.
  Result<void> listen();
  // Starts the threads, and listens unless that was done; answers when connections are taken.
  Result<void> start();
  std::uint16_t port() const;

  // Takes no new connection and no new request, lets running ones finish (long polls answer at once, streams
  // end), and returns when all have or the bound has passed; what is left is then cut off. Call once.
  void drain(std::chrono::milliseconds bound);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tintype::http
