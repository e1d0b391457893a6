// argon2id by libsodium.
#pragma once

#include "base/turn.h"
#include "ports/password_hasher.h"

namespace tintype {

class Argon2Hasher final : public PasswordHasher {
 public:
  // OWASP's choice for interactive sign-in is the default. At most `at_once_max` hashes are made at a time, so that
  // sign-ins cannot use up the memory; others wait.
  explicit Argon2Hasher(unsigned long long passes = 2, std::size_t memory_bytes = 64 << 20, int at_once_max = 4);

  std::string hash(std::string_view password) override;
  bool verify(std::string_view password, const std::string& hash) override;

 private:
  const unsigned long long passes_;
  const std::size_t memory_bytes_;
  Turns free_;
};

}  // namespace tintype
