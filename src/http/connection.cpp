#include "http/connection.h"

#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <charconv>

#include "base/bytes.h"
#include "base/log.h"
#include "http/range.h"
#include "http/receive.h"

namespace tintype::http {

namespace asio = boost::asio;
namespace beast = boost::beast;
using ErrorCodeAsio = boost::system::error_code;

namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kBodyPieceBytes = 256 * 1024;
constexpr std::size_t kStreamPieceBytes = 256 * 1024;
constexpr std::int64_t kReceiveBytesMax = 4 << 20;  // by one hop to the pool, so that others get their turn
constexpr std::size_t kEmptyBodyBytesMax = 4 * 1024;
constexpr std::size_t kDiscardBytesMax = 1 << 20;
constexpr std::chrono::milliseconds kDiscardTime{2'000};
constexpr std::chrono::seconds kEventComment{15};
constexpr std::int64_t kWaitRetrySeconds = 5;

std::optional<Method> method_of(beast::http::verb verb) {
  switch (verb) {
    case beast::http::verb::get: return Method::kGet;
    case beast::http::verb::head: return Method::kHead;
    case beast::http::verb::post: return Method::kPost;
    case beast::http::verb::put: return Method::kPut;
    case beast::http::verb::patch: return Method::kPatch;
    case beast::http::verb::delete_: return Method::kDelete;
    case beast::http::verb::options: return Method::kOptions;
    default: return std::nullopt;
  }
}

std::unexpected<Error> bad_request(const char* message) {
  return fail(ErrorCode::kInvalidInput, message);
}

// How a request's body is taken, where its route leaves that to its type.
BodyPolicy body_policy_of(const Route& route, const Request& request) {
  const BodyPolicy& policy = route.body;
  const bool may_be_either = policy.kind == BodyKind::kMultipart && policy.memory_bytes_max > 0;
  if (!may_be_either || is_multipart(request.headers.find("content-type").value_or(""))) return policy;
  return {BodyKind::kMemory, policy.memory_bytes_max};
}

// The decoded path; nothing for one that is broken or tries to climb.
std::optional<std::string> decode_path(std::string_view raw) {
  if (!raw.starts_with('/')) return std::nullopt;
  auto path = percent_decode(raw, false);
  if (!path || path->find('\0') != std::string::npos || !is_valid_utf8(*path)) return std::nullopt;
  const std::string fenced = *path + "/";
  if (fenced.find("/../") != std::string::npos || fenced.find("/./") != std::string::npos) return std::nullopt;
  return path;
}

bool decode_query(std::string_view raw, std::vector<std::pair<std::string, std::string>>& query) {
  while (!raw.empty()) {
    const std::size_t end = std::min(raw.find('&'), raw.size());
    const std::string_view pair = raw.substr(0, end);
    raw.remove_prefix(std::min(end + 1, raw.size()));
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    auto name = percent_decode(pair.substr(0, equals), true);
    auto value = percent_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view(), true);
    if (!name || !value || !is_valid_utf8(*name) || !is_valid_utf8(*value)) return false;
    query.emplace_back(std::move(*name), std::move(*value));
  }
  return true;
}

bool is_good_request_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

bool same_word(std::string_view a, std::string_view b) {
  return beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

// The last entry of a list that several fields may carry: with X-Forwarded-* the one that our own proxy wrote,
// while a client may have sent any before it.
std::string_view last_entry(const Headers& headers, std::string_view name) {
  std::string_view entry;
  for (const auto& [field, value] : headers.fields()) {
    if (!same_word(field, name)) continue;
    entry = value;
    entry.remove_prefix(entry.rfind(',') == entry.npos ? 0 : entry.rfind(',') + 1);
  }
  while (entry.starts_with(' ')) entry.remove_prefix(1);
  while (entry.ends_with(' ')) entry.remove_suffix(1);
  return entry;
}

// Where two readers of one request could disagree about its length, requests are smuggled (RFC 9112, section 6.1):
// nothing but a single Content-Length or a single "chunked" is taken.
Result<void> check_framing(const Headers& headers, int version) {
  const auto coding = headers.find("transfer-encoding");
  if (coding && headers.find("content-length")) return bad_request("Content-Length beside Transfer-Encoding");
  if (headers.count("content-length") > 1) return bad_request("More than one Content-Length");
  if (coding && (headers.count("transfer-encoding") > 1 || !same_word(*coding, "chunked") || version == 10)) {
    return bad_request("The only Transfer-Encoding taken is chunked, in HTTP/1.1");
  }
  if (version == 11 && headers.count("host") != 1) return bad_request("Exactly one Host header is needed");
  return {};
}

// A target in absolute form (RFC 9112, section 3.2.2) cut down to its path and query.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!same_word(target.substr(0, scheme.size()), scheme)) continue;
    const std::size_t path = target.find_first_of("/?", scheme.size());
    return path != target.npos && target[path] == '/' ? target.substr(path) : "/";
  }
  return target;
}

