#include "api/shared/dialect.h"

#include "api/shared/authenticate.h"
#include "api/shared/json_body.h"
#include "api/shared/s3_error.h"
#include "base/clock.h"
#include "base/log.h"

namespace tintype::api {

int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput: return 400;
    case ErrorCode::kUnsupportedMediaType: return 415;
    case ErrorCode::kFileTooLarge: return 400;
    case ErrorCode::kBodyTooLarge: return 413;
    case ErrorCode::kBodyTooSlow: return 408;
    case ErrorCode::kUrlNotAllowed: return 400;
    case ErrorCode::kSourceUnreachable: return 502;
    case ErrorCode::kInvalidSignature: return 400;
    case ErrorCode::kUnauthorized: return 401;
    case ErrorCode::kForbidden: return 403;
    case ErrorCode::kNotFound: return 404;
    case ErrorCode::kMethodNotAllowed: return 405;
    case ErrorCode::kConflict: return 409;
    case ErrorCode::kGone: return 410;
    case ErrorCode::kIdempotencyMismatch: return 422;
    case ErrorCode::kInsufficientTokens: return 402;
    case ErrorCode::kQuotaExceeded: return 403;
    case ErrorCode::kRateLimited: return 429;
    case ErrorCode::kOverloaded: return 503;
    case ErrorCode::kEngineUnavailable: return 503;
    case ErrorCode::kDeadlineExceeded: return 503;
    case ErrorCode::kCancelled: return 409;
    case ErrorCode::kInternal: return 500;
  }
  return 500;
}

namespace {

constexpr const char* kProblemMediaType = "application/problem+json";

const char* title_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput: return "Bad Request";
    case ErrorCode::kUnsupportedMediaType: return "Unsupported Media Type";
    case ErrorCode::kFileTooLarge: return "Invalid File";
    case ErrorCode::kBodyTooLarge: return "Request Too Large";
    case ErrorCode::kBodyTooSlow: return "Request Too Slow";
    case ErrorCode::kUrlNotAllowed: return "URL Not Allowed";
    case ErrorCode::kSourceUnreachable: return "Source Unreachable";
    case ErrorCode::kInvalidSignature: return "Invalid Signature";
    case ErrorCode::kUnauthorized: return "Authentication Required";
    case ErrorCode::kForbidden: return "Permission Denied";
    case ErrorCode::kNotFound: return "Not Found";
    case ErrorCode::kMethodNotAllowed: return "Method Not Allowed";
    case ErrorCode::kConflict: return "Conflict";
    case ErrorCode::kGone: return "Gone";
    case ErrorCode::kIdempotencyMismatch: return "Idempotency Mismatch";
    case ErrorCode::kInsufficientTokens: return "Low Balance";
    case ErrorCode::kQuotaExceeded: return "Quota Exceeded";
    case ErrorCode::kRateLimited: return "Rate Limited";
    case ErrorCode::kOverloaded: return "Server Busy";
    case ErrorCode::kEngineUnavailable: return "Engine Unavailable";
    case ErrorCode::kDeadlineExceeded: return "Timed Out";
    case ErrorCode::kCancelled: return "Cancelled";
    case ErrorCode::kInternal: return "Server Error";
  }
  return "Server Error";
}

// What to do when the error itself does not say.
const char* suggestion_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput: return "Please correct the request and try again";
    case ErrorCode::kUnsupportedMediaType: return "Please set the Content-Type that this address takes";
    case ErrorCode::kFileTooLarge: return "Please upload a smaller file";
    case ErrorCode::kBodyTooLarge: return "Please send less at once";
    case ErrorCode::kBodyTooSlow: return "Please try again over a better connection";
    case ErrorCode::kUrlNotAllowed: return "Please give an http or https URL that everybody can reach";
    case ErrorCode::kSourceUnreachable: return "Please check that the URL can be reached, and try again";
    case ErrorCode::kInvalidSignature: return "Please sign with the right secret, and a right clock";
    case ErrorCode::kUnauthorized: return "Please log in and try again";
    case ErrorCode::kForbidden: return "Please use an account that may do this";
    case ErrorCode::kNotFound: return "Please check the id or address";
    case ErrorCode::kMethodNotAllowed: return "Please use one of the methods in the Allow header";
    case ErrorCode::kConflict: return "Please read the present state and try again";
    case ErrorCode::kGone: return "Please start over";
    case ErrorCode::kIdempotencyMismatch: return "Use a new key for a new request";
    case ErrorCode::kInsufficientTokens: return "Purchase more tokens to continue";
    case ErrorCode::kQuotaExceeded: return "Please delete something for good, or take a larger plan";
    case ErrorCode::kRateLimited: return "Please wait before making more requests";
    case ErrorCode::kOverloaded: return "Please try again in a moment";
    case ErrorCode::kEngineUnavailable: return "Please ask for an operation that is ready here";
    case ErrorCode::kDeadlineExceeded: return "Please try again in a moment";
    case ErrorCode::kCancelled: return "Please start it again if you still want it";
    case ErrorCode::kInternal: return "Please try again later";
  }
  return "Please try again later";
}

