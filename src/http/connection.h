// One connection: a coroutine that reads requests and writes answers until either side ends it.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include "http/server.h"
#include "http/spool.h"

namespace tintype::http {

// What all connections of a server share. Outlives them.
struct Shared {
  Shared(ServerOptions server_options, Router frozen_router, Random& source)
      : options(std::move(server_options)),
        router(std::move(frozen_router)),
        random(source),
        request_ids(seed_from(source)),
        pool(static_cast<std::size_t>(options.pool_threads)) {}

  ServerOptions options;
  Router router;
  Random& random;
  SeededRandom request_ids;  // no secrets, so they need not cost a system call each
  boost::asio::thread_pool pool;
  std::atomic<int> pool_queued{0};
  std::atomic<bool> draining{false};
  std::mutex waits_mutex;
  std::unordered_map<std::string, int> waits;  // open ones, by Request::client

 private:
  static std::uint64_t seed_from(Random& source) {
    std::uint64_t seed = 0;
    source.fill(std::as_writable_bytes(std::span(&seed, 1)));
    return seed;
  }
};

// Lives on one event loop's thread; only `wake` may be called from others.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  using Clock = std::chrono::steady_clock;

  Connection(Shared& shared, Socket socket);

  boost::asio::awaitable<void> run();

  // Called by the loop's tick: ends the connection, or the reading of a body, that has waited too long for its peer.
  void check_deadline(Clock::time_point now);
  // The server drains: idle connections end, waiting ones answer at once.
  void drain();
  void cut_off();

 private:
  using Parser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;

  Awaitable<bool> serve_one();  // whether the connection goes on
  Awaitable<bool> read_header(Parser& parser, Response& refusal);
  Awaitable<bool> read_some();  // false at the end of the stream
  Result<void> take_header(Parser& parser);
  Awaitable<void> answer(Parser& parser, Response& response);
  Awaitable<Result<void>> read_body(Parser& parser, const BodyPolicy& policy);
  Awaitable<bool> read_body_piece(Clock::time_point began);  // false at the end of the stream or of the peer's time
  Awaitable<Result<void>> receive_body(std::int64_t length, const BodyPolicy& policy);
  Awaitable<bool> wait_for_bytes(Clock::time_point began);  // like read_body_piece
  Result<void> finish_body();
  void expect_body(Clock::time_point began);
  Awaitable<Result<void>> consume(std::string_view bytes, const BodyPolicy& policy);
  Result<void> take_in_pool(std::string_view bytes, const BodyPolicy& policy);
  Awaitable<void> call(Place place, std::function<Response()> function, Response& response);
  Awaitable<void> wait_for(std::shared_ptr<Wait> wait, Place place, Response& response);
  Awaitable<void> send_events(std::shared_ptr<EventStream> stream, Place place, Response& response);
  std::shared_ptr<void> hold_wait();
  Awaitable<void> pause(Clock::time_point until);
  Awaitable<bool> write(std::string_view first, std::string_view second = {});
  Awaitable<bool> write_response(Response& response, bool keep_alive);
  Awaitable<bool> write_stream(StreamBody& stream);
  Awaitable<bool> write_open_ended(StreamBody& stream);
  bool ends_with_connection(const Response& response) const;
  Awaitable<void> discard_rest();
  std::string header_block(const Response& response, bool keep_alive) const;
  Response error_response(const Error& error) const;
  Response thrown_response() const;
  Response options_response(const RouteMatch& match) const;
  void add_cors(Response& response) const;
  bool peer_is_gone();
  void wake_from_any_thread();
  void expect_within(std::chrono::milliseconds duration) { deadline_ = Clock::now() + duration; }
  void expect_nothing() { deadline_ = Clock::time_point::max(); }

  Shared& shared_;
  Socket socket_;
  boost::asio::steady_timer pause_timer_;
  boost::beast::flat_buffer buffer_;
  std::string remote_address_;
  std::string head_;  // of the answer; kept for its capacity
  Clock::time_point deadline_ = Clock::time_point::max();
  std::atomic<bool> woken_{false};
  bool idle_ = true;
  bool reading_body_ = false;
  bool body_too_slow_ = false;
  bool receiving_ = false;  // a pool thread reads the socket

  // Of the present exchange.
  Request request_;
  int version_ = 11;
  std::string route_pattern_;
  std::unique_ptr<FormSink> form_;
  std::unique_ptr<MultipartParser> multipart_;
  std::unique_ptr<SpoolWriter> spool_;
  bool body_read_ = false;
  bool any_origin_ = false;
  std::int64_t sent_bytes_ = 0;
};

}  // namespace tintype::http
