// What is said of a studio job's result, by the surface and by its webhooks alike.
#pragma once

#include <string>

#include "base/json_text.h"
#include "domain/job.h"

namespace tintype::app {

// {"imageUrl", "width", "height"}, of a clip {"videoUrl", "width", "height", "duration", "fps"}, of words what they
// are; with what else the result has to say, such as an edit's plan. `job` has a result, `url` is its object's.
JsonText studio_result(const Job& job, const std::string& url);

}  // namespace tintype::app
