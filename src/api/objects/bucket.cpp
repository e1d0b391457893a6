// HeadBucket, GetBucketLocation, ListObjectsV2, ListMultipartUploads and DeleteObjects.
#include <algorithm>
#include <set>

#include "api/objects/answers.h"
#include "api/objects/body_checks.h"
#include "base/bytes.h"
#include "ports/object_key.h"
#include "xml/document.h"

namespace tintype::api {

namespace {

constexpr std::int64_t kListedMax = 1'000;
constexpr std::size_t kDeletedMax = 1'000;

// As encoding-type=url asks: everything but unreserved characters and '/'.
std::string shown(const Admitted& admitted, std::string_view text) {
  if (admitted.parameter("encoding-type").value_or("") != "url") return std::string(text);
  std::string out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    out += percent_encode(text.substr(begin, end - begin));
    if (end < text.size()) out.push_back('/');
    begin = end + 1;
  }
  return out;
}

// A page of keys and of the prefixes that stand for many, in order: the first of all that come after a marker. The
// store lists in no order; what is kept meanwhile is one page.
struct Page {
  std::string after;
  std::string prefix, delimiter;
  std::size_t count_max = 0;
  std::set<std::string> entries;
  bool truncated = false;

  bool is_prefix(const std::string& entry) const {
    return !delimiter.empty() && entry.size() > prefix.size() && entry.find(delimiter, prefix.size()) != entry.npos;
  }
  void add(std::string_view key) {
    std::string entry(key);
    const std::size_t cut = delimiter.empty() ? entry.npos : entry.find(delimiter, prefix.size());
    if (cut != entry.npos) entry.resize(cut + delimiter.size());
    if (entry <= after) return;
    entries.insert(std::move(entry));
    if (entries.size() <= count_max) return;
    truncated = true;
    entries.erase(std::prev(entries.end()));
  }
};

void append_entry(const ObjectSurface& surface, const Admitted& admitted, const Page& page, const std::string& entry,
                  std::string& xml) {
  if (page.is_prefix(entry)) {
    xml += "<CommonPrefixes>";
    append_element(xml, "Prefix", shown(admitted, entry));
    xml += "</CommonPrefixes>";
    return;
  }
  const auto info = surface.store.stat(entry);
  if (!info || !*info) return;  // gone meanwhile
  xml += "<Contents>";
  append_element(xml, "Key", shown(admitted, entry));
  append_element(xml, "LastModified", iso8601((*info)->modified_at_ms));
  append_element(xml, "ETag", (*info)->etag);
  append_element(xml, "Size", std::to_string((*info)->size_bytes));
  append_element(xml, "StorageClass", "STANDARD");
  xml += "</Contents>";
}

S3Result<std::string> continuation_of(const Admitted& admitted) {
  const auto token = admitted.parameter("continuation-token");
  if (!token) return std::string(admitted.parameter("start-after").value_or(""));
  auto key = base64url_decode(*token);
  if (!key) return s3_fail(400, "InvalidArgument", "The continuation token provided is incorrect");
  return std::move(*key);
}

S3Result<void> check_listing(const Admitted& admitted) {
  const auto encoding = admitted.parameter("encoding-type");
  if (encoding && *encoding != "url") return s3_fail(400, "InvalidArgument", "Invalid Encoding Method specified.");
  if (admitted.parameter("list-type").value_or("2") != "2") {
    return s3_fail(400, "InvalidArgument", "The only list-type is 2.");
  }
  return {};
}

}  // namespace

S3Result<http::Response> head_bucket() {
  http::Response response;
  response.headers.add("x-amz-bucket-region", "us-east-1");
  return response;
}

// us-east-1 is the region that S3 gives no name.
S3Result<http::Response> get_bucket_location() {
  return xml_answer("LocationConstraint", "");
}

S3Result<http::Response> list_objects(const ObjectSurface& surface, const Admitted& admitted) {
  if (auto checked = check_listing(admitted); !checked) return std::unexpected(checked.error());
  const auto count_max = number_of(admitted, "max-keys", 0, INT32_MAX);
  if (!count_max) return std::unexpected(count_max.error());
  auto after = continuation_of(admitted);
  if (!after) return std::unexpected(after.error());
  Page page;
  page.after = std::move(*after);
  page.prefix = admitted.parameter("prefix").value_or("");
  page.delimiter = admitted.parameter("delimiter").value_or("");
  page.count_max = static_cast<std::size_t>(std::min(count_max->value_or(kListedMax), kListedMax));
  const auto listed = surface.store.list(page.prefix, [&](std::string_view key, std::int64_t) {
    page.add(key);
    return true;
  });
  if (!listed) return store_failed(listed.error());
  if (page.count_max == 0) page.truncated = false;

  std::string inside;
  append_element(inside, "Name", kBucketName);
  append_element(inside, "Prefix", shown(admitted, page.prefix));
  if (!page.delimiter.empty()) append_element(inside, "Delimiter", shown(admitted, page.delimiter));
  if (const auto start = admitted.parameter("start-after"))
    append_element(inside, "StartAfter", shown(admitted, *start));
  if (const auto token = admitted.parameter("continuation-token")) append_element(inside, "ContinuationToken", *token);
  if (admitted.parameter("encoding-type")) append_element(inside, "EncodingType", "url");
  append_element(inside, "MaxKeys", std::to_string(page.count_max));
  append_element(inside, "KeyCount", std::to_string(page.entries.size()));
  append_element(inside, "IsTruncated", page.truncated ? "true" : "false");
  if (page.truncated) {
    append_element(inside, "NextContinuationToken", base64url_encode(*page.entries.rbegin()));
  }
  for (const std::string& entry : page.entries) append_entry(surface, admitted, page, entry, inside);
  return xml_answer("ListBucketResult", inside);
}

