#include "api/shared/form_body.h"

#include <algorithm>

#include "base/bytes.h"

namespace tintype::api {

Result<std::map<std::string, std::string>> parse_form_body(const std::string& body) {
  std::map<std::string, std::string> fields;
  for (std::size_t begin = 0; begin < body.size();) {
    const std::size_t end = std::min(body.find('&', begin), body.size());
    const std::string_view pair = std::string_view(body).substr(begin, end - begin);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value = percent_decode(equals < pair.size() ? pair.substr(equals + 1) : std::string_view(), true);
    if (!name || !value || !is_valid_utf8(*name) || !is_valid_utf8(*value)) {
      return fail(ErrorCode::kInvalidInput, "The form is not valid");
    }
    fields[*name] = *value;
    begin = end + 1;
  }
  return fields;
}

}  // namespace tintype::api
