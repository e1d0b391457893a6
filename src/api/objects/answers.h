// Answers to the operations on objects and on the bucket. Each takes an admitted request and gives S3's answer or
// error.
#pragma once

#include <string>
#include <string_view>

#include "api/objects/operation.h"
#include "api/objects/routes.h"
#include "http/message.h"

namespace tintype::api {

inline constexpr std::string_view kBucketName = "objects";
inline constexpr std::string_view kS3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

S3Result<http::Response> get_object(const ObjectSurface& surface, const http::Request& request,
                                    const Admitted& admitted);
S3Result<http::Response> put_object(const ObjectSurface& surface, const http::Request& request,
                                    const Admitted& admitted);
S3Result<http::Response> copy_object(const ObjectSurface& surface, const http::Request& request,
                                     const Admitted& admitted);
S3Result<http::Response> delete_object(const ObjectSurface& surface, const Admitted& admitted);

S3Result<http::Response> create_multipart(const ObjectSurface& surface, const Admitted& admitted);
S3Result<int> part_number_of(const Admitted& admitted);  // InvalidArgument unless it is 1 to kPartsMax
S3Result<http::Response> upload_part(const ObjectSurface& surface, const http::Request& request,
                                     const Admitted& admitted);
S3Result<http::Response> list_parts(const ObjectSurface& surface, const Admitted& admitted);
S3Result<http::Response> complete_multipart(const ObjectSurface& surface, const http::Request& request,
                                            const Admitted& admitted);
S3Result<http::Response> abort_multipart(const ObjectSurface& surface, const Admitted& admitted);

S3Result<http::Response> head_bucket();
S3Result<http::Response> get_bucket_location();
S3Result<http::Response> list_objects(const ObjectSurface& surface, const Admitted& admitted);
S3Result<http::Response> list_multiparts(const ObjectSurface& surface, const Admitted& admitted);
S3Result<http::Response> delete_objects(const ObjectSurface& surface, const http::Request& request,
                                        const Admitted& admitted);

// ---- What they share.

// Logs the cause of an error of the store; kNotFound is NoSuchKey.
std::unexpected<S3Error> store_failed(const http::Request& request, const Error& error);
std::unexpected<S3Error> store_failed(const Error& error);
// <Name>text</Name>
void append_element(std::string& xml, std::string_view name, std::string_view text);
// "<?xml ...?><Root xmlns=...>" + inside + "</Root>"
http::Response xml_answer(std::string_view root, std::string_view inside);

}  // namespace tintype::api
