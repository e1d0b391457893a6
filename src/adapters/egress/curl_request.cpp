#include "adapters/egress/curl_request.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace tintype::egress {

namespace {

constexpr std::size_t kAddressesTriedMax = 8;

// HOST:PORT:ADDRESS,ADDRESS...; with the plus sign libcurl forgets it again.
List resolved(const HttpUrl& url, std::span<const Address> addresses) {
  if (url.address) return List(nullptr, curl_slist_free_all);
  std::string entry = "+" + url.host + ":" + std::to_string(url.port);
  char separator = ':';
  for (const Address& address : addresses.first(std::min(addresses.size(), kAddressesTriedMax))) {
    entry += separator + (address.is_ipv4 ? address.text() : "[" + address.text() + "]");
    separator = ',';
  }
  return List(curl_slist_append(nullptr, entry.c_str()), curl_slist_free_all);
}

bool is_of_tls(CURLcode code) {
  return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR || code == CURLE_SSL_CIPHER ||
         code == CURLE_SSL_CACERT_BADFILE || code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_INVALIDCERTSTATUS;
}

bool is_cut_off(CURLcode code) {
  return code == CURLE_PARTIAL_FILE || code == CURLE_RECV_ERROR || code == CURLE_GOT_NOTHING;
}

}  // namespace

CurlRequest::CurlRequest(CURL* curl, const Vetting& vetting, const RequestRules& rules, const HttpUrl& url,
                         std::span<const Address> addresses, std::chrono::milliseconds timeout)
    : curl_(curl), vetting_(vetting), addresses_(resolved(url, addresses)) {
  // Zero would mean no limit.
  timeout = std::max(timeout, std::chrono::milliseconds(1));
  const auto connect_timeout = std::min(rules.connect_timeout, timeout);
  curl_easy_setopt(curl, CURLOPT_URL, url.text().c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_RESOLVE, addresses_.get());
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_socket);
  curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, this);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!rules.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, rules.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "tintype");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, words_.data());
}

curl_socket_t CurlRequest::open_socket(void* self, curlsocktype purpose, curl_sockaddr* address) {
  CurlRequest& request = *static_cast<CurlRequest*>(self);
  const auto to = Address::of(&address->addr);
  // Both families have their port in the same place.
  std::uint16_t port = 0;
  std::memcpy(&port, reinterpret_cast<const char*>(&address->addr) + sizeof(sa_family_t), sizeof port);
  if (purpose != CURLSOCKTYPE_IPCXN || !to || !request.vetting_.may_connect(*to, ntohs(port))) {
    request.was_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

Error CurlRequest::error_of(CURLcode code) const {
  const std::string cause = words_[0] != 0 ? words_.data() : curl_easy_strerror(code);
  if (was_refused_) {
    return fail(ErrorCode::kUrlNotAllowed, "The URL's host does not lead to public addresses alone", {}, cause).error();
  }
  if (code == CURLE_OPERATION_TIMEDOUT) {
    curl_off_t connected_us = 0;
    curl_easy_getinfo(curl_, CURLINFO_CONNECT_TIME_T, &connected_us);
    if (connected_us > 0) {
      return fail(ErrorCode::kDeadlineExceeded, "The URL's server takes too long to answer", {}, cause).error();
    }
  }
  if (code == CURLE_OUT_OF_MEMORY || code == CURLE_FAILED_INIT) return fail_internal(cause).error();
  std::string sentence = "The URL's server cannot be reached";
  if (is_of_tls(code)) sentence = "The URL's server has no certificate that can be trusted";
  if (is_cut_off(code)) sentence = "The URL's server cut its answer off";
  return fail(ErrorCode::kSourceUnreachable, std::move(sentence), {}, cause).error();
}

std::optional<std::string_view> value_of(std::string_view header_line, std::string_view name) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  const std::size_t colon = header_line.find(':');
  if (colon == std::string_view::npos || !std::ranges::equal(header_line.substr(0, colon), name, {}, lower)) {
    return std::nullopt;
  }
  header_line.remove_prefix(colon + 1);
  const auto is_blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!header_line.empty() && is_blank(header_line.front())) header_line.remove_prefix(1);
  while (!header_line.empty() && is_blank(header_line.back())) header_line.remove_suffix(1);
  return header_line;
}

}  // namespace tintype::egress
