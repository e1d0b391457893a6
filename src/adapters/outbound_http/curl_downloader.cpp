#include "adapters/outbound_http/curl_downloader.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string_view>

#include "base/deadline.h"
#include "base/durable_file.h"
#include "base/file_digest.h"

namespace tintype {

namespace {

namespace fs = std::filesystem;

constexpr int kAttemptsMax = 5;
constexpr long kRedirectsMax = 5;
constexpr long kConnectSeconds = 30;
constexpr long kBytesPerSecondMin = 1'000;  // fewer count as none
constexpr std::size_t kEtagBytesMax = 256;
constexpr long kOk = 200;
constexpr long kPartialContent = 206;
constexpr long kRangeNotSatisfiable = 416;

// An entity tag that may stand in If-Range: a strong one.
bool is_strong(std::string_view etag) {
  return etag.size() >= 2 && etag.size() <= kEtagBytesMax && etag.front() == '"' && etag.back() == '"' &&
         std::ranges::all_of(etag, [](char c) { return c > ' ' && c <= '~'; });
}

std::string name_of(const Download& download) {
  return download.path.filename().string();
}

// The bytes that are here, and the tag of what they are a part of.
class Part {
 public:
  static Result<Part> open(const fs::path& path) {
    Part part(path);
    part.descriptor_ = ::open(part.path().c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
    struct stat facts = {};
    if (part.descriptor_ < 0 || ::fstat(part.descriptor_, &facts) != 0) return std::unexpected(part.unwritable());
    part.size_bytes_ = facts.st_size;
    std::string etag;
    if (std::getline(std::ifstream(part.etag_path()), etag) && is_strong(etag)) part.etag_ = etag;
    return part;
  }
  Part(Part&& other) noexcept
      : place_(std::move(other.place_)),
        descriptor_(std::exchange(other.descriptor_, -1)),
        size_bytes_(other.size_bytes_),
        etag_(std::move(other.etag_)) {}
  Part& operator=(Part&&) = delete;
  ~Part() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    if (size_bytes_ == 0) remove();
  }

  fs::path path() const { return place_.string() + ".part"; }
  std::int64_t size_bytes() const { return size_bytes_; }
  const std::string& etag() const { return etag_; }

  Result<void> append(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = ::pwrite(descriptor_, bytes.data(), bytes.size(), size_bytes_);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return std::unexpected(unwritable());
      size_bytes_ += count;
      bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
  }
  // Forgets all bytes; those to come are of what has this tag, or no strong one.
  Result<void> start_over(const std::string& etag) {
    if (::ftruncate(descriptor_, 0) != 0) return std::unexpected(unwritable());
    size_bytes_ = 0;
    etag_ = is_strong(etag) ? etag : "";
    ::unlink(etag_path().c_str());
    if (!etag_.empty()) std::ofstream(etag_path()) << etag_ << "\n";
    return {};
  }
  Result<void> finish() {
    if (auto renamed = rename_durably(path(), place_); !renamed) return renamed;
    ::unlink(etag_path().c_str());
    return {};
  }

 private:
  explicit Part(fs::path place) : place_(std::move(place)) {}
  fs::path etag_path() const { return place_.string() + ".etag"; }
  void remove() const {
    ::unlink(path().c_str());
    ::unlink(etag_path().c_str());
  }
  Error unwritable() const {
    return fail(ErrorCode::kInvalidInput, path().string() + " cannot be written: " + std::strerror(errno)).error();
  }

  fs::path place_;
  int descriptor_ = -1;
  std::int64_t size_bytes_ = 0;
  std::string etag_;
};

// One request, as libcurl's callbacks see it.
struct Transfer {
  const Download& download;
  Part& part;
  Downloader::Progress progress;
  CURL* curl;
  std::int64_t offset_bytes;  // what was asked for begins here
  bool begun = false;
  bool continues = false;  // the answer is a part, and belongs behind what is here
  std::string etag;
  std::string content_range;
  std::optional<std::int64_t> total_bytes;
  std::optional<Error> error;  // why we ended it ourselves

