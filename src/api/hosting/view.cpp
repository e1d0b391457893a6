#include "api/hosting/view.h"

namespace tintype::api::hosting {

JsonText strings_json(const std::vector<std::string>& strings) {
  JsonText list = JsonText::array();
  for (const std::string& string : strings) list.push_back(string);
  return list;
}

}  // namespace tintype::api::hosting
