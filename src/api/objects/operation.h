// What a request asks of the bucket or of an object in it, found as S3 finds it: by method, by key or none, and by the
// names in the query.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "api/shared/s3_error.h"
#include "http/message.h"
#include "ports/object_gateway.h"

namespace tintype::api {

enum class Operation {
  kGetObject,  // and HeadObject
  kPutObject,
  kCopyObject,
  kDeleteObject,
  kCreateMultipartUpload,
  kUploadPart,
  kListParts,
  kCompleteMultipartUpload,
  kAbortMultipartUpload,
  kHeadBucket,
  kGetBucketLocation,
  kListObjectsV2,
  kListMultipartUploads,
  kDeleteObjects,
};

// What admission leaves in Request::attachment.
struct Admitted {
  Operation operation = Operation::kGetObject;
  ObjectGateway::Grant grant;

  std::optional<std::string_view> parameter(std::string_view name) const;
};

template <class T>
using S3Result = std::expected<T, S3Error>;

std::unexpected<S3Error> s3_fail(int status, std::string code, std::string message);

// Refuses, by S3's codes, what S3 has and we do not, and every parameter and x-amz- header that the operation does not
// take: what is passed over in silence would be a promise not kept.
S3Result<Operation> operation_of(const http::Request& request, const ObjectGateway::Grant& grant);

// A header, or the parameter that a presigner made of it.
std::optional<std::string_view> header_or_parameter(const http::Request& request, const ObjectGateway::Grant& grant,
                                                    std::string_view lower_name);

// A whole number from `min` to `max`; InvalidArgument for anything else that is there.
S3Result<std::optional<std::int64_t>> number_of(const Admitted& admitted, std::string_view name, std::int64_t min,
                                                std::int64_t max);

std::string lower_case_of(std::string_view text);

}  // namespace tintype::api