  std::int64_t bytes_max() const { return download.size_bytes.value_or(download.size_bytes_max); }

  Result<void> wrong_size(const std::string& found) const {
    const std::string most = download.size_bytes ? "" : "at most ";
    return fail(ErrorCode::kFileTooLarge, name_of(download) + " at " + download.url + " has " + found +
                                              " bytes, where " + most + std::to_string(bytes_max()) + " were expected");
  }

  // Before the first byte: whether the answer is what was asked for.
  Result<void> begin() {
    begun = true;
    long status = 0;
    curl_off_t length = -1;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    continues = status == kPartialContent && offset_bytes > 0;
    if (status != kOk && !continues) {
      return fail(ErrorCode::kInvalidInput, download.url + " answers " + std::to_string(status));
    }
    if (length >= 0) total_bytes = length + (continues ? offset_bytes : 0);
    if (total_bytes && (*total_bytes > bytes_max() || *total_bytes != download.size_bytes.value_or(*total_bytes))) {
      return wrong_size(std::to_string(*total_bytes));
    }
    if (continues && content_range.starts_with("bytes " + std::to_string(offset_bytes) + "-")) return {};
    if (auto cleared = part.start_over(etag); !cleared) return cleared;
    if (continues) return fail(ErrorCode::kInvalidInput, download.url + " answers with another part than asked for");
    return {};
  }

  Result<void> take(std::string_view bytes) {
    if (!begun) {
      if (auto good = begin(); !good) return good;
    }
    if (part.size_bytes() + static_cast<std::int64_t>(bytes.size()) > bytes_max()) {
      if (auto cleared = part.start_over(""); !cleared) return cleared;
      return wrong_size("more");
    }
    if (auto written = part.append(bytes); !written) return written;
    progress(part.size_bytes(), total_bytes ? total_bytes : download.size_bytes);
    return {};
  }
};

// libcurl calls this about once a second at least.
int on_progress(void* target, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const Transfer& transfer = *static_cast<Transfer*>(target);
  return transfer.download.cancel != nullptr && transfer.download.cancel->load() ? 1 : 0;
}

std::size_t on_bytes(char* data, std::size_t size, std::size_t count, void* target) {
  Transfer& transfer = *static_cast<Transfer*>(target);
  const auto taken = transfer.take({data, size * count});
  if (taken) return size * count;
  transfer.error = taken.error();
  return 0;  // ends the transfer
}

// Header lines of every answer, those of redirects too: the last one counts.
std::size_t on_header(char* data, std::size_t size, std::size_t count, void* target) {
  Transfer& transfer = *static_cast<Transfer*>(target);
  std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) {
    transfer.etag.clear();
    transfer.content_range.clear();
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  line.remove_prefix(std::min(colon + 1, line.size()));
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) line.remove_suffix(1);
  if (name == "etag") transfer.etag = line;
  if (name == "content-range") transfer.content_range = line;
  return size * count;
}

using Headers = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

// What is asked for is the rest, of the same file where its tag is known. Servers that know no ranges send it all.
Headers ask(CURL* curl, const Download& download, const Part& part, const Deadline& deadline) {
  const bool is_secure = download.url.starts_with("https:");
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline.at() - Deadline::clock::now());
  curl_easy_setopt(curl, CURLOPT_URL, download.url.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "tintype");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, is_secure ? "https" : "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, kRedirectsMax);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, kBytesPerSecondMin);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(download.stall_timeout.count())));
  // Zero would mean no limit.
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(left.count())));
  if (part.size_bytes() == 0) return Headers(nullptr, curl_slist_free_all);
  curl_easy_setopt(curl, CURLOPT_RANGE, (std::to_string(part.size_bytes()) + "-").c_str());
  if (part.etag().empty()) return Headers(nullptr, curl_slist_free_all);
  Headers headers(curl_slist_append(nullptr, ("If-Range: " + part.etag()).c_str()), curl_slist_free_all);
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  return headers;
}