S3Result<http::Response> list_multiparts(const ObjectSurface& surface, const Admitted& admitted) {
  if (auto checked = check_listing(admitted); !checked) return std::unexpected(checked.error());
  const auto count_max = number_of(admitted, "max-uploads", 0, INT32_MAX);
  if (!count_max) return std::unexpected(count_max.error());
  using Row = std::tuple<std::string, std::string, UnixMs>;  // key, upload id, begun
  const std::string key_marker(admitted.parameter("key-marker").value_or(""));
  const std::string id_marker(admitted.parameter("upload-id-marker").value_or(""));
  const auto shown_max = static_cast<std::size_t>(std::min(count_max->value_or(kListedMax), kListedMax));
  std::set<Row> rows;
  bool truncated = false;
  const auto prefix = admitted.parameter("prefix").value_or("");
  const auto listed = surface.store.list_multiparts(prefix, [&](const OpenMultipart& upload) {
    // Without an id the marker stands for all uploads of its key.
    const bool passed =
        upload.key > key_marker || (upload.key == key_marker && !id_marker.empty() && upload.upload_id > id_marker);
    if (passed) rows.emplace(upload.key, upload.upload_id, upload.begun_at_ms);
    if (rows.size() > shown_max) {
      truncated = true;
      rows.erase(std::prev(rows.end()));
    }
    return true;
  });
  if (!listed) return store_failed(listed.error());
  std::string inside;
  append_element(inside, "Bucket", kBucketName);
  append_element(inside, "KeyMarker", shown(admitted, key_marker));
  append_element(inside, "UploadIdMarker", id_marker);
  append_element(inside, "Prefix", shown(admitted, prefix));
  append_element(inside, "MaxUploads", std::to_string(shown_max));
  append_element(inside, "IsTruncated", truncated && !rows.empty() ? "true" : "false");
  if (truncated && !rows.empty()) {
    append_element(inside, "NextKeyMarker", shown(admitted, std::get<0>(*rows.rbegin())));
    append_element(inside, "NextUploadIdMarker", std::get<1>(*rows.rbegin()));
  }
  for (const auto& [key, upload_id, begun_at_ms] : rows) {
    inside += "<Upload>";
    append_element(inside, "Key", shown(admitted, key));
    append_element(inside, "UploadId", upload_id);
    append_element(inside, "StorageClass", "STANDARD");
    append_element(inside, "Initiated", iso8601(begun_at_ms));
    inside += "</Upload>";
  }
  return xml_answer("ListMultipartUploadsResult", inside);
}

S3Result<http::Response> delete_objects(const ObjectSurface& surface, const http::Request& request, const Admitted&) {
  const auto malformed = [] {
    return s3_fail(400, "MalformedXML",
                   "The XML you provided was not well-formed or did not validate against our published schema");
  };
  const auto root = xml::parse(request.body);
  if (!root || root->name != "Delete") return malformed();
  const xml::Element* quiet = root->find("Quiet");
  std::vector<std::string> keys;
  for (const xml::Element& element : root->children) {
    if (element.name == "Quiet") continue;
    const xml::Element* key = element.find("Key");
    if (element.name != "Object" || key == nullptr || keys.size() == kDeletedMax) return malformed();
    if (element.children.size() > 1) {
      return s3_fail(501, "NotImplemented", "A deletion here takes keys alone, no versions and no conditions.");
    }
    keys.push_back(key->text);
  }
  if (keys.empty()) return malformed();
  std::string inside;
  for (const std::string& key : keys) {
    const auto removed = is_valid_object_key(key) ? surface.store.remove(key) : Result<void>();
    if (removed && quiet != nullptr && quiet->text == "true") continue;
    inside += removed ? "<Deleted>" : "<Error>";
    append_element(inside, "Key", key);
    if (!removed) {
      const S3Error error = store_failed(request, removed.error()).error();
      append_element(inside, "Code", error.code);
      append_element(inside, "Message", error.message);
    }
    inside += removed ? "</Deleted>" : "</Error>";
  }
  return xml_answer("DeleteResult", inside);
}

}  // namespace tintype::api
