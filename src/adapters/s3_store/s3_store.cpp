#include "adapters/s3_store/s3_store.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <set>

#include "adapters/s3_store/answers.h"
#include "adapters/s3_store/open_file.h"
#include "adapters/s3_store/range_reader.h"
#include "adapters/s3_store/s3_client.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "base/log.h"
#include "ports/object_key.h"
#include "xml/document.h"

namespace tintype {

using namespace s3;

namespace {

constexpr std::size_t kRemovedAtOnceMax = 1'000;  // S3's own bound
constexpr std::string_view kProbe = "tintype";

Header content_type(std::string_view media_type) {
  return {"content-type", std::string(media_type.empty() ? "application/octet-stream" : media_type)};
}

// A PUT answers the ETag, and nothing else that a HEAD would.
ObjectInfo info_of_put(const Answer& answer, std::int64_t size_bytes, const Header& type) {
  return {size_bytes, answer.etag, type.value, parse_http_date(answer.date)};
}

}  // namespace

S3Store::S3Store(S3Options options, const Clock& clock, Random& random)
    : clock_(clock), random_(random), client_(std::make_unique<Client>(std::move(options), clock, random)) {}

S3Store::~S3Store() = default;

std::filesystem::path S3Store::spool_directory() const {
  return client_->options().spool_directory;
}

Result<ObjectInfo> S3Store::put_file(std::string_view key, const std::filesystem::path& file,
                                     std::string_view media_type) {
  if (!is_valid_object_key(key)) return bad_key(key);
  const auto opened = OpenFile::open(file);
  if (!opened) return std::unexpected(opened.error());
  if (opened->size_bytes() > client_->options().single_put_bytes_max) {
    return put_in_parts(key, opened->descriptor(), opened->size_bytes(), media_type);
  }
  const FileRange all{opened->descriptor(), 0, opened->size_bytes()};
  const auto digest = md5_of(all);
  if (!digest) return std::unexpected(digest.error());
  Request request{.method = "PUT", .key = key};
  request.headers = {content_type(media_type)};
  request.file = all;
  request.md5 = *digest;
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok()) return failure_of(request, *answer);
  return info_of_put(*answer, opened->size_bytes(), request.headers.front());
}

Result<ObjectInfo> S3Store::put_bytes(std::string_view key, std::string_view bytes, std::string_view media_type) {
  if (!is_valid_object_key(key)) return bad_key(key);
  const std::string digest = md5(bytes);
  Request request{.method = "PUT", .key = key};
  request.headers = {content_type(media_type)};
  request.bytes = bytes;
  request.md5 = digest;
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok()) return failure_of(request, *answer);
  return info_of_put(*answer, static_cast<std::int64_t>(bytes.size()), request.headers.front());
}

Result<std::unique_ptr<ObjectReader>> S3Store::open(std::string_view key) {
  if (!is_valid_object_key(key)) return bad_key(key);
  return open_by_ranges(*client_, key);
}

Result<std::optional<ObjectInfo>> S3Store::stat(std::string_view key) {
  if (!is_valid_object_key(key)) return bad_key(key);
  const Request request{.method = "HEAD", .key = key};
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (means_missing(*answer)) return std::nullopt;
  if (!answer->ok()) return failure_of(request, *answer);
  return info_of(*answer);
}

Result<void> S3Store::remove(std::string_view key) {
  if (!is_valid_object_key(key)) return bad_key(key);
  const Request request{.method = "DELETE", .key = key};
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok() && !means_missing(*answer)) return failure_of(request, *answer);
  return {};
}

