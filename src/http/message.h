// Requests and responses as plain values. Handlers are plain functions of them: they know neither sockets nor
// coroutines, and a test can call them directly.
#pragma once

#include <any>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/deadline.h"
#include "base/error.h"

namespace tintype::http {

enum class Method { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };

const char* method_name(Method method);

// Header fields in the order they came; names compare without case.
class Headers {
 public:
  void add(std::string name, std::string value) { fields_.emplace_back(std::move(name), std::move(value)); }
  void set(std::string_view name, std::string value);                 // replaces every field of that name
  std::optional<std::string_view> find(std::string_view name) const;  // the first
  std::size_t count(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// A file that a body or part was spooled to; removed with its owner unless it was taken (renamed away).
class SpooledFile {
 public:
  explicit SpooledFile(std::filesystem::path path) : path_(std::move(path)) {}
  ~SpooledFile();
  SpooledFile(const SpooledFile&) = delete;
  SpooledFile& operator=(const SpooledFile&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// One part of a multipart/form-data body (RFC 7578). Parts with a file name are always files on disk, so that
// whoever decodes them needs one way only; fields are text in memory.
struct FormPart {
  std::string name;
  std::optional<std::string> file_name;
  std::string media_type;             // as the client claims; never trusted
  std::string text;                   // of a field
  std::shared_ptr<SpooledFile> file;  // of a file
  std::int64_t size_bytes = 0;
  // The part was longer than BodyPolicy::part_bytes_max: its rest was read and dropped, `file` holds nothing.
  bool too_large = false;
};

// Takes a body piece by piece, in the pool and in order, and goes with its request: what it has made by then and nobody
// has taken over goes with it.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // An error ends the reading, and is the answer. The bytes stay as they are until the next call has come back, or
  // settle() has: a sink may go on working on them until then.
  virtual Result<void> take(std::string_view bytes) = 0;
  // Ends what take() has left going on. Called before the handler, and wherever bytes go away sooner.
  virtual void settle() {}
};

struct Request {
  Method method = Method::kGet;
  std::string target;  // as sent: path and query
  std::string path;    // percent-decoded by segment; never contains "." or ".." segments
  std::vector<std::pair<std::string, std::string>> query;            // decoded, in order
  std::vector<std::pair<std::string, std::string>> path_parameters;  // by the route's {names}
  Headers headers;
  std::string body;                   // with BodyKind::kMemory
  std::vector<FormPart> form;         // with BodyKind::kMultipart
  std::shared_ptr<SpooledFile> file;  // with BodyKind::kSpool
  std::shared_ptr<BodySink> sink;     // with BodyKind::kSink; made by `admit`
  std::int64_t body_bytes = 0;
  std::string request_id;
  std::string remote_address;             // of the client; by X-Forwarded-For only behind a trusted proxy
  bool secure = false;                    // came by HTTPS (by X-Forwarded-Proto only behind a trusted proxy)
  Deadline deadline = Deadline::never();  // of the present call
  std::string client;                     // whose open waits are counted; set by `admit`
  std::any attachment;                    // what the route's `admit` found out, e.g. the principal

  std::string_view path_parameter(std::string_view name) const;                  // empty when the route has none
  std::optional<std::string_view> query_parameter(std::string_view name) const;  // the first
  std::optional<std::string_view> cookie(std::string_view name) const;           // RFC 6265
};

// A body that is read piece by piece while it is sent: an object, a file. One whose length nobody knows before it is
// there is sent chunked, or until the connection ends where the client is older than that; read() answers 0 at its end.
struct StreamBody {
  std::int64_t size_bytes = 0;
  bool is_open_ended = false;     // then size_bytes says nothing
  std::int64_t offset_bytes = 0;  // where to begin reading: set by serve_range
  std::function<Result<std::size_t>(std::int64_t offset_bytes, std::span<char> out)> read;  // may block
};

struct Response;

// Whoever waits gets `wake` called when it should look again; the subscription ends with the returned handle.
using Subscribe = std::function<std::shared_ptr<void>(std::function<void()> wake)>;

// An answer that has to wait (long poll) without holding a thread. The server subscribes first and then calls
// `attempt` until it answers: at once, on every wake, every `recheck`, and a last time (`last` = true, when it
// must answer) at the timeout or when the server drains. Headers set beside the wait are the answer's too.
struct Wait {
  Subscribe subscribe;
  std::function<std::optional<Response>(bool last)> attempt;
  std::chrono::milliseconds timeout{25'000};
  std::chrono::milliseconds recheck{1'000};
};

struct Event {
  std::string name;  // `event:`
  std::string id;    // `id:`; may be empty
  std::string data;  // one line or several
};

// Server-sent events (WHATWG HTML, section 9.2). `next` is called like Wait::attempt and answers the events that
// are due; the stream ends after the batch with which `done` was set. A comment line keeps it open every 15 s.
struct EventStream {
  Subscribe subscribe;
  std::function<std::vector<Event>(bool& done)> next;
  std::chrono::milliseconds recheck{1'000};
};

struct Response {
  int status = 200;
  Headers headers;
  std::variant<std::string, StreamBody, std::shared_ptr<Wait>, std::shared_ptr<EventStream>> body;
  bool close = false;      // end the connection after this answer
  std::string error_code;  // what the log names an error by; empty when it is none
};

Response text_response(int status, std::string body, std::string media_type);

// Status code's reason phrase, "Unknown" for one that has none.
const char* reason_phrase(int status);

}  // namespace tintype::http