// What an answer has beside its dialect's words.
http::Response marked(http::Response response, const Error& error) {
  if (response.error_code.empty()) response.error_code = error_code_name(error.code);
  if (error.retry_after_seconds) response.headers.add("Retry-After", std::to_string(*error.retry_after_seconds));
  return response;
}

// What the contract says in each case; where it says nothing, the error's own sentence.
std::string studio_sentence(const Error& error) {
  if (error.code == ErrorCode::kInvalidInput) return "Invalid input";
  if (error.code == ErrorCode::kInsufficientTokens) return "Insufficient credits";
  if (error.code == ErrorCode::kRateLimited) return "Rate limit exceeded";
  if (error.code == ErrorCode::kUnauthorized) return "Unauthorized";
  return error.message;
}

constexpr std::string_view kObjectsPath = "/objects";
constexpr std::string_view kUpscalePath = "/api/v1";
constexpr std::string_view kUpscaleDescriptionPath = "/openapi/upscale.json";

bool is_or_is_under(std::string_view path, std::string_view folder) {
  return path.starts_with(folder) && (path.size() == folder.size() || path[folder.size()] == '/');
}

bool is_upscale(std::string_view path) {
  return is_or_is_under(path, kUpscalePath) || is_or_is_under(path, kUpscaleDescriptionPath);
}

// GoTrue's own shape, which supabase-js reads.
http::Response gotrue_error(const Error& error) {
  const int status = error.code == ErrorCode::kConflict ? 422 : status_of(error.code);
  const char* code = "unexpected_failure";
  if (error.code == ErrorCode::kConflict) code = "user_already_exists";
  if (error.code == ErrorCode::kForbidden) code = "no_authorization";
  if (error.message.starts_with("This account")) code = "user_banned";
  if (error.code == ErrorCode::kInvalidInput) code = "validation_failed";
  if (error.code == ErrorCode::kRateLimited) code = "over_request_rate_limit";
  if (error.code == ErrorCode::kUnauthorized) code = "no_authorization";
  if (error.message.starts_with("Invalid login")) code = "invalid_credentials";
  if (error.code == ErrorCode::kNotFound) code = "not_found";
  if (error.message.starts_with("Signups")) code = "signup_disabled";
  if (error.message.starts_with("Invalid Refresh Token")) code = "refresh_token_not_found";
  // GoTrue answers wrong credentials with 400, and keeps 401 for a bad access token.
  const bool wrong_credentials = error.message.starts_with("Invalid login") || error.message.starts_with("Invalid Ref");
  const int shown = wrong_credentials ? 400 : status;
  return marked(json_response(shown, {{"code", shown}, {"error_code", code}, {"msg", error.message}}), error);
}

}  // namespace

http::Response enhancement_error(const Error& error) {
  JsonText body = {{"error", error.message},
                   {"title", title_of(error.code)},
                   {"suggestion", error.suggestion.empty() ? suggestion_of(error.code) : error.suggestion.c_str()},
                   {"code", error_code_name(error.code)}};
  if (error.tokens_required) body.add("required", *error.tokens_required);
  if (error.images_to_enhance) body.add("toEnhance", *error.images_to_enhance);
  if (error.retry_after_seconds) body.add("retryAfter", *error.retry_after_seconds);
  return marked(json_response(status_of(error.code), body), error);
}

