// What is asked for: the same fields as JSON or as a form with a file.
#pragma once

#include "app/upscales.h"
#include "base/error.h"
#include "http/message.h"

namespace tintype::api::upscale {

struct CallForm {
  app::UpscaleCall call;
  std::optional<Extent> sides;  // of an estimate alone
};

enum class CallKind { kSubmit, kEstimate };

// kInvalidInput for a field that is unknown, missing, out of its range, or stands twice.
Result<CallForm> read_call(const http::Request& request, CallKind kind);

}  // namespace tintype::api::upscale
