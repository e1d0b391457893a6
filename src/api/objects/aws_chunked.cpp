#include "api/objects/aws_chunked.h"

#include <algorithm>
#include <charconv>

namespace tintype::api {

namespace {

constexpr std::size_t kLineBytesMax = 1'024;
constexpr std::size_t kTrailersMax = 8;
constexpr std::string_view kSignature = ";chunk-signature=";
constexpr std::string_view kTrailerSignature = "x-amz-trailer-signature";

std::unexpected<Error> not_chunked(const char* what) {
  return fail(ErrorCode::kInvalidInput, std::string("The body is not valid aws-chunked: ") + what);
}

std::unexpected<Error> bad_signature() {
  return fail(ErrorCode::kForbidden, "The signature of a chunk does not match the one we calculated");
}

}  // namespace

Result<void> AwsChunked::feed(std::string_view coded, FunctionRef<Result<void>(std::string_view)> take) {
  while (!coded.empty()) {
    if (state_ == State::kDone) return not_chunked("something follows its end");
    if (state_ == State::kBytes) {
      const std::string_view bytes = coded.substr(0, std::min<std::uint64_t>(left_bytes_, coded.size()));
      if (signatures_) digest_.update(bytes);
      if (auto taken = take(bytes); !taken) return taken;
      left_bytes_ -= bytes.size();
      coded.remove_prefix(bytes.size());
      if (left_bytes_ == 0) state_ = State::kBytesEnd;
      continue;
    }
    const std::size_t end = coded.find('\n');
    line_.append(coded.substr(0, end));
    if (line_.size() > kLineBytesMax) return not_chunked("a line is too long");
    if (end == coded.npos) return {};
    coded.remove_prefix(end + 1);
    if (!line_.ends_with('\r')) return not_chunked("a line ends without CRLF");
    line_.pop_back();
    const std::string line = std::exchange(line_, {});
    if (auto taken = take_line(line); !taken) return taken;
  }
  return {};
}

Result<void> AwsChunked::take_line(std::string_view line) {
  switch (state_) {
    case State::kSize: return begin_chunk(line);
    case State::kBytesEnd:
      if (!line.empty()) return not_chunked("a chunk is longer than it says");
      return end_chunk();
    case State::kTrailers: return line.empty() ? end_trailers() : take_trailer(line);
    case State::kBytes:
    case State::kDone: break;
  }
  return {};
}

Result<void> AwsChunked::begin_chunk(std::string_view line) {
  const std::string_view size = line.substr(0, line.find(';'));
  const auto [end, error] = std::from_chars(size.data(), size.data() + size.size(), left_bytes_, 16);
  if (size.empty() || error != std::errc() || end != size.data() + size.size()) return not_chunked("a size is missing");
  const std::string_view extension = line.substr(size.size());
  if (signatures_ && !extension.starts_with(kSignature)) return bad_signature();
  if (!signatures_ && !extension.empty()) return not_chunked("a chunk is signed where the request says that none is");
  if (signatures_) signature_ = extension.substr(kSignature.size());
  state_ = left_bytes_ == 0 ? State::kTrailers : State::kBytes;
  // The last chunk has no bytes, and no line end of their own.
  return left_bytes_ == 0 && signatures_ ? end_chunk() : Result<void>();
}

Result<void> AwsChunked::end_chunk() {
  if (state_ == State::kBytesEnd) state_ = State::kSize;
  if (!signatures_) return {};
  const std::string sha256 = std::exchange(digest_, Digest(DigestKind::kSha256)).finish();
  if (!signatures_->accept_chunk(sha256, signature_)) return bad_signature();
  return {};
}

Result<void> AwsChunked::take_trailer(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == line.npos || colon == 0) return not_chunked("a trailer has no name");
  if (trailers_.size() == kTrailersMax) return not_chunked("it has too many trailers");
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c; });
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  while (value.ends_with(' ')) value.remove_suffix(1);
  if (name != kTrailerSignature) trailer_text_.append(name).append(":").append(value).append("\n");
  trailers_.emplace_back(std::move(name), value);
  return {};
}

Result<void> AwsChunked::end_trailers() {
  state_ = State::kDone;
  if (!signatures_ || trailers_.empty()) return {};
  const auto [name, signature] = trailers_.back();
  if (name != kTrailerSignature || !signatures_->accept_trailer(trailer_text_, signature)) return bad_signature();
  trailers_.pop_back();
  return {};
}

Result<void> AwsChunked::finish() const {
  if (state_ != State::kDone) return not_chunked("its end is missing");
  return {};
}

}  // namespace tintype::api
