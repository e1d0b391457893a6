#include "app/studio_results.h"

namespace tintype::app {

namespace {

// An object with the members of another one behind its own.
JsonText joined(JsonText json, const std::string& members) {
  constexpr std::size_t kEmptyObject = 2;
  if (members.size() <= kEmptyObject) return json;
  std::string text = std::move(json).text();
  if (text.size() <= kEmptyObject) return JsonText::of(members);
  text.back() = ',';
  text.append(members, 1, std::string::npos);
  return JsonText::of(std::move(text));
}

}  // namespace

JsonText studio_result(const Job& job, const std::string& url) {
  const JobResult& result = *job.result;
  JsonText json;
  if (!url.empty()) {
    json.add(result.clip_format ? "videoUrl" : "imageUrl", url);
    json.add("width", result.width_px).add("height", result.height_px);
  }
  return joined(std::move(json), result.details);
}

}  // namespace tintype::app
