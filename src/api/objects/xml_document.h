// A reader of the small XML documents that S3's clients send: elements and text, nothing that would have to be fetched,
// declared or expanded. Attributes and namespaces are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype::api {

struct XmlElement {
  std::string name;  // without a prefix
  std::string text;  // of its own, without white space at its ends
  std::vector<XmlElement> children;

  const XmlElement* find(std::string_view child) const;  // the first of that name
};

// The root. kInvalidInput for what is no such document.
Result<XmlElement> parse_xml(std::string_view text);

}  // namespace tintype::api
