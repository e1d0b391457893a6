#include "base/error.h"

namespace tintype {

const char* error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput: return "INVALID_INPUT";
    case ErrorCode::kUnsupportedMediaType: return "UNSUPPORTED_MEDIA_TYPE";
    case ErrorCode::kFileTooLarge: return "FILE_TOO_LARGE";
    case ErrorCode::kBodyTooLarge: return "BODY_TOO_LARGE";
    case ErrorCode::kBodyTooSlow: return "BODY_TOO_SLOW";
    case ErrorCode::kUrlNotAllowed: return "URL_NOT_ALLOWED";
    case ErrorCode::kSourceUnreachable: return "SOURCE_UNREACHABLE";
    case ErrorCode::kInvalidSignature: return "INVALID_SIGNATURE";
    case ErrorCode::kUnauthorized: return "UNAUTHORIZED";
    case ErrorCode::kForbidden: return "FORBIDDEN";
    case ErrorCode::kNotFound: return "NOT_FOUND";
    case ErrorCode::kMethodNotAllowed: return "METHOD_NOT_ALLOWED";
    case ErrorCode::kConflict: return "CONFLICT";
    case ErrorCode::kGone: return "GONE";
    case ErrorCode::kIdempotencyMismatch: return "IDEMPOTENCY_MISMATCH";
    case ErrorCode::kInsufficientTokens: return "INSUFFICIENT_TOKENS";
    case ErrorCode::kQuotaExceeded: return "QUOTA_EXCEEDED";
    case ErrorCode::kRateLimited: return "RATE_LIMIT";
    case ErrorCode::kOverloaded: return "OVERLOADED";
    case ErrorCode::kEngineUnavailable: return "ENGINE_UNAVAILABLE";
    case ErrorCode::kDeadlineExceeded: return "DEADLINE_EXCEEDED";
    case ErrorCode::kCancelled: return "CANCELLED";
    case ErrorCode::kInternal: return "INTERNAL_ERROR";
  }
  return "INTERNAL_ERROR";
}

}  // namespace tintype
