// JSON Web Tokens in their compact form (RFC 7515, section 7.1).
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace tintype {

// `sign` makes the signature, raw bytes, of the text that it is given.
template <typename Sign>
std::string signed_token(std::string_view header_json, std::string_view payload_json, const Sign& sign) {
  const std::string said = base64url_encode(header_json) + "." + base64url_encode(payload_json);
  return said + "." + base64url_encode(sign(said));
}

}  // namespace tintype
