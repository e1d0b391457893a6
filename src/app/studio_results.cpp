#include "app/studio_results.h"

namespace tintype::app {

JsonText studio_result(const Job& job, const std::string& url) {
  const JobResult& result = *job.result;
  JsonText json;
  if (!url.empty()) {
    json.add(result.clip_format ? "videoUrl" : "imageUrl", url);
    json.add("width", result.width_px).add("height", result.height_px);
  }
  json.add_all(result.details);
  return json;
}

}  // namespace tintype::app