// The Date header's value, made once a second.
const std::string& date_now() {
  thread_local std::string text;
  thread_local std::int64_t second = 0;
  const std::int64_t now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
  if (now != second) {
    second = now;
    text = http_date(now * 1000);
  }
  return text;
}

void append_field(std::string& head, std::string_view name, std::string_view value) {
  const std::size_t begin = head.append(name).append(": ").size();
  head.append(value);
  // A line end inside a value would begin a field, or a body, that we never wrote.
  if (value.find_first_of("\r\n") != value.npos) {
    std::replace_if(
        head.begin() + static_cast<std::ptrdiff_t>(begin), head.end(), [](char c) { return c == '\r' || c == '\n'; },
        ' ');
  }
  head.append("\r\n");
}

std::string joined(const std::vector<Method>& methods) {
  std::string text;
  for (const Method method : methods) text.append(text.empty() ? "" : ", ").append(method_name(method));
  return text + (text.empty() ? "OPTIONS" : ", OPTIONS");
}

// Counts itself as long as it lives, whatever is thrown meanwhile.
struct Counted {
  explicit Counted(std::atomic<int>& all) : count(all), before(all.fetch_add(1)) {}
  ~Counted() { count.fetch_sub(1); }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  std::atomic<int>& count;
  const int before;
};

// Runs `function` in the pool and comes back to the connection's thread, with what it threw.
asio::awaitable<void> run_in_pool(asio::thread_pool& pool, std::function<void()> function) {
  co_await asio::async_initiate<const asio::use_awaitable_t<>, void(std::exception_ptr)>(
      [&pool](auto handler, std::function<void()> body) {
        asio::post(pool, [handler = std::move(handler), body = std::move(body)]() mutable {
          std::exception_ptr thrown;
          try {
            body();
          } catch (...) {
            thrown = std::current_exception();
          }
          auto executor = asio::get_associated_executor(handler);
          asio::post(executor, [handler = std::move(handler), thrown]() mutable { handler(thrown); });
        });
      },
      asio::use_awaitable, std::move(function));
}

void add_missing(Headers& headers, const Headers& more) {
  for (const auto& [name, value] : more.fields()) {
    if (!headers.find(name)) headers.add(name, value);
  }
}

// In a catch block: what was thrown, as the error that it is to everybody else.
Error thrown_error() {
  try {
    throw;
  } catch (const std::exception& exception) {
    return fail_internal(exception.what()).error();
  } catch (...) {
    return fail_internal("what was thrown is no std::exception").error();
  }
}

}  // namespace

Connection::Connection(Shared& shared, Socket socket)
    : shared_(shared), socket_(std::move(socket)), pause_timer_(socket_.get_executor()) {
  ErrorCodeAsio error;
  const auto peer = socket_.remote_endpoint(error);
  if (!error) remote_address_ = peer.address().to_string();
  socket_.set_option(asio::ip::tcp::no_delay(true), error);
}

asio::awaitable<void> Connection::run() {
  try {
    while (co_await serve_one()) {
    }
  } catch (const std::exception& exception) {
    log(LogLevel::kError, "connection_failed", {{"cause", exception.what()}});
  }
  ErrorCodeAsio ignored;
  socket_.shutdown(Socket::shutdown_both, ignored);
  socket_.close(ignored);
}

void Connection::check_deadline(Clock::time_point now) {
  if (now < deadline_) return;
  if (!reading_body_) return cut_off();
  body_too_slow_ = true;
  expect_nothing();
  ErrorCodeAsio ignored;
  socket_.cancel(ignored);  // whoever reads answers
}

void Connection::drain() {
  if (idle_) return cut_off();
  wake_from_any_thread();
}

void Connection::cut_off() {
  ErrorCodeAsio ignored;
  // A closed descriptor's number may be another's a moment later, while the pool still reads from it.
  if (receiving_) {
    socket_.shutdown(Socket::shutdown_both, ignored);
  } else {
    socket_.close(ignored);
  }
  pause_timer_.cancel();
}

asio::awaitable<bool> Connection::read_some() {
  ErrorCodeAsio error;
  const std::size_t count =
      co_await socket_.async_read_some(buffer_.prepare(kReadBytes), asio::redirect_error(asio::use_awaitable, error));
  buffer_.commit(count);
  co_return !error;
}

