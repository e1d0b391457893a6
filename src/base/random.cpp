#include "base/random.h"

#include <sodium.h>

#include <array>
#include <atomic>
#include <cstring>
#include <stdexcept>

#include "base/bytes.h"

namespace tintype {

void SystemRandom::fill(std::span<std::byte> out) {
  // Until it is set up, libsodium's generator is not safe to share between threads.
  static const int ready = sodium_init();
  if (ready < 0) throw std::runtime_error("libsodium does not start");
  randombytes_buf(out.data(), out.size());
}

void SeededRandom::fill(std::span<std::byte> out) {
  for (std::size_t done = 0; done < out.size();) {
    // Steele, Lea and Flood 2014; the state moves by a constant, so threads only share one addition.
    std::uint64_t word = std::atomic_ref(state_).fetch_add(0x9e3779b97f4a7c15) + 0x9e3779b97f4a7c15;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9;
    word = (word ^ (word >> 27)) * 0x94d049bb133111eb;
    word ^= word >> 31;
    const std::size_t count = std::min(out.size() - done, sizeof word);
    std::memcpy(out.data() + done, &word, count);
    done += count;
  }
}

std::string new_id(Random& random, std::string_view prefix) {
  constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr std::size_t kLength = 22;
  std::string id(prefix);
  id.reserve(prefix.size() + kLength);
  // Bytes of 248 and more are passed over, so that every digit is equally likely.
  while (id.size() < prefix.size() + kLength) {
    std::array<std::byte, 32> bytes;
    random.fill(bytes);
    for (const std::byte byte : bytes) {
      const auto value = std::to_integer<unsigned>(byte);
      if (value < 248 && id.size() < prefix.size() + kLength) id.push_back(kDigits[value % 62]);
    }
  }
  return id;
}

std::string new_uuid(Random& random) {
  std::array<std::byte, 16> bytes;
  random.fill(bytes);
  bytes[6] = (bytes[6] & std::byte{0x0f}) | std::byte{0x40};
  bytes[8] = (bytes[8] & std::byte{0x3f}) | std::byte{0x80};
  std::string text = hex_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  for (const std::size_t at : {20u, 16u, 12u, 8u}) text.insert(at, 1, '-');
  return text;
}

std::string new_secret(Random& random) {
  std::array<std::byte, 32> bytes;
  random.fill(bytes);
  return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace tintype
