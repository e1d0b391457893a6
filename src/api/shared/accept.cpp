#include "api/shared/accept.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace tintype::api {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t"), text.size());
  text.remove_prefix(begin);
  return text.substr(0, text.find_last_not_of(" \t") + 1);
}

// Takes the piece before the next separator, and the separator.
std::string_view take_until(char separator, std::string_view& text) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view piece = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return trimmed(piece);
}

std::string lower(std::string_view text) {
  std::string made(text);
  for (char& c : made) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return made;
}

// "q=0", "q=0.", "q=0.000": not acceptable.
bool refuses(std::string_view parameter) {
  const std::string text = lower(parameter);
  return text.starts_with("q=0") && text.find_first_not_of("0.", 2) == std::string::npos;
}

// Calls `hear(name, is_read)` for each entry of the list.
template <class Hear>
void each_accepted(std::string_view list, Hear hear) {
  while (!list.empty()) {
    std::string_view range = take_until(',', list);
    const std::string name = lower(take_until(';', range));
    bool is_read = true;
    while (!range.empty()) is_read = !refuses(take_until(';', range)) && is_read;
    hear(name, is_read);
  }
}

bool reads(std::string_view list, std::string_view wanted) {
  bool found = false;
  each_accepted(list, [&](std::string_view name, bool is_read) {
    if (name == wanted) found = is_read;
  });
  return found;
}

}  // namespace

FormatsRead formats_read(std::string_view accept) {
  FormatsRead read;
  each_accepted(accept, [&](std::string_view type, bool is_read) {
    if (type == "image/webp") read.webp = is_read;
    if (type == "image/avif") read.avif = is_read;
  });
  return read;
}

FormatsRead formats_read(const http::Request& request) {
  return formats_read(request.headers.find("accept").value_or(""));
}

bool reads_html(const http::Request& request) {
  return reads(request.headers.find("accept").value_or(""), "text/html");
}

bool reads_encoding(std::string_view accept_encoding, std::string_view encoding) {
  return reads(accept_encoding, encoding);
}

}  // namespace tintype::api
