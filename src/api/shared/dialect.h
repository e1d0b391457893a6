// How each surface spells an error. One ErrorCode inside, four dialects outside.
#pragma once

#include <functional>
#include <string_view>

#include "base/error.h"
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

// Writes the cause of a request's failure to the log; nothing when the error has none.
void log_cause(std::string_view request_id, std::string_view path, const Error& error);

// Spells an error for whichever surface the path belongs to: what http::ServerOptions::render_error is given.
// New surfaces add their prefix here.
http::Response render_error(const http::Request& request, const Error& error);

}  // namespace tintype::api
