#include "adapters/s3_store/s3_client.h"
#include "adapters/s3_store/answers.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/bytes.h"
#include "base/log.h"
#include "xml/document.h"

namespace tintype::s3 {

namespace {

constexpr std::size_t kBodyBytesMax = 16 << 20;  // a page of a thousand keys of a thousand bytes is under 2 MiB
constexpr long kBytesPerSecondMin = 1;
constexpr std::chrono::milliseconds kPauseMax{5'000};

std::string host_of(const std::string& endpoint, const S3Options& options) {
  const std::string host = endpoint.substr(endpoint.find("://") + 3);
  return options.addressing == S3Addressing::kHost ? options.bucket + "." + host : host;
}

std::string path_of(std::string_view key, const S3Options& options) {
  std::string path = options.addressing == S3Addressing::kPath ? "/" + options.bucket : "";
  if (!key.empty()) path.append("/").append(key);
  return path.empty() ? "/" : path;
}

std::string_view scheme_of(const std::string& endpoint) {
  return std::string_view(endpoint).substr(0, endpoint.find("://") + 3);
}

// One request, as libcurl's callbacks see it.
struct Exchange {
  CURL* curl;
  const Request& request;
  Answer answer = {};
  std::int64_t sent_bytes = 0;
  std::string fault = {};  // NOLINT(readability-redundant-member-init): why we ended it ourselves

  std::int64_t size_bytes() const {
    return request.file.descriptor >= 0 ? request.file.size_bytes : static_cast<std::int64_t>(request.bytes.size());
  }
};

std::size_t on_send(char* data, std::size_t size, std::size_t count, void* target) {
  Exchange& exchange = *static_cast<Exchange*>(target);
  const std::int64_t left = exchange.size_bytes() - exchange.sent_bytes;
  const std::size_t length = std::min(size * count, static_cast<std::size_t>(left));
  if (length == 0) return 0;
  if (exchange.request.file.descriptor < 0) {
    std::memcpy(data, exchange.request.bytes.data() + exchange.sent_bytes, length);
    exchange.sent_bytes += static_cast<std::int64_t>(length);
    return length;
  }
  const FileRange& file = exchange.request.file;
  const ssize_t read = ::pread(file.descriptor, data, length, file.offset_bytes + exchange.sent_bytes);
  if (read <= 0) {
    exchange.fault = read < 0 ? std::string("read the file: ") + std::strerror(errno) : "the file has become shorter";
    return CURL_READFUNC_ABORT;
  }
  exchange.sent_bytes += read;
  return static_cast<std::size_t>(read);
}

// A connection that was kept open may turn out to be closed after the first bytes: libcurl sends them again.
int on_seek(void* target, curl_off_t offset, int origin) {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Exchange*>(target)->sent_bytes = offset;
  return CURL_SEEKFUNC_OK;
}

std::size_t on_receive(char* data, std::size_t size, std::size_t count, void* target) {
  Exchange& exchange = *static_cast<Exchange*>(target);
  const std::size_t length = size * count;
  long status = 0;
  curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  Answer& answer = exchange.answer;
  const std::span<char> into = exchange.request.into;
  if (into.empty() || status < 200 || status >= 300) {
    if (answer.body.size() + length > kBodyBytesMax) {
      exchange.fault = "the answer has too many bytes";
      return 0;
    }
    answer.body.append(data, length);
    return length;
  }
  if (length > into.size() - answer.received) {
    exchange.fault = "the answer has more bytes than were asked for";
    return 0;
  }
  std::memcpy(into.data() + answer.received, data, length);
  answer.received += length;
  return length;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* target) {
  Answer& answer = static_cast<Exchange*>(target)->answer;
  const std::string_view line(data, size * count);
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size * count;
  const std::string name = lower_case(line.substr(0, colon));
  std::string_view value = line.substr(colon + 1);
  while (!value.empty() && (value.back() == '\r' || value.back() == '\n')) value.remove_suffix(1);
  const std::pair<std::string_view, std::string*> wanted[] = {{"etag", &answer.etag},
                                                              {"content-type", &answer.media_type},
                                                              {"content-range", &answer.content_range},
                                                              {"last-modified", &answer.last_modified},
                                                              {"date", &answer.date}};
  for (const auto& [header, field] : wanted) {
    if (name == header) *field = canonical_value(value);
  }
  return size * count;
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

void append(HeaderList& list, const std::string& line) {
  list.reset(curl_slist_append(list.release(), line.c_str()));
}

void set_method(CURL* curl, const Request& request, Exchange& exchange) {
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "PUT" || request.method == "POST") {
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(exchange.size_bytes()));
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_send);
    curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
    curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_seek);
    curl_easy_setopt(curl, CURLOPT_SEEKDATA, &exchange);
  }
  if (request.method != "HEAD") curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, std::string(request.method).c_str());
}

void set_limits(CURL* curl, const Request& request, const S3Options& options) {
  const auto stall = request.stall_timeout.count() > 0 ? request.stall_timeout : options.stall_timeout;
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "tintype");
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::max(1L, static_cast<long>(options.connect_timeout.count())));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kBytesPerSecondMin);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(stall.count())));
  curl_easy_setopt(curl, CURLOPT_BUFFERSIZE, 256L * 1024);
  curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
}

// A success can hold an error too: the store answers 200 before it has joined or copied what may take minutes.
void read_error(Answer& answer) {
  const bool may_be = answer.status >= 300 || answer.body.find("<Error") != std::string::npos;
  if (!may_be || answer.body.empty()) return;
  const auto document = read_xml(answer.body);
  if (!document || document->name != "Error") return;
  answer.error_code = document->text_of("Code");
  answer.error_message = document->text_of("Message");
  if (answer.error_code.empty()) answer.error_code = "Error";
}

