// A real HTTP server for tests: it gives one answer to whatever asks.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tintype::test {

struct Bound {
  int socket = -1;
  int port = 0;
};

// A socket bound to a port of this machine, a free one for 0, that does not listen yet: who connects is refused.
inline Bound bind_to(const char* ipv4, int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = ::inet_addr(ipv4);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  socklen_t length = sizeof address;
  if (socket < 0 || ::bind(socket, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    ::close(socket);
    throw std::runtime_error("no port to bind to");
  }
  return {socket, ntohs(address.sin_port)};
}

inline Bound bind_to_a_free_port() {
  return bind_to("127.0.0.1", 0);
}

inline std::string url_of(int port, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(port) + path;
}

// A real server on a port of its own that gives one answer to whatever asks, one connection at a time.
class OneAnswerServer {
 public:
  // An empty answer leaves the client waiting until the server goes away.
  explicit OneAnswerServer(std::string answer) : answer_(std::move(answer)), bound_(bind_to_a_free_port()) {
    if (::listen(bound_.socket, 8) != 0) throw std::runtime_error("the port takes no connections");
    thread_ = std::thread([this] { serve(); });
  }
  ~OneAnswerServer() {
    ::shutdown(bound_.socket, SHUT_RDWR);
    thread_.join();
    ::close(bound_.socket);
    for (const int connection : waiting_) ::close(connection);
  }
  OneAnswerServer(const OneAnswerServer&) = delete;
  OneAnswerServer& operator=(const OneAnswerServer&) = delete;

  std::string url(const std::string& path = "/") const { return url_of(bound_.port, path); }
  std::vector<std::string> requests() {
    std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve() {
    while (true) {
      const int connection = ::accept(bound_.socket, nullptr, nullptr);
      if (connection < 0) return;
      std::string request;
      char buffer[1024];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const ssize_t count = ::recv(connection, buffer, sizeof buffer, 0);
        if (count <= 0) break;
        request.append(buffer, static_cast<std::size_t>(count));
      }
      {
        std::lock_guard lock(mutex_);
        requests_.push_back(request);
      }
      if (answer_.empty()) {
        waiting_.push_back(connection);
        continue;
      }
      send_answer(connection);
      ::close(connection);
    }
  }

  void send_answer(int connection) const {
    std::string_view left = answer_;
    while (!left.empty()) {
      const ssize_t count = ::send(connection, left.data(), left.size(), MSG_NOSIGNAL);
      if (count <= 0) return;
      left.remove_prefix(static_cast<std::size_t>(count));
    }
    ::shutdown(connection, SHUT_WR);
    // Reads until the client has closed, so that closing here cannot cut off what it has yet to read.
    char rest[256];
    while (::recv(connection, rest, sizeof rest, 0) > 0) {
    }
  }

  const std::string answer_;
  const Bound bound_;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> waiting_;
  std::thread thread_;
};

inline std::string answer(const std::string& status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace tintype::test
