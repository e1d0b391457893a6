#include "adapters/egress/fetch.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "adapters/egress/resolver.h"
#include "base/deadline.h"

namespace tintype::egress {

namespace {

constexpr long kOk = 200;
constexpr int kCancelPeriodMs = 50;

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::kCancelled, "Cancelled");
}

// The file that comes. Nothing of it stays unless it is kept.
class Sink {
 public:
  explicit Sink(const std::filesystem::path& path) : path_(path) {}
  ~Sink() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (!is_kept_) ::unlink(path_.c_str());
  }
  Sink(const Sink&) = delete;
  Sink& operator=(const Sink&) = delete;

  std::int64_t size_bytes() const { return size_bytes_; }
  bool is_open() const { return descriptor_ >= 0; }
  Result<void> open() {
    descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
    return descriptor_ < 0 ? unwritable() : Result<void>();
  }
  Result<void> append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return unwritable();
      size_bytes_ += count;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }
  void keep() { is_kept_ = true; }

 private:
  Result<void> unwritable() const { return fail_internal(path_.string() + ": " + std::strerror(errno)); }

  const std::filesystem::path path_;
  int descriptor_ = -1;
  std::int64_t size_bytes_ = 0;
  bool is_kept_ = false;
};

// One request, as libcurl's callbacks see it.
struct Hop {
  CURL* curl;
  Sink& sink;
  std::int64_t size_bytes_max;
  std::string location;
  std::optional<Error> error;  // why we ended it ourselves
  bool is_of_no_use = false;   // an answer whose body nobody wants
  Deadline::clock::time_point heard_at = Deadline::clock::now();

  long status() const {
    long status = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    return status;
  }

  // Only who has taken the connection can stall.
  bool has_stalled(std::chrono::milliseconds timeout) {
    const auto now = Deadline::clock::now();
    curl_off_t connected_us = 0;
    curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &connected_us);
    if (connected_us == 0) heard_at = now;
    return now - heard_at > timeout;
  }

  // Before the first byte.
  Result<void> begin() {
    curl_off_t length = -1;
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > size_bytes_max) return too_large();
    return sink.open();
  }
  Result<void> take(std::string_view bytes) {
    if (!sink.is_open()) {
      if (auto begun = begin(); !begun) return begun;
    }
    if (static_cast<std::int64_t>(bytes.size()) > size_bytes_max - sink.size_bytes()) return too_large();
    return sink.append(bytes);
  }
  Result<void> too_large() const {
    return fail(ErrorCode::kFileTooLarge, "The URL's file is larger than " + std::to_string(size_bytes_max) + " bytes");
  }
};

std::size_t on_bytes(char* data, std::size_t size, std::size_t count, void* target) {
  Hop& hop = *static_cast<Hop*>(target);
  hop.heard_at = Deadline::clock::now();
  hop.is_of_no_use = hop.status() != kOk;
  if (hop.is_of_no_use) return 0;  // ends the transfer
  const auto taken = hop.take({data, size * count});
  if (taken) return size * count;
  hop.error = taken.error();
  return 0;
}

std::size_t on_header(char* data, std::size_t size, std::size_t count, void* target) {
  Hop& hop = *static_cast<Hop*>(target);
  const std::string_view line(data, size * count);
  hop.heard_at = Deadline::clock::now();
  if (line.starts_with("HTTP/")) hop.location.clear();
  if (const auto location = value_of(line, "location")) hop.location = *location;
  return size * count;
}

// Runs one transfer to its end, unless it is cancelled or stalls before.
Result<CURLcode> perform(Hop& hop, std::chrono::milliseconds stall_timeout, const std::atomic<bool>& cancel) {
  const std::unique_ptr<CURLM, void (*)(CURLM*)> multi(curl_multi_init(),
                                                       [](CURLM* handle) { curl_multi_cleanup(handle); });
  if (!multi) return fail_internal("curl_multi_init");
  curl_multi_add_handle(multi.get(), hop.curl);
  // A handle leaves before its multi handle goes.
  const std::unique_ptr<CURL, std::function<void(CURL*)>> added(
      hop.curl, [&](CURL* handle) { curl_multi_remove_handle(multi.get(), handle); });
  for (int running = 1; running > 0;) {
    if (cancel) return cancelled();
    if (hop.has_stalled(stall_timeout)) {
      return fail(ErrorCode::kDeadlineExceeded, "The URL's server takes too long to answer");
    }
    if (const CURLMcode code = curl_multi_perform(multi.get(), &running); code != CURLM_OK) {
      return fail_internal(curl_multi_strerror(code));
    }
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kCancelPeriodMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return fail_internal("curl_multi_info_read");
}

bool redirects(long status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// RFC 3986, section 5. What comes out is vetted like any URL.
Result<std::string> resolve_reference(const HttpUrl& base, const std::string& reference) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), curl_url_cleanup);
  char* text = nullptr;
  if (!url || curl_url_set(url.get(), CURLUPART_URL, base.text().c_str(), 0) != CURLUE_OK ||
      curl_url_set(url.get(), CURLUPART_URL, reference.c_str(), CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME) !=
          CURLUE_OK ||
      curl_url_get(url.get(), CURLUPART_URL, &text, 0) != CURLUE_OK) {
    return fail(ErrorCode::kUrlNotAllowed, "The URL redirects to what is no URL");
  }
  const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
  return std::string(text);
}