std::string words_of(const Request& request) {
  return "S3 " + std::string(request.method) + " " + (request.key.empty() ? "bucket" : std::string(request.key));
}

std::unexpected<Error> unreachable(const std::string& cause) {
  auto failure = fail(ErrorCode::kOverloaded, "The object store does not answer", "Please try again later", cause);
  failure.error().retry_after_seconds = 5;
  return failure;
}

}  // namespace

Client::Client(S3Options options, const Clock& clock, Random& random)
    : options_(std::move(options)),
      clock_(clock),
      random_(random),
      signer_({options_.access_key_id, options_.secret_access_key}, options_.region),
      pool_(options_.requests_max) {
  if (options_.public_endpoint.empty()) options_.public_endpoint = options_.endpoint;
}

Result<Answer> Client::perform(const Request& request) {
  for (int attempt = 1;; ++attempt) {
    std::string cause;
    auto answer = perform_once(request, cause);
    const bool is_last = request.once || attempt >= options_.attempts_max;
    if (answer) {
      answer->attempts = attempt;
      if (is_last || !means_not_now(*answer)) return answer;
      cause = std::to_string(answer->status) + " " + answer->error_code;
    } else if (answer.error().code != ErrorCode::kOverloaded || is_last) {
      return answer;
    }
    log(LogLevel::kWarning, "s3_again", {{"request", words_of(request)}, {"attempt", attempt}, {"cause", cause}});
    pause(attempt);
  }
}

// From half of the time to all of it, so that many who were turned away at once do not come back at once.
void Client::pause(int attempt) {
  std::byte chance{};
  random_.fill({&chance, 1});
  const auto full = std::min(options_.retry_pause * (1 << std::min(attempt - 1, 10)), kPauseMax);
  std::this_thread::sleep_for(full / 2 + full * std::to_integer<int>(chance) / 512);
}

Result<Answer> Client::perform_once(const Request& request, std::string& cause) {
  const CurlPool::Lent lent(pool_);
  CURL* const curl = lent.get();
  if (curl == nullptr) return fail_internal("curl_easy_init");
  Exchange exchange{.curl = curl, .request = request};
  std::vector<Header> headers = request.headers;
  if (!request.md5.empty()) headers.push_back({"content-md5", base64_encode(request.md5)});
  const std::string host = host_of(options_.endpoint, options_);
  // A file is not read twice for the sake of its SHA-256: its MD5 is signed as well.
  const std::string payload =
      request.file.descriptor >= 0 ? std::string(kUnsignedPayload) : hex_encode(sha256(request.bytes));
  const std::string path = path_of(request.key, options_);
  const auto made = signer_.sign({request.method, host, path, request.parameters, headers}, payload, clock_.now_ms());
  HeaderList list(nullptr, curl_slist_free_all);
  headers.insert(headers.end(), made.headers.begin(), made.headers.end());
  for (const Header& header : headers) append(list, header.name + ": " + header.value);
  append(list, "Expect:");  // sent without asking first
  append(list, "Accept:");
  const std::string url = std::string(scheme_of(options_.endpoint)) + host + made.target;
  set_limits(curl, request, options_);
  set_method(curl, request, exchange);
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list.get());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words.data());
  const CURLcode code = curl_easy_perform(curl);
  if (!exchange.fault.empty()) return fail_internal(words_of(request) + ": " + exchange.fault);
  if (code != CURLE_OK) {
    cause = words[0] != 0 ? words.data() : curl_easy_strerror(code);
    return unreachable(words_of(request) + ": " + cause);
  }
  long status = 0;
  curl_off_t length = -1;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
  Answer& answer = exchange.answer;
  answer.status = static_cast<int>(status);
  answer.content_length = length;
  if (!answer.etag.empty() && !answer.etag.starts_with('"')) answer.etag = "\"" + answer.etag + "\"";
  read_error(answer);
  return std::move(answer);
}

std::string Client::presign(std::string_view method, std::string_view key, std::vector<Parameter> parameters,
                            std::vector<Header> headers, UnixMs begins_ms, std::int64_t expires_seconds) const {
  const std::string host = host_of(options_.public_endpoint, options_);
  const std::string path = path_of(key, options_);
  std::string url(scheme_of(options_.public_endpoint));
  url += host;
  return url += signer_.presign({method, host, path, std::move(parameters), std::move(headers)}, begins_ms,
                                std::clamp<std::int64_t>(expires_seconds, 1, kPresignedSecondsMax));
}

bool means_not_now(const Answer& answer) {
  constexpr int kStatuses[] = {429, 500, 502, 503, 504};
  constexpr std::string_view kCodes[] = {"SlowDown", "InternalError", "ServiceUnavailable", "OperationAborted",
                                         "RequestTimeout"};
  return std::ranges::find(kStatuses, answer.status) != std::end(kStatuses) ||
         std::ranges::find(kCodes, answer.error_code) != std::end(kCodes);
}

bool means_missing(const Answer& answer) {
  return answer.status == 404 && answer.error_code != "NoSuchBucket";
}

std::unexpected<Error> failure_of(const Request& request, const Answer& answer) {
  const std::string cause = words_of(request) + ": " + std::to_string(answer.status) + " " + answer.error_code +
                            (answer.error_message.empty() ? "" : ": " + answer.error_message);
  if (means_not_now(answer)) return unreachable(cause);
  if (means_missing(answer)) return fail(ErrorCode::kNotFound, "The file is not there any more", {}, cause);
  if (answer.status == 412) {
    return fail(ErrorCode::kConflict, "The object is not the one that was meant any more", {}, cause);
  }
  return fail_internal(cause);
}

}  // namespace tintype::s3
