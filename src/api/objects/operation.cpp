#include "api/objects/operation.h"

#include <algorithm>
#include <charconv>
#include <vector>

namespace tintype::api {

namespace {

using Names = std::vector<std::string_view>;

// The parameters of an operation that are not headers, besides "x-id", by which the SDKs say its name.
Names parameters_of(Operation operation) {
  switch (operation) {
    case Operation::kGetObject:
      return {"response-content-type",     "response-content-disposition", "response-cache-control",
              "response-content-language", "response-content-encoding",    "response-expires"};
    case Operation::kPutObject:
    case Operation::kCopyObject:
    case Operation::kDeleteObject:
    case Operation::kHeadBucket: return {};
    case Operation::kCreateMultipartUpload: return {"uploads"};
    case Operation::kUploadPart: return {"uploadId", "partNumber"};
    case Operation::kListParts: return {"uploadId", "max-parts", "part-number-marker"};
    case Operation::kCompleteMultipartUpload:
    case Operation::kAbortMultipartUpload: return {"uploadId"};
    case Operation::kGetBucketLocation: return {"location"};
    case Operation::kListObjectsV2:
      return {"list-type",          "prefix",      "delimiter",   "max-keys",
              "continuation-token", "start-after", "fetch-owner", "encoding-type"};
    case Operation::kListMultipartUploads:
      return {"uploads", "prefix", "max-uploads", "key-marker", "upload-id-marker", "encoding-type"};
    case Operation::kDeleteObjects: return {"delete"};
  }
  return {};
}

// The x-amz- headers that we honour, and those that ask for nothing.
bool takes_header(Operation operation, std::string_view name, std::string_view value) {
  const bool body = operation == Operation::kPutObject || operation == Operation::kUploadPart ||
                    operation == Operation::kCompleteMultipartUpload || operation == Operation::kDeleteObjects;
  if (name == "x-amz-date" || name == "x-amz-content-sha256" || name == "x-amz-user-agent") return true;
  if (name == "x-amz-decoded-content-length" || name == "x-amz-trailer") return body;
  if (name == "x-amz-checksum-mode") return operation == Operation::kGetObject;
  if (name == "x-amz-checksum-algorithm" || name == "x-amz-sdk-checksum-algorithm") return true;
  if (name == "x-amz-checksum-type") return operation == Operation::kCreateMultipartUpload;
  if (name.starts_with("x-amz-checksum-")) return body && operation != Operation::kCompleteMultipartUpload;
  if (name == "x-amz-copy-source" || name == "x-amz-copy-source-if-match" || name == "x-amz-metadata-directive") {
    return operation == Operation::kCopyObject;
  }
  if (name == "x-amz-acl") return value == "private" || value == "bucket-owner-full-control";
  if (name == "x-amz-storage-class") return value == "STANDARD";
  if (name == "x-amz-optional-object-attributes") return true;
  return false;
}

std::unexpected<S3Error> not_implemented(std::string_view what) {
  return s3_fail(501, "NotImplemented",
                 std::string(what) + " asks for what this store does not offer: please leave it out.");
}

S3Result<Operation> of_bucket(const http::Request& request, const auto& has) {
  switch (request.method) {
    case http::Method::kHead: return Operation::kHeadBucket;
    case http::Method::kGet:
      if (has("location")) return Operation::kGetBucketLocation;
      if (has("uploads")) return Operation::kListMultipartUploads;
      if (has("list-type")) return Operation::kListObjectsV2;
      return not_implemented("What you ask of the bucket, or listing it without list-type=2,");
    case http::Method::kPost:
      if (has("delete")) return Operation::kDeleteObjects;
      return not_implemented("This POST to the bucket");
    case http::Method::kPut:
    case http::Method::kPatch:
    case http::Method::kDelete:
    case http::Method::kOptions: break;
  }
  return s3_fail(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
}

S3Result<Operation> of_object(const http::Request& request, const auto& has, bool copies) {
  switch (request.method) {
    case http::Method::kHead:
    case http::Method::kGet:
      return has("uploadId") && request.method == http::Method::kGet ? Operation::kListParts : Operation::kGetObject;
    case http::Method::kPut:
      if (has("uploadId") && copies) return not_implemented("A header you provided: copying a part");
      if (has("uploadId")) return Operation::kUploadPart;
      return copies ? Operation::kCopyObject : Operation::kPutObject;
    case http::Method::kPost:
      if (has("uploads")) return Operation::kCreateMultipartUpload;
      if (has("uploadId")) return Operation::kCompleteMultipartUpload;
      return not_implemented("This POST to an object");
    case http::Method::kDelete: return has("uploadId") ? Operation::kAbortMultipartUpload : Operation::kDeleteObject;
    case http::Method::kPatch:
    case http::Method::kOptions: break;
  }
  return s3_fail(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
}

S3Result<void> check_names(const http::Request& request, const ObjectGateway::Grant& grant, Operation operation) {
  const Names known = parameters_of(operation);
  for (const auto& [name, value] : grant.parameters) {
    if (name == "x-id" || std::ranges::find(known, name) != known.end()) continue;
    const std::string lower = lower_case_of(name);
    if (lower.starts_with("x-amz-") && takes_header(operation, lower, value)) continue;
    return not_implemented("The parameter " + name + " of this operation");
  }
  for (const auto& [name, value] : request.headers.fields()) {
    const std::string lower = lower_case_of(name);
    if (lower.starts_with("x-amz-") && !takes_header(operation, lower, value)) {
      return not_implemented("The header " + lower + " of this operation");
    }
    if (lower == "content-encoding" && value != "aws-chunked" && !value.empty()) {
      return not_implemented("The header content-encoding");
    }
  }
  return {};
}

}  // namespace

std::unexpected<S3Error> s3_fail(int status, std::string code, std::string message) {
  return std::unexpected(S3Error{status, std::move(code), std::move(message)});
}

std::string lower_case_of(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

std::optional<std::string_view> Admitted::parameter(std::string_view name) const {
  for (const auto& [known, value] : grant.parameters) {
    if (known == name) return value;
  }
  return std::nullopt;
}

std::optional<std::string_view> header_or_parameter(const http::Request& request, const ObjectGateway::Grant& grant,
                                                    std::string_view lower_name) {
  if (const auto header = request.headers.find(lower_name)) return header;
  for (const auto& [name, value] : grant.parameters) {
    if (name.size() == lower_name.size() && lower_case_of(name) == lower_name) return value;
  }
  return std::nullopt;
}

S3Result<Operation> operation_of(const http::Request& request, const ObjectGateway::Grant& grant) {
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(grant.parameters, [&](const auto& parameter) { return parameter.first == name; });
  };
  const bool copies = header_or_parameter(request, grant, "x-amz-copy-source").has_value();
  const auto operation = grant.key.empty() ? of_bucket(request, has) : of_object(request, has, copies);
  if (!operation) return operation;
  if (auto checked = check_names(request, grant, *operation); !checked) return std::unexpected(checked.error());
  return operation;
}

S3Result<std::optional<std::int64_t>> number_of(const Admitted& admitted, std::string_view name, std::int64_t min,
                                                std::int64_t max) {
  const auto text = admitted.parameter(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < min || value > max) {
    return s3_fail(
        400, "InvalidArgument",
        std::string(name) + " must be a number from " + std::to_string(min) + " to " + std::to_string(max) + ".");
  }
  return value;
}

}  // namespace tintype::api
