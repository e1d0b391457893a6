// One connection to Redis, for one thread at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "adapters/redis_limiter/redis_options.h"

namespace tintype {

// A Lua script and the name by which Redis keeps it, its SHA-1.
class RedisScript {
 public:
  explicit RedisScript(std::string text);
  const std::string& text() const { return text_; }
  const std::string& name() const { return name_; }

 private:
  std::string text_;
  std::string name_;
};

class RedisConnection {
 public:
  // Connected, signed in and at its database. The failure's cause says what Redis or the network said.
  static Result<std::unique_ptr<RedisConnection>> open(const RedisOptions& options);
  ~RedisConnection();

  // Runs a script that answers whole numbers. After a failure the connection is of no use any more; whether the script
  // ran is not known when it is kDeadlineExceeded.
  Result<std::vector<std::int64_t>> run(const RedisScript& script, const std::vector<std::string>& keys,
                                        const std::vector<std::string>& arguments);

 private:
  struct Context;
  explicit RedisConnection(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

}  // namespace tintype
