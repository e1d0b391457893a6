// A key pair whose signatures anybody can check who has the public half: Ed25519 (RFC 8032).
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace tintype {

class SigningKey {
 public:
  static constexpr std::size_t kSeedBytes = 32;

  // Of a seed of kSeedBytes, which is the private half: the same seed is the same pair. Throws std::runtime_error when
  // OpenSSL cannot.
  explicit SigningKey(std::string_view seed);
  ~SigningKey();
  SigningKey(SigningKey&&) noexcept;
  SigningKey& operator=(SigningKey&&) noexcept;
  std::string sign(std::string_view bytes) const;                // 64 raw bytes; thread-safe
  const std::string& public_key() const { return public_key_; }  // 32 raw bytes

 private:
  struct State;
  std::unique_ptr<State> state_;
  std::string public_key_;
};

}  // namespace tintype
