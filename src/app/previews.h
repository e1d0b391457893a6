// What a studio operation would make, small and at once, for whoever looks for the right light before he pays. Nothing
// is kept of it, nothing is charged, and there is no job.
#pragma once

#include <chrono>
#include <string>

#include "app/scratch.h"
#include "app/studio_jobs.h"
#include "base/random.h"
#include "base/turn.h"
#include "domain/account.h"
#include "ports/database.h"
#include "ports/image_engine.h"
#include "ports/object_store.h"

namespace tintype::app {

inline constexpr int kPreviewSideMaxPx = 512;

struct PreviewRules {
  int at_once_max = 2;  // of all users together; more are kOverloaded
  std::chrono::seconds make_max{10};
};

struct Preview {
  std::string bytes;
  ImageFormat format = ImageFormat::kWebp;
};

class Previews {
 public:
  Previews(StudioJobs& studio_jobs, Database& database, ObjectStore& objects, ImageEngine& engine, Random& random,
           PreviewRules rules);

  // Made by a thread that steps back on the processor, so that what was paid for keeps its speed; the caller waits.
  // Fails as StudioJobs::submit() does for what the call says; kInvalidInput for operations without a preview and for
  // pictures that would have to be fetched; kDeadlineExceeded when it takes too long.
  Result<Preview> make(const Principal& principal, StudioCall call);

 private:
  Result<Preview> produce(const Principal& principal, StudioCall call, RunControl& control);
  Result<ReadableFile> picture_of(const Image& image, const std::string& copy);

  StudioJobs& studio_jobs_;
  Database& database_;
  ObjectStore& objects_;
  ImageEngine& engine_;
  Random& random_;
  const PreviewRules rules_;
  Turns turns_;
};

}  // namespace tintype::app
