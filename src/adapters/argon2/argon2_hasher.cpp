#include "adapters/argon2/argon2_hasher.h"

#include <sodium.h>

#include <stdexcept>

namespace tintype {

Argon2Hasher::Argon2Hasher(unsigned long long passes, std::size_t memory_bytes, int at_once_max)
    : passes_(passes), memory_bytes_(memory_bytes), free_(at_once_max) {
  // Also picks the quickest code that this CPU can run; without it libsodium stays with the plainest.
  if (sodium_init() < 0) throw std::runtime_error("libsodium does not start");
}

std::string Argon2Hasher::hash(std::string_view password) {
  const TakenTurn turn(free_);
  std::string text(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(text.data(), password.data(), password.size(), passes_, memory_bytes_) != 0) {
    throw std::runtime_error("argon2id ran out of memory");
  }
  text.resize(text.find('\0'));
  return text;
}

bool Argon2Hasher::verify(std::string_view password, const std::string& hash) {
  const TakenTurn turn(free_);
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace tintype
