#include "adapters/s3_signature/verify.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>
#include <utility>

#include "base/bytes.h"

namespace tintype::s3 {

namespace {

constexpr std::size_t kSignatureLength = 64;
constexpr std::array<std::string_view, 6> kPresignedNames = {
    "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"};

template <class T>
using Checked = std::expected<T, Refusal>;

std::unexpected<Refusal> refuse(RefusalCode code, std::string message) {
  return std::unexpected(Refusal{code, std::move(message)});
}

// A target's two sides, decoded.
struct Target {
  std::string path;
  std::vector<Parameter> parameters;
};

Checked<Target> parse_target(std::string_view target) {
  const std::size_t mark = std::min(target.find('?'), target.size());
  auto path = percent_decode(target.substr(0, mark), false);
  if (!path) return refuse(RefusalCode::kInvalidUri, "Couldn't parse the specified URI: an escape is broken.");
  Target parsed{std::move(*path), {}};
  std::set<std::string_view> names;
  for (std::size_t begin = mark + 1; begin < target.size();) {
    const std::size_t end = std::min(target.find('&', begin), target.size());
    const std::string_view pair = target.substr(begin, end - begin);
    begin = end + 1;
    if (pair.empty()) continue;
    const std::size_t equals = std::min(pair.find('='), pair.size());
    // S3 does not take '+' for a space.
    auto name = percent_decode(pair.substr(0, equals), false);
    auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), false);
    if (!name || !value) {
      return refuse(RefusalCode::kInvalidUri, "Couldn't parse the specified URI: an escape is broken.");
    }
    parsed.parameters.push_back({std::move(*name), std::move(*value)});
  }
  for (const Parameter& parameter : parsed.parameters) {
    if (names.insert(parameter.name).second) continue;
    const bool of_signature = std::ranges::find(kPresignedNames, parameter.name) != kPresignedNames.end();
    return refuse(of_signature ? RefusalCode::kAuthorizationQueryParametersError : RefusalCode::kInvalidArgument,
                  "The parameter " + parameter.name + " must not be given more than once.");
  }
  return parsed;
}

const std::string* find_parameter(const Target& target, std::string_view name) {
  const auto found = std::ranges::find(target.parameters, name, &Parameter::name);
  return found == target.parameters.end() ? nullptr : &found->value;
}

// All values of a header, joined as they are signed. Nothing when it is not there.
std::optional<std::string> find_header(const RequestToVerify& request, std::string_view lower_name) {
  std::optional<std::string> joined;
  for (const HeaderView& header : request.headers) {
    if (header.name.size() != lower_name.size() || lower_case(header.name) != lower_name) continue;
    if (joined) joined->append(",");
    joined = joined.value_or("") + canonical_value(header.value);
  }
  return joined;
}

// What either form of a signature says of itself.
struct Claim {
  RefusalCode malformed = RefusalCode::kAuthorizationHeaderMalformed;  // how this form's faults are called
  std::string credential;
  std::string date;
  std::string signed_headers;
  std::string signature;
  // Of the credential:
  std::string access_key_id;
  std::string day;
  UnixMs date_ms = 0;
};

// "AKID/20130524/us-east-1/s3/aws4_request". The id may hold slashes, the rest cannot.
Checked<void> read_credential(Claim& claim, std::string_view region) {
  std::string_view rest = claim.credential;
  std::array<std::string_view, 4> fields;
  for (auto field = fields.rbegin(); field != fields.rend(); ++field) {
    const std::size_t slash = rest.rfind('/');
    if (slash == std::string_view::npos) {
      return refuse(claim.malformed, "The Credential must be <access key id>/YYYYMMDD/REGION/s3/aws4_request.");
    }
    *field = rest.substr(slash + 1);
    rest = rest.substr(0, slash);
  }
  claim.access_key_id = rest;
  claim.day = fields[0];
  if (fields[1] != region) {
    return refuse(claim.malformed,
                  "The region '" + std::string(fields[1]) + "' is wrong; expecting '" + std::string(region) + "'.");
  }
  if (fields[2] != "s3") return refuse(claim.malformed, "The Credential's service must be s3.");
  if (fields[3] != "aws4_request") return refuse(claim.malformed, "The Credential must end in aws4_request.");
  const auto date_ms = parse_amz_date(claim.date);
  if (!date_ms) return refuse(claim.malformed, "X-Amz-Date must be in the ISO 8601 form YYYYMMDDTHHMMSSZ.");
  claim.date_ms = *date_ms;
  if (claim.date.substr(0, claim.day.size()) != claim.day || claim.day.size() != 8) {
    return refuse(claim.malformed, "The Credential's day is another than that of X-Amz-Date.");
  }
  return {};
}

