#include "engine/operation/preview.h"

#include <algorithm>
#include <cmath>
#include <memory>

#include "engine/codec/codec.h"

namespace tintype::engine {

namespace {

namespace fs = std::filesystem;

constexpr int kQuality = 90;
constexpr int kSideMinPx = 16;  // of what may be asked for

// Files on the way, gone with this.
class Scratch {
 public:
  explicit Scratch(const fs::path& output) : name_(output.string()) {}
  ~Scratch() {
    std::error_code ignored;
    for (const char* ending : {".picture", ".mask", ".reference", ".made"}) fs::remove(name_ + ending, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  fs::path file(const char* ending) const { return name_ + ending; }

 private:
  const std::string name_;
};

int reduced(int side_px, double share) {
  return std::max(1, static_cast<int>(std::lround(side_px * share)));
}

// Draws what fits the box.
Result<WrittenPicture> draw(const fs::path& input, const Extent& box, ImageFormat format, const fs::path& output,
                            const PreviewOptions& options, RunControl& control) {
  const Recipe recipe{{box.width_px, box.height_px, Fit::kContain}, kQuality};
  auto render = Render::plan({input, {{recipe, format, output}}}, options.render);
  if (!render) return std::unexpected(render.error());
  if (render->bytes_max() > options.studio.memory_bytes_max) {
    return fail(ErrorCode::kInvalidInput, "Reducing this picture would take too much memory",
                "Please send a smaller picture", std::string(kResultTooLarge));
  }
  auto drawn = render->run(control);
  if (!drawn) return std::unexpected(drawn.error());
  return drawn->renditions.front();
}

// How much smaller all is, so that neither the picture nor the result is over the bound.
Result<double> share_of(const PreviewRequest& request, const StudioOptions& options) {
  const ImageFacts picture{ImageFormat::kJpeg, request.picture.width_px, request.picture.height_px, false, 1};
  const auto forecast = forecast_studio(request.run, picture, options);
  if (!forecast) return std::unexpected(forecast.error());
  const int longest = std::max({picture.width_px, picture.height_px, forecast->width_px, forecast->height_px});
  return std::min(1.0, static_cast<double>(request.side_max_px) / longest);
}

// What speaks of pixels speaks of fewer; the format is ours.
Parameters reduced(Parameters parameters, double share) {
  parameters.erase("format");
  for (const char* name : {"width", "height"}) {
    const auto found = parameters.find(name);
    if (found == parameters.end()) continue;
    found->second = std::to_string(std::max(kSideMinPx, reduced(std::stoi(found->second), share)));
  }
  return parameters;
}

}  // namespace

Result<WrittenPicture> make_preview(const PreviewRequest& request, const PreviewOptions& options, RunControl& control) {
  const auto share = share_of(request, options.studio);
  if (!share) return std::unexpected(share.error());
  const Scratch scratch(request.run.output);
  RunRequest run = request.run;
  run.parameters = reduced(std::move(run.parameters), *share);
  run.output = scratch.file(".made");
  const Extent box{reduced(request.picture.width_px, *share), reduced(request.picture.height_px, *share)};
  const Extent bound{request.side_max_px, request.side_max_px};
  for (const auto& [file, ending, most] :
       {std::tuple(&run.input, ".picture", box), std::tuple(&run.mask, ".mask", bound),
        std::tuple(&run.reference, ".reference", bound)}) {
    if (file->empty()) continue;
    const auto drawn = draw(*file, most, ImageFormat::kPng, scratch.file(ending), options, control);
    if (!drawn) return std::unexpected(drawn.error());
    *file = scratch.file(ending);
  }
  // A PNG makes a PNG, which keeps whatever the result has.
  if (const auto made = run_studio(run, options.studio, control); !made) return std::unexpected(made.error());
  const auto facts = inspect(run.output, options.studio.limits);
  if (!facts) return std::unexpected(facts.error());
  const ImageFormat format = facts->has_alpha ? ImageFormat::kPng : ImageFormat::kWebp;
  return draw(run.output, bound, format, request.run.output, options, control);
}

}  // namespace tintype::engine
