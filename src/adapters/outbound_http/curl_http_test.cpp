#include "adapters/outbound_http/curl_http.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace tintype {
namespace {

struct Bound {
  int socket = -1;
  int port = 0;
};

// A socket bound to a free port of 127.0.0.1 that does not listen yet: who connects is refused.
Bound bind_to_a_free_port() {
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof address;
  if (::bind(socket, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    throw std::runtime_error("no port to bind to");
  }
  return {socket, ntohs(address.sin_port)};
}

std::string url_of(int port, const std::string& path) {
  return "http://127.0.0.1:" + std::to_string(port) + path;
}

// A real server on a port of its own that gives one answer to whatever asks, one connection at a time.
class Server {
 public:
  // An empty answer leaves the client waiting until the server goes away.
  explicit Server(std::string answer) : answer_(std::move(answer)), bound_(bind_to_a_free_port()) {
    if (::listen(bound_.socket, 8) != 0) throw std::runtime_error("the port takes no connections");
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(bound_.socket, SHUT_RDWR);
    thread_.join();
    ::close(bound_.socket);
    for (const int connection : waiting_) ::close(connection);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

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

std::string answer(const std::string& status, const std::string& body, const std::string& headers = {}) {
  return "HTTP/1.1 " + status + "\r\n" + headers + "Content-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

Result<OutboundResponse> get(const std::string& url, std::int64_t body_bytes_max = 1'000,
                             std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
  CurlHttp http;
  return http.get_trusted({url, body_bytes_max, timeout});
}

TEST(CurlHttp, AnswersStatusAndBody) {
  Server server(answer("200 OK", "{\"keys\":[]}"));
  const auto response = get(server.url("/jwks.json?a=b"));
  ASSERT_TRUE(response) << response.error().cause;
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "{\"keys\":[]}");
  ASSERT_EQ(server.requests().size(), 1U);
  EXPECT_TRUE(server.requests()[0].starts_with("GET /jwks.json?a=b HTTP/1.1\r\n"));
}

TEST(CurlHttp, AnErrorStatusIsAnAnswer) {
  Server server(answer("404 Not Found", "nothing here"));
  const auto response = get(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 404);
  EXPECT_EQ(response->body, "nothing here");
}

TEST(CurlHttp, RedirectsAreNotFollowed) {
  Server target(answer("200 OK", "secret"));
  Server server(answer("302 Found", "", "Location: " + target.url() + "\r\n"));
  const auto response = get(server.url());
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  EXPECT_TRUE(target.requests().empty());
}

TEST(CurlHttp, BodiesAreCapped) {
  Server exact(answer("200 OK", std::string(1'000, 'x')));
  const auto whole = get(exact.url());
  ASSERT_TRUE(whole);
  EXPECT_EQ(whole->body.size(), 1'000U);

  Server over(answer("200 OK", std::string(1'001, 'x')));
  EXPECT_FALSE(get(over.url()));

  // A length that is told only as it comes.
  Server endless("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + std::string(5'000'000, 'x'));
  EXPECT_FALSE(get(endless.url()));
}

TEST(CurlHttp, HalfABodyIsNoAnswer) {
  Server server("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\nhalf");
  EXPECT_FALSE(get(server.url()));
}

TEST(CurlHttp, AServerThatNeverAnswersIsGivenUp) {
  Server server("");
  EXPECT_FALSE(get(server.url(), 1'000, std::chrono::milliseconds(50)));
  EXPECT_FALSE(get(server.url(), 1'000, std::chrono::milliseconds(0))) << "no time at all is not all the time";
}

TEST(CurlHttp, NobodyThereIsAnErrorWithItsCause) {
  const Bound deaf = bind_to_a_free_port();
  const std::string url = url_of(deaf.port, "/");
  const auto response = get(url);
  ::close(deaf.socket);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::kInternal);
  EXPECT_NE(response.error().cause.find(url), std::string::npos);
}

TEST(CurlHttp, OnlyHttpIsSpoken) {
  for (const char* url : {"file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "dict://127.0.0.1/", ""}) {
    EXPECT_FALSE(get(url)) << url;
  }
}

TEST(CurlHttp, ProxyVariablesAreIgnored) {
  Server proxy(answer("200 OK", "from the proxy"));
  Server server(answer("200 OK", "from the server"));
  ::setenv("http_proxy", proxy.url().c_str(), 1);
  ::setenv("all_proxy", proxy.url().c_str(), 1);
  const auto response = get(server.url());
  ::unsetenv("http_proxy");
  ::unsetenv("all_proxy");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "from the server");
  EXPECT_TRUE(proxy.requests().empty());
}

}  // namespace
}  // namespace tintype
