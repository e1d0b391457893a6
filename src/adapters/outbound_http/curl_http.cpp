#include "adapters/outbound_http/curl_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <functional>
#include <memory>

namespace tintype {

namespace {

constexpr int kCancelPeriodMs = 50;
constexpr std::chrono::seconds kRetryAfterMax{24 * 3'600};

using Easy = std::unique_ptr<CURL, void (*)(CURL*)>;
using List = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;
using Form = std::unique_ptr<curl_mime, void (*)(curl_mime*)>;

struct Body {
  std::string bytes;
  std::int64_t bytes_max = 0;
  bool is_too_large = false;
};

std::size_t append(char* data, std::size_t size, std::size_t count, void* target) {
  Body& body = *static_cast<Body*>(target);
  const std::size_t length = size * count;
  body.is_too_large = body.bytes.size() + length > static_cast<std::size_t>(body.bytes_max);
  if (body.is_too_large) return 0;  // ends the transfer
  body.bytes.append(data, length);
  return length;
}

// What all requests have in common.
void prepare(CURL* curl, const std::string& url, std::chrono::milliseconds timeout, Body& body) {
  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_NOPROXY, "*");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  // Zero would mean no limit.
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, std::max(1L, static_cast<long>(timeout.count())));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, append);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &body);
}

OutboundResponse response_of(CURL* curl, Body body) {
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  OutboundResponse response{static_cast<int>(status), std::move(body.bytes)};
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &retry_after);
  if (retry_after > 0) {
    response.retry_after = std::chrono::seconds(std::min<curl_off_t>(retry_after, kRetryAfterMax.count()));
  }
  return response;
}

// Without the pause for "100 Continue" that libcurl makes before long bodies: few servers answer it.
List headers_of(const OutboundCall& call) {
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& [name, value] : call.headers) list = curl_slist_append(list, (name + ": " + value).c_str());
  return List(list, curl_slist_free_all);
}

Form form_of(CURL* curl, const std::vector<FormPart>& parts) {
  Form form(curl_mime_init(curl), curl_mime_free);
  for (const FormPart& part : parts) {
    curl_mimepart* field = curl_mime_addpart(form.get());
    curl_mime_name(field, part.name.c_str());
    if (part.file.empty()) {
      curl_mime_data(field, part.words.data(), part.words.size());
      continue;
    }
    curl_mime_filedata(field, part.file.c_str());
    curl_mime_type(field, part.media_type.c_str());
  }
  return form;
}

// Runs one transfer to its end, unless it is cancelled before.
Result<CURLcode> perform(CURL* curl, const std::atomic<bool>& cancel) {
  const std::unique_ptr<CURLM, void (*)(CURLM*)> multi(curl_multi_init(),
                                                       [](CURLM* handle) { curl_multi_cleanup(handle); });
  if (!multi) return fail_internal("curl_multi_init");
  curl_multi_add_handle(multi.get(), curl);
  // A handle leaves before its multi handle goes.
  const std::unique_ptr<CURL, std::function<void(CURL*)>> added(
      curl, [&](CURL* handle) { curl_multi_remove_handle(multi.get(), handle); });
  for (int running = 1; running > 0;) {
    if (cancel) return fail(ErrorCode::kCancelled, "Cancelled");
    if (const CURLMcode code = curl_multi_perform(multi.get(), &running); code != CURLM_OK) {
      return fail_internal(curl_multi_strerror(code));
    }
    if (running > 0) curl_multi_poll(multi.get(), nullptr, 0, kCancelPeriodMs, nullptr);
  }
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi.get(), &left)) {
    if (message->msg == CURLMSG_DONE) return message->data.result;
  }
  return fail_internal("curl_multi_info_read");
}

// A URL as it may stand in a log.
std::string without_credentials(std::string url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string::npos ? 0 : scheme + 3;
  const std::size_t at = url.substr(0, url.find_first_of("/?#", begin)).rfind('@');
  if (at != std::string::npos && at >= begin) url.erase(begin, at + 1 - begin);
  return url;
}

std::unexpected<Error> failure_of(CURLcode code, const OutboundCall& call, bool is_too_large) {
  std::string cause =
      (call.is_post ? "POST " : "GET ") + without_credentials(call.url) + ": " + curl_easy_strerror(code);
  if (is_too_large) return fail(ErrorCode::kFileTooLarge, "The answer is too large", {}, std::move(cause));
  if (code == CURLE_OPERATION_TIMEDOUT) {
    return fail(ErrorCode::kDeadlineExceeded, "The answer took too long", {}, std::move(cause));
  }
  const bool nothing_was_sent = code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_CONNECT ||
                                code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CONNECT_ERROR;
  if (nothing_was_sent) return fail(ErrorCode::kSourceUnreachable, "Nobody answers there", {}, std::move(cause));
  return fail_internal(std::move(cause));
}

}  // namespace

CurlHttp::CurlHttp() {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

Result<OutboundResponse> CurlHttp::get_trusted(const OutboundRequest& request) {
  const Easy curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return fail_internal("curl_easy_init");
  Body body{{}, request.body_bytes_max};
  prepare(curl.get(), request.url, request.timeout, body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code != CURLE_OK)
    return fail_internal("GET " + without_credentials(request.url) + ": " + curl_easy_strerror(code));
  return response_of(curl.get(), std::move(body));
}

Result<OutboundResponse> CurlHttp::call_trusted(const OutboundCall& call, const std::atomic<bool>& cancel) {
  const Easy curl(curl_easy_init(), curl_easy_cleanup);
  if (!curl) return fail_internal("curl_easy_init");
  Body body{{}, call.answer_bytes_max};
  prepare(curl.get(), call.url, call.timeout, body);
  const List headers = headers_of(call);
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  const Form form = form_of(curl.get(), call.form);
  if (call.is_post && !call.form.empty()) {
    curl_easy_setopt(curl.get(), CURLOPT_MIMEPOST, form.get());
  } else if (call.is_post) {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, call.body.data());
  }
  const auto code = perform(curl.get(), cancel);
  if (!code) return std::unexpected(code.error());
  if (*code != CURLE_OK) return failure_of(*code, call, body.is_too_large);
  return response_of(curl.get(), std::move(body));
}

}  // namespace tintype
