// A submit's body: {"operationType", "data", "priority", "webhookUrl", "quote"}; of a preview the first two alone.
#pragma once

#include <vector>

#include "api/studio/view.h"
#include "app/scratch.h"
#include "app/studio_jobs.h"

namespace tintype::api::studio {

struct SubmitForm {
  app::StudioCall call;
  std::vector<app::ScratchFile> files;  // that data URLs became; they are there as long as this is
};

// Reads the body out of the file that it was spooled to, into Request::body as well. Every error names its field.
Result<SubmitForm> read_submit(const Surface& surface, http::Request& request);
Result<SubmitForm> read_preview(const Surface& surface, http::Request& request);

}  // namespace tintype::api::studio