// False when the connection is over; a refusal is left in `refusal` (status not 0) when the peer should hear of it.
asio::awaitable<bool> Connection::read_header(Parser& parser, Response& refusal) {
  refusal.status = 0;
  idle_ = buffer_.size() == 0;
  expect_within(idle_ ? shared_.options.idle_timeout : shared_.options.header_timeout);
  while (!parser.is_header_done()) {
    ErrorCodeAsio error = beast::http::error::need_more;
    if (buffer_.size() > 0) {
      if (idle_) {
        idle_ = false;
        expect_within(shared_.options.header_timeout);
      }
      const std::size_t used = parser.put(buffer_.data(), error);
      buffer_.consume(used);
    }
    if (error == beast::http::error::need_more) {
      if (shared_.draining.load() && buffer_.size() == 0) co_return false;
      if (!co_await read_some()) co_return false;
      continue;
    }
    if (error) {
      const bool long_header = error == beast::http::error::header_limit;
      refusal = error_response({ErrorCode::kInvalidInput, long_header ? "The request's header is too long"
                                                                      : "The request is not valid HTTP/1.1"});
      if (long_header) refusal.status = 431;
      co_return false;
    }
  }
  co_return true;
}

Result<void> Connection::take_header(Parser& parser) {
  const auto& message = parser.get();
  version_ = static_cast<int>(message.version());
  const std::string_view target = origin_form({message.target().data(), message.target().size()});
  request_.target.assign(target);
  for (const auto& field : message) {
    request_.headers.add(std::string(field.name_string().data(), field.name_string().size()),
                         std::string(field.value().data(), field.value().size()));
  }
  const auto id = request_.headers.find("x-request-id");
  request_.request_id = id && is_good_request_id(*id) ? std::string(*id) : new_id(shared_.request_ids, "req_");
  const auto& proxies = shared_.options.trusted_proxies;
  if (std::find(proxies.begin(), proxies.end(), remote_address_) != proxies.end()) {
    const std::string_view client = last_entry(request_.headers, "x-forwarded-for");
    if (!client.empty()) request_.remote_address.assign(client.substr(0, 64));
    request_.secure = last_entry(request_.headers, "x-forwarded-proto") == "https";
  }

  const std::size_t question = std::min(target.find('?'), target.size());
  auto path = decode_path(target.substr(0, question));
  if (!path) return bad_request("The address is not a valid path");
  request_.path = std::move(*path);
  if (question < target.size() && !decode_query(target.substr(question + 1), request_.query)) {
    return bad_request("The query is not valid");
  }
  if (auto framed = check_framing(request_.headers, version_); !framed) return framed;
  const auto method = method_of(message.method());
  if (!method) {
    return fail(ErrorCode::kMethodNotAllowed, "This method is not one we know",
                "Please use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
  }
  request_.method = *method;
  return {};
}

asio::awaitable<bool> Connection::serve_one() {
  request_ = Request();
  request_.remote_address = remote_address_;
  route_pattern_.clear();
  form_.reset();
  multipart_.reset();
  spool_.reset();
  body_read_ = false;
  receiving_ = false;
  any_origin_ = false;
  sent_bytes_ = 0;
  Parser parser;
  parser.header_limit(static_cast<std::uint32_t>(shared_.options.header_bytes_max));
  parser.body_limit(boost::none);
  Response response;
  const bool header_read = co_await read_header(parser, response);
  const auto began = Clock::now();
  if (!header_read && response.status == 0) co_return false;
  idle_ = false;
  bool taken_header = false;
  if (header_read) {
    if (auto taken = take_header(parser); taken) {
      taken_header = true;
      try {
        co_await answer(parser, response);
      } catch (...) {
        response = thrown_response();
      }
    } else {
      response = error_response(taken.error());
      if (taken.error().code == ErrorCode::kMethodNotAllowed) response.status = 501;  // by any address
    }
  } else {
    request_.request_id = new_id(shared_.request_ids, "req_");
  }
  request_.sink.reset();  // nobody who has the answer finds what its body has left behind
  if (!socket_.is_open()) co_return false;

  // Where a body behind a refused header would end, nobody can say.
  const bool body_read = taken_header && (body_read_ || parser.is_done());
  const bool keep_alive = body_read && !response.close && parser.keep_alive() && !shared_.draining.load() &&
                          !std::holds_alternative<std::shared_ptr<EventStream>>(response.body) &&
                          !ends_with_connection(response);
  const bool written = co_await write_response(response, keep_alive);
  if (shared_.options.on_exchange) {
    shared_.options.on_exchange({request_.request_id, request_.method, request_.path, route_pattern_, response.status,
                                 response.error_code, request_.body_bytes, sent_bytes_,
                                 std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - began),
                                 request_.remote_address});
  }
  if (!written) co_return false;
  if (keep_alive) co_return true;
  if (!body_read) co_await discard_rest();
  co_return false;
}