Checked<std::vector<std::string>> read_signed_headers(const Claim& claim) {
  std::vector<std::string> names;
  std::string_view rest = claim.signed_headers;
  while (true) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    names.emplace_back(rest.substr(0, end));
    if (end == rest.size()) break;
    rest.remove_prefix(end + 1);
  }
  const bool in_order = std::ranges::adjacent_find(names, std::ranges::greater_equal{}) == names.end();
  if (!in_order || names.front().empty() || lower_case(claim.signed_headers) != claim.signed_headers) {
    return refuse(claim.malformed, "SignedHeaders must be names in lower case, ascending, with ';' between them.");
  }
  if (!std::ranges::binary_search(names, "host")) {
    return refuse(claim.malformed, "SignedHeaders must hold host.");
  }
  return names;
}

// Whatever could change what a request does has to be signed.
Checked<void> check_all_signed(const RequestToVerify& request, const std::vector<std::string>& names) {
  for (const HeaderView& header : request.headers) {
    const std::string name = lower_case(header.name);
    if (name.starts_with("x-amz-") && !std::ranges::binary_search(names, name)) {
      return refuse(RefusalCode::kAccessDenied,
                    "There were headers present in the request which were not signed: " + name + ".");
    }
  }
  return {};
}

Checked<void> read_payload(const std::string& name, Verified& verified) {
  constexpr std::pair<std::string_view, Payload> kNames[] = {
      {kUnsignedPayload, Payload::kUnsigned},
      {"STREAMING-UNSIGNED-PAYLOAD-TRAILER", Payload::kStreamingUnsignedTrailer},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", Payload::kStreamingSigned},
      {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", Payload::kStreamingSignedTrailer}};
  for (const auto& [known, payload] : kNames) {
    if (name != known) continue;
    verified.payload = payload;
    return {};
  }
  if (name.size() != 64 || !hex_decode(name)) {
    return refuse(RefusalCode::kInvalidArgument,
                  "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, "
                  "STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 "
                  "value.");
  }
  verified.payload = Payload::kSha256;
  verified.payload_sha256 = lower_case(name);
  return {};
}

Checked<Claim> claim_of_query(const Target& target) {
  Claim claim{.malformed = RefusalCode::kAuthorizationQueryParametersError,
              .credential = {},
              .date = {},
              .signed_headers = {},
              .signature = {},
              .access_key_id = {},
              .day = {}};
  for (const std::string_view name : kPresignedNames) {
    if (find_parameter(target, name) == nullptr) {
      return refuse(claim.malformed,
                    "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, "
                    "X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters; " +
                        std::string(name) + " is missing.");
    }
  }
  if (*find_parameter(target, "X-Amz-Algorithm") != kAlgorithm) {
    return refuse(claim.malformed, "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\".");
  }
  claim.credential = *find_parameter(target, "X-Amz-Credential");
  claim.date = *find_parameter(target, "X-Amz-Date");
  claim.signed_headers = *find_parameter(target, "X-Amz-SignedHeaders");
  claim.signature = *find_parameter(target, "X-Amz-Signature");
  return claim;
}

Checked<Claim> claim_of_header(const RequestToVerify& request, std::string_view authorization) {
  Claim claim;
  if (!authorization.starts_with(kAlgorithm) || !authorization.substr(kAlgorithm.size()).starts_with(' ')) {
    return refuse(RefusalCode::kInvalidRequest,
                  "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.");
  }
  std::string_view rest = authorization.substr(kAlgorithm.size() + 1);
  std::pair<std::string_view, std::string*> fields[] = {
      {"Credential=", &claim.credential}, {"SignedHeaders=", &claim.signed_headers}, {"Signature=", &claim.signature}};
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    const std::string field = canonical_value(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto known = std::ranges::find_if(fields, [&](const auto& row) { return field.starts_with(row.first); });
    if (known == std::end(fields) || !known->second->empty()) {
      return refuse(claim.malformed,
                    "The authorization header must hold Credential, SignedHeaders and Signature, each "
                    "once, with ',' between them.");
    }
    *known->second = field.substr(known->first.size());
  }
  for (const auto& [name, value] : fields) {
    if (!value->empty()) continue;
    return refuse(claim.malformed,
                  "The authorization header lacks " + std::string(name.substr(0, name.size() - 1)) + ".");
  }
  const auto date = find_header(request, "x-amz-date");
  if (!date) return refuse(RefusalCode::kAccessDenied, "AWS authentication requires an x-amz-date header.");
  claim.date = *date;
  return claim;
}

Checked<void> check_expiry(const Target& target, const Claim& claim, UnixMs now_ms, Verified& verified) {
  const std::string& text = *find_parameter(target, "X-Amz-Expires");
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size() || seconds < 1 || seconds > kPresignedSecondsMax) {
    return refuse(claim.malformed, "X-Amz-Expires must be a number of seconds from 1 to 604800.");
  }
  if (claim.date_ms > now_ms + kClockSkewMsMax) {
    return refuse(RefusalCode::kAccessDenied, "Request is not valid yet.");
  }
  verified.expires_at_ms = claim.date_ms + seconds * 1'000;
  if (now_ms >= verified.expires_at_ms) return refuse(RefusalCode::kAccessDenied, "Request has expired.");
  return {};
}

Checked<void> check_skew(const Claim& claim, UnixMs now_ms) {
  if (claim.date_ms >= now_ms - kClockSkewMsMax && claim.date_ms <= now_ms + kClockSkewMsMax) return {};
  return refuse(RefusalCode::kRequestTimeTooSkewed,
                "The difference between the request time and the server's time is too large.");
}

Checked<void> check_signature(const RequestToVerify& request, const Target& target, const Claim& claim,
                              std::string_view payload, const Credentials& key, std::string_view region,
                              const Verified& verified) {
  std::vector<Parameter> parameters;
  for (const Parameter& parameter : target.parameters) {
    if (!verified.presigned || parameter.name != "X-Amz-Signature") parameters.push_back(parameter);
  }
  std::string lines;
  for (const std::string& name : verified.signed_headers) {
    const auto value = find_header(request, name);
    if (!value) {
      return refuse(RefusalCode::kSignatureDoesNotMatch, "The signed header " + name + " is missing.");
    }
    lines.append(name).append(":").append(*value).append("\n");
  }
  const std::string expected = signature_of(
      {request.method, encode_path(target.path), canonical_query(parameters), lines, claim.signed_headers, payload},
      claim.date, scope_of(claim.day, region), derive_signing_key(key.secret_access_key, claim.day, region));
  if (claim.signature.size() == kSignatureLength && constant_time_equal(expected, claim.signature)) return {};
  return refuse(RefusalCode::kSignatureDoesNotMatch,
                "The request signature we calculated does not match the signature you provided. Check your key and "
                "signing method.");
}

}  // namespace

