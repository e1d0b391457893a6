#include "adapters/egress/http_url.h"

#include <idn2.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "ports/egress.h"

namespace tintype::egress {

namespace {

constexpr std::size_t kNameBytesMax = 253;
constexpr std::size_t kLabelBytesMax = 63;
constexpr std::uint16_t kHttpPort = 80;
constexpr std::uint16_t kHttpsPort = 443;

// Ports of protocols that could take a request for one of theirs. "Port blocking", Fetch Standard, WHATWG.
constexpr std::uint16_t kBlockedPorts[] = {
    0,    1,    7,    9,    11,   13,   15,   17,   19,   20,   21,   22,   23,   25,   37,   42,   43,
    53,   69,   77,   79,   87,   95,   101,  102,  103,  104,  109,  110,  111,  113,  115,  117,  119,
    123,  135,  137,  139,  143,  161,  179,  389,  427,  465,  512,  513,  514,  515,  526,  530,  531,
    532,  540,  548,  554,  556,  563,  587,  601,  636,  989,  990,  993,  995,  1719, 1720, 1723, 2049,
    3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080};

std::unexpected<Error> refused(std::string sentence) {
  return fail(ErrorCode::kUrlNotAllowed, std::move(sentence));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; });
}

// RFC 3986, sections 2.1 to 2.3, and the brackets that many queries have.
bool may_stand_in_target(char c) {
  return is_alphanumeric(c) || std::string_view("-._~!$&'()*+,;=:@/?%[]").contains(c);
}

// Takes the scheme away from the front of `rest`.
Result<bool> take_scheme(std::string_view& rest) {
  for (const auto& [scheme, is_secure] : {std::pair("http://", false), std::pair("https://", true)}) {
    const std::string_view head = rest.substr(0, std::string_view(scheme).size());
    if (std::ranges::equal(head, std::string_view(scheme), {}, lower)) {
      rest.remove_prefix(head.size());
      return is_secure;
    }
  }
  return refused("The URL must begin with http:// or https://");
}

Result<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || text.size() > 5) {
    return refused("The URL's port is not a number from 1 to 65535");
  }
  if (std::ranges::binary_search(kBlockedPorts, port)) {
    return refused("Port " + std::to_string(port) + " is not for web servers");
  }
  return port;
}

Result<std::string> to_ascii(std::string_view name) {
  const std::string copy(name);
  char* out = nullptr;
  const int code =
      idn2_to_ascii_8z(copy.c_str(), &out, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL | IDN2_USE_STD3_ASCII_RULES);
  const std::unique_ptr<char, void (*)(void*)> owned(out, idn2_free);
  if (code != IDN2_OK) return refused("The URL's host is not a domain name");
  return std::string(out);
}

// "The ends in a number checker", URL Standard, WHATWG: what of this kind is no plain address is one to somebody.
bool ends_in_a_number(std::string_view name) {
  std::string_view last = name.substr(name.rfind('.') + 1);
  if (std::ranges::all_of(last, is_digit)) return true;
  if (!last.starts_with("0x")) return false;
  last.remove_prefix(2);
  return std::ranges::all_of(last, [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); });
}

bool is_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return false;
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    if (end == begin || end - begin > kLabelBytesMax) return false;
    begin = end + 1;
  }
  return std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

Result<void> set_bracketed(HttpUrl& url, std::string_view inside) {
  if (inside.contains('%')) return refused("The URL's host must not name a network zone");
  url.address = inside.contains(':') ? Address::parse(inside) : std::nullopt;
  if (!url.address) return refused("The URL's host is not an IPv6 address");
  url.host = url.address->text();
  return {};
}

Result<void> set_host(HttpUrl& url, std::string_view host) {
  if (host.empty()) return refused("The URL has no host");
  if (host.contains('%')) return refused("The URL's host must not be percent-encoded");
  url.host = host;
  if (!is_ascii(host)) {
    auto ascii = to_ascii(host);
    if (!ascii) return std::unexpected(ascii.error());
    url.host = std::move(*ascii);
  }
  std::ranges::transform(url.host, url.host.begin(), lower);
  if (url.host.ends_with('.')) return refused("The URL's host must not end in a dot");
  if (!is_name(url.host)) return refused("The URL's host is not a domain name");
  if (!ends_in_a_number(url.host)) return {};
  url.address = is_ascii(host) ? Address::parse(url.host) : std::nullopt;
  if (!url.address) return refused("The URL's host must be a name, or an address in its plain form");
  return {};
}

Result<void> set_authority(HttpUrl& url, std::string_view authority) {
  if (authority.contains('@')) return refused("The URL must not hold a user name or password");
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == std::string_view::npos) return refused("The URL's host is not an IPv6 address");
    if (auto set = set_bracketed(url, authority.substr(1, end - 1)); !set) return set;
    port = authority.substr(end + 1);
    if (!port.empty() && !port.starts_with(':')) return refused("The URL's host is not an IPv6 address");
  } else {
    const std::size_t colon = std::min(authority.find(':'), authority.size());
    if (auto set = set_host(url, authority.substr(0, colon)); !set) return set;
    port = authority.substr(colon);
  }
  url.port = url.is_secure ? kHttpsPort : kHttpPort;
  if (port.empty()) return {};
  const auto parsed = parse_port(port.substr(1));
  if (!parsed) return std::unexpected(parsed.error());
  url.port = *parsed;
  return {};
}

std::string encoded_target(std::string_view raw) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string target = raw.starts_with('/') ? "" : "/";
  for (const char c : raw) {
    const auto byte = static_cast<unsigned char>(c);
    if (may_stand_in_target(c)) {
      target.push_back(c);
    } else {
      target.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
    }
  }
  return target;
}

}  // namespace

std::string HttpUrl::text() const {
  std::string out = is_secure ? "https://" : "http://";
  const bool is_bracketed = address && !address->is_ipv4;
  out += is_bracketed ? "[" + host + "]" : host;
  if (port != (is_secure ? kHttpsPort : kHttpPort)) out += ":" + std::to_string(port);
  return out + target;
}

Result<HttpUrl> parse_http_url(std::string_view text) {
  if (text.size() > kUrlBytesMax) {
    return refused("The URL must not be longer than " + std::to_string(kUrlBytesMax) + " bytes");
  }
  if (std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f || c == '\\'; })) {
    return refused("The URL must not hold backslashes or control characters");
  }
  HttpUrl url;
  std::string_view rest = text;
  const auto is_secure = take_scheme(rest);
  if (!is_secure) return std::unexpected(is_secure.error());
  url.is_secure = *is_secure;
  const std::size_t end = std::min(rest.find_first_of("/?#"), rest.size());
  if (auto set = set_authority(url, rest.substr(0, end)); !set) return std::unexpected(set.error());
  rest.remove_prefix(end);
  url.target = encoded_target(rest.substr(0, rest.find('#')));
  return url;
}

}  // namespace tintype::egress
