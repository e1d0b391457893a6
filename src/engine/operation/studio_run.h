// Runs the studio's operations on files: pictures in, an operation of engine/studio in between, a result out.
#pragma once

#include "ports/image_engine.h"

namespace tintype::engine {

struct StudioOptions {
  ImageLimits limits;
  int threads = 1;
  int quality = 92;  // of results in formats that lose
  std::int64_t memory_bytes_max = 2LL << 30;
};

// Whether this program itself can do such an operation of the studio.
bool runs_here(OperationKind operation);

// As ImageEngine::run(), of all operations of the studio but kUpscale. kEngineUnavailable for what runs elsewhere.
Result<RunOutcome> run_studio(const RunRequest& request, const StudioOptions& options, RunControl& control);

// As ImageEngine::forecast(); of an operation without a picture `picture` does not count.
Result<RunForecast> forecast_studio(const RunRequest& request, const ImageFacts& picture,
                                    std::int64_t memory_bytes_max);

}  // namespace tintype::engine