// How a request ended: with all that there is, or before; then `cause` says why.
struct Ended {
  bool is_whole = false;
  bool is_of_parts = false;  // more than one answer made it
  std::string cause;
};

Result<Ended> transfer_rest(const Download& download, Part& part, const Deadline& deadline,
                            Downloader::Progress progress) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return fail_internal("curl_easy_init");
  Transfer transfer{.download = download,
                    .part = part,
                    .progress = progress,
                    .curl = curl.get(),
                    .offset_bytes = part.size_bytes(),
                    .etag = {},
                    .content_range = {},
                    .total_bytes = {},
                    .error = {}};
  const Headers headers = ask(curl.get(), download, part, deadline);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFOFUNCTION, on_progress);
  curl_easy_setopt(curl.get(), CURLOPT_XFERINFODATA, &transfer);
  std::array<char, CURL_ERROR_SIZE> words{};
  curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, words.data());
  const CURLcode code = curl_easy_perform(curl.get());
  if (transfer.error) return std::unexpected(*transfer.error);
  if (code == CURLE_ABORTED_BY_CALLBACK) return fail(ErrorCode::kCancelled, "The download was ended");
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (code == CURLE_HTTP_RETURNED_ERROR) {
    // Where nothing is left to ask for, the digest decides what we have.
    if (status == kRangeNotSatisfiable && transfer.offset_bytes > 0) return Ended{true, true, {}};
    return fail(ErrorCode::kInvalidInput, download.url + " answers " + std::to_string(status));
  }
  if (code != CURLE_OK)
    return Ended{false, transfer.continues, words[0] != 0 ? words.data() : curl_easy_strerror(code)};
  if (!transfer.begun) {  // no body at all
    if (auto good = transfer.begin(); !good) return std::unexpected(good.error());
  }
  // A server that ends a body by closing may have been cut off.
  if (part.size_bytes() < download.size_bytes.value_or(0)) {
    return Ended{false, transfer.continues, "the connection ended early"};
  }
  return Ended{true, transfer.continues, {}};
}

bool is_there(const Download& download) {
  std::error_code ignored;
  if (!fs::is_regular_file(download.path, ignored)) return false;
  const auto digest = sha256_of_file(download.path);
  return digest && *digest == download.sha256;
}

std::unexpected<Error> cut_off(const Download& download, const Part& part, const std::string& cause) {
  const std::string kept = std::to_string(part.size_bytes()) + " bytes of it are kept";
  return fail(ErrorCode::kDeadlineExceeded, name_of(download) + " could not be fetched from " + download.url,
              part.size_bytes() > 0 ? "Please try again: " + kept + ", and the rest will be asked for" : "", cause);
}

}  // namespace

CurlDownloader::CurlDownloader() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

Result<void> CurlDownloader::download(const Download& download, Progress progress) {
  if (is_there(download)) return {};
  auto part = Part::open(download.path);
  if (!part) return std::unexpected(part.error());
  const Deadline deadline = Deadline::after(download.timeout);
  std::string cause;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const std::int64_t kept = part->size_bytes();
    bool is_of_parts = true;
    if (kept == 0 || kept != download.size_bytes) {
      const auto ended = transfer_rest(download, *part, deadline, progress);
      if (!ended) return std::unexpected(ended.error());
      if (!ended->is_whole) {
        cause = ended->cause;
        if (part->size_bytes() <= kept || deadline.expired()) break;  // asking again would bring no more
        continue;
      }
      is_of_parts = ended->is_of_parts;
    }
    const auto digest = sha256_of_file(part->path());
    if (!digest) return std::unexpected(digest.error());
    if (*digest == download.sha256) return part->finish();
    if (auto cleared = part->start_over(""); !cleared) return cleared;
    // Parts may have been of two versions of the file: then all of it is fetched once more.
    if (!is_of_parts) {
      return fail(ErrorCode::kInvalidInput, name_of(download) + " from " + download.url + " has the SHA-256 " +
                                                *digest + ", where " + download.sha256 +
                                                " was expected; it has been deleted");
    }
  }
  return cut_off(download, *part, cause);
}

}  // namespace tintype
