// The URLs that clients get.
#include <algorithm>

#include "adapters/s3_store/s3_client.h"
#include "adapters/s3_store/s3_store.h"
#include "base/content_disposition.h"

namespace tintype {

namespace {

constexpr std::int64_t kSecondMs = 1'000;
constexpr std::int64_t kQuarterHourMs = 15 * 60 * kSecondMs;

}  // namespace

std::string S3Store::presign(std::string_view method, std::string_view key, UnixMs expires_at_ms,
                             std::optional<std::int64_t> size_bytes,
                             std::vector<std::pair<std::string, std::string>> parameters) const {
  // What has ended already begins before its end all the same.
  const UnixMs at_ms = std::min(clock_.now_ms(), expires_at_ms - kSecondMs);
  const UnixMs begins_ms = at_ms - at_ms % kQuarterHourMs;
  const std::int64_t seconds = (expires_at_ms - begins_ms + kSecondMs - 1) / kSecondMs;
  std::vector<s3::Parameter> query;
  for (auto& [name, value] : parameters) query.push_back({std::move(name), std::move(value)});
  std::vector<s3::Header> headers;
  if (size_bytes) headers.push_back({"content-length", std::to_string(*size_bytes)});
  return client_->presign(method, key, std::move(query), std::move(headers), begins_ms, seconds);
}

std::string S3Store::signed_url(std::string_view key, const Delivery& delivery) const {
  std::vector<std::pair<std::string, std::string>> parameters;
  if (!delivery.download_name.empty()) {
    parameters.emplace_back("response-content-disposition", attachment_named(delivery.download_name));
  }
  return presign("GET", key, delivery.expires_at_ms, std::nullopt, std::move(parameters));
}

std::string S3Store::signed_part_url(std::string_view key, std::string_view upload_id, int part_number,
                                     std::optional<std::int64_t> size_bytes, UnixMs expires_at_ms) const {
  return presign("PUT", key, expires_at_ms, size_bytes,
                 {{"partNumber", std::to_string(part_number)}, {"uploadId", std::string(upload_id)}});
}

std::string S3Store::signed_put_url(std::string_view key, std::optional<std::int64_t> size_bytes,
                                    UnixMs expires_at_ms) const {
  return presign("PUT", key, expires_at_ms, size_bytes, {});
}

}  // namespace tintype
