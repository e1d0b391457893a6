// What every request to a URL of a user's has in common, by libcurl.
#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "adapters/egress/http_url.h"
#include "adapters/egress/vetting.h"
#include "base/error.h"

namespace tintype::egress {

using Easy = std::unique_ptr<CURL, void (*)(CURL*)>;
using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

struct RequestRules {
  std::chrono::milliseconds connect_timeout{5'000};
  std::string ca_file;  // the authorities that are trusted, in PEM; those of the system when empty
};

// A request that is being prepared or under way. Stays where it is until its handle is done with it.
class CurlRequest {
 public:
  // Prepares `curl` for `url`, whose name has just these addresses, vetted before; none where the host is one itself.
  // libcurl asks this again about the very address that it is about to connect to.
  CurlRequest(CURL* curl, const Vetting& vetting, const RequestRules& rules, const HttpUrl& url,
              std::span<const Address> addresses, std::chrono::milliseconds timeout);
  CurlRequest(const CurlRequest&) = delete;
  CurlRequest& operator=(const CurlRequest&) = delete;

  // Why it failed, for the user.
  Error error_of(CURLcode code) const;

 private:
  static curl_socket_t open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  CURL* curl_;
  const Vetting& vetting_;
  List addresses_;
  bool was_refused_ = false;
  std::array<char, CURL_ERROR_SIZE> words_{};
};

// The value of a header line where it has this name (in lower case), without blanks around it.
std::optional<std::string_view> value_of(std::string_view header_line, std::string_view name);

}  // namespace tintype::egress