// Finds the route, admits, reads the body and runs the handler.
asio::awaitable<void> Connection::answer(Parser& parser, Response& response) {
  expect_nothing();
  const std::string_view raw_path = std::string_view(request_.target).substr(0, request_.target.find('?'));
  RouteMatch match = shared_.router.find(request_.method, raw_path);
  any_origin_ = match.any_origin;
  if (match.route == nullptr) {
    if (request_.method == Method::kOptions && !match.allowed.empty()) {
      response = options_response(match);
    } else if (match.allowed.empty()) {
      response = error_response({ErrorCode::kNotFound, "There is nothing at this address"});
    } else {
      response = error_response(
          {ErrorCode::kMethodNotAllowed, "This address does not take " + std::string(method_name(request_.method))});
      response.headers.add("Allow", joined(match.allowed));
    }
    co_return;
  }
  const Route& route = *match.route;
  route_pattern_ = route.pattern;
  request_.path_parameters = std::move(match.path_parameters);
  if (route.admit) {
    std::optional<Response> refusal;
    Response ignored;
    co_await call(
        route.admit_place,
        [&] {
          refusal = route.admit(request_);
          return Response();
        },
        ignored);
    if (ignored.status != 200) refusal = std::move(ignored);
    if (refusal) {
      response = std::move(*refusal);
      co_return;
    }
  }
  const BodyPolicy body = body_policy_of(route, request_);
  if (auto read = co_await read_body(parser, body); !read) {
    response = error_response(read.error());
    co_return;
  }
  expect_nothing();
  co_await call(route.place, [&] { return route.handler(request_); }, response);
  auto* wait = std::get_if<std::shared_ptr<Wait>>(&response.body);
  auto* stream = std::get_if<std::shared_ptr<EventStream>>(&response.body);
  if (request_.method == Method::kHead) stream = nullptr;
  if (wait == nullptr && stream == nullptr) co_return;
  const std::shared_ptr<void> held = hold_wait();
  if (!held) {
    Error many{ErrorCode::kRateLimited, "Too many of your requests are waiting", "Please end one of them first"};
    many.retry_after_seconds = kWaitRetrySeconds;
    const Headers first = std::move(response.headers);
    response = error_response(many);
    add_missing(response.headers, first);
  } else if (wait != nullptr) {
    co_await wait_for(*wait, route.place, response);
  } else {
    co_await send_events(*stream, route.place, response);
  }
}

// A place among the open waits of the request's client; nothing when all are taken.
std::shared_ptr<void> Connection::hold_wait() {
  std::lock_guard lock(shared_.waits_mutex);
  int& open = shared_.waits[request_.client];
  if (!request_.client.empty() && open >= shared_.options.waits_per_client_max) return nullptr;
  ++open;
  return std::shared_ptr<Shared>(&shared_, [client = request_.client](Shared* shared) {
    std::lock_guard relock(shared->waits_mutex);
    if (--shared->waits[client] == 0) shared->waits.erase(client);
  });
}

// Runs in place, or in the pool when there is room and its turn comes in time. What throws becomes a 500.
asio::awaitable<void> Connection::call(Place place, std::function<Response()> function, Response& response) {
  const auto busy = [&](ErrorCode code, const char* message) {
    Error error{code, message, "Please try again in a moment"};
    error.retry_after_seconds = 1;
    return error_response(error);
  };
  // From here, not from the header: neither a slow body nor a long wait takes from a call's own time.
  request_.deadline = Deadline::after(shared_.options.request_timeout);
  const auto fenced = [&] {
    try {
      response = place == Place::kPool && request_.deadline.expired()
                     ? busy(ErrorCode::kDeadlineExceeded, "The server did not get to this request in time")
                     : function();
    } catch (...) {
      response = thrown_response();
    }
  };
  if (place == Place::kInPlace) {
    fenced();
    co_return;
  }
  const Counted counted(shared_.pool_queued);
  if (counted.before >= shared_.options.pool_queue_max) {
    response = busy(ErrorCode::kOverloaded, "The server is busy");
    co_return;
  }
  co_await run_in_pool(shared_.pool, fenced);
}

