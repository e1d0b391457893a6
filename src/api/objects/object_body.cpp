#include "api/objects/object_body.h"

#include <charconv>

namespace tintype::api {

S3Result<std::shared_ptr<ObjectBody>> ObjectBody::open(const http::Request& request, const Admitted& admitted,
                                                       const std::filesystem::path& spool, Random& random,
                                                       SideThreads& side_threads) {
  auto checks = BodyChecks::of(request, admitted.grant);
  if (!checks) return std::unexpected(checks.error());
  std::shared_ptr<ObjectBody> body(new ObjectBody(std::move(*checks), spool, random, side_threads));
  const ObjectGateway::Body kind = admitted.grant.body;
  if (kind == ObjectGateway::Body::kChunked || kind == ObjectGateway::Body::kChunkedSigned) {
    body->chunked_.emplace(admitted.grant.chunks);
    const std::string_view text = request.headers.find("x-amz-decoded-content-length").value_or("");
    std::int64_t length = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || length < 0) {
      return s3_fail(411, "MissingContentLength", "You must provide the x-amz-decoded-content-length HTTP header.");
    }
    body->decoded_bytes_ = length;
  } else if (lower_case_of(request.headers.find("content-encoding").value_or("")) == "aws-chunked") {
    return s3_fail(400, "InvalidRequest", "An aws-chunked body needs an x-amz-content-sha256 that begins STREAMING-.");
  }
  return body;
}

Result<void> ObjectBody::take(std::string_view bytes) {
  if (!chunked_) return keep(bytes);
  return chunked_->feed(bytes, [this](std::string_view decoded) { return keep(decoded); });
}

Result<void> ObjectBody::keep(std::string_view bytes) {
  kept_bytes_ += static_cast<std::int64_t>(bytes.size());
  if (decoded_bytes_ && kept_bytes_ > *decoded_bytes_) {
    return fail(ErrorCode::kInvalidInput, "The body is longer than x-amz-decoded-content-length says");
  }
  if (!writer_) {
    auto writer = http::SpoolWriter::create(spool_, random_);
    if (!writer) return std::unexpected(writer.error());
    writer_ = std::move(*writer);
  }
  checking_.finish();
  being_checked_ = bytes;
  checking_.begin();
  return writer_->append(bytes);
}

S3Result<ObjectBody::Whole> ObjectBody::finish() {
  if (!writer_) {
    if (auto empty = keep({}); !empty) return std::unexpected(s3_error_of(empty.error()));
  }
  settle();
  if (chunked_) {
    if (auto whole = chunked_->finish(); !whole) return std::unexpected(s3_error_of(whole.error()));
  }
  if (decoded_bytes_ && kept_bytes_ != *decoded_bytes_) {
    return s3_fail(
        400, "IncompleteBody",
        "You did not provide the number of bytes specified by the x-amz-decoded-content-length HTTP header.");
  }
  auto md5 = checks_.finish(chunked_ ? chunked_->trailers() : std::vector<std::pair<std::string, std::string>>());
  if (!md5) return std::unexpected(md5.error());
  return Whole{writer_->file()->path(), std::move(*md5)};
}

}  // namespace tintype::api
