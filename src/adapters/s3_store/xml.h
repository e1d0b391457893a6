// The answers of S3 are small documents of known shape: elements that hold either text or elements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype::s3 {

struct XmlElement {
  std::string name;  // without its namespace
  std::string text;
  std::vector<XmlElement> children;

  const XmlElement* child(std::string_view wanted) const;  // the first; nullptr when there is none
  std::string text_of(std::string_view wanted) const;      // that child's text; empty when there is none
};

// kInternal when it is not well-formed or declares a document type. Nothing is fetched and no entity beyond XML's five
// is known.
Result<XmlElement> read_xml(std::string_view document);

std::string write_xml(const XmlElement& root);

}  // namespace tintype::s3
