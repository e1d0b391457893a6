// Expected failures. A function that can fail for a reason outside our code returns Result<T>; exceptions
// stay inside vendor boundaries and asserts mean our own bug.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace tintype {

// What went wrong, in the words every surface translates into its own dialect.
enum class ErrorCode {
  kInvalidInput,          // the request says something that cannot be done as asked
  kUnsupportedMediaType,  // the body's or picture's type is not one we take
  kFileTooLarge,          // a file or batch over its contract's limit
  kBodyTooLarge,          // a body over what the route reads at all
  kBodyTooSlow,           // a body that came slower than anybody has to wait for
  kUrlNotAllowed,         // a URL that we ask nothing of: no http, or one that leads inside
  kSourceUnreachable,     // what a URL names cannot be had
  kInvalidSignature,      // of a message that says it comes from whom we know
  kUnauthorized,          // no credential, or none that holds
  kForbidden,             // a credential that may not do this
  kNotFound,              // missing, or somebody else's: the same answer
  kMethodNotAllowed,
  kConflict,             // the thing is not in a state that allows this
  kGone,                 // it was there and has expired
  kIdempotencyMismatch,  // the same key with another body
  kInsufficientTokens,
  kQuotaExceeded,  // more than the plan holds
  kRateLimited,
  kOverloaded,         // a queue or pool is full, or the server is draining
  kEngineUnavailable,  // nothing here does what is asked for
  kDeadlineExceeded,
  kCancelled,
  kInternal,
};

// Which of several bounds refused.
struct RefusedBound {
  std::string name;  // e.g. "hour"
  int limit = 0;
  std::int64_t resets_at_ms = 0;  // Unix time
};

// An error has a public sentence that says what was wrong, a suggestion that says what to do about it, and a
// private cause that goes to the log alone.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;
  std::string suggestion;
  std::string cause;
  std::string field;                                // of the request, with kInvalidInput where one is to blame
  std::optional<std::int64_t> tokens_required;      // with kInsufficientTokens
  std::optional<std::int64_t> tokens_available;     // with kInsufficientTokens
  std::optional<std::int64_t> retry_after_seconds;  // with kRateLimited and kOverloaded
  std::optional<std::int64_t> images_to_enhance;    // with kInsufficientTokens on an album
  std::optional<std::int64_t> position;             // where in a query the fault is, in characters from 0
  std::optional<RefusedBound> refused_bound;        // with kRateLimited, where there are several
};

template <class T>
using Result = std::expected<T, Error>;

// Builds the failing side of a Result: `return fail(ErrorCode::kNotFound, "Image not found");`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string suggestion = {},
                                                 std::string cause = {}) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  error.suggestion = std::move(suggestion);
  error.cause = std::move(cause);
  return std::unexpected(std::move(error));
}

// An internal failure: the caller learns nothing but that it was ours, the log learns the cause.
[[nodiscard]] inline std::unexpected<Error> fail_internal(std::string cause) {
  return fail(ErrorCode::kInternal, "Something went wrong on our side", "Please try again later", std::move(cause));
}

// The code's stable name, e.g. "INVALID_INPUT": what surfaces send as `code` and what the database keeps.
const char* error_code_name(ErrorCode code);

}  // namespace tintype