asio::awaitable<Result<void>> Connection::read_body(Parser& parser, const BodyPolicy& policy) {
  const std::int64_t bytes_max =
      policy.kind == BodyKind::kNone ? static_cast<std::int64_t>(kEmptyBodyBytesMax) : policy.body_bytes_max;
  const auto too_long = [&] {
    return fail(ErrorCode::kBodyTooLarge, "The body is longer than " + std::to_string(bytes_max) + " bytes");
  };
  const auto length = parser.content_length();
  if (length && static_cast<std::int64_t>(*length) > bytes_max) co_return too_long();
  if (policy.kind == BodyKind::kMultipart) {
    auto boundary = multipart_boundary(request_.headers.find("content-type").value_or(""));
    if (!boundary) co_return std::unexpected(boundary.error());
    form_ = std::make_unique<FormSink>(policy, shared_.options.spool_directory, shared_.random);
    multipart_ = std::make_unique<MultipartParser>(std::move(*boundary), *form_);
  }
  if (!parser.is_done() && request_.headers.find("expect") && version_ == 11 && buffer_.size() == 0) {
    if (!co_await write("HTTP/1.1 100 Continue\r\n\r\n")) co_return bad_request("The connection was lost");
  }

  const bool to_disk = policy.kind != BodyKind::kNone && policy.kind != BodyKind::kMemory;
  if (to_disk && length && !parser.is_done()) {
    if (auto received = co_await receive_body(static_cast<std::int64_t>(*length), policy); !received) {
      co_return received;
    }
    co_return finish_body();
  }
  auto began = Clock::now();
  std::string piece(parser.is_done() ? 0 : to_disk ? kBodyPieceBytes : kReadBytes, '\0');
  std::size_t filled = 0;
  while (!parser.is_done()) {
    auto& body = parser.get().body();
    body.data = piece.data() + filled;
    body.size = piece.size() - filled;
    ErrorCodeAsio error = beast::http::error::need_more;
    if (buffer_.size() > 0) {
      const std::size_t used = parser.put(buffer_.data(), error);
      buffer_.consume(used);
      const std::size_t produced = piece.size() - filled - body.size;
      filled += produced;
      request_.body_bytes += static_cast<std::int64_t>(produced);
      if (request_.body_bytes > bytes_max) co_return too_long();
    }
    if (error == beast::http::error::need_buffer) error = {};
    if (filled == piece.size() || (parser.is_done() && filled > 0)) {
      const auto paused = Clock::now();
      if (auto taken = co_await consume({piece.data(), filled}, policy); !taken) co_return taken;
      began += Clock::now() - paused;  // this time was ours
      filled = 0;
    }
    if (error == beast::http::error::need_more) {
      // What the parser leaves lying is the line of a chunk or the trailers: header bytes, so bounded like them.
      if (static_cast<std::int64_t>(buffer_.size()) > shared_.options.header_bytes_max) {
        co_return bad_request("A chunk's header or the trailers are too long");
      }
      if (!co_await read_body_piece(began)) {
        if (!body_too_slow_) co_return bad_request("The body ended early");
        co_return fail(ErrorCode::kBodyTooSlow, "The body came too slowly");
      }
    } else if (error) {
      co_return bad_request("The body is not valid HTTP/1.1");
    }
  }
  if (filled > 0) {
    if (auto taken = co_await consume({piece.data(), filled}, policy); !taken) co_return taken;
  }
  co_return finish_body();
}

Result<void> Connection::finish_body() {
  if (multipart_) {
    if (auto whole = multipart_->finish(); !whole) return whole;
    request_.form = form_->take();
  }
  if (spool_) request_.file = spool_->file();
  body_read_ = true;
  return {};
}

// A body of known length on its way to disk: the loop waits for bytes, a pool thread reads and keeps them.
asio::awaitable<Result<void>> Connection::receive_body(std::int64_t length, const BodyPolicy& policy) {
  auto began = Clock::now();
  while (request_.body_bytes < length) {
    Received received;
    const std::int64_t left = length - request_.body_bytes;
    if (buffer_.size() == 0 && !co_await wait_for_bytes(began)) {
      co_return body_too_slow_ ? fail(ErrorCode::kBodyTooSlow, "The body came too slowly")
                               : bad_request("The body ended early");
    }
    const auto paused = Clock::now();
    receiving_ = true;
    co_await run_in_pool(shared_.pool, [&] {
      const auto take = [&](std::string_view bytes) { return take_in_pool(bytes, policy); };
      if (buffer_.size() > 0) {  // came with the header
        received.bytes = std::min(left, static_cast<std::int64_t>(buffer_.size()));
        received.taken =
            take({static_cast<const char*>(buffer_.data().data()), static_cast<std::size_t>(received.bytes)});
        buffer_.consume(static_cast<std::size_t>(received.bytes));
      } else {
        received = receive_available(socket_.native_handle(), std::min(left, kReceiveBytesMax), take);
      }
      if (request_.sink) request_.sink->settle();
    });
    receiving_ = false;
    began += Clock::now() - paused;  // this time was ours
    request_.body_bytes += received.bytes;
    if (!received.taken) co_return received.taken;
    if (received.ended) co_return bad_request("The body ended early");
  }
  co_return Result<void>();
}

