// What AWS Signature Version 4 signs, in the form that S3 gives it: a path is encoded once and is not normalised, so
// that "a//b" and "a/../b" are keys of their own (AWS: "Authenticating Requests (AWS Signature Version 4)", Amazon S3
// API Reference, API version 2006-03-01). For the signer and the verifier alone.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace tintype::s3 {

inline constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";
inline constexpr std::string_view kUnsignedPayload = "UNSIGNED-PAYLOAD";

struct Parameter {
  std::string name;
  std::string value;
  bool operator==(const Parameter&) const = default;
  auto operator<=>(const Parameter&) const = default;
};

struct Header {
  std::string name;  // in any case
  std::string value;
};

// Everything but unreserved characters and '/' percent-encoded, with upper-case digits.
std::string encode_path(std::string_view path);

// The query of a request, names and values encoded, in the order that is signed.
std::string canonical_query(std::span<const Parameter> parameters);

// A value as it is signed: without spaces at its ends, and with one where it has several.
std::string canonical_value(std::string_view value);

std::string lower_case(std::string_view text);

// The form of X-Amz-Date, e.g. "20130524T000000Z"; its first eight characters name the day of a key.
std::string amz_date(UnixMs time_ms);
// Nothing for whatever is not exactly of that form, or no time.
std::optional<UnixMs> parse_amz_date(std::string_view text);

// "20130524/us-east-1/s3/aws4_request"
std::string scope_of(std::string_view day, std::string_view region);

// 32 raw bytes that sign all requests of one key on one day.
std::string derive_signing_key(std::string_view secret, std::string_view day, std::string_view region);

struct CanonicalRequest {
  std::string_view method;
  std::string_view path;            // encoded
  std::string_view query;           // canonical_query() without the signature
  std::string_view headers;         // "name:value\n" of each, in the order of signed_headers
  std::string_view signed_headers;  // "host;x-amz-date"
  std::string_view payload;         // a SHA-256 in hex, or one of the names that stand for none
};

// Lower-case hex, as it is sent.
std::string signature_of(const CanonicalRequest& request, std::string_view date, std::string_view scope,
                         std::string_view signing_key);

}  // namespace tintype::s3
