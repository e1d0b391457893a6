// Whatever URL is let through, libcurl reads the same server in it as we do, and that server is a public one.
#include <arpa/inet.h>
#include <curl/curl.h>

#include <cstdlib>
#include <memory>

#include "adapters/egress/vetting.h"

using namespace tintype::egress;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  const CURLUcode code = curl_url_get(url, part, &text, flags);
  const std::unique_ptr<char, void (*)(void*)> owned(text, curl_free);
  return code == CURLUE_OK ? text : "";
}

void require_libcurl_agrees(const HttpUrl& url) {
  const std::unique_ptr<CURLU, void (*)(CURLU*)> read(curl_url(), curl_url_cleanup);
  require(curl_url_set(read.get(), CURLUPART_URL, url.text().c_str(), CURLU_PATH_AS_IS) == CURLUE_OK);
  require(part_of(read.get(), CURLUPART_SCHEME) == (url.is_secure ? "https" : "http"));
  require(part_of(read.get(), CURLUPART_HOST) ==
          (url.address && !url.address->is_ipv4 ? "[" + url.host + "]" : url.host));
  require(part_of(read.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT) == std::to_string(url.port));
  require(part_of(read.get(), CURLUPART_USER).empty() && part_of(read.get(), CURLUPART_PASSWORD).empty());
  require(part_of(read.get(), CURLUPART_ZONEID).empty() && part_of(read.get(), CURLUPART_FRAGMENT).empty());
  const std::string query = part_of(read.get(), CURLUPART_QUERY);
  require(part_of(read.get(), CURLUPART_PATH) + (query.empty() ? "" : "?" + query) ==
          url.target.substr(0, url.target.size() - (url.target.ends_with('?') && query.empty() ? 1 : 0)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Vetting vetting = [] {
    Vetting made(VettingOptions{});
    made.set_own("https://own.example.com", "0.0.0.0", 3'000);
    return made;
  }();
  const auto url = vetting.url({reinterpret_cast<const char*>(data), size});
  if (!url) {
    require(url.error().code == tintype::ErrorCode::kUrlNotAllowed && !url.error().message.empty());
    return 0;
  }
  require(url->host.contains('.') || (url->address && !url->address->is_ipv4));
  require(!("." + url->host).ends_with(".localhost") && !url->host.ends_with(".internal"));
  require(!url->address || special_purpose(*url->address) == nullptr);
  // What the system's own reader takes for an address, we do too.
  in_addr ignored{};
  require(url->address.has_value() || ::inet_aton(url->host.c_str(), &ignored) == 0);
  require_libcurl_agrees(*url);
  const auto again = vetting.url(url->text());
  require(again ? again->text() == url->text() : url->text().size() > 2'048);
  return 0;
}
