#include "api/shared/content_disposition.h"

#include "base/bytes.h"

namespace tintype::api {

std::string attachment(const std::string& file_name) {
  std::string plain;
  for (const char c : file_name) plain.push_back(c < 0x20 || c >= 0x7f || c == '"' || c == '\\' ? '_' : c);
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encode(file_name);
}

}  // namespace tintype::api
