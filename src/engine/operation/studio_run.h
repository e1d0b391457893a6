// Runs the studio's operations on files: pictures in, an operation of engine/studio in between, a result out.
#pragma once

#include "engine/operation/subject_network.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct StudioOptions {
  ImageLimits limits;
  int threads = 1;
  int quality = 92;  // of results in formats that lose
  std::int64_t memory_bytes_max = 2LL << 30;
  SubjectNetwork subject;  // of operations that look for one
};

// Whether this program itself can do such an operation of the studio.
bool runs_here(OperationKind operation);

// Whether it tells the subject from the background, and is better with a network that does.
bool looks_for_subject(OperationKind operation);

// As ImageEngine::run(), of all operations of the studio but kUpscale. kEngineUnavailable for what runs elsewhere;
// kInvalidInput, before the first pixel, for what would take more memory than there may be.
Result<RunOutcome> run_studio(const RunRequest& request, const StudioOptions& options, RunControl& control);

// As ImageEngine::forecast(); of an operation without a picture `picture` does not count.
Result<RunForecast> forecast_studio(const RunRequest& request, const ImageFacts& picture, const StudioOptions& options);

}  // namespace tintype::engine