const char* refusal_name(RefusalCode code) {
  switch (code) {
    case RefusalCode::kAccessDenied: return "AccessDenied";
    case RefusalCode::kAuthorizationHeaderMalformed: return "AuthorizationHeaderMalformed";
    case RefusalCode::kAuthorizationQueryParametersError: return "AuthorizationQueryParametersError";
    case RefusalCode::kInvalidAccessKeyId: return "InvalidAccessKeyId";
    case RefusalCode::kInvalidArgument: return "InvalidArgument";
    case RefusalCode::kInvalidRequest: return "InvalidRequest";
    case RefusalCode::kInvalidToken: return "InvalidToken";
    case RefusalCode::kInvalidUri: return "InvalidURI";
    case RefusalCode::kRequestTimeTooSkewed: return "RequestTimeTooSkewed";
    case RefusalCode::kSignatureDoesNotMatch: return "SignatureDoesNotMatch";
  }
  return "InternalError";
}

int refusal_status(RefusalCode code) {
  switch (code) {
    case RefusalCode::kAccessDenied:
    case RefusalCode::kInvalidAccessKeyId:
    case RefusalCode::kRequestTimeTooSkewed:
    case RefusalCode::kSignatureDoesNotMatch: return 403;
    case RefusalCode::kAuthorizationHeaderMalformed:
    case RefusalCode::kAuthorizationQueryParametersError:
    case RefusalCode::kInvalidArgument:
    case RefusalCode::kInvalidRequest:
    case RefusalCode::kInvalidToken:
    case RefusalCode::kInvalidUri: return 400;
  }
  return 500;
}