class Fetching {
 public:
  Fetching(const FetchRequest& request, const Vetting& vetting, const FetchRules& rules,
           const std::atomic<bool>& cancel)
      : vetting_(vetting),
        rules_(rules),
        cancel_(cancel),
        sink_(request.path),
        deadline_(Deadline::after(rules.timeout)) {
    size_bytes_max_ = rules.size_bytes_max;
    if (request.size_bytes_max > 0) size_bytes_max_ = std::min(size_bytes_max_, request.size_bytes_max);
  }

  Result<FetchedFile> run(const std::string& text) {
    auto url = vetting_.url(text);
    for (int redirects_left = rules_.redirects_max; url; --redirects_left) {
      const auto location = ask(*url);
      if (!location) return std::unexpected(location.error());
      if (location->empty()) break;
      if (redirects_left == 0) return fail(ErrorCode::kSourceUnreachable, "The URL redirects too often");
      const bool was_secure = url->is_secure;
      const auto next = resolve_reference(*url, *location);
      if (!next) return std::unexpected(next.error());
      url = vetting_.url(*next);
      if (url && was_secure && !url->is_secure) {
        return fail(ErrorCode::kUrlNotAllowed, "The URL redirects from https to http");
      }
      if (!url) url.error().message = "The URL redirects to where it must not: " + url.error().message;
    }
    if (!url) return std::unexpected(url.error());
    sink_.keep();
    return FetchedFile{sink_.size_bytes()};
  }

 private:
  std::chrono::milliseconds time_left() const {
    return std::max(std::chrono::milliseconds(0),
                    std::chrono::duration_cast<std::chrono::milliseconds>(deadline_.at() - Deadline::clock::now()));
  }

  Result<std::vector<Address>> addresses_of(const HttpUrl& url) {
    if (url.address) return std::vector<Address>();
    const auto look_up_time = std::min(rules_.request.connect_timeout, time_left());
    auto found = look_up_now(rules_.resolvers, url.host, Deadline::after(look_up_time), cancel_);
    if (!found) {
      // Names that nobody answers for are out of reach; only all of the time being over is a deadline.
      if (found.error().code == ErrorCode::kDeadlineExceeded && !deadline_.expired()) {
        found.error().code = ErrorCode::kSourceUnreachable;
      }
      return std::unexpected(found.error());
    }
    if (auto vetted = vetting_.addresses(url, found->addresses); !vetted) return std::unexpected(vetted.error());
    return std::move(found->addresses);
  }

  // One request: where it redirects to, or nothing when the file is here.
  Result<std::string> ask(const HttpUrl& url) {
    const auto addresses = addresses_of(url);
    if (!addresses) return std::unexpected(addresses.error());
    const Easy curl(curl_easy_init(), curl_easy_cleanup);
    if (!curl) return fail_internal("curl_easy_init");
    CurlRequest request(curl.get(), vetting_, rules_.request, url, *addresses, time_left());
    Hop hop{.curl = curl.get(), .sink = sink_, .size_bytes_max = size_bytes_max_, .location = {}, .error = {}};
    curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_bytes);
    curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &hop);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &hop);
    const auto code = perform(hop, rules_.stall_timeout, cancel_);
    if (!code) return std::unexpected(code.error());
    if (hop.error) return std::unexpected(*hop.error);
    if (*code != CURLE_OK && !hop.is_of_no_use) return std::unexpected(request.error_of(*code));
    if (redirects(hop.status()) && !hop.location.empty()) return hop.location;
    if (hop.status() != kOk) {
      return fail(ErrorCode::kSourceUnreachable,
                  "The URL's server answers with status " + std::to_string(hop.status()));
    }
    if (sink_.is_open()) return std::string();
    if (auto begun = hop.begin(); !begun) return std::unexpected(begun.error());  // an empty file
    return std::string();
  }

  const Vetting& vetting_;
  const FetchRules& rules_;
  const std::atomic<bool>& cancel_;
  Sink sink_;
  const Deadline deadline_;
  std::int64_t size_bytes_max_ = 0;
};

}  // namespace

Result<FetchedFile> fetch(const FetchRequest& request, const Vetting& vetting, const FetchRules& rules,
                          const std::atomic<bool>& cancel) {
  return Fetching(request, vetting, rules, cancel).run(request.url);
}

}  // namespace tintype::egress
