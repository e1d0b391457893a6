#include "adapters/outbound_http/curl_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>

namespace tintype {

namespace {

struct Body {
  std::string bytes;
  std::int64_t bytes_max = 0;
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* target) {
  Body& body = *static_cast<Body*>(target);
  const std::size_t length = size * count;
  if (body.bytes.size() + length > static_cast<std::size_t>(body.bytes_max)) return 0;  // ends the transfer
  body.bytes.append(data, length);
  return length;
}

}  // namespace

CurlHttp::CurlHttp() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

Result<OutboundResponse> CurlHttp::get_trusted(const OutboundRequest& request) {
  const std::unique_ptr<CURL, void (*)(CURL*)> curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return fail_internal("curl_easy_init");
  Body body{{}, request.body_bytes_max};
  curl_easy_setopt(curl.get(), CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl.get(), CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  // Zero would mean no limit.
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(request.timeout.count())));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK) return fail_internal("GET " + request.url + ": " + curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  return OutboundResponse{static_cast<int>(status), std::move(body.bytes)};
}

}  // namespace tintype
