// Makes pictures for display out of an original, and its fingerprints.
#pragma once

#include <vector>

#include "engine/codec/canvas.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct RenderOptions {
  ImageLimits limits;
  int threads = 1;      // that encode at once
  int webp_effort = 4;  // libwebp's method, 0 to 6
};

// One decoding, reduced while it is read to the largest size that is asked for; each size is then made of the next
// larger one.
class Render {
 public:
  // Reads the header alone. kUnsupportedMediaType, or kInvalidInput with the fault named.
  static Result<Render> plan(const RenderRequest& request, const RenderOptions& options);

  // What run() holds at most, an estimate on the safe side.
  std::int64_t bytes_max() const;

  // Decodes in the calling thread. Called once, with the errors of ImageEngine::render(); no output stays behind then.
  Result<RenderOutcome> run(RunControl& control);

 private:
  // What becomes of one rendition.
  struct Target {
    Rendition rendition;
    Extent part;  // of the picture in its own size, around its middle
    Extent extent;
  };
  Render(CanvasReader reader, std::vector<Target> targets, RenderOptions options)
      : reader_(std::move(reader)), targets_(std::move(targets)), options_(options) {}

  using Canvases = std::vector<std::unique_ptr<Canvas>>;
  static EncodeOptions encoding(const Target& target, const RenderOptions& options);
  Result<const Canvas*> sized(const Target& target, Canvases& canvases) const;
  Result<std::vector<WrittenPicture>> encode(const std::vector<const Canvas*>& pictures, RunControl& control) const;
  void remove_outputs() const;

  CanvasReader reader_;
  std::vector<Target> targets_;
  RenderOptions options_;
};

}  // namespace tintype::engine
