#include "adapters/s3_store/range_reader.h"

#include <algorithm>
#include <cstring>
#include <mutex>

#include "adapters/s3_store/answers.h"

namespace tintype::s3 {

namespace {

constexpr std::int64_t kWindowBytesMin = 256 * 1024;
constexpr std::int64_t kWindowBytesMax = 4 << 20;
constexpr int kRangeNotSatisfiable = 416;

std::string range_of(std::int64_t begin, std::int64_t size) {
  return "bytes=" + std::to_string(begin) + "-" + std::to_string(begin + size - 1);
}

// Keeps a window of the object, which grows while it is read from its beginning to its end.
class RangeReader final : public ObjectReader {
 public:
  RangeReader(Client& client, std::string key, ObjectInfo info, std::vector<char> window)
      : client_(client), key_(std::move(key)), info_(std::move(info)), window_(std::move(window)) {}

  const ObjectInfo& info() const override { return info_; }
  std::optional<std::filesystem::path> file() const override { return std::nullopt; }

  Result<std::size_t> read(std::int64_t offset_bytes, std::span<char> out) override {
    const std::lock_guard lock(mutex_);
    std::size_t filled = 0;
    while (filled < out.size() && offset_bytes < info_.size_bytes) {
      const auto count = read_some(offset_bytes, out.subspan(filled));
      if (!count) return count;
      filled += *count;
      offset_bytes += static_cast<std::int64_t>(*count);
    }
    return filled;
  }

 private:
  std::int64_t window_end() const { return window_begin_ + static_cast<std::int64_t>(window_.size()); }

  Result<std::size_t> read_some(std::int64_t offset, std::span<char> out) {
    if (offset < window_begin_ || offset >= window_end()) {
      const bool goes_on = offset == window_end();
      size_ = goes_on ? std::min(size_ * 2, kWindowBytesMax) : kWindowBytesMin;
      const std::int64_t left = info_.size_bytes - offset;
      const std::int64_t asked = std::min<std::int64_t>(left, static_cast<std::int64_t>(out.size()));
      if (asked >= size_) {
        window_begin_ = offset + asked;
        window_.clear();
        return fetch(offset, out.first(static_cast<std::size_t>(asked)));
      }
      std::vector<char> next(static_cast<std::size_t>(std::min(size_, left)));
      if (auto fetched = fetch(offset, next); !fetched) return fetched;
      window_begin_ = offset;
      window_ = std::move(next);
    }
    const auto from = static_cast<std::size_t>(offset - window_begin_);
    const std::size_t count = std::min(out.size(), window_.size() - from);
    std::memcpy(out.data(), window_.data() + from, count);
    return count;
  }

  Result<std::size_t> fetch(std::int64_t offset, std::span<char> into) {
    Request request{.method = "GET", .key = key_};
    request.headers = {{"range", range_of(offset, static_cast<std::int64_t>(into.size()))}, {"if-match", info_.etag}};
    request.into = into;
    const auto answer = client_.perform(request);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return failure_of(request, *answer);
    // A store that knows no ranges answers all of it, which is right only where all was asked for.
    const bool is_part = answer->status == 206 || offset == 0;
    if (is_part && answer->received == into.size()) return answer->received;
    return fail_internal("S3 GET " + key_ + ": another range than was asked for");
  }

  Client& client_;
  const std::string key_;
  const ObjectInfo info_;
  std::mutex mutex_;
  std::vector<char> window_;
  std::int64_t window_begin_ = 0;
  std::int64_t size_ = kWindowBytesMin;
};

// The number behind the slash of "bytes 0-99/1234".
std::optional<std::int64_t> total_of(const std::string& content_range) {
  const std::size_t slash = content_range.rfind('/');
  return slash == std::string::npos ? std::nullopt : parse_count(std::string_view(content_range).substr(slash + 1));
}

}  // namespace

Result<std::unique_ptr<ObjectReader>> open_by_ranges(Client& client, std::string_view key) {
  std::vector<char> window(static_cast<std::size_t>(kWindowBytesMin));
  Request request{.method = "GET", .key = key};
  request.headers = {{"range", range_of(0, kWindowBytesMin)}};
  request.into = window;
  auto answer = client.perform(request);
  if (answer && answer->status == kRangeNotSatisfiable) {
    // It is empty, which no range can be of.
    request = Request{.method = "HEAD", .key = key};
    answer = client.perform(request);
  }
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok()) return failure_of(request, *answer);
  ObjectInfo info = info_of(*answer);
  if (answer->status == 206) {
    const auto total = total_of(answer->content_range);
    if (!total) return fail_internal("S3 GET " + std::string(key) + ": a part without its Content-Range");
    info.size_bytes = *total;
  }
  window.resize(answer->received);
  return std::make_unique<RangeReader>(client, std::string(key), std::move(info), std::move(window));
}

}  // namespace tintype::s3
