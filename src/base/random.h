// Randomness and ids are injected, so that a test can replay a run from its seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tintype {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;  // thread-safe
};

// The kernel's generator by way of libsodium: fit for secrets.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

// Deterministic from its seed (SplitMix64): for tests and simulations, never for secrets. Thread-safe.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  void fill(std::span<std::byte> out) override;

 private:
  std::uint64_t state_;
};

// prefix + 22 characters of base62, about 131 random bits: `new_id(random, "img_")`.
std::string new_id(Random& random, std::string_view prefix);

// RFC 9562 version 4 UUID in lower case: the form that user and session ids have on GoTrue.
std::string new_uuid(Random& random);

// A bearer secret of 256 random bits in base64url without padding.
std::string new_secret(Random& random);

}  // namespace tintype
