// How each surface spells an error. One ErrorCode inside, four dialects outside.
#pragma once

#include <functional>
#include <string_view>

#include "base/error.h"
#include "base/json_text.h"
#include "http/message.h"

namespace tintype::api {

// The status of a code on the enhancement surface, which auth and ops share.
int status_of(ErrorCode code);

// {"error", "title", "suggestion", "code"} with "required", "toEnhance", "retryAfter" where they are known, and
// Retry-After. Never shows Error::cause; the caller logs it.
http::Response enhancement_error(const Error& error);

// RFC 9457: {"type", "title", "status", "detail"} with "code", "suggestion", and "retry_after" and "position" where
// they are known.
http::Response hosting_error(const Error& error);

// {"success": false, "error": {"code", "message", "suggestion"}, "meta"}, in the error "bound" and "retryAfter" where
// they are known.
http::Response upscale_error(const http::Request& request, const Error& error);

// {"error", "code", "details"}, with "retryAfter" where it is known. `details` says what was wrong of a request
// ("field", "message"), what a job costs and what there is ("required", "available"), and what to do ("suggestion").
http::Response studio_error(const Error& error);
const char* studio_code(ErrorCode code);  // "VALIDATION_ERROR" ...

// {"requestId", "timestamp"} and, once the caller is known, "rateLimit": {"remaining", "limit", "reset"}; in every
// answer of the upscale surface. Its time is the system's, as it is that of answering and no rule goes by it.
JsonText upscale_meta(const http::Request& request);

// Whether X-RateLimit-Reset is ISO 8601 at this address, as the upscale surface has it, and not seconds since 1970.
bool has_iso_reset(std::string_view path);

// Writes the cause of a request's failure to the log; nothing when the error has none.
void log_cause(std::string_view request_id, std::string_view path, const Error& error);

// Spells an error for whichever surface the path belongs to: what http::ServerOptions::render_error is given.
// New surfaces add their prefix here.
http::Response render_error(const http::Request& request, const Error& error);

}  // namespace tintype::api