// What came so far buys time for the rest, so that a byte now and then holds nothing for long.
void Connection::expect_body(Clock::time_point began) {
  const ServerOptions& options = shared_.options;
  const auto earned = std::chrono::milliseconds(request_.body_bytes * 1'000 / options.body_bytes_per_second);
  deadline_ = std::min(Clock::now() + options.read_timeout, began + options.body_grace + earned);
  reading_body_ = true;
}

asio::awaitable<bool> Connection::read_body_piece(Clock::time_point began) {
  expect_body(began);
  const bool more = co_await read_some();
  reading_body_ = false;
  expect_nothing();
  co_return more && !body_too_slow_;
}

asio::awaitable<bool> Connection::wait_for_bytes(Clock::time_point began) {
  expect_body(began);
  ErrorCodeAsio error;
  co_await socket_.async_wait(Socket::wait_read, asio::redirect_error(asio::use_awaitable, error));
  reading_body_ = false;
  expect_nothing();
  co_return !error && !body_too_slow_;
}

asio::awaitable<Result<void>> Connection::consume(std::string_view bytes, const BodyPolicy& policy) {
  Result<void> taken;
  switch (policy.kind) {
    case BodyKind::kNone: co_return bad_request("This address takes no body");
    case BodyKind::kMemory: request_.body.append(bytes); break;
    case BodyKind::kMultipart:
    case BodyKind::kSpool:
    case BodyKind::kSink:
      co_await run_in_pool(shared_.pool, [&] {
        taken = take_in_pool(bytes, policy);
        if (request_.sink) request_.sink->settle();
      });
      break;
  }
  co_return taken;
}

Result<void> Connection::take_in_pool(std::string_view bytes, const BodyPolicy& policy) {
  if (policy.kind == BodyKind::kMultipart) return multipart_->feed(bytes);
  if (policy.kind == BodyKind::kSink) return request_.sink->take(bytes);
  if (!spool_) {
    auto writer = SpoolWriter::create(shared_.options.spool_directory, shared_.random);
    if (!writer) return std::unexpected(writer.error());
    spool_ = std::move(*writer);
  }
  return spool_->append(bytes);
}

// Sleeps until the time has come or somebody wakes the connection.
asio::awaitable<void> Connection::pause(Clock::time_point until) {
  if (woken_.exchange(false)) co_return;
  pause_timer_.expires_at(until);
  ErrorCodeAsio ignored;
  co_await pause_timer_.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
  woken_.store(false);
}

void Connection::wake_from_any_thread() {
  if (woken_.exchange(true)) return;
  asio::post(socket_.get_executor(), [self = shared_from_this()] { self->pause_timer_.cancel(); });
}

bool Connection::peer_is_gone() {
  char byte = 0;
  const ssize_t count = ::recv(socket_.native_handle(), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK);
}

asio::awaitable<void> Connection::wait_for(std::shared_ptr<Wait> wait, Place place, Response& response) {
  const Headers first = std::move(response.headers);  // as the handler would have answered without waiting
  const auto until = Clock::now() + wait->timeout;
  const std::shared_ptr<void> subscription = wait->subscribe([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->wake_from_any_thread();
  });
  while (true) {
    const bool last = Clock::now() >= until || shared_.draining.load();
    bool answered = false;
    co_await call(
        place,
        [&] {
          auto attempt = wait->attempt(last);
          answered = attempt.has_value();
          return attempt ? std::move(*attempt) : Response();
        },
        response);
    if (answered || last || response.status != 200) break;
    if (!socket_.is_open() || peer_is_gone()) {
      cut_off();
      co_return;
    }
    co_await pause(std::min(until, Clock::now() + wait->recheck));
  }
  add_missing(response.headers, first);
}

asio::awaitable<void> Connection::send_events(std::shared_ptr<EventStream> stream, Place place, Response& response) {
  // Before anything is written: when it throws there is still an answer to give.
  const std::shared_ptr<void> subscription = stream->subscribe([weak = weak_from_this()] {
    if (auto self = weak.lock()) self->wake_from_any_thread();
  });
  Response head;
  head.headers = std::move(response.headers);
  head.headers.set("Content-Type", "text/event-stream");
  head.headers.set("X-Accel-Buffering", "no");
  head.body = stream;
  add_cors(head);
  bool open = co_await write(header_block(head, false));
  auto written_at = Clock::now();
  const auto until = written_at + shared_.options.stream_age_max;
  bool done = false;
  // Looks once at least, however late it comes to it.
  while (open && !done && !shared_.draining.load()) {
    std::vector<Event> events;
    Response outcome;
    co_await call(
        place,
        [&] {
          events = stream->next(done);
          return Response();
        },
        outcome);
    if (outcome.status == 500) break;
    std::string text;
    for (const Event& event : events) {
      if (!event.name.empty()) text += "event: " + event.name + "\n";
      if (!event.id.empty()) text += "id: " + event.id + "\n";
      for (std::size_t begin = 0; begin <= event.data.size();) {
        const std::size_t end = std::min(event.data.find('\n', begin), event.data.size());
        text += "data: " + event.data.substr(begin, end - begin) + "\n";
        begin = end + 1;
      }
      text += "\n";
    }
    if (text.empty() && Clock::now() - written_at >= kEventComment) text = ": still here\n\n";
    if (!text.empty()) {
      open = co_await write(text);
      written_at = Clock::now();
    }
    if (done || !open || !socket_.is_open() || peer_is_gone() || Clock::now() >= until) break;
    co_await pause(std::min(until, Clock::now() + stream->recheck));
  }
  response.body = stream;
}

asio::awaitable<bool> Connection::write(std::string_view first, std::string_view second) {
  expect_within(shared_.options.write_timeout);
  ErrorCodeAsio error;
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first.data(), first.size()),
                                                     asio::buffer(second.data(), second.size())};
  const std::size_t count =
      co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, error));
  sent_bytes_ += static_cast<std::int64_t>(count);
  expect_nothing();
  co_return !error;
}

