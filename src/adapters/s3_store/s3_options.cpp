#include "adapters/s3_store/s3_options.h"

#include <algorithm>

#include "base/bytes.h"

namespace tintype {

namespace {

constexpr std::string_view kScheme = "s3://";

std::unexpected<Error> refused(std::string message) {
  return fail(ErrorCode::kInvalidInput, std::move(message),
              "Use s3://BUCKET?endpoint=https://HOST&region=REGION&addressing=path|host");
}

// "General purpose bucket naming rules", Amazon S3 User Guide; older stores also have upper case and '_'.
bool is_bucket_name(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && name.front() != '.' && name.front() != '-' &&
         std::ranges::all_of(name, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
                  c == '_';
         });
}

Result<void> set_option(S3Options& options, std::string_view name, const std::string& value) {
  if (name == "endpoint") {
    auto endpoint = parse_endpoint(value);
    if (!endpoint) return std::unexpected(endpoint.error());
    options.endpoint = std::move(*endpoint);
  } else if (name == "region" && !value.empty()) {
    options.region = value;
  } else if (name == "addressing" && (value == "path" || value == "host")) {
    options.addressing = value == "path" ? S3Addressing::kPath : S3Addressing::kHost;
  } else {
    return refused("the S3 URL cannot have " + std::string(name) + "=" + value);
  }
  return {};
}

}  // namespace

Result<std::string> parse_endpoint(std::string_view url) {
  std::string_view host = url;
  while (host.ends_with('/')) host.remove_suffix(1);
  // Nobody sends the port that is the scheme's own in a Host header, which is what is signed.
  const std::string_view own = host.starts_with("https://") ? ":443" : ":80";
  if (host.ends_with(own)) host.remove_suffix(own.size());
  std::string endpoint(host);
  if (host.starts_with("https://")) {
    host.remove_prefix(8);
  } else if (host.starts_with("http://")) {
    host.remove_prefix(7);
  } else {
    host = {};
  }
  const bool is_host = !host.empty() && std::ranges::none_of(host, [](char c) {
    return c <= ' ' || c == '/' || c == '?' || c == '#' || c == '@' || c == '\\' || c == '\x7f';
  });
  if (!is_host) return refused("an S3 endpoint must be http(s)://HOST[:PORT], not '" + std::string(url) + "'");
  return endpoint;
}

Result<S3Options> parse_s3_url(std::string_view url) {
  if (!url.starts_with(kScheme)) return refused("an S3 URL begins with s3://, not '" + std::string(url) + "'");
  url.remove_prefix(kScheme.size());
  const std::size_t mark = std::min(url.find('?'), url.size());
  S3Options options;
  options.bucket = url.substr(0, mark);
  if (!is_bucket_name(options.bucket)) return refused("'" + options.bucket + "' is no name of a bucket");
  bool addressed = false;
  for (std::string_view rest = url.substr(std::min(mark + 1, url.size())); !rest.empty();) {
    const std::size_t end = std::min(rest.find('&'), rest.size());
    const std::string_view pair = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view name = pair.substr(0, equals);
    const auto value = percent_decode(pair.substr(std::min(equals + 1, pair.size())), false);
    if (!value) return refused("an escape is broken in the S3 URL: " + std::string(pair));
    if (auto set = set_option(options, name, *value); !set) return std::unexpected(set.error());
    addressed = addressed || name == "addressing";
  }
  if (options.endpoint.empty()) {
    options.endpoint = "https://s3." + options.region + ".amazonaws.com";
    if (!addressed) options.addressing = S3Addressing::kHost;
  }
  return options;
}

}  // namespace tintype