std::vector<std::string> S3Store::remove_many(std::span<const std::string> keys) {
  std::vector<std::string> gone;
  for (std::size_t begin = 0; begin < keys.size(); begin += kRemovedAtOnceMax) {
    xml::Element wanted{"Delete", {}, {{"Quiet", "true", {}}}};
    std::vector<std::string> asked;
    for (const std::string& key : keys.subspan(begin, std::min(kRemovedAtOnceMax, keys.size() - begin))) {
      if (!is_valid_object_key(key)) continue;
      wanted.children.push_back({"Object", {}, {{"Key", key, {}}}});
      asked.push_back(key);
    }
    if (asked.empty()) continue;
    const std::string body = xml::write(wanted);
    const std::string digest = md5(body);
    Request request{.method = "POST", .parameters = {{"delete", ""}}, .bytes = body, .md5 = digest};
    const auto answer = client_->perform(request);
    const auto result = answer && answer->ok() ? read_xml(answer->body) : fail_internal("");
    if (!result) {
      const Error error = answer ? failure_of(request, *answer).error() : answer.error();
      log(LogLevel::kWarning, "s3_not_removed", {{"objects", asked.size()}, {"cause", error.cause}});
      continue;
    }
    std::set<std::string> kept;  // quiet: only what failed is answered
    for (const xml::Element& row : result->children) {
      if (row.name == "Error" && row.text_of("Code") != "NoSuchKey") kept.insert(row.text_of("Key"));
    }
    std::ranges::copy_if(asked, std::back_inserter(gone), [&](const auto& key) { return !kept.contains(key); });
  }
  return gone;
}

Result<void> S3Store::list(std::string_view prefix, FunctionRef<bool(std::string_view key, std::int64_t size)> visit) {
  for (std::string token;;) {
    Request request{.method = "GET", .parameters = {{"list-type", "2"}, {"prefix", std::string(prefix)}}};
    request.parameters.push_back({"max-keys", std::to_string(client_->options().page_rows_max)});
    if (!token.empty()) request.parameters.push_back({"continuation-token", token});
    const auto answer = client_->perform(request);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return failure_of(request, *answer);
    const auto page = read_xml(answer->body);
    if (!page) return std::unexpected(page.error());
    for (const xml::Element& row : page->children) {
      if (row.name != "Contents") continue;
      const std::string key = row.text_of("Key");
      if (!is_valid_object_key(key)) continue;
      if (!visit(key, parse_count(row.text_of("Size")).value_or(0))) return {};
    }
    token = page->text_of("NextContinuationToken");
    if (page->text_of("IsTruncated") != "true" || token.empty()) return {};
  }
}

Result<ObjectInfo> S3Store::copy(std::string_view from_key, std::string_view to_key, std::string_view from_etag,
                                 std::string_view media_type) {
  if (!is_valid_object_key(from_key)) return bad_key(from_key);
  if (!is_valid_object_key(to_key)) return bad_key(to_key);
  Request request{.method = "PUT", .key = to_key};
  request.headers = copy_headers(client_->options(), from_key, from_etag);
  request.headers.push_back(content_type(media_type));
  request.stall_timeout = client_->options().assemble_timeout;
  const auto answer = client_->perform(request);
  if (!answer) return std::unexpected(answer.error());
  if (!answer->ok()) return failure_of(request, *answer);
  return info_after_write(to_key);
}

Result<ObjectInfo> S3Store::info_after_write(std::string_view key) {
  const auto info = stat(key);
  if (!info) return std::unexpected(info.error());
  if (!*info) return fail_internal("S3: " + std::string(key) + " is gone after it was written");
  return **info;
}

Result<void> S3Store::check() {
  const std::string key = "tmp/" + new_id(random_, "check-");
  const std::string digest = md5(kProbe);
  const Request put{.method = "PUT", .key = key, .bytes = kProbe, .md5 = digest};
  const Request get{.method = "GET", .key = key};
  const Request remove{.method = "DELETE", .key = key};
  std::string bytes;
  for (const Request* request : {&put, &get, &remove}) {
    const auto answer = client_->perform(*request);
    if (!answer) return std::unexpected(answer.error());
    if (!answer->ok()) return failure_of(*request, *answer);
    if (request == &get) bytes = answer->body;
  }
  if (bytes != kProbe) return fail_internal("the store answers other bytes");
  return {};
}

}  // namespace tintype