// A body of unknown length for a client that knows no chunks.
bool Connection::ends_with_connection(const Response& response) const {
  const auto* stream = std::get_if<StreamBody>(&response.body);
  return stream != nullptr && stream->is_open_ended && version_ != 11;
}

std::string Connection::header_block(const Response& response, bool keep_alive) const {
  std::string head;
  head.reserve(512);
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
  head.append(reason_phrase(response.status)).append("\r\nDate: ").append(date_now()).append("\r\n");
  append_field(head, "X-Request-Id", request_.request_id);
  for (const auto& [name, value] : response.headers.fields()) append_field(head, name, value);
  if (!keep_alive) {
    head.append("Connection: close\r\n");
  } else if (version_ == 10) {
    head.append("Connection: keep-alive\r\n");
  }
  const bool bodiless = response.status == 204 || response.status == 304;
  if (const auto* text = std::get_if<std::string>(&response.body); text != nullptr && !bodiless) {
    head.append("Content-Length: ").append(std::to_string(text->size())).append("\r\n");
  } else if (const auto* stream = std::get_if<StreamBody>(&response.body); stream != nullptr) {
    if (!stream->is_open_ended) {
      head.append("Content-Length: ").append(std::to_string(stream->size_bytes)).append("\r\n");
    } else if (version_ == 11) {
      head.append("Transfer-Encoding: chunked\r\n");
    }
  }
  head.append("\r\n");
  return head;
}

asio::awaitable<bool> Connection::write_response(Response& response, bool keep_alive) {
  const bool events = std::holds_alternative<std::shared_ptr<EventStream>>(response.body);
  if (events && request_.method != Method::kHead) co_return false;  // written already
  add_cors(response);
  head_ = header_block(response, keep_alive);
  const bool bodiless = request_.method == Method::kHead || response.status == 204 || response.status == 304;
  if (bodiless) co_return co_await write(head_);
  if (auto* stream = std::get_if<StreamBody>(&response.body)) {
    if (!co_await write(head_)) co_return false;
    if (stream->is_open_ended) co_return co_await write_open_ended(*stream);
    co_return co_await write_stream(*stream);
  }
  co_return co_await write(head_, std::get<std::string>(response.body));
}

