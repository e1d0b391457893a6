// Whatever is asked, the answer is a query that can be planned and whose plan keeps its scope, or a refusal that says
// why. The input is the text of a search; it is looked for in a document of the same words.
#include <algorithm>
#include <cstdlib>

#include "domain/search_query.h"

using namespace tintype;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  SearchDocument document;
  document.owner_id = "ann";
  document.title = text;
  document.tags = {std::string(text.substr(0, 64))};
  const std::string content = search_content(document);
  const auto marks = search_marks(content);
  if (marks.empty() || !std::ranges::is_sorted(marks)) std::abort();
  const auto query = parse_search(text);
  if (!query) {
    if (query.error().code != ErrorCode::kInvalidInput || query.error().message.empty()) std::abort();
    return 0;
  }
  if (query->terms.size() > kQueryTermsMax) std::abort();
  const SearchPlan plan = with_bounds_as_marks(plan_search(*query, "ann"));
  bool has_scope = false;
  for (const SearchPlan::Filter& filter : plan.filters) {
    for (const MarkRange& range : filter.any_of) {
      if (range.first.empty() || range.first > range.last || range.first.size() != range.last.size()) std::abort();
      has_scope = has_scope || range.first == ":public";
    }
  }
  if (!has_scope) std::abort();
  for (const SearchPlan::Filter& filter : plan.filters) static_cast<void>(passes_filter(filter, content));
  static_cast<void>(passes_checks(plan, content));
  return 0;
}
