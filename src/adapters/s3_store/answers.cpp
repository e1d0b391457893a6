#include "adapters/s3_store/answers.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

namespace tintype::s3 {

namespace {

constexpr std::int64_t kSecondMs = 1'000;

}  // namespace

std::unexpected<Error> bad_key(std::string_view key) {
  return fail_internal("not an object key: " + std::string(key.substr(0, 100)));
}

ObjectInfo info_of(const Answer& answer) {
  return {std::max<std::int64_t>(answer.content_length, 0), answer.etag, answer.media_type,
          parse_http_date(answer.last_modified)};
}

UnixMs parse_http_date(const std::string& text) {
  const time_t seconds = curl_getdate(text.c_str(), nullptr);
  return seconds < 0 ? 0 : static_cast<UnixMs>(seconds) * kSecondMs;
}

std::string with_quotes(std::string_view etag) {
  if (etag.starts_with('"') && etag.ends_with('"') && etag.size() >= 2) return std::string(etag);
  return "\"" + std::string(etag) + "\"";
}

std::vector<Header> copy_headers(const S3Options& options, std::string_view from_key, std::string_view from_etag) {
  return {{"x-amz-copy-source", "/" + options.bucket + "/" + std::string(from_key)},
          {"x-amz-copy-source-if-match", std::string(from_etag)},
          {"x-amz-copy-if-match", std::string(from_etag)},  // as Ceph calls it up to its release 16
          {"x-amz-metadata-directive", "REPLACE"}};
}

Result<xml::Element> read_xml(std::string_view document) {
  auto root = xml::parse(document);
  if (!root) return fail_internal("not the XML that S3 answers: " + std::string(document.substr(0, 200)));
  return root;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc() || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

}  // namespace tintype::s3
