#pragma once

#include <string>
#include <string_view>

namespace tintype {

// argon2id (RFC 9106) in its own string form. Both calls take tens of milliseconds of CPU and tens of MiB.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  virtual std::string hash(std::string_view password) = 0;
  virtual bool verify(std::string_view password, const std::string& hash) = 0;
};

}  // namespace tintype
