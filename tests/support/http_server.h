// A real HTTP server for tests whose answers are the test's: connections are kept, each has a thread of its own.
#pragma once

#include <poll.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/one_answer_server.h"

namespace tintype::test {

// A request that has come whole, and the connection to answer it by.
class Exchange {
 public:
  Exchange(int connection, std::string head, std::string body)
      : head(std::move(head)), body(std::move(body)), connection_(connection) {}

  void send(std::string_view bytes) const {
    while (!bytes.empty()) {
      const ssize_t count = ::send(connection_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
  }
  // Whether the client goes away within this time.
  bool ends_within(std::chrono::milliseconds time) const {
    pollfd entry{connection_, POLLIN, 0};
    return ::poll(&entry, 1, static_cast<int>(time.count())) > 0;
  }
  void wait_for_end() const { ends_within(std::chrono::minutes(1)); }
  void close() { is_closed = true; }

  const std::string head;  // from the request line to the empty one
  const std::string body;
  bool is_closed = false;  // after this answer

 private:
  int connection_;
};

class HttpServer {
 public:
  using Handler = std::function<void(Exchange&)>;

  explicit HttpServer(Handler handler, const char* ipv4 = "127.0.0.1", int port = 0)
      : handler_(std::move(handler)), ipv4_(ipv4), bound_(bind_to(ipv4, port)) {
    if (::listen(bound_.socket, 1'024) != 0) throw std::runtime_error("the port takes no connections");
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpServer() {
    ::shutdown(bound_.socket, SHUT_RDWR);
    thread_.join();
    {
      std::lock_guard lock(mutex_);
      for (const int connection : open_) ::shutdown(connection, SHUT_RDWR);
    }
    for (std::thread& thread : threads_) thread.join();
    ::close(bound_.socket);
  }
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const { return bound_.port; }
  std::string url(const std::string& path = "/") const { return url_at(ipv4_, path); }
  std::string url_at(const std::string& host, const std::string& path = "/") const {
    return "http://" + host + ":" + std::to_string(bound_.port) + path;
  }
  int connections() const { return connections_; }
  std::vector<std::string> heads() {
    std::lock_guard lock(mutex_);
    return heads_;
  }

 private:
  void serve() {
    while (true) {
      const int connection = ::accept4(bound_.socket, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      ++connections_;
      std::lock_guard lock(mutex_);
      open_.push_back(connection);
      threads_.emplace_back([this, connection] { carry(connection); });
    }
  }
  void carry(int connection) {
    std::string bytes;
    while (auto exchange = next(connection, bytes)) {
      {
        std::lock_guard lock(mutex_);
        heads_.push_back(exchange->head);
      }
      handler_(*exchange);
      if (exchange->is_closed) break;
    }
    std::lock_guard lock(mutex_);
    open_.remove(connection);
    ::close(connection);
  }
  static std::unique_ptr<Exchange> next(int connection, std::string& bytes) {
    constexpr std::string_view kLength = "Content-Length: ";
    while (true) {
      const std::size_t end = bytes.find("\r\n\r\n");
      if (end != std::string::npos) {
        const std::size_t at = bytes.find(kLength);
        const std::size_t length = at < end ? std::stoul(bytes.substr(at + kLength.size())) : 0;
        if (bytes.size() >= end + 4 + length) {
          auto exchange =
              std::make_unique<Exchange>(connection, bytes.substr(0, end + 4), bytes.substr(end + 4, length));
          bytes.erase(0, end + 4 + length);
          return exchange;
        }
      }
      char piece[16'384];
      const ssize_t count = ::recv(connection, piece, sizeof piece, 0);
      if (count <= 0) return nullptr;
      bytes.append(piece, static_cast<std::size_t>(count));
    }
  }

  const Handler handler_;
  const std::string ipv4_;
  const Bound bound_;
  std::atomic<int> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::string> heads_;
  std::list<int> open_;
  std::vector<std::thread> threads_;
  std::thread thread_;
};

// An answer after which the connection is kept.
inline std::string kept_answer(const std::string& status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

}  // namespace tintype::test
