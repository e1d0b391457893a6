// Multipart uploads, by clients and of our own large files.
#include <algorithm>

#include "adapters/s3_store/answers.h"
#include "adapters/s3_store/open_file.h"
#include "adapters/s3_store/s3_client.h"
#include "adapters/s3_store/s3_store.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "ports/object_key.h"
#include "xml/document.h"

namespace tintype {

using namespace s3;

namespace {

constexpr std::int64_t kMiB = 1 << 20;

std::unexpected<Error> no_such_upload() {
  return fail(ErrorCode::kNotFound, "There is no such upload any more", "Please begin again");
}

std::unexpected<Error> bad_parts(const std::string& cause) {
  return fail(ErrorCode::kInvalidInput, "The parts are not those that the store has",
              "Name each part once, in ascending order, with the ETag that its upload answered", cause);
}

// Ascending, and of a number that S3 knows.
bool are_in_order(std::span<const StoredPart> parts) {
  return !parts.empty() && parts.front().number >= 1 && parts.back().number <= kPartsMax &&
         std::ranges::adjacent_find(parts, std::ranges::greater_equal{}, &StoredPart::number) == parts.end();
}

xml::Element completion_of(std::span<const StoredPart> parts) {
  xml::Element root{"CompleteMultipartUpload", {}, {}};
  for (const StoredPart& part : parts) {
    root.children.push_back(
        {"Part", {}, {{"PartNumber", std::to_string(part.number), {}}, {"ETag", with_quotes(part.etag), {}}}});
  }
  return root;
}

// What is wrong with the parts, in S3's words; Swift calls an order that is wrong and Ceph a part that is missing
// by names of their own.
bool is_about_parts(const Answer& answer) {
  constexpr std::string_view kCodes[] = {"InvalidPart",  "InvalidPartOrder", "EntityTooSmall",
                                         "MalformedXML", "InvalidRequest",   "InvalidArgument"};
  return std::ranges::find(kCodes, answer.error_code) != std::end(kCodes);
}

}  // namespace

Result<std::string> S3Store::begin_multipart(std::string_view key, std::string_view media_type) {
  if (!is_valid_object_key(key)) return bad_key(key);
  Request request{.method = "POST", .key = key, .parameters = {{"uploads", ""}}};
  request.headers = {{"content-type", std::string(media_type.empty() ? "application/octet-stream" : media_type)}};
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok()) return failure_of(request, *answer);
  const auto result = read_xml(answer->body);
  if (!result) return std::unexpected(result.error());
  std::string id = result->text_of("UploadId");
  if (id.empty()) return fail_internal("S3 began an upload without an id");
  return id;
}

Result<std::vector<StoredPart>> S3Store::list_parts(std::string_view key, std::string_view upload_id) {
  if (!is_valid_object_key(key)) return bad_key(key);
  std::vector<StoredPart> parts;
  for (std::string marker;;) {
    Request request{.method = "GET", .key = key, .parameters = {{"uploadId", std::string(upload_id)}}};
    request.parameters.push_back({"max-parts", std::to_string(client_->options().page_rows_max)});
    if (!marker.empty()) request.parameters.push_back({"part-number-marker", marker});
    const auto answer = client_->perform(request);
    if (!answer) return std::unexpected(answer.error());
    if (means_missing(*answer)) return no_such_upload();
    if (!answer->ok()) return failure_of(request, *answer);
    const auto page = read_xml(answer->body);
    if (!page) return std::unexpected(page.error());
    for (const xml::Element& row : page->children) {
      if (row.name != "Part") continue;
      const auto number = parse_count(row.text_of("PartNumber"));
      const auto size_bytes = parse_count(row.text_of("Size"));
      if (!number || !size_bytes || *number < 1 || *number > kPartsMax)
        return fail_internal("S3 lists a part that is none");
      parts.push_back({static_cast<int>(*number), with_quotes(row.text_of("ETag")), *size_bytes});
    }
    marker = page->text_of("NextPartNumberMarker");
    if (page->text_of("IsTruncated") != "true" || marker.empty()) break;
  }
  std::ranges::sort(parts, {}, &StoredPart::number);
  return parts;
}

Result<ObjectInfo> S3Store::complete_multipart(std::string_view key, std::string_view upload_id,
                                               std::span<const StoredPart> parts) {
  if (!is_valid_object_key(key)) return bad_key(key);
  if (!are_in_order(parts)) return bad_parts("they are none, or not ascending");
  const std::string body = xml::write(completion_of(parts));
  const std::string digest = md5(body);
  Request request{.method = "POST", .key = key, .parameters = {{"uploadId", std::string(upload_id)}}};
  request.headers = {{"content-type", "application/xml"}};
  request.bytes = body;
  request.md5 = digest;
  request.stall_timeout = client_->options().assemble_timeout;
  request.once = true;
  for (int attempt = 1;; ++attempt) {
    const auto answer = client_->perform(request);
    if (answer && answer->ok()) return info_after_write(key);
    if (answer && is_about_parts(*answer)) return bad_parts(failure_of(request, *answer).error().cause);
    const Error error = answer ? failure_of(request, *answer).error() : answer.error();
    // Ceph answers an upload that is none any more with 500, as it does when it is busy joining it.
    const bool again = !answer || means_not_now(*answer);
    const bool is_none = answer && (means_missing(*answer) || answer->error_code == "NoSuchUpload");
    if (!again && !is_none) return std::unexpected(error);
    const auto open = is_none ? Result<bool>(false) : is_open(key, upload_id);
    // An answer that got lost may have been a success.
    if (open && !*open) return info_if_joined(key, parts, again || attempt > 1);
    if (attempt >= client_->options().attempts_max) return std::unexpected(error);
    client_->pause(attempt);
  }
}

