// Shows what an operation of the studio would make, in few pixels.
#pragma once

#include "engine/operation/render.h"
#include "engine/operation/studio_run.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct PreviewOptions {
  StudioOptions studio;
  RenderOptions render;
};

// What ImageEngine::preview() does. The files that are made on the way lie beside the output and go with the call.
Result<WrittenPicture> make_preview(const PreviewRequest& request, const PreviewOptions& options, RunControl& control);

}  // namespace tintype::engine
