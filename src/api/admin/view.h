// The queue in JSON.
#pragma once

#include <string>

#include "app/queue.h"
#include "base/json_text.h"

namespace tintype::api::admin {

JsonText state_json(const app::QueueState& state);
JsonText series_json(const app::QueueSeries& series);
JsonText job_json(const Job& job);

}  // namespace tintype::api::admin
