#include "adapters/redis_limiter/redis_options.h"

#include <charconv>
#include <optional>

#include "base/bytes.h"

namespace tintype {

namespace {

constexpr std::string_view kScheme = "redis://";
constexpr int kPortMax = 65'535;
constexpr int kDatabaseMax = 1'000'000;

std::unexpected<Error> wrong(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "limits.url: " + what,
              "Give it as redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]");
}

std::optional<int> number(std::string_view text, int least, int greatest) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > greatest) {
    return std::nullopt;
  }
  return value;
}

Result<void> read_credentials(std::string_view text, RedisOptions& options) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return wrong("a password stands behind a colon");
  const auto user = percent_decode(text.substr(0, colon), false);
  const auto password = percent_decode(text.substr(colon + 1), false);
  if (!user || !password) return wrong("user or password has a broken escape");
  options.user = *user;
  options.password = *password;
  return {};
}

Result<void> read_address(std::string_view text, RedisOptions& options) {
  std::size_t colon = text.find(':');
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == text.npos || (end + 1 < text.size() && text[end + 1] != ':')) return wrong("the address is no IPv6");
    options.host = text.substr(1, end - 1);
    colon = end + 1 < text.size() ? end + 1 : text.npos;
  } else {
    options.host = text.substr(0, colon);
  }
  if (options.host.empty()) return wrong("there is no host");
  if (colon == text.npos) return {};
  const auto port = number(text.substr(colon + 1), 1, kPortMax);
  if (!port) return wrong("the port is none");
  options.port = *port;
  return {};
}

}  // namespace

Result<RedisOptions> parse_redis_url(std::string_view url) {
  if (url.starts_with("rediss://")) {
    return fail(ErrorCode::kInvalidInput, "limits.url: rediss:// is not spoken here",
                "Put a tunnel such as stunnel before Redis, and give its local end as redis://");
  }
  if (!url.starts_with(kScheme)) return wrong("it is neither memory: nor redis://");
  std::string_view left = url.substr(kScheme.size());
  if (left.find_first_of("?#") != left.npos) return wrong("there is nothing behind the database");
  RedisOptions options;
  if (const std::size_t slash = left.find('/'); slash != left.npos) {
    const std::string_view database = left.substr(slash + 1);
    const auto parsed = database.empty() ? 0 : number(database, 0, kDatabaseMax);
    if (!parsed) return wrong("the database is no number");
    options.database = *parsed;
    left = left.substr(0, slash);
  }
  if (const std::size_t at = left.rfind('@'); at != left.npos) {
    if (auto read = read_credentials(left.substr(0, at), options); !read) return std::unexpected(read.error());
    left = left.substr(at + 1);
  }
  if (auto read = read_address(left, options); !read) return std::unexpected(read.error());
  return options;
}

}  // namespace tintype
