// The plainest HTTP client, for tests: one request, one connection, and nothing added that was not asked for.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tintype::test {

struct HttpAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

namespace plain_http {

// "http://127.0.0.1:PORT/target"
struct Url {
  std::string host;
  int port = 0;
  std::string target;

  explicit Url(std::string_view url) {
    constexpr std::string_view kScheme = "http://";
    if (!url.starts_with(kScheme)) throw std::runtime_error("no plain URL: " + std::string(url));
    url.remove_prefix(kScheme.size());
    const std::size_t slash = std::min(url.find('/'), url.size());
    host = url.substr(0, slash);
    target = url.substr(slash);
    const std::size_t colon = host.find(':');
    port = colon == std::string::npos ? 80 : std::stoi(host.substr(colon + 1));
  }
};

inline int connect_to(int port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (socket < 0 || ::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(socket);
    throw std::runtime_error("nobody answers on port " + std::to_string(port));
  }
  return socket;
}

// Who refuses a request may close before its body has been sent: what it says is read all the same.
inline void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
}

inline std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

inline HttpAnswer parse_head(std::string_view head) {
  HttpAnswer answer;
  answer.status = head.size() > 12 ? std::stoi(std::string(head.substr(9, 3))) : 0;
  for (std::size_t begin = head.find("\r\n"); begin != std::string_view::npos;) {
    const std::size_t end = std::min(head.find("\r\n", begin + 2), head.size());
    const std::string_view line = head.substr(begin + 2, end - begin - 2);
    const std::size_t colon = line.find(':');
    if (colon != std::string_view::npos) {
      std::string_view value = line.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      answer.headers[lower(line.substr(0, colon))] = value;
    }
    begin = end < head.size() ? end : std::string_view::npos;
  }
  return answer;
}

inline std::string without_chunks(std::string_view body) {
  std::string out;
  while (!body.empty()) {
    const std::size_t line = body.find("\r\n");
    if (line == std::string_view::npos) break;
    const std::size_t size = std::stoul(std::string(body.substr(0, line)), nullptr, 16);
    body.remove_prefix(line + 2);
    if (size == 0 || size > body.size()) break;
    out.append(body.substr(0, size));
    body.remove_prefix(std::min(size + 2, body.size()));
  }
  return out;
}

// The whole answer, or what there is of it when the connection ends.
inline HttpAnswer receive(int socket, bool has_body) {
  std::string bytes;
  HttpAnswer answer;
  std::size_t body_at = std::string::npos;
  std::size_t body_size = std::string::npos;
  std::vector<char> piece(1 << 16);
  while (body_at == std::string::npos || bytes.size() - body_at < body_size) {
    const ssize_t count = ::recv(socket, piece.data(), piece.size(), 0);
    if (count <= 0) break;
    bytes.append(piece.data(), static_cast<std::size_t>(count));
    const std::size_t end = body_at == std::string::npos ? bytes.find("\r\n\r\n") : std::string::npos;
    if (end == std::string::npos) continue;
    answer = parse_head(std::string_view(bytes).substr(0, end));
    if (answer.status == 100) {
      bytes.erase(0, end + 4);
      continue;
    }
    body_at = end + 4;
    const std::string length = answer.header("content-length");
    if (!has_body) body_size = 0;
    if (has_body && !length.empty()) body_size = std::stoul(length);
  }
  if (body_at == std::string::npos) return {};
  answer.body = bytes.substr(body_at);
  if (answer.header("transfer-encoding") == "chunked") answer.body = without_chunks(answer.body);
  return answer;
}

}  // namespace plain_http

// Sends exactly these headers beside Host and Connection: a body has the Content-Length that is among them, or its own.
inline HttpAnswer http(const std::string& method, const std::string& url, const HttpHeaders& headers = {},
                       std::string_view body = {}) {
  const plain_http::Url parsed(url);
  std::string head = method + " " + parsed.target + " HTTP/1.1\r\nHost: " + parsed.host + "\r\nConnection: close\r\n";
  bool has_length = false;
  for (const auto& [name, value] : headers) {
    head += name + ": " + value + "\r\n";
    has_length = has_length || plain_http::lower(name) == "content-length";
  }
  if (!has_length && (method == "PUT" || method == "POST")) {
    head += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  const int socket = plain_http::connect_to(parsed.port);
  plain_http::send_all(socket, head + "\r\n");
  plain_http::send_all(socket, body);
  HttpAnswer answer = plain_http::receive(socket, method != "HEAD");
  ::close(socket);
  return answer;
}

}  // namespace tintype::test