http::Response hosting_error(const Error& error) {
  JsonText body = {{"type", "about:blank"},
                   {"title", title_of(error.code)},
                   {"status", status_of(error.code)},
                   {"detail", error.message},
                   {"code", error_code_name(error.code)},
                   {"suggestion", error.suggestion.empty() ? suggestion_of(error.code) : error.suggestion.c_str()}};
  if (error.retry_after_seconds) body.add("retry_after", *error.retry_after_seconds);
  if (error.position) body.add("position", *error.position);
  http::Response response = http::text_response(status_of(error.code), std::move(body).text(), kProblemMediaType);
  return marked(std::move(response), error);
}

http::Response upscale_error(const http::Request& request, const Error& error) {
  JsonText spelled = {{"code", error_code_name(error.code)},
                      {"message", error.message},
                      {"suggestion", error.suggestion.empty() ? suggestion_of(error.code) : error.suggestion.c_str()}};
  if (error.refused_bound) spelled.add("bound", error.refused_bound->name);
  if (error.retry_after_seconds) spelled.add("retryAfter", *error.retry_after_seconds);
  http::Response response =
      json_response(status_of(error.code), {{"success", false}, {"error", spelled}, {"meta", upscale_meta(request)}});
  // Also what the server refuses by itself, such as a body that is too long, says what its caller has left.
  with_rate_headers(request, response);
  return marked(std::move(response), error);
}

// The contract's names, which some of ours differ from.
const char* studio_code(ErrorCode code) {
  if (code == ErrorCode::kInvalidInput) return "VALIDATION_ERROR";
  if (code == ErrorCode::kInsufficientTokens) return "INSUFFICIENT_CREDITS";
  if (code == ErrorCode::kRateLimited) return "RATE_LIMITED";
  return error_code_name(code);
}

http::Response studio_error(const Error& error) {
  const bool is_refusal = error.code == ErrorCode::kInvalidInput || error.code == ErrorCode::kUrlNotAllowed;
  const int status = is_refusal ? 422 : status_of(error.code);
  JsonText details;
  if (is_refusal) {
    if (!error.field.empty()) details.add("field", error.field);
    details.add("message", error.message);
  }
  if (error.position) details.add("position", *error.position);
  if (error.refused_bound) details.add("bound", error.refused_bound->name);
  if (error.tokens_required) details.add("required", *error.tokens_required);
  if (error.tokens_available) details.add("available", *error.tokens_available);
  details.add("suggestion", error.suggestion.empty() ? suggestion_of(error.code) : error.suggestion.c_str());
  JsonText body = {{"error", studio_sentence(error)}, {"code", studio_code(error.code)}, {"details", details}};
  if (error.retry_after_seconds) body.add("retryAfter", *error.retry_after_seconds);
  return marked(json_response(status, body), error);
}

JsonText upscale_meta(const http::Request& request) {
  JsonText meta = {{"requestId", request.request_id}, {"timestamp", iso8601(SystemClock().now_ms())}};
  if (const auto decision = rate_decision_of(request)) {
    meta.add(
        "rateLimit",
        {{"remaining", decision->remaining}, {"limit", decision->limit}, {"reset", iso8601(decision->resets_at_ms)}});
  }
  return meta;
}

bool has_iso_reset(std::string_view path) {
  return is_upscale(path);
}

void log_cause(std::string_view request_id, std::string_view path, const Error& error) {
  if (error.cause.empty()) return;
  log(LogLevel::kError, "request_failed", {{"request_id", request_id}, {"path", path}, {"cause", error.cause}});
}

http::Response render_error(const http::Request& request, const Error& error) {
  if (std::string_view(request.path).starts_with("/auth/v1")) return gotrue_error(error);
  if (is_or_is_under(request.path, kObjectsPath)) {
    return marked(s3_error_response(request, s3_error_of(error)), error);
  }
  if (is_upscale(request.path)) return upscale_error(request, error);
  for (const char* folder :
       {"/v1", "/s3", "/s", "/renditions", "/cdn", "/openapi/hosting.json", "/api/account", "/openapi/account.json"}) {
    if (is_or_is_under(request.path, folder)) return hosting_error(error);
  }
  for (const char* folder :
       {"/api/ai", "/api/credits", "/api/batch", "/api/admin", "/api/providers", "/openapi/studio.json"}) {
    if (is_or_is_under(request.path, folder)) return studio_error(error);
  }
  return enhancement_error(error);
}

}  // namespace tintype::api
