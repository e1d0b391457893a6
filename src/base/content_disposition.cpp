#include "base/content_disposition.h"

#include "base/bytes.h"

namespace tintype {

std::string attachment_named(std::string_view name) {
  std::string plain;
  for (const char c : name) plain.push_back(c < 0x20 || c >= 0x7f || c == '"' || c == '\\' ? '_' : c);
  return "attachment; filename=\"" + plain + "\"; filename*=UTF-8''" + percent_encode(name);
}

}  // namespace tintype
