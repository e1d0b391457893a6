#include "domain/account.h"

namespace tintype {

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
