// A real server on a free port, spoken to over plain sockets: what a client can send and when, byte by byte.
#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <ctime>
#include <list>

#include "base/log.h"
#include "http/range.h"

namespace tintype::http {
namespace {

using namespace std::chrono_literals;

struct Answer {
  int status = 0;  // 0: the connection ended without one
  std::string head, body;
  std::string field(const std::string& name) const {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == head.npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

// A socket that fails the test, instead of hanging it, when nothing comes for half a minute.
class Client {
 public:
  explicit Client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval patience{30, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~Client() { close(); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
  }
  bool readable_within(std::chrono::milliseconds duration) {
    pollfd wanted{socket_, POLLIN, 0};
    return ::poll(&wanted, 1, static_cast<int>(duration.count())) > 0;
  }
  bool more() {
    char piece[16384];
    ssize_t count;
    do count = ::recv(socket_, piece, sizeof piece, 0);
    while (count < 0 && errno == EINTR);  // the program was stopped and went on
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) ADD_FAILURE() << "nothing came for half a minute";
    if (count <= 0) return false;
    pending_.append(piece, static_cast<std::size_t>(count));
    return true;
  }
  // Up to and with `mark`; empty when the connection ends before.
  std::string until(std::string_view mark) {
    std::size_t at;
    while ((at = pending_.find(mark)) == std::string::npos) {
      if (!more()) return {};
    }
    return take(at + mark.size());
  }
  std::string to_end() {
    while (more()) {
    }
    return take(pending_.size());
  }
  Answer read(bool head_only = false) {
    Answer answer;
    answer.head = until("\r\n\r\n");
    if (answer.head.size() < 12) return answer;
    answer.status = std::stoi(answer.head.substr(9, 3));
    const std::string length = answer.field("Content-Length");
    if (head_only || length.empty()) return answer;
    while (pending_.size() < std::stoul(length)) {
      if (!more()) break;
    }
    answer.body = take(std::min(pending_.size(), std::stoul(length)));
    return answer;
  }
  Answer ask(std::string_view bytes, bool head_only = false) {
    send(bytes);
    return read(head_only);
  }

 private:
  std::string take(std::size_t count) {
    std::string taken = pending_.substr(0, count);
    pending_.erase(0, count);
    return taken;
  }
  int socket_;
  bool connected_ = false;
  std::string pending_;
};

// Something that a handler waits for and a test lets go, or the other way round.
class Signal {
 public:
  void set() {
    std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

// Those who wait for news, as a notifier keeps them.
class News {
 public:
  std::shared_ptr<void> subscribe(std::function<void()> wake) {
    std::lock_guard lock(mutex_);
    const int id = ++last_;
    wakes_.emplace(id, std::move(wake));
    changed_.notify_all();
    return std::shared_ptr<void>(nullptr, [this, id](void*) {
      std::lock_guard relock(mutex_);
      wakes_.erase(id);
      changed_.notify_all();
    });
  }
  void tell(std::string item) {
    std::lock_guard lock(mutex_);
    items_.push_back(std::move(item));
    for (auto& [id, wake] : wakes_) wake();
  }
  std::vector<std::string> take() {
    std::lock_guard lock(mutex_);
    return std::exchange(items_, {});
  }
  bool wait_for_subscribers(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 30s, [&] { return wakes_.size() == count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<int, std::function<void()>> wakes_;
  std::vector<std::string> items_;
  int last_ = 0;
};

std::string slurp(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Each part as "name|file name|bytes|text or content".
std::string describe(const Request& request) {
  std::string text;
  for (const FormPart& part : request.form) {
    text += part.name + "|" + part.file_name.value_or("-") + "|" + std::to_string(part.size_bytes) + "|";
    text += part.too_large ? "too large" : part.file ? slurp(part.file->path()) : part.text;
    text += "\n";
  }
  return text;
}

// Takes anything but '!', and knows afterwards what came.
class CountingSink final : public BodySink {
 public:
  Result<void> take(std::string_view bytes) override {
    if (bytes.contains('!')) return fail(ErrorCode::kInvalidInput, "no exclamation");
    for (const char c : bytes) sum = sum * 31 + static_cast<unsigned char>(c);
    count += bytes.size();
    return {};
  }
  std::size_t count = 0;
  std::uint32_t sum = 0;
};

std::string counted(std::string_view name, std::string_view bytes) {
  CountingSink sink;
  static_cast<void>(sink.take(bytes));
  return std::string(name) + "|" + std::to_string(sink.count) + "|" + std::to_string(sink.sum);
}

class ServerTest : public testing::Test {
 protected:
  static constexpr std::size_t kPictureBytes = 1'000'003;

  ServerTest() {
    std::string name = (std::filesystem::temp_directory_path() / "tintype-http-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    options_.port = 0;
    options_.event_threads = 2;
    options_.pool_threads = 2;
    // Tests that wait for one of these to be over set it; elsewhere none is over because the machine is slow.
    options_.header_timeout = options_.idle_timeout = options_.read_timeout = options_.write_timeout = 10min;
    options_.spool_directory = directory_;
    options_.render_error = [](const Request&, const Error& error) {
      static const std::map<ErrorCode, int> kStatus = {
          {ErrorCode::kInvalidInput, 400}, {ErrorCode::kUnsupportedMediaType, 415},
          {ErrorCode::kBodyTooLarge, 413}, {ErrorCode::kBodyTooSlow, 408},
          {ErrorCode::kNotFound, 404},     {ErrorCode::kMethodNotAllowed, 405},
          {ErrorCode::kOverloaded, 503},   {ErrorCode::kDeadlineExceeded, 503},
          {ErrorCode::kInternal, 500},     {ErrorCode::kRateLimited, 429}};
      Response response = text_response(kStatus.at(error.code), error.message, "text/plain");
      if (error.retry_after_seconds) response.headers.add("Retry-After", std::to_string(*error.retry_after_seconds));
      return response;
    };
    options_.on_exchange = [this](const Exchange& exchange) {
      std::lock_guard lock(exchanges_mutex_);
      exchanges_.push_back(std::to_string(exchange.status) + " " + std::string(exchange.route_pattern));
      exchanged_.notify_all();
    };
  }
  ~ServerTest() override {
    let_go_.set();
    server_.reset();
    EXPECT_EQ(spooled(), 0) << "something was left in the spool";
    std::filesystem::remove_all(directory_);
  }

  void start() {
    server_ = std::make_unique<Server>(options_, routes(), random_);
    const auto started = server_->start();
    ASSERT_TRUE(started) << started.error().message << started.error().cause;
  }
  std::uint16_t port() const { return server_->port(); }

  Router routes() {
    Router router;
    const auto add = [&](Method method, const char* pattern, Handler handler, BodyPolicy body = {},
                         Place place = Place::kInPlace) {
      router.add({.method = method, .pattern = pattern, .handler = std::move(handler), .body = body, .place = place});
    };
    const BodyPolicy memory{.kind = BodyKind::kMemory, .body_bytes_max = 5'000};
    const BodyPolicy form{.kind = BodyKind::kMultipart,
                          .body_bytes_max = 4 << 20,
                          .part_bytes_max = 1 << 20,
                          .field_bytes_max = 100,
                          .parts_max = 4};
    add(Method::kGet, "/things/{id}", [](Request& request) {
      return text_response(200,
                           std::string(request.path_parameter("id")) + "|" +
                               std::string(request.query_parameter("q").value_or("-")) + "|" + request.remote_address +
                               (request.secure ? "|secure" : "|plain"),
                           "text/plain");
    });
    const Handler echo = [](Request& request) { return text_response(200, request.body, "text/plain"); };
    add(Method::kPost, "/echo", echo, memory);
    add(Method::kPost, "/pool", echo, memory, Place::kPool);
    add(
        Method::kPost, "/form", [](Request& request) { return text_response(200, describe(request), "text/plain"); },
        form, Place::kPool);
    add(
        Method::kPut, "/spool",
        [](Request& request) {
          return text_response(200, request.file ? slurp(request.file->path()) : "none", "text/plain");
        },
        {.kind = BodyKind::kSpool, .body_bytes_max = 4 << 20}, Place::kPool);
    router.add({.method = Method::kPut,
                .pattern = "/sink/{name...}",
                .handler =
                    [](Request& request) {
                      const auto& counted = static_cast<const CountingSink&>(*request.sink);
                      return text_response(200,
                                           std::string(request.path_parameter("name")) + "|" +
                                               std::to_string(counted.count) + "|" + std::to_string(counted.sum),
                                           "text/plain");
                    },
                .body = {.kind = BodyKind::kSink, .body_bytes_max = 64 << 20},
                .admit = [](Request& request) -> std::optional<Response> {
                  request.sink = std::make_shared<CountingSink>();
                  return std::nullopt;
                },
                .any_origin = true});
    add(Method::kGet, "/throws/{where}", [this](Request& request) { return throwing(request); });
    add(Method::kGet, "/pool-throws/{where}", [this](Request& request) { return throwing(request); }, {}, Place::kPool);
    add(Method::kGet, "/empty", [](Request&) { return Response{.status = 204}; });
    add(Method::kGet, "/picture", [this](Request& request) { return serve_content(request, picture()); });
    add(
        Method::kGet, "/gate",
        [this](Request&) {
          entered_.set();
          let_go_.wait();
          return text_response(200, "through", "text/plain");
        },
        {}, Place::kPool);
    const Admit client = [](Request& request) -> std::optional<Response> {
      request.client = request.headers.find("x-client").value_or("");
      return std::nullopt;
    };
    for (const bool events_asked : {false, true}) {
      router.add({.pattern = events_asked ? "/events" : "/wait",
                  .handler = [this, events_asked](Request&) { return events_asked ? events() : waiting(); },
                  .place = Place::kInPlace,
                  .admit = client});
    }
    router.add({.method = Method::kPost,
                .pattern = "/guarded",
                .handler = echo,
                .body = {.kind = BodyKind::kSpool, .body_bytes_max = 64 << 20},
                .admit = [](Request& request) -> std::optional<Response> {
                  if (request.headers.find("x-key")) return std::nullopt;
                  return text_response(401, "no key", "text/plain");
                }});
    return router;
  }

  Content picture() {
    Content content;
    content.media_type = "image/png";
    content.etag = "\"p\"";
    content.stream.size_bytes = kPictureBytes;
    content.stream.read = [](std::int64_t offset, std::span<char> out) -> Result<std::size_t> {
      // Short reads, as a socket to a store gives them.
      const std::size_t count = std::min<std::size_t>(out.size(), 70'001);
      for (std::size_t at = 0; at < count; ++at) out[at] = picture_byte(static_cast<std::size_t>(offset) + at);
      return count;
    };
    return content;
  }
  static char picture_byte(std::size_t at) { return static_cast<char>('a' + at % 23); }

  Response waiting() {
    auto wait = std::make_shared<Wait>();
    wait->timeout = wait_timeout_;
    wait->recheck = recheck_;
    wait->subscribe = [this](std::function<void()> wake) { return news_.subscribe(std::move(wake)); };
    wait->attempt = [this](bool last) -> std::optional<Response> {
      const auto items = news_.take();
      if (items.empty() && !last) return std::nullopt;
      return text_response(200, items.empty() ? "nothing new" : items.front(), "text/plain");
    };
    Response response;
    response.headers.add("X-First", "1");
    response.headers.add("Content-Type", "of no answer yet");
    response.body = std::move(wait);
    return response;
  }
  Response events() {
    auto stream = std::make_shared<EventStream>();
    stream->recheck = recheck_;
    stream->subscribe = [this](std::function<void()> wake) { return news_.subscribe(std::move(wake)); };
    stream->next = [this](bool& done) {
      std::vector<Event> due;
      for (std::string& item : news_.take()) {
        done = done || item == "end";
        due.push_back({"news", "1", std::move(item)});
      }
      return due;
    };
    Response response;
    response.body = std::move(stream);
    return response;
  }

  // An answer that throws at the named place.
  Response throwing(const Request& request) {
    const std::string_view where = request.path_parameter("where");
    if (where == "handler") throw std::runtime_error("a secret cause");
    if (where == "number") throw 42;
    if (where == "open-ended") {
      StreamBody body{.is_open_ended = true};
      body.read = [](std::int64_t done, std::span<char> out) -> Result<std::size_t> {
        if (done >= 30) throw std::runtime_error("unreadable");
        return std::string_view("ten bytes.").copy(out.data(), out.size());
      };
      return {.body = std::move(body)};
    }
    if (where == "read") {
      StreamBody body{.size_bytes = 10};
      body.read = [](std::int64_t, std::span<char>) -> Result<std::size_t> { throw std::runtime_error("unreadable"); };
      return {.body = std::move(body)};
    }
    Response response = where.starts_with("events") ? events() : waiting();
    if (auto* wait = std::get_if<std::shared_ptr<Wait>>(&response.body)) {
      if (where == "wait-attempt") (*wait)->attempt = [](bool) -> std::optional<Response> { throw 42; };
      if (where == "wait-subscribe") (*wait)->subscribe = nullptr;  // calling it throws
    } else {
      const auto& stream = std::get<std::shared_ptr<EventStream>>(response.body);
      if (where == "events-next") stream->next = [](bool&) -> std::vector<Event> { throw 42; };
      if (where == "events-subscribe") stream->subscribe = nullptr;
    }
    return response;
  }

  int spooled() const { return static_cast<int>(std::distance(std::filesystem::directory_iterator(directory_), {})); }
  bool wait_for_exchange(const std::string& text) {
    std::unique_lock lock(exchanges_mutex_);
    return exchanged_.wait_for(
        lock, 30s, [&] { return std::find(exchanges_.begin(), exchanges_.end(), text) != exchanges_.end(); });
  }

  std::filesystem::path directory_;
  ServerOptions options_;
  SeededRandom random_{7};
  Signal entered_, let_go_;
  News news_;
  std::chrono::milliseconds wait_timeout_{60'000}, recheck_{60'000};
  std::mutex exchanges_mutex_;
  std::condition_variable exchanged_;
  std::vector<std::string> exchanges_;
  std::unique_ptr<Server> server_;
};

std::string get(const std::string& path, const std::string& fields = {}) {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "\r\n";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields = {}) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + fields +
         "\r\n" + body;
}

std::string part(const std::string& disposition, const std::string& content) {
  return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

std::string form(const std::string& body, const std::string& path = "/form") {
  return post(path, body, "Content-Type: multipart/form-data; boundary=b\r\n");
}

TEST_F(ServerTest, AnswersOneAfterTheOtherOnOneConnection) {
  start();
  Client client(port());
  for (int at = 0; at < 3; ++at) {
    const Answer answer = client.ask(get("/things/a%20b?x=1&q=c+d"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "a b|c d|127.0.0.1|plain");
    EXPECT_TRUE(answer.field("X-Request-Id").starts_with("req_"));
    EXPECT_TRUE(answer.field("Date").ends_with(" GMT"));
    EXPECT_EQ(answer.field("Connection"), "");
  }
  EXPECT_EQ(client.ask(post("/pool", "body")).body, "body");
  EXPECT_EQ(client.ask(get("/empty")).status, 204);
  EXPECT_EQ(client.ask(get("/things/1", "Connection: close\r\n")).field("Connection"), "close");
  EXPECT_EQ(client.to_end(), "");
}

TEST_F(ServerTest, AnswersPipelinedRequestsInOrder) {
  start();
  Client client(port());
  std::string all;
  for (int at = 0; at < 50; ++at) {
    all +=
        at % 3 == 0 ? get("/things/" + std::to_string(at)) : post(at % 3 == 1 ? "/pool" : "/echo", std::to_string(at));
  }
  client.send(all);
  for (int at = 0; at < 50; ++at) {
    EXPECT_EQ(client.read().body, std::to_string(at) + (at % 3 == 0 ? "|-|127.0.0.1|plain" : ""));
  }
}

TEST_F(ServerTest, TakesRequestsByteByByte) {
  start();
  Client client(port());
  const std::string chunked =
      "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n";
  for (const std::string& request : {get("/things/7"), post("/echo", "abcdefg"), chunked}) {
    for (const char byte : request) ASSERT_TRUE(client.send({&byte, 1}));
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, request.starts_with("GET") ? "7|-|127.0.0.1|plain" : "abcdefg");
  }
}

TEST_F(ServerTest, SpeaksHttp10) {
  start();
  Client once(port());
  once.send("GET /things/1 HTTP/1.0\r\n\r\n");
  const std::string whole = once.to_end();
  EXPECT_NE(whole.find("200 OK"), whole.npos);
  EXPECT_NE(whole.find("Connection: close"), whole.npos);
  Client kept(port());
  for (int at = 0; at < 2; ++at) {
    EXPECT_EQ(kept.ask("GET /things/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").field("Connection"), "keep-alive");
  }
}

TEST_F(ServerTest, RefusesWhatTwoReadersCouldTakeForDifferentLengths) {
  start();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\n";
  const std::string smuggled = "GET /things/smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  for (const std::string& request : {
           head + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
           head + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nabcd",
           head + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd",
           head + "Content-Length: 4, 5\r\n\r\nabcd",
           head + "Content-Length: +4\r\n\r\nabcd",
           head + "Content-Length: -4\r\n\r\nabcd",
           head + "Content-Length: 0x4\r\n\r\nabcd",
           head + "Content-Length: 99999999999999999999999\r\n\r\nabcd",
           head + "Content-Length : 4\r\n\r\nabcd",
           head + "Content-Length:\r\n\r\n",
           head + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: identity\r\n\r\n",
           head + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: \x0b"
                  "chunked\r\n\r\n0\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n\r\n",
           head + "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
           std::string("POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       }) {
    Client client(port());
    client.send(request + smuggled);
    const Answer answer = client.read();
    EXPECT_EQ(answer.status, 400) << request;
    EXPECT_EQ(answer.field("Connection"), "close") << request;
    EXPECT_EQ(client.to_end().find("smuggled|"), std::string::npos) << request;
  }
}

TEST_F(ServerTest, RefusesWhatIsNoRequest) {
  start();
  for (const std::string& request :
       {std::string("GET / HTTP/2.7\r\nHost: h\r\n\r\n"), std::string("GET\r\n\r\n"),
        std::string("\x16\x03\x01\r\n\r\n"), std::string("GET /things/1 HTTP/1.1\r\n\r\n"),
        get("/things/1", "Host: other\r\n"), get("/things/1", "no colon\r\n"), get("/things/1", "a b: c\r\n"),
        get("/../etc/passwd"), get("/things/%2e%2e/x"), get("/things/%zz"), get("/things/%00"), get("/things/%ff"),
        get("things"), get("/things/1?q=%f"), get("/things/1", "X: a\rb\r\n")}) {
    Client client(port());
    EXPECT_EQ(client.ask(request).status, 400) << request;
  }
  Client client(port());
  EXPECT_EQ(client.ask("BREW /things/1 HTTP/1.1\r\nHost: h\r\n\r\n").status, 501);
  Client other(port());
  EXPECT_EQ(other.ask("TRACE /things/1 HTTP/1.1\r\nHost: h\r\n\r\n").status, 501);
  Client absolute(port());
  EXPECT_EQ(absolute.ask(get("http://h/things/1?q=2")).body, "1|2|127.0.0.1|plain");
}

TEST_F(ServerTest, BoundsTheHeader) {
  options_.header_bytes_max = 2'000;
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/things/1", "X: " + std::string(1'500, 'x') + "\r\n")).status, 200);
  EXPECT_EQ(client.ask(get("/things/1", "X: " + std::string(50'000, 'x') + "\r\n")).status, 431);
  EXPECT_EQ(client.to_end(), "");
  Client endless(port());
  const Answer answer = endless.ask("POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;x=" +
                                    std::string(500'000, 'x'));
  EXPECT_EQ(answer.status, 400);
}

TEST_F(ServerTest, BoundsTheBodyWhileReading) {
  start();
  Client honest(port());
  EXPECT_EQ(honest.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 5001\r\n\r\n").status, 413);
  EXPECT_EQ(honest.to_end(), "");
  Client chunked(port());
  std::string body = "POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int at = 0; at < 6; ++at) body += "3e8\r\n" + std::string(1'000, 'x') + "\r\n";
  EXPECT_EQ(chunked.ask(body).status, 413);
  Client exact(port());
  EXPECT_EQ(exact.ask(post("/echo", std::string(5'000, 'x'))).body.size(), 5'000U);
  Client none(port());
  EXPECT_EQ(none.ask("GET /things/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc").status, 400);
}

// The client writes its whole body before it reads: it must see the answer, not a reset.
TEST_F(ServerTest, AnswersARefusedRequestWhoseBodyStillComes) {
  start();
  Client client(port());
  const Answer answer = client.ask(post("/guarded", std::string(700'000, 'x')));
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(client.to_end(), "");
}

TEST_F(ServerTest, ContinuesOnlyWhomItAdmits) {
  start();
  const std::string head = "POST /guarded HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nExpect: 100-continue\r\n";
  Client refused(port());
  EXPECT_EQ(refused.ask(head + "\r\n").status, 401);
  Client admitted(port());
  EXPECT_EQ(admitted.ask(head + "X-Key: k\r\n\r\n").status, 100);
  EXPECT_EQ(admitted.ask("abcd").status, 200);
  EXPECT_EQ(admitted.ask(get("/things/1")).status, 200);
}

TEST_F(ServerTest, ClosesOnThoseWhoAskNothing) {
  options_.idle_timeout = 50ms;
  start();
  EXPECT_EQ(Client(port()).to_end(), "");
  Answer answer;
  while (answer.status == 0) {  // closed before it had asked, as this machine is slow
    Client between(port());
    answer = between.ask(get("/things/1"));
    EXPECT_EQ(between.to_end(), "");
  }
  EXPECT_EQ(answer.status, 200);
}

TEST_F(ServerTest, ClosesOnABodyThatStops) {
  options_.read_timeout = 50ms;
  start();
  Client body(port());
  EXPECT_EQ(body.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc").status, 408);
  EXPECT_EQ(body.to_end(), "");
}

TEST_F(ServerTest, ClosesOnAHeaderThatTakesTooLong) {
  options_.header_timeout = 50ms;
  start();
  Client header(port());
  header.send("GET /things/1 HTT");
  EXPECT_EQ(header.to_end(), "");
  // A byte now and then does not buy more time for the header.
  Client drip(port());
  drip.send("GET /things/1 HTTP/1.1\r\nX: ");
  int sent = 0;
  while (sent < 5'000 && !drip.readable_within(5ms)) drip.send("x"), ++sent;
  EXPECT_LT(sent, 5'000);
  EXPECT_EQ(drip.to_end(), "");
}

TEST_F(ServerTest, BoundsTheTimeOfABodyByWhatHasCome) {
  options_.body_grace = 0ms;
  options_.body_bytes_per_second = 1;
  start();
  Client steady(port()), stalled(port());
  steady.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n" + std::string(1'000, 'x'));
  const Answer answer = stalled.ask("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1001\r\n\r\n");
  EXPECT_EQ(answer.status, 408);
  EXPECT_EQ(answer.field("Connection"), "close");
  EXPECT_EQ(stalled.to_end(), "");
  EXPECT_EQ(steady.ask("x").status, 200);
}

TEST_F(ServerTest, ABodyThatTricklesEndsAndLeavesNothing) {
  options_.body_grace = 50ms;
  options_.body_bytes_per_second = 1'000'000'000;
  start();
  for (const std::string& head : {std::string("PUT /spool HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n"),
                                  std::string("PUT /sink/x HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n\r\n"),
                                  std::string("POST /form HTTP/1.1\r\nHost: h\r\nContent-Length: 400000\r\n"
                                              "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
                                              "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n")}) {
    Client client(port());
    client.send(head + std::string(300'000, 'x'));
    int sent = 0;
    while (sent < 5'000 && !client.readable_within(5ms)) client.send("x"), ++sent;
    EXPECT_LT(sent, 5'000);
    EXPECT_EQ(client.read().status, 408);
    EXPECT_EQ(client.to_end(), "");
  }
}

TEST_F(ServerTest, ClosesOnThoseWhoDoNotRead) {
  options_.write_timeout = 50ms;
  start();
  Client client(port());
  for (int at = 0; at < 40; ++at) client.send(get("/picture"));
  EXPECT_TRUE(wait_for_exchange("200 /picture"));
  std::size_t received = 0;
  server_->drain(30s);
  received = client.to_end().size();
  EXPECT_LT(received, 40 * kPictureBytes);
}

TEST_F(ServerTest, KnowsMethodsAndAddresses) {
  options_.cors = {.origins = {"https://a.example"}, .credentials = true, .exposed_headers = {"ETag"}};
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/nothing")).status, 404);
  const Answer wrong = client.ask("DELETE /things/1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.field("Allow"), "GET, HEAD, OPTIONS");
  const Answer options = client.ask("OPTIONS /echo HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(options.status, 204);
  EXPECT_EQ(options.field("Allow"), "POST, OPTIONS");
  const Answer preflight = client.ask(
      "OPTIONS /echo HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: x-y\r\n\r\n");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Origin"), "https://a.example");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Methods"), "POST, OPTIONS");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Headers"), "x-y");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(client.ask(get("/things/1", "Origin: https://b.example\r\n")).field("Access-Control-Allow-Origin"), "");
  EXPECT_EQ(client.ask(get("/things/1", "Origin: https://a.example\r\n")).field("Access-Control-Expose-Headers"),
            "ETag");
  const Answer head = client.ask("HEAD /things/1 HTTP/1.1\r\nHost: h\r\n\r\n", true);
  EXPECT_EQ(head.field("Content-Length"), "19");
  EXPECT_EQ(client.ask("HEAD /events HTTP/1.1\r\nHost: h\r\n\r\n", true).status, 200);
}

TEST_F(ServerTest, NamesEachRequest) {
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/nothing", "X-Request-Id: my.id-1_A\r\n")).field("X-Request-Id"), "my.id-1_A");
  for (const std::string& bad : {std::string("a b"), std::string(65, 'x'), std::string("<x>")}) {
    const std::string id = client.ask(get("/nothing", "X-Request-Id: " + bad + "\r\n")).field("X-Request-Id");
    EXPECT_TRUE(id.starts_with("req_")) << id;
  }
}

TEST_F(ServerTest, BelievesForwardedHeadersOfItsProxiesAlone) {
  const std::string fields =
      "X-Forwarded-For: 6.6.6.6\r\nX-Forwarded-For: 7.7.7.7, 1.2.3.4\r\nX-Forwarded-Proto: https\r\n";
  start();
  EXPECT_EQ(Client(port()).ask(get("/things/1", fields)).body, "1|-|127.0.0.1|plain");
  options_.trusted_proxies = {"127.0.0.1"};
  start();
  EXPECT_EQ(Client(port()).ask(get("/things/1", fields)).body, "1|-|1.2.3.4|secure");
}

// Wherever what others wrote may throw: an answer of the surface's own when none has begun, a line in the log, and
// the server goes on.
TEST_F(ServerTest, SurvivesWhatHandlersThrow) {
  start();
  int line = 0;
  for (const std::string& place : {std::string("/throws/"), std::string("/pool-throws/")}) {
    for (const std::string& where : {std::string("handler"), std::string("number"), std::string("wait-attempt"),
                                     std::string("wait-subscribe"), std::string("events-subscribe")}) {
      Client client(port());
      const std::string id = "thrown-" + std::to_string(++line);
      testing::internal::CaptureStderr();
      const Answer answer = client.ask(get(place + where, "X-Request-Id: " + id + "\r\n"));
      flush_log();
      const std::string logged = testing::internal::GetCapturedStderr();
      EXPECT_EQ(answer.status, 500) << place + where;
      EXPECT_EQ(answer.body, "Something went wrong on our side") << place + where;
      EXPECT_NE(logged.find("\"handler_threw\""), logged.npos) << logged;
      EXPECT_NE(logged.find("\"" + id + "\""), logged.npos) << logged;
      EXPECT_EQ(client.ask(get("/things/1")).status, 200) << place + where;
    }
    // Here the answer has begun: all that is left is to end it.
    Client events(port()), read(port());
    EXPECT_EQ(events.ask(get(place + "events-next"), true).status, 200);
    EXPECT_EQ(events.to_end(), "");
    EXPECT_EQ(read.ask(get(place + "read"), true).field("Content-Length"), "10");
    EXPECT_EQ(read.to_end(), "");
  }
}

TEST_F(ServerTest, RefusesAtOnceWhenThePoolIsFull) {
  options_.pool_threads = 1;
  options_.pool_queue_max = 1;
  start();
  Client first(port()), second(port());
  first.send(get("/gate"));
  ASSERT_TRUE(entered_.wait());
  const Answer answer = second.ask(post("/pool", ""));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_EQ(second.ask(get("/things/1")).status, 200);
  let_go_.set();
  EXPECT_EQ(first.read().body, "through");
}

TEST_F(ServerTest, DoesNotBeginInThePoolWhatIsTooLate) {
  options_.request_timeout = 0ms;  // over by the time that any thread takes it up
  start();
  Client client(port());
  const Answer answer = client.ask(get("/gate"));
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.field("Retry-After"), "1");
  EXPECT_EQ(answer.body, "The server did not get to this request in time");
  EXPECT_EQ(client.ask(get("/things/1")).status, 200);
}

TEST_F(ServerTest, BoundsItsConnections) {
  options_.connections_max = 2;
  start();
  Client first(port()), second(port());
  EXPECT_EQ(first.ask(get("/things/1")).status, 200);
  EXPECT_EQ(second.ask(get("/things/1")).status, 200);
  EXPECT_EQ(Client(port()).to_end(), "");
}

TEST_F(ServerTest, WaitsCalmlyForDescriptors) {
  start();
  // Every thread runs by now: UndefinedBehaviorSanitizer needs a descriptor to look at what it has not seen before.
  std::list<Client> others;  // which stay, so that no descriptor of theirs comes free
  for (int loop = 0; loop < options_.event_threads; ++loop) {
    EXPECT_EQ(others.emplace_back(port()).ask(get("/things/1")).status, 200);
  }
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{256, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<int> taken;
  for (int descriptor; (descriptor = ::dup(STDERR_FILENO)) >= 0;) taken.push_back(descriptor);
  ASSERT_FALSE(taken.empty());
  ::close(taken.back());
  taken.pop_back();
  Client client(port());  // has the last one, and nothing is left to accept it with
  const std::clock_t clock_before = std::clock();
  EXPECT_TRUE(client.send(get("/things/1")));
  EXPECT_FALSE(client.readable_within(200ms));
  EXPECT_LT(std::clock() - clock_before, CLOCKS_PER_SEC / 10) << "a processor was kept busy";
  for (const int descriptor : taken) ::close(descriptor);
  EXPECT_EQ(client.read().status, 200);
  ::setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(ServerTest, ReadsForms) {
  start();
  Client client(port());
  const std::string large(1 << 20, 'y');
  const std::string body = part("name=a", "1") + part("name=f; filename=\"x \\\"y\\\".png\"", large) +
                           part("name=g; filename=over", large + "z") + part("name=h; filename=", "") + "--b--\r\n";
  const Answer answer = client.ask(form(body));
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.body == "a|-|1|1\nf|x \"y\".png|1048576|" + large + "\ng|over|1048577|too large\nh||0|\n");
  std::string chunked =
      "POST /form HTTP/1.1\r\nHost: h\r\nContent-Type: multipart/form-data; boundary=b\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  for (const char byte : part("name=a", "1") + "--b--") chunked += std::string("1\r\n") + byte + "\r\n";
  EXPECT_EQ(client.ask(chunked + "0\r\n\r\n").body, "a|-|1|1\n");
  EXPECT_EQ(client.ask(get("/things/1")).status, 200);
}

TEST_F(ServerTest, RefusesBrokenForms) {
  start();
  const std::string many = part("name=a", "") + part("name=b", "") + part("name=c", "") + part("name=d", "");
  for (const auto& [body, status] :
       std::vector<std::pair<std::string, int>>{{part("name=a; filename=f", "cut off"), 400},
                                                {"", 400},
                                                {many + part("name=e", "") + "--b--", 400},
                                                {part("name=a", std::string(101, 'x')) + "--b--", 400},
                                                {part("name=a", "\xff") + "--b--", 400},
                                                {part("name=a; filename=\"never closed", "") + "--b--", 400},
                                                {std::string((4 << 20) + 1, 'x'), 413}}) {
    Client client(port());
    EXPECT_EQ(client.ask(form(body)).status, status) << body.substr(0, 100);
  }
  EXPECT_EQ(Client(port()).ask(form(many + "--b--")).status, 200);
  EXPECT_EQ(Client(port()).ask(post("/form", "{}", "Content-Type: application/json\r\n")).status, 415);
}

TEST_F(ServerTest, LeavesNothingOfABodyThatNeverEnded) {
  std::ofstream(directory_ / "body-of-a-killed-process") << "x";
  start();
  EXPECT_EQ(spooled(), 0);
  {
    Client client(port());
    const std::string whole = form(part("name=f; filename=f", std::string(900'000, 'x')) + "--b--");
    client.send(std::string_view(whole).substr(0, 800'000));
    client.close();
    EXPECT_TRUE(wait_for_exchange("400 /form"));
  }
  server_->drain(30s);
  EXPECT_EQ(spooled(), 0);
}

TEST_F(ServerTest, SpoolsWholeBodies) {
  start();
  Client client(port());
  const std::string body(3'000'001, 'z');
  const std::string fields = "PUT /spool HTTP/1.1\r\nHost: h\r\nContent-Length: 3000001\r\n\r\n";
  EXPECT_TRUE(client.ask(fields + body).body == body);
  EXPECT_EQ(client.ask("PUT /spool HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").body, "none");
}

TEST_F(ServerTest, HandsBodiesOnAsTheyCome) {
  start();
  Client client(port());
  std::string body;
  for (int at = 0; at < 9'000'000; ++at) body.push_back(static_cast<char>('a' + at % 23));
  const auto put = [](const std::string& path, const std::string& bytes, const std::string& fields = {}) {
    return "PUT " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(bytes.size()) + "\r\n" + fields +
           "\r\n" + bytes;
  };
  EXPECT_EQ(client.ask(put("/sink/a/b", body)).body, counted("a/b", body));
  EXPECT_EQ(client.ask(put("/sink/", "")).body, counted("", ""));
  const std::string chunked = "PUT /sink/c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(client.ask(chunked + "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n").body, counted("c", "abcde"));
  EXPECT_EQ(client.ask(put("/sink/again", body.substr(0, 70'000))).body, counted("again", body.substr(0, 70'000)));
  // What is refused while it comes is answered, and ends the connection.
  EXPECT_EQ(Client(port()).ask(put("/sink/x", "what!")).status, 400);
  EXPECT_EQ(Client(port()).ask(put("/sink/x", std::string((64 << 20) + 1, 'x'))).status, 413);
}

TEST_F(ServerTest, ManyBodiesComeAtOnce) {
  options_.pool_threads = 3;
  start();
  std::vector<std::thread> senders;
  for (int sender = 0; sender < 16; ++sender) {
    senders.emplace_back([this, sender] {
      const std::string body(1'000'000 + static_cast<std::size_t>(sender), static_cast<char>('a' + sender));
      Client client(port());
      for (int round = 0; round < 3; ++round) {
        const Answer answer = client.ask(
            "PUT /sink/x HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
        EXPECT_EQ(answer.body, counted("x", body));
      }
    });
  }
  for (std::thread& sender : senders) sender.join();
}

TEST_F(ServerTest, AnyOriginMayUseAnAddressThatIsItsOwnCredential) {
  start();
  const std::string origin = "Origin: https://app.example\r\n";
  const Answer preflight = Client(port()).ask("OPTIONS /sink/x HTTP/1.1\r\nHost: h\r\n" + origin +
                                              "Access-Control-Request-Method: PUT\r\n"
                                              "Access-Control-Request-Headers: content-type\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.field("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Methods"), "PUT, OPTIONS");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Headers"), "content-type");
  EXPECT_EQ(preflight.field("Access-Control-Allow-Credentials"), "");
  EXPECT_EQ(Client(port()).ask(get("/things/1", origin)).field("Access-Control-Allow-Origin"), "");
}

TEST_F(ServerTest, StreamsWholeAndInRanges) {
  start();
  Client client(port());
  std::string whole(kPictureBytes, 0);
  for (std::size_t at = 0; at < kPictureBytes; ++at) whole[at] = picture_byte(at);
  EXPECT_TRUE(client.ask(get("/picture")).body == whole);
  const Answer some = client.ask(get("/picture", "Range: bytes=500000-999999\r\n"));
  EXPECT_EQ(some.status, 206);
  EXPECT_TRUE(some.body == whole.substr(500'000, 500'000));
  EXPECT_EQ(client.ask(get("/picture", "Range: bytes=1000003-\r\n")).status, 416);
  EXPECT_EQ(client.ask(get("/picture", "If-None-Match: \"p\"\r\n")).status, 304);
  const Answer head = client.ask("HEAD /picture HTTP/1.1\r\nHost: h\r\n\r\n", true);
  EXPECT_EQ(head.field("Content-Length"), "1000003");
  EXPECT_EQ(client.ask(get("/things/1")).status, 200);
}

TEST_F(ServerTest, LongPollsAnswerAsSoonAsThereIsNews) {
  start();
  Client client(port());
  for (int at = 0; at < 20; ++at) {
    client.send(get("/wait"));
    ASSERT_TRUE(news_.wait_for_subscribers(1));
    news_.tell(std::to_string(at));
    const Answer answer = client.read();
    EXPECT_EQ(answer.body, std::to_string(at));
    EXPECT_EQ(answer.field("X-First"), "1");
    EXPECT_EQ(answer.field("Content-Type"), "text/plain");
    ASSERT_TRUE(news_.wait_for_subscribers(0));
  }
}

TEST_F(ServerTest, LongPollsEndAtTheirTimeoutAndWithTheirClient) {
  wait_timeout_ = 20ms;
  recheck_ = 10ms;
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/wait")).body, "nothing new");
  wait_timeout_ = 1h;
  client.send(get("/wait"));
  ASSERT_TRUE(news_.wait_for_subscribers(1));
  client.close();
  EXPECT_TRUE(news_.wait_for_subscribers(0));
}

TEST_F(ServerTest, HundredsWaitWithoutAThreadEach) {
  start();
  std::vector<std::unique_ptr<Client>> clients;
  for (int at = 0; at < 200; ++at) {
    clients.push_back(std::make_unique<Client>(port()));
    clients.back()->send(get("/wait"));
  }
  ASSERT_TRUE(news_.wait_for_subscribers(200));
  EXPECT_EQ(Client(port()).ask(post("/pool", "still here")).body, "still here");
  server_->drain(30s);
  for (auto& client : clients) EXPECT_EQ(client->read().body, "nothing new");
}

TEST_F(ServerTest, StreamsEvents) {
  recheck_ = 10ms;
  start();
  Client client(port());
  client.send(get("/events"));
  EXPECT_NE(client.until("\r\n\r\n").find("Content-Type: text/event-stream"), std::string::npos);
  ASSERT_TRUE(news_.wait_for_subscribers(1));
  news_.tell("one\ntwo");
  EXPECT_EQ(client.until("\n\n"), "event: news\nid: 1\ndata: one\ndata: two\n\n");
  news_.tell("end");
  EXPECT_EQ(client.to_end(), "event: news\nid: 1\ndata: end\n\n");
  Client gone(port());
  gone.send(get("/events"));
  ASSERT_TRUE(news_.wait_for_subscribers(1));
  gone.close();
  EXPECT_TRUE(news_.wait_for_subscribers(0));
}

TEST_F(ServerTest, EventStreamsEndAtTheirAge) {
  options_.stream_age_max = 20ms;
  start();
  Client client(port());
  EXPECT_EQ(client.ask(get("/events"), true).status, 200);
  EXPECT_EQ(client.to_end(), "");
  EXPECT_TRUE(news_.wait_for_subscribers(0));
}

TEST_F(ServerTest, BoundsTheOpenWaitsOfAClient) {
  options_.waits_per_client_max = 1;
  start();
  Client waiting(port()), more(port()), other(port());
  waiting.send(get("/wait", "X-Client: a\r\n"));
  ASSERT_TRUE(news_.wait_for_subscribers(1));
  for (const char* path : {"/wait", "/events"}) {
    const Answer answer = more.ask(get(path, "X-Client: a\r\n"));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.field("Retry-After"), "5");
  }
  EXPECT_EQ(more.ask(get("/things/1", "X-Client: a\r\n")).status, 200);
  news_.tell("news");
  EXPECT_EQ(waiting.read().body, "news");
  EXPECT_EQ(more.ask(get("/events", "X-Client: a\r\n"), true).status, 200);
  EXPECT_EQ(other.ask(get("/events", "X-Client: b\r\n"), true).status, 200);
}

TEST_F(ServerTest, DrainLetsRunningRequestsFinishAndTakesNoMore) {
  start();
  Client busy(port()), idle(port()), polling(port()), listening(port());
  EXPECT_EQ(idle.ask(get("/things/1")).status, 200);
  busy.send(get("/gate"));
  ASSERT_TRUE(entered_.wait());
  polling.send(get("/wait"));
  listening.send(get("/events"));
  ASSERT_TRUE(news_.wait_for_subscribers(2));
  std::thread draining([&] { server_->drain(30s); });
  EXPECT_EQ(idle.to_end(), "");
  EXPECT_EQ(polling.read().body, "nothing new");
  listening.to_end();
  EXPECT_FALSE(Client(port()).connected());
  let_go_.set();
  const Answer answer = busy.read();
  draining.join();
  EXPECT_EQ(answer.body, "through");
  EXPECT_EQ(answer.field("Connection"), "close");
}

TEST_F(ServerTest, DrainCutsOffWhoOutlastsIt) {
  start();
  Client half(port());
  half.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(half.read().status, 100);
  server_->drain(1ms);
  EXPECT_EQ(half.to_end(), "");
}

TEST_F(ServerTest, SaysWhenItCannotListen) {
  start();
  options_.port = port();
  Server second(options_, routes(), random_);
  EXPECT_EQ(second.start().error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace tintype::http
