// Errors as Amazon S3 spells them ("Error Responses", Amazon S3 API Reference).
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "http/message.h"

namespace tintype::api {

struct S3Error {
  int status = 500;
  std::string code = "InternalError";  // S3's name of it
  std::string message;                 // a public sentence
};

// The one that comes nearest to an error of ours. Never shows Error::cause; the caller logs it.
S3Error s3_error_of(const Error& error);

// <Error> with Code, Message, Resource and RequestId.
http::Response s3_error_response(const http::Request& request, const S3Error& error);

}  // namespace tintype::api