asio::awaitable<bool> Connection::write_stream(StreamBody& stream) {
  std::vector<char> piece(static_cast<std::size_t>(
      std::min<std::int64_t>(stream.size_bytes, static_cast<std::int64_t>(kStreamPieceBytes))));
  for (std::int64_t done = 0; done < stream.size_bytes;) {
    const std::size_t want = static_cast<std::size_t>(
        std::min<std::int64_t>(stream.size_bytes - done, static_cast<std::int64_t>(piece.size())));
    Result<std::size_t> count = 0;
    try {
      co_await run_in_pool(shared_.pool,
                           [&] { count = stream.read(stream.offset_bytes + done, std::span(piece.data(), want)); });
    } catch (...) {
      count = std::unexpected(thrown_error());
    }
    if (!count || *count == 0) {
      // The length was promised already: cutting off is the only way to say that it went wrong.
      log(LogLevel::kError, "stream_failed",
          {{"request_id", request_.request_id}, {"cause", count ? "it ended early" : count.error().cause.c_str()}});
      co_return false;
    }
    if (!co_await write({piece.data(), *count})) co_return false;
    done += static_cast<std::int64_t>(*count);
  }
  co_return true;
}

// Chunked (RFC 9112, 7.1), but for HTTP/1.0, whose clients read until the connection ends.
asio::awaitable<bool> Connection::write_open_ended(StreamBody& stream) {
  std::vector<char> piece(kStreamPieceBytes);
  for (std::int64_t done = 0;;) {
    Result<std::size_t> count = 0;
    try {
      co_await run_in_pool(shared_.pool, [&] { count = stream.read(done, piece); });
    } catch (...) {
      count = std::unexpected(thrown_error());
    }
    if (!count) {
      log(LogLevel::kError, "stream_failed", {{"request_id", request_.request_id}, {"cause", count.error().cause}});
      co_return false;  // no last chunk: that is how the peer knows
    }
    if (*count == 0) break;
    done += static_cast<std::int64_t>(*count);
    const std::string_view bytes(piece.data(), *count);
    if (version_ != 11) {
      if (!co_await write(bytes)) co_return false;
      continue;
    }
    std::array<char, 16> size{};
    const auto end = std::to_chars(size.data(), size.data() + size.size(), *count, 16).ptr;
    const std::string head = std::string(size.data(), end) + "\r\n";
    if (!co_await write(head, bytes) || !co_await write("\r\n")) co_return false;
  }
  co_return version_ != 11 || co_await write("0\r\n\r\n");
}

// Reads on for a little, so that a peer that is still sending gets to read our answer.
asio::awaitable<void> Connection::discard_rest() {
  ErrorCodeAsio ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
  expect_within(kDiscardTime);
  for (std::size_t discarded = 0; discarded < kDiscardBytesMax;) {
    buffer_.clear();
    if (!co_await read_some()) break;
    discarded += buffer_.size();
  }
}

// In a catch block: the log gets what was thrown, the peer a 500.
Response Connection::thrown_response() const {
  const Error error = thrown_error();
  log(LogLevel::kError, "handler_threw", {{"request_id", request_.request_id}, {"cause", error.cause}});
  return error_response(error);
}

Response Connection::error_response(const Error& error) const {
  if (shared_.options.render_error) return shared_.options.render_error(request_, error);
  return text_response(500, error.message + "\n", "text/plain");
}

Response Connection::options_response(const RouteMatch& match) const {
  Response response;
  response.status = 204;
  const std::string methods = joined(match.allowed);
  response.headers.add("Allow", methods);
  if (!request_.headers.find("access-control-request-method")) return response;
  response.headers.add("Access-Control-Allow-Methods", methods);
  response.headers.add("Access-Control-Allow-Headers",
                       std::string(request_.headers.find("access-control-request-headers").value_or("")));
  response.headers.add("Access-Control-Max-Age", "600");
  return response;
}

void Connection::add_cors(Response& response) const {
  const CorsOptions& cors = shared_.options.cors;
  const auto origin = request_.headers.find("origin");
  if ((cors.origins.empty() && !any_origin_) || !origin) return;
  const bool any = cors.origins.empty() || (cors.origins.size() == 1 && cors.origins.front() == "*");
  const bool known = std::find(cors.origins.begin(), cors.origins.end(), *origin) != cors.origins.end();
  response.headers.add("Vary", "Origin");
  if (!any && !known) return;
  response.headers.add("Access-Control-Allow-Origin", any ? "*" : std::string(*origin));
  if (cors.credentials && !any) response.headers.add("Access-Control-Allow-Credentials", "true");
  std::string exposed;
  for (const std::string& name : cors.exposed_headers) exposed += (exposed.empty() ? "" : ", ") + name;
  if (!exposed.empty()) response.headers.add("Access-Control-Expose-Headers", exposed);
}

}  // namespace tintype::http
