// CreateMultipartUpload, UploadPart, ListParts, CompleteMultipartUpload and AbortMultipartUpload.
#include <algorithm>
#include <charconv>

#include "api/objects/answers.h"
#include "api/objects/object_body.h"
#include "base/bytes.h"
#include "base/digest.h"
#include "ports/object_key.h"
#include "xml/document.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kListedPartsMax = 1'000;

std::unexpected<S3Error> no_such_upload() {
  return s3_fail(404, "NoSuchUpload",
                 "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
                 "aborted or completed.");
}

std::unexpected<S3Error> upload_failed(const Error& error) {
  if (error.code == ErrorCode::kNotFound) return no_such_upload();
  return store_failed(error);
}

std::unexpected<S3Error> malformed_xml() {
  return s3_fail(400, "MalformedXML",
                 "The XML you provided was not well-formed or did not validate against our published schema");
}

std::string unquoted(std::string_view etag) {
  if (etag.size() >= 2 && etag.starts_with('"') && etag.ends_with('"')) etag = etag.substr(1, etag.size() - 2);
  return std::string(etag);
}

S3Result<std::vector<StoredPart>> parts_of(const std::string& body) {
  const auto root = xml::parse(body);
  if (!root || root->name != "CompleteMultipartUpload" || root->children.empty()) return malformed_xml();
  std::vector<StoredPart> parts;
  for (const xml::Element& element : root->children) {
    if (element.name != "Part") return malformed_xml();
    StoredPart part;
    for (const xml::Element& field : element.children) {
      if (field.name.starts_with("Checksum")) {
        return s3_fail(501, "NotImplemented", "Checksums of parts are held against the parts as they come, not later.");
      }
      if (field.name == "ETag") {
        part.etag = "\"" + unquoted(field.text) + "\"";
      } else if (field.name == "PartNumber") {
        const auto [end, error] =
            std::from_chars(field.text.data(), field.text.data() + field.text.size(), part.number);
        if (error != std::errc() || end != field.text.data() + field.text.size()) return malformed_xml();
      } else {
        return malformed_xml();
      }
    }
    if (part.etag.empty() || part.number < 1) return malformed_xml();
    if (!parts.empty() && parts.back().number >= part.number) {
      return s3_fail(400, "InvalidPartOrder",
                     "The list of parts was not in ascending order. Parts must be ordered by part number.");
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

S3Result<void> check_parts(const std::vector<StoredPart>& meant, const std::vector<StoredPart>& stored) {
  for (const StoredPart& part : meant) {
    const auto found = std::ranges::lower_bound(stored, part.number, {}, &StoredPart::number);
    if (found == stored.end() || found->number != part.number || found->etag != part.etag) {
      return s3_fail(400, "InvalidPart",
                     "One or more of the specified parts could not be found. The part may not have been uploaded, or "
                     "the specified entity tag may not match the part's entity tag.");
    }
    if (found->size_bytes < kPartBytesMin && &part != &meant.back()) {
      return s3_fail(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
    }
  }
  return {};
}

std::string upload_of(const Admitted& admitted) {
  return std::string(admitted.parameter("uploadId").value_or(""));
}

http::Response completed(const ObjectSurface& surface, const std::string& key, std::string_view etag) {
  std::string inside;
  append_element(inside, "Location", surface.public_url + "/" + std::string(kBucketName) + "/" + key);
  append_element(inside, "Bucket", kBucketName);
  append_element(inside, "Key", key);
  append_element(inside, "ETag", etag);
  return xml_answer("CompleteMultipartUploadResult", inside);
}

// Asked again after an answer that was lost: the object of exactly these parts is there.
bool is_complete_already(const ObjectSurface& surface, const std::string& key, const std::vector<StoredPart>& parts) {
  std::string md5s;
  for (const StoredPart& part : parts) md5s += hex_decode(unquoted(part.etag)).value_or("");
  const auto object = surface.store.stat(key);
  return object && *object &&
         (*object)->etag == "\"" + hex_encode(md5(md5s)) + "-" + std::to_string(parts.size()) + "\"";
}

}  // namespace

S3Result<http::Response> create_multipart(const ObjectSurface& surface, const Admitted& admitted) {
  const std::string& key = admitted.grant.key;
  if (!is_valid_object_key(key)) return s3_fail(400, "InvalidArgument", "This is no key here.");
  const auto upload_id = surface.store.begin_multipart(key, {});
  if (!upload_id) return store_failed(upload_id.error());
  std::string inside;
  append_element(inside, "Bucket", kBucketName);
  append_element(inside, "Key", key);
  append_element(inside, "UploadId", *upload_id);
  return xml_answer("InitiateMultipartUploadResult", inside);
}

S3Result<int> part_number_of(const Admitted& admitted) {
  const auto number = number_of(admitted, "partNumber", 1, kPartsMax);
  if (!number) return std::unexpected(number.error());
  if (!*number) return s3_fail(400, "InvalidArgument", "This operation needs a partNumber.");
  return static_cast<int>(**number);
}

S3Result<http::Response> upload_part(const ObjectSurface& surface, const http::Request& request,
                                     const Admitted& admitted) {
  const auto number = part_number_of(admitted);
  if (!number) return std::unexpected(number.error());
  if (!is_valid_object_key(admitted.grant.key)) return no_such_upload();
  auto whole = static_cast<ObjectBody&>(*request.sink).finish();
  if (!whole) return std::unexpected(whole.error());
  const auto part = surface.gateway.put_part(admitted.grant.key, upload_of(admitted), *number, whole->file, whole->md5);
  if (!part) return upload_failed(part.error());
  http::Response response;
  response.headers.add("ETag", part->etag);
  return response;
}

S3Result<http::Response> list_parts(const ObjectSurface& surface, const Admitted& admitted) {
  const auto count_max = number_of(admitted, "max-parts", 0, INT32_MAX);
  if (!count_max) return std::unexpected(count_max.error());
  const auto marker = number_of(admitted, "part-number-marker", 0, INT32_MAX);
  if (!marker) return std::unexpected(marker.error());
  if (!is_valid_object_key(admitted.grant.key)) return no_such_upload();
  const auto parts = surface.store.list_parts(admitted.grant.key, upload_of(admitted));
  if (!parts) return upload_failed(parts.error());
  const auto shown_max = static_cast<std::size_t>(std::min(count_max->value_or(kListedPartsMax), kListedPartsMax));
  auto part = std::ranges::upper_bound(*parts, static_cast<int>(marker->value_or(0)), {}, &StoredPart::number);
  std::string rows;
  int last = static_cast<int>(marker->value_or(0));
  std::size_t shown = 0;
  for (; part != parts->end() && shown < shown_max; ++part, ++shown) {
    rows += "<Part>";
    append_element(rows, "PartNumber", std::to_string(part->number));
    append_element(rows, "ETag", part->etag);
    append_element(rows, "Size", std::to_string(part->size_bytes));
    rows += "</Part>";
    last = part->number;
  }
  std::string inside;
  append_element(inside, "Bucket", kBucketName);
  append_element(inside, "Key", admitted.grant.key);
  append_element(inside, "UploadId", upload_of(admitted));
  append_element(inside, "PartNumberMarker", std::to_string(marker->value_or(0)));
  append_element(inside, "NextPartNumberMarker", std::to_string(last));
  append_element(inside, "MaxParts", std::to_string(shown_max));
  append_element(inside, "IsTruncated", part != parts->end() ? "true" : "false");
  return xml_answer("ListPartsResult", inside + rows);
}

S3Result<http::Response> complete_multipart(const ObjectSurface& surface, const http::Request& request,
                                            const Admitted& admitted) {
  const std::string& key = admitted.grant.key;
  if (!is_valid_object_key(key)) return no_such_upload();
  if (request.headers.find("if-none-match") || request.headers.find("if-match")) {
    return s3_fail(501, "NotImplemented", "A completion here takes no conditions.");
  }
  const auto meant = parts_of(request.body);
  if (!meant) return std::unexpected(meant.error());
  const std::string upload_id = upload_of(admitted);
  const auto stored = surface.store.list_parts(key, upload_id);
  if (!stored && stored.error().code == ErrorCode::kNotFound && is_complete_already(surface, key, *meant)) {
    return completed(surface, key, (*surface.store.stat(key))->etag);
  }
  if (!stored) return upload_failed(stored.error());
  if (auto checked = check_parts(*meant, *stored); !checked) return std::unexpected(checked.error());
  const auto info = surface.store.complete_multipart(key, upload_id, *meant);
  if (!info && info.error().code == ErrorCode::kInvalidInput) {  // replaced since we looked
    return s3_fail(400, "InvalidPart", info.error().message);
  }
  if (!info) return upload_failed(info.error());
  return completed(surface, key, info->etag);
}

S3Result<http::Response> abort_multipart(const ObjectSurface& surface, const Admitted& admitted) {
  if (!is_valid_object_key(admitted.grant.key)) return no_such_upload();
  const auto parts = surface.store.list_parts(admitted.grant.key, upload_of(admitted));
  if (!parts) return upload_failed(parts.error());
  if (auto aborted = surface.store.abort_multipart(admitted.grant.key, upload_of(admitted)); !aborted) {
    return store_failed(aborted.error());
  }
  return http::Response{.status = 204};
}

}  // namespace tintype::api