Result<bool> S3Store::is_open(std::string_view key, std::string_view upload_id) {
  const Request request{
      .method = "GET", .key = key, .parameters = {{"uploadId", std::string(upload_id)}, {"max-parts", "1"}}};
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (means_missing(*answer)) return false;
  if (!answer->ok()) return failure_of(request, *answer);
  return true;
}

// The object under the key when it is made of these parts, else kNotFound. Where ETags are MD5s, that of the whole is
// known; where they are not, it has the number of its parts behind a dash, which says enough only when it was `by_us`.
Result<ObjectInfo> S3Store::info_if_joined(std::string_view key, std::span<const StoredPart> parts, bool by_us) {
  const auto info = stat(key);
  if (!info) return std::unexpected(info.error());
  if (!*info) return no_such_upload();
  std::int64_t size_bytes = 0;
  std::string digests;
  for (const StoredPart& part : parts) {
    size_bytes += part.size_bytes;
    const std::string etag = with_quotes(part.etag);
    digests += hex_decode(std::string_view(etag).substr(1, etag.size() - 2)).value_or("");
  }
  const std::string count = "-" + std::to_string(parts.size()) + "\"";
  const bool is_known = (*info)->etag == "\"" + hex_encode(md5(digests)) + count;
  if (is_known || (by_us && (*info)->size_bytes == size_bytes && (*info)->etag.ends_with(count))) return **info;
  return no_such_upload();
}

Result<void> S3Store::abort_multipart(std::string_view key, std::string_view upload_id) {
  if (!is_valid_object_key(key)) return bad_key(key);
  const Request request{.method = "DELETE", .key = key, .parameters = {{"uploadId", std::string(upload_id)}}};
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok() && !means_missing(*answer)) return failure_of(request, *answer);
  return {};
}

Result<void> S3Store::list_multiparts(std::string_view prefix, FunctionRef<bool(const OpenMultipart&)> visit) {
  std::string key_marker;
  std::string id_marker;
  while (true) {
    Request request{.method = "GET", .parameters = {{"uploads", ""}, {"prefix", std::string(prefix)}}};
    request.parameters.push_back({"max-uploads", std::to_string(client_->options().page_rows_max)});
    if (!key_marker.empty()) {
      request.parameters.push_back({"key-marker", key_marker});
      request.parameters.push_back({"upload-id-marker", id_marker});
    }
    const auto answer = client_->perform(request);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return failure_of(request, *answer);
    const auto page = read_xml(answer->body);
    if (!page) return std::unexpected(page.error());
    for (const xml::Element& row : page->children) {
      if (row.name != "Upload") continue;
      const OpenMultipart upload{row.text_of("Key"), row.text_of("UploadId"),
                                 parse_iso8601(row.text_of("Initiated")).value_or(0)};
      if (is_valid_object_key(upload.key) && !visit(upload)) return {};
    }
    key_marker = page->text_of("NextKeyMarker");
    id_marker = page->text_of("NextUploadIdMarker");
    if (page->text_of("IsTruncated") != "true" || key_marker.empty()) return {};
  }
}

Result<ObjectInfo> S3Store::put_in_parts(std::string_view key, int file, std::int64_t size_bytes,
                                         std::string_view media_type) {
  const auto upload_id = begin_multipart(key, media_type);
  if (!upload_id) return std::unexpected(upload_id.error());
  const auto parts = send_parts(key, *upload_id, file, size_bytes);
  auto info = parts ? complete_multipart(key, *upload_id, *parts) : Result<ObjectInfo>(std::unexpected(parts.error()));
  // Best effort: what cannot be aborted now is the janitor's.
  if (!info) static_cast<void>(abort_multipart(key, *upload_id));
  return info;
}

Result<std::vector<StoredPart>> S3Store::send_parts(std::string_view key, std::string_view upload_id, int file,
                                                    std::int64_t size_bytes) {
  // As many MiB as are needed to come out with S3's number of parts.
  const std::int64_t least = (size_bytes + kPartsMax - 1) / kPartsMax;
  const std::int64_t part_bytes = std::max(client_->options().part_bytes, (least + kMiB - 1) / kMiB * kMiB);
  std::vector<StoredPart> parts;
  for (std::int64_t offset = 0; offset < size_bytes; offset += part_bytes) {
    const FileRange range{file, offset, std::min(part_bytes, size_bytes - offset)};
    const auto digest = md5_of(range);
    if (!digest) return std::unexpected(digest.error());
    const int number = static_cast<int>(parts.size()) + 1;
    Request request{.method = "PUT",
                    .key = key,
                    .parameters = {{"partNumber", std::to_string(number)}, {"uploadId", std::string(upload_id)}}};
    request.file = range;
    request.md5 = *digest;
    const auto answer = client_->perform(request);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return failure_of(request, *answer);
    parts.push_back({number, with_quotes(answer->etag), range.size_bytes});
  }
  return parts;
}

}  // namespace tintype
