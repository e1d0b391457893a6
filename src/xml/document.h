// The small XML documents that S3 and its clients send each other: elements that hold either text or elements. libxml2
// is behind it and nowhere else. Attributes and namespaces are passed over.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tintype::xml {

struct Element {
  std::string name;  // without a prefix
  std::string text;  // of its own, without white space at its ends; empty beside elements
  std::vector<Element> children;

  const Element* find(std::string_view child) const;  // the first of that name; null when there is none
  std::string text_of(std::string_view child) const;  // that child's text; empty when there is none
};

// The root. kInvalidInput for what is no such document: not well-formed, over 16 elements deep or 64 MiB long, with a
// document type or a CDATA section. Nothing is fetched, and no entity but XML's five is known.
Result<Element> parse(std::string_view text);

std::string write(const Element& root);

}  // namespace tintype::xml
