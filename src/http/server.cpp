#include "http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "http/connection.h"

namespace tintype::http {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::milliseconds kTick{250};

}  // namespace

class Server::Impl {
 public:
  Impl(ServerOptions options, Router router, Random& random) : shared_(std::move(options), std::move(router), random) {}

  ~Impl() { stop(); }

  Result<void> start() {
    shared_.router.freeze();
    if (auto made = make_spool(); !made) return made;
    if (!acceptor_) {
      if (auto listening = listen(); !listening) return listening;
    }
    asio::co_spawn(loops_.front()->context, accept(), asio::detached);
    for (auto& loop : loops_) loop->thread = std::thread([&loop = *loop] { loop.run(); });
    return {};
  }

  Result<void> listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(shared_.options.address, error);
    if (error) return fail(ErrorCode::kInvalidInput, "'" + shared_.options.address + "' is not an address");
    for (int at = 0; at < shared_.options.event_threads; ++at) loops_.push_back(std::make_unique<Loop>(shared_));
    acceptor_ = std::make_unique<tcp::acceptor>(loops_.front()->context);
    const tcp::endpoint endpoint(address, shared_.options.port);
    acceptor_->open(endpoint.protocol(), error);
    if (!error) acceptor_->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_->bind(endpoint, error);
    if (!error) acceptor_->listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return fail(ErrorCode::kConflict, "Cannot listen on " + shared_.options.address + ":" +
                                            std::to_string(shared_.options.port) + ": " + error.message());
    }
    port_ = acceptor_->local_endpoint().port();
    return {};
  }

  std::uint16_t port() const { return port_; }

  void drain(std::chrono::milliseconds bound) {
    if (loops_.empty() || stopped_) return;
    shared_.draining.store(true);
    // Closed before any connection is told, so that nobody who is sent away finds the door open.
    asio::post(loops_.front()->context, [this] {
      acceptor_->close();
      for (auto& loop : loops_) asio::post(loop->context, [&loop = *loop] { loop.drain(); });
    });
    {
      std::unique_lock lock(shared_count_.mutex);
      shared_count_.changed.wait_for(lock, bound, [&] { return shared_count_.value == 0; });
    }
    stop();
  }

 private:
  Result<void> make_spool() {
    if (shared_.options.spool_directory.empty()) return {};
    std::error_code error;
    std::filesystem::create_directories(shared_.options.spool_directory, error);
    if (error) return fail_internal("make the spool directory: " + error.message());
    clear_spool(shared_.options.spool_directory);
    return {};
  }

  // How many connections there are, for the drain and the bound.
  struct Count {
    std::mutex mutex;
    std::condition_variable changed;
    int value = 0;
  };

  // One thread with its connections.
  struct Loop {
    explicit Loop(Shared& state) : shared(state), timer(context) {}
    Shared& shared;
    asio::io_context context{1};
    asio::executor_work_guard<asio::io_context::executor_type> guard{context.get_executor()};
    asio::steady_timer timer;
    std::unordered_map<Connection*, std::shared_ptr<Connection>> connections;
    std::thread thread;

    void run() {
      tick();
      context.run();
    }
    void tick() {
      timer.expires_after(kTick);
      timer.async_wait([this](boost::system::error_code error) {
        if (error) return;
        const auto now = Connection::Clock::now();
        for (auto& [address, connection] : connections) connection->check_deadline(now);
        tick();
      });
    }
    void drain() {
      for (auto& [address, connection] : connections) connection->drain();
    }
  };

  asio::awaitable<void> accept() {
    std::size_t next = 0;
    while (acceptor_->is_open()) {
      Loop& loop = *loops_[next++ % loops_.size()];
      boost::system::error_code error;
      tcp::socket socket =
          co_await acceptor_->async_accept(loop.context, asio::redirect_error(asio::use_awaitable, error));
      if (error == asio::error::operation_aborted) break;
      if (error) {
        // Out of descriptors, most likely: a moment later there may be some again.
        asio::steady_timer pause(loops_.front()->context, std::chrono::milliseconds(50));
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, error));
        continue;
      }
      {
        std::lock_guard lock(shared_count_.mutex);
        if (shared_count_.value >= shared_.options.connections_max) continue;  // closes it
        ++shared_count_.value;
      }
      asio::post(loop.context, [this, &loop, socket = std::move(socket)]() mutable { begin(loop, std::move(socket)); });
    }
  }

  void begin(Loop& loop, tcp::socket socket) {
    // Whoever is let in after the loop was told to drain would not hear of it.
    if (shared_.draining.load()) return forget_one();
    auto connection = std::make_shared<Connection>(shared_, std::move(socket));
    loop.connections.emplace(connection.get(), connection);
    asio::co_spawn(
        loop.context, [connection]() { return connection->run(); },
        [this, &loop, connection](const std::exception_ptr&) {
          loop.connections.erase(connection.get());
          forget_one();
        });
  }

  void forget_one() {
    std::lock_guard lock(shared_count_.mutex);
    --shared_count_.value;
    shared_count_.changed.notify_all();
  }

  void stop() {
    if (loops_.empty() || stopped_) return;
    stopped_ = true;
    shared_.draining.store(true);
    if (!loops_.front()->thread.joinable()) return;  // it never listened
    asio::post(loops_.front()->context, [this] { acceptor_->close(); });
    for (auto& loop : loops_) {
      asio::post(loop->context, [&loop = *loop] {
        for (auto& [address, connection] : loop.connections) connection->cut_off();
      });
    }
    {
      // A connection that was cut off ends as soon as its call in the pool has come back, and with it end its
      // subscriptions: nobody wakes a loop that is gone.
      std::unique_lock lock(shared_count_.mutex);
      shared_count_.changed.wait(lock, [&] { return shared_count_.value == 0; });
    }
    for (auto& loop : loops_) {
      loop->context.stop();
      loop->thread.join();
    }
    shared_.pool.join();
    acceptor_.reset();
  }

  Shared shared_;
  Count shared_count_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<tcp::acceptor> acceptor_;
  std::uint16_t port_ = 0;
  bool stopped_ = false;
};

Server::Server(ServerOptions options, Router router, Random& random)
    : impl_(std::make_unique<Impl>(std::move(options), std::move(router), random)) {}

Server::~Server() = default;

Result<void> Server::listen() {
  return impl_->listen();
}

Result<void> Server::start() {
  return impl_->start();
}

std::uint16_t Server::port() const {
  return impl_->port();
}

void Server::drain(std::chrono::milliseconds bound) {
  impl_->drain(bound);
}

}  // namespace tintype::http