namespace {

// Presigners move this header to the query, in one case or another.
bool names_payload(const Parameter& parameter) {
  return lower_case(parameter.name) == "x-amz-content-sha256";
}

// A presigned URL signs no body; a client may name its digest all the same.
Checked<std::string> payload_name(const RequestToVerify& request, const Target& target, bool presigned) {
  if (auto header = find_header(request, "x-amz-content-sha256")) return std::move(*header);
  if (!presigned) {
    return refuse(RefusalCode::kInvalidRequest, "Missing required header for this request: x-amz-content-sha256.");
  }
  const auto found = std::ranges::find_if(target.parameters, names_payload);
  return found == target.parameters.end() ? std::string(kUnsignedPayload) : found->value;
}

Checked<Claim> claim_of(const RequestToVerify& request, const Target& target, bool& presigned) {
  presigned = std::ranges::any_of(target.parameters, [](const Parameter& parameter) {
    return std::ranges::find(kPresignedNames, parameter.name) != kPresignedNames.end();
  });
  const auto authorization = find_header(request, "authorization");
  if (presigned && authorization) {
    return refuse(RefusalCode::kInvalidArgument,
                  "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization "
                  "header should be specified.");
  }
  if (find_parameter(target, "X-Amz-Security-Token") != nullptr || find_header(request, "x-amz-security-token")) {
    return refuse(RefusalCode::kInvalidToken, "There are no temporary credentials here.");
  }
  if (presigned) return claim_of_query(target);
  if (authorization) return claim_of_header(request, *authorization);
  return refuse(RefusalCode::kAccessDenied, "The request has no signature.");
}

}  // namespace

std::expected<Verified, Refusal> verify(const RequestToVerify& request, std::span<const Credentials> keys,
                                        std::string_view region, UnixMs now_ms) {
  const auto target = parse_target(request.target);
  if (!target) return std::unexpected(target.error());
  Verified verified;
  auto claim = claim_of(request, *target, verified.presigned);
  if (!claim) return std::unexpected(claim.error());
  if (auto read = read_credential(*claim, region); !read) return std::unexpected(read.error());
  auto names = read_signed_headers(*claim);
  if (!names) return std::unexpected(names.error());
  verified.signed_headers = std::move(*names);
  const auto key = std::ranges::find(keys, claim->access_key_id, &Credentials::access_key_id);
  if (key == keys.end()) {
    return refuse(RefusalCode::kInvalidAccessKeyId, "The access key id you provided does not exist in our records.");
  }
  const auto in_time =
      verified.presigned ? check_expiry(*target, *claim, now_ms, verified) : check_skew(*claim, now_ms);
  if (!in_time) return std::unexpected(in_time.error());
  if (auto all = check_all_signed(request, verified.signed_headers); !all) return std::unexpected(all.error());
  const auto payload = payload_name(request, *target, verified.presigned);
  if (!payload) return std::unexpected(payload.error());
  if (auto read = read_payload(*payload, verified); !read) return std::unexpected(read.error());
  const auto matches = check_signature(request, *target, *claim, *payload, *key, region, verified);
  if (!matches) return std::unexpected(matches.error());
  verified.access_key_id = key->access_key_id;
  verified.path = target->path;
  for (const Parameter& parameter : target->parameters) {
    const bool of_signature = std::ranges::find(kPresignedNames, parameter.name) != kPresignedNames.end();
    if (!of_signature && !names_payload(parameter)) verified.parameters.push_back(parameter);
  }
  return verified;
}

}  // namespace tintype::s3
