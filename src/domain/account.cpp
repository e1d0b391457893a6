#include "domain/account.h"

#include <arpa/inet.h>

#include <cstring>

namespace tintype {

std::string network_of(std::string_view address) {
  const std::string text(address.substr(0, address.find('%')));
  in6_addr parsed{};
  if (::inet_pton(AF_INET6, text.c_str(), &parsed) != 1) return std::string(address);
  char written[INET6_ADDRSTRLEN] = {};
  if (IN6_IS_ADDR_V4MAPPED(&parsed)) {
    in_addr mapped{};
    std::memcpy(&mapped, parsed.s6_addr + 12, sizeof mapped);
    return ::inet_ntop(AF_INET, &mapped, written, sizeof written);
  }
  std::memset(parsed.s6_addr + 8, 0, 8);
  return std::string(::inet_ntop(AF_INET6, &parsed, written, sizeof written)) + "/64";
}

const char* role_name(Role role) {
  switch (role) {
    case Role::kUser: return "user";
    case Role::kAdmin: return "admin";
  }
  return "user";
}

std::optional<Role> parse_role(const std::string& name) {
  if (name == "user") return Role::kUser;
  if (name == "admin") return Role::kAdmin;
  return std::nullopt;
}

}  // namespace tintype
