// Between the words of S3 and those of the port.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/s3_store/s3_client.h"
#include "base/clock.h"
#include "ports/object_store.h"
#include "xml/document.h"

namespace tintype::s3 {

std::unexpected<Error> bad_key(std::string_view key);

// Of the answer to a HEAD.
ObjectInfo info_of(const Answer& answer);

// "Sun, 06 Nov 1994 08:49:37 GMT"; 0 when it is none.
UnixMs parse_http_date(const std::string& text);

std::string with_quotes(std::string_view etag);  // with its quotes, however it came

// What makes a PUT the copy of an object, as long as that has this ETag. The characters of keys and buckets need no
// encoding.
std::vector<Header> copy_headers(const S3Options& options, std::string_view from_key, std::string_view from_etag);

// What a store answered; kInternal when it is no XML.
Result<xml::Element> read_xml(std::string_view document);

// Nothing unless it is all digits.
std::optional<std::int64_t> parse_count(std::string_view text);

}  // namespace tintype::s3
