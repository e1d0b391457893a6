// Encodings and digests over byte strings. Nothing here allocates beyond its result.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace tintype {

std::string hex_encode(std::string_view bytes);                      // lower case
std::optional<std::string> hex_decode(std::string_view text);        // either case; nothing on a bad digit
std::string base64_encode(std::string_view bytes);                   // RFC 4648 section 4, padded
std::optional<std::string> base64_decode(std::string_view text);     // padded, strict
std::string base64url_encode(std::string_view bytes);                // RFC 4648 section 5, no padding
std::optional<std::string> base64url_decode(std::string_view text);  // no padding, strict

std::string sha256(std::string_view bytes);  // 32 raw bytes, FIPS 180-4

// The same digest over bytes that come in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(std::string_view bytes);
  std::string finish();  // 32 raw bytes; call once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes, RFC 2104

// Takes the same time for any two strings of equal length (the length itself may be told apart).
bool constant_time_equal(std::string_view a, std::string_view b);

bool is_valid_utf8(std::string_view text);

// Percent-decoding of RFC 3986; `plus_is_space` as in form bodies. Nothing on a broken escape.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space);
std::string percent_encode(std::string_view text);  // everything but unreserved characters

}  // namespace tintype
