// Where Redis is, as limits.url says it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tintype {

struct RedisOptions {
  std::string host;
  int port = 6'379;
  std::string user;      // empty: the one that every Redis has
  std::string password;  // empty: none is asked for
  int database = 0;
  std::chrono::milliseconds timeout{250};        // to connect, and for each answer
  std::chrono::milliseconds retry_pause{1'000};  // between two tries to reach one that is away
};

// redis://[[USER]:PASSWORD@]HOST[:PORT][/DATABASE]; user and password percent-encoded, an IPv6 address in brackets.
// kInvalidInput says what is wrong, without the password.
Result<RedisOptions> parse_redis_url(std::string_view url);

}  // namespace tintype
