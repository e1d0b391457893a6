#include "api/shared/s3_error.h"

#include "api/shared/dialect.h"
#include "base/markup_text.h"

namespace tintype::api {

namespace {

const char* s3_code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput: return "InvalidRequest";
    case ErrorCode::kUnsupportedMediaType: return "InvalidRequest";
    case ErrorCode::kFileTooLarge: return "EntityTooLarge";
    case ErrorCode::kBodyTooLarge: return "EntityTooLarge";
    case ErrorCode::kBodyTooSlow: return "RequestTimeout";
    case ErrorCode::kUrlNotAllowed: return "InvalidRequest";
    case ErrorCode::kSourceUnreachable: return "ServiceUnavailable";
    case ErrorCode::kInvalidSignature: return "SignatureDoesNotMatch";
    case ErrorCode::kUnauthorized: return "AccessDenied";
    case ErrorCode::kForbidden: return "AccessDenied";
    case ErrorCode::kNotFound: return "NoSuchKey";
    case ErrorCode::kMethodNotAllowed: return "MethodNotAllowed";
    case ErrorCode::kConflict: return "PreconditionFailed";
    case ErrorCode::kGone: return "NoSuchKey";
    case ErrorCode::kIdempotencyMismatch: return "InvalidRequest";
    case ErrorCode::kInsufficientTokens: return "AccessDenied";
    case ErrorCode::kQuotaExceeded: return "AccessDenied";
    case ErrorCode::kRateLimited: return "SlowDown";
    case ErrorCode::kOverloaded: return "SlowDown";
    case ErrorCode::kEngineUnavailable: return "ServiceUnavailable";
    case ErrorCode::kDeadlineExceeded: return "ServiceUnavailable";
    case ErrorCode::kCancelled: return "OperationAborted";
    case ErrorCode::kInternal: return "InternalError";
  }
  return "InternalError";
}

int s3_status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kBodyTooLarge:
    case ErrorCode::kBodyTooSlow:
    case ErrorCode::kUnsupportedMediaType: return 400;
    case ErrorCode::kInvalidSignature:
    case ErrorCode::kUnauthorized: return 403;
    case ErrorCode::kConflict: return 412;
    case ErrorCode::kRateLimited: return 503;
    case ErrorCode::kInvalidInput:
    case ErrorCode::kFileTooLarge:
    case ErrorCode::kUrlNotAllowed:
    case ErrorCode::kSourceUnreachable:
    case ErrorCode::kForbidden:
    case ErrorCode::kNotFound:
    case ErrorCode::kMethodNotAllowed:
    case ErrorCode::kGone:
    case ErrorCode::kIdempotencyMismatch:
    case ErrorCode::kInsufficientTokens:
    case ErrorCode::kQuotaExceeded:
    case ErrorCode::kOverloaded:
    case ErrorCode::kEngineUnavailable:
    case ErrorCode::kDeadlineExceeded:
    case ErrorCode::kCancelled:
    case ErrorCode::kInternal: return status_of(code);
  }
  return 500;
}

}  // namespace

S3Error s3_error_of(const Error& error) {
  return {s3_status_of(error.code), s3_code_of(error.code), error.message};
}

http::Response s3_error_response(const http::Request& request, const S3Error& error) {
  std::string body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>";
  body.append(markup_escape(error.code)).append("</Code><Message>").append(markup_escape(error.message));
  body.append("</Message><Resource>").append(markup_escape(request.path)).append("</Resource><RequestId>");
  body.append(markup_escape(request.request_id)).append("</RequestId></Error>");
  http::Response response = http::text_response(error.status, std::move(body), "application/xml");
  response.error_code = error.code;
  return response;
}

}  // namespace tintype::api
