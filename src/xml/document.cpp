#include "xml/document.h"

#include <libxml/parser.h>
#include <libxml/tree.h>

#include <algorithm>
#include <memory>

#include "base/markup_text.h"

namespace tintype::xml {

namespace {

constexpr int kDepthMax = 16;
constexpr std::size_t kDocumentBytesMax = 64 << 20;

std::string_view view_of(const xmlChar* text) {
  return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<const char*>(text));
}

std::string trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const std::size_t begin = text.find_first_not_of(kSpace);
  if (begin == text.npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(kSpace) - begin + 1));
}

bool read(const xmlNode* node, int depth, Element& element) {
  if (depth > kDepthMax) return false;
  element.name = view_of(node->name);
  // A prefix that nothing declares stays in libxml2's name.
  element.name.erase(0, element.name.find(':') + 1);
  for (const xmlNode* at = node->children; at != nullptr; at = at->next) {
    if (at->type == XML_CDATA_SECTION_NODE || at->type == XML_ENTITY_REF_NODE) return false;
    if (at->type == XML_TEXT_NODE) element.text += view_of(at->content);
    if (at->type == XML_ELEMENT_NODE && !read(at, depth + 1, element.children.emplace_back())) return false;
  }
  element.text = element.children.empty() ? trimmed(element.text) : std::string();
  return true;
}

}  // namespace

const Element* Element::find(std::string_view child) const {
  const auto found = std::ranges::find(children, child, &Element::name);
  return found == children.end() ? nullptr : &*found;
}

std::string Element::text_of(std::string_view child) const {
  const Element* found = find(child);
  return found == nullptr ? std::string() : found->text;
}

Result<Element> parse(std::string_view text) {
  const auto refused = [] { return fail(ErrorCode::kInvalidInput, "The body is no XML document that is taken here"); };
  // libxml2 takes the end of a text for the end of the document.
  if (text.size() > kDocumentBytesMax || text.find('\0') != text.npos) return refused();
  const std::unique_ptr<xmlDoc, void (*)(xmlDoc*)> parsed(
      xmlReadMemory(text.data(), static_cast<int>(text.size()), nullptr, nullptr,
                    XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING),
      xmlFreeDoc);
  const xmlNode* root = parsed ? xmlDocGetRootElement(parsed.get()) : nullptr;
  Element element;
  if (root == nullptr || parsed->intSubset != nullptr || !read(root, 0, element)) return refused();
  return element;
}

std::string write(const Element& root) {
  std::string out = "<" + root.name + ">" + markup_escape(root.text);
  for (const Element& child : root.children) out += write(child);
  return out + "</" + root.name + ">";
}

}  // namespace tintype::xml
