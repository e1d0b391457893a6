#include "adapters/s3_store/xml.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <memory>

namespace tintype::s3 {

namespace {

constexpr int kDepthMax = 16;
constexpr int kDocumentBytesMax = 64 << 20;

std::string_view view_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

bool read_element(const xmlNode* node, int depth, XmlElement& element) {
  if (depth > kDepthMax) return false;
  element.name = view_of(node->name);
  for (const xmlNode* at = node->children; at != nullptr; at = at->next) {
    if (at->type == XML_TEXT_NODE || at->type == XML_CDATA_SECTION_NODE) element.text += view_of(at->content);
    if (at->type == XML_ENTITY_REF_NODE) return false;
    if (at->type != XML_ELEMENT_NODE) continue;
    if (!read_element(at, depth + 1, element.children.emplace_back())) return false;
  }
  if (!element.children.empty()) element.text.clear();  // the spaces between them
  return true;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

}  // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const {
  const auto found = std::ranges::find(children, wanted, &XmlElement::name);
  return found == children.end() ? nullptr : &*found;
}

std::string XmlElement::text_of(std::string_view wanted) const {
  const XmlElement* found = child(wanted);
  return found == nullptr ? std::string() : found->text;
}

Result<XmlElement> read_xml(std::string_view document) {
  if (document.size() > kDocumentBytesMax) return fail_internal("an XML document of too many bytes");
  const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> parsed(
      xmlReadMemory(document.data(), static_cast<int>(document.size()), nullptr, nullptr,
                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
      xmlFreeDoc);
  const xmlNode* root = parsed ? xmlDocGetRootElement(parsed.get()) : nullptr;
  XmlElement element;
  if (root == nullptr || parsed->intSubset != nullptr || !read_element(root, 0, element)) {
    return fail_internal("not the XML that S3 answers: " + std::string(document.substr(0, 200)));
  }
  return element;
}

std::string write_xml(const XmlElement& root) {
  std::string out = "<" + root.name + ">" + escaped(root.text);
  for (const XmlElement& child : root.children) out += write_xml(child);
  return out + "</" + root.name + ">";
}

}  // namespace tintype::s3
