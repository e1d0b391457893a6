#include "adapters/s3_signature/signer.h"

#include <algorithm>
#include <utility>

namespace tintype::s3 {

namespace {

constexpr std::size_t kDayLength = 8;

struct CanonicalHeaders {
  std::string lines;
  std::string names;
};

CanonicalHeaders canonical_headers(const RequestToSign& request, std::vector<Header> more) {
  std::vector<Header>& headers = more;
  headers.push_back({"host", std::string(request.host)});
  for (const Header& header : request.headers) {
    headers.push_back({lower_case(header.name), canonical_value(header.value)});
  }
  std::ranges::sort(headers, {}, &Header::name);
  CanonicalHeaders canonical;
  for (const Header& header : headers) {
    canonical.lines.append(header.name).append(":").append(header.value).append("\n");
    if (!canonical.names.empty()) canonical.names.push_back(';');
    canonical.names.append(header.name);
  }
  return canonical;
}

}  // namespace

Signer::Signer(Credentials credentials, std::string region)
    : credentials_(std::move(credentials)), region_(std::move(region)) {}

std::shared_ptr<const Signer::Day> Signer::day_of(std::string_view date) const {
  const std::string_view day = date.substr(0, kDayLength);
  std::lock_guard lock(mutex_);
  for (const auto& known : days_) {
    if (known && known->day == day) return known;
  }
  days_[1] = days_[0];
  days_[0] = std::make_shared<const Day>(
      Day{std::string(day), scope_of(day, region_), derive_signing_key(credentials_.secret_access_key, day, region_)});
  return days_[0];
}

std::string Signer::presign(const RequestToSign& request, UnixMs begins_ms, std::int64_t expires_seconds) const {
  const std::string date = amz_date(begins_ms);
  const auto day = day_of(date);
  const CanonicalHeaders headers = canonical_headers(request, {});
  std::vector<Parameter> parameters = request.parameters;
  parameters.push_back({"X-Amz-Algorithm", std::string(kAlgorithm)});
  parameters.push_back({"X-Amz-Credential", credentials_.access_key_id + "/" + day->scope});
  parameters.push_back({"X-Amz-Date", date});
  parameters.push_back({"X-Amz-Expires", std::to_string(expires_seconds)});
  parameters.push_back({"X-Amz-SignedHeaders", headers.names});
  const std::string query = canonical_query(parameters);
  std::string target = encode_path(request.path);
  const std::string signature = signature_of(
      {request.method, target, query, headers.lines, headers.names, kUnsignedPayload}, date, day->scope, day->key);
  target.reserve(target.size() + query.size() + signature.size() + 20);
  return target.append("?").append(query).append("&X-Amz-Signature=").append(signature);
}

Signer::Signed Signer::sign(const RequestToSign& request, std::string_view payload, UnixMs now_ms) const {
  const std::string date = amz_date(now_ms);
  const auto day = day_of(date);
  Signed out;
  out.headers = {{"x-amz-content-sha256", std::string(payload)}, {"x-amz-date", date}};
  const CanonicalHeaders headers = canonical_headers(request, out.headers);
  const std::string query = canonical_query(request.parameters);
  out.target = encode_path(request.path);
  const std::string signature = signature_of({request.method, out.target, query, headers.lines, headers.names, payload},
                                             date, day->scope, day->key);
  std::string authorization(kAlgorithm);
  authorization.append(" Credential=").append(credentials_.access_key_id).append("/").append(day->scope);
  authorization.append(",SignedHeaders=").append(headers.names).append(",Signature=").append(signature);
  out.headers.push_back({"Authorization", std::move(authorization)});
  if (!query.empty()) out.target.append("?").append(query);
  return out;
}

}  // namespace tintype::s3
