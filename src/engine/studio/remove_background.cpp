#include "engine/studio/remove_background.h"

#include <array>

#include "engine/raster/colour.h"

namespace tintype::engine {

namespace {

constexpr double kCutShare = 0.95;  // of the work

// Coded values are mixed, as alpha was solved for and as programs lay one picture over another: on the colour that it
// had behind it, the picture is what it was.
Result<void> put_on(Raster& cut, const std::array<std::uint8_t, 3>& colour, const Task& task) {
  return task.rows(cut.height, [&](int begin, int end) {
    for (std::uint8_t* pixel = cut.row(begin); pixel != cut.row(end); pixel += Raster::kChannels) {
      const int share = pixel[3];
      for (std::size_t channel = 0; share != 255 && channel < 3; ++channel) {
        pixel[channel] =
            static_cast<std::uint8_t>((share * pixel[channel] + (255 - share) * colour[channel] + 127) / 255);
      }
      pixel[3] = 255;
    }
  });
}

}  // namespace

Result<Raster> remove_background(const Raster& picture, const RemoveBackground& how, const Saliency& network,
                                 const Task& task) {
  auto cut = cut_out(picture, network, task.part(0, kCutShare));
  if (!cut) return std::unexpected(cut.error());
  if (how.background.empty()) {
    task.done(1);
    return std::move(cut->foreground);
  }
  const auto colour = parse_colour(how.background);
  if (!colour) return fail(ErrorCode::kInvalidInput, "The background is no colour");
  if (auto done = put_on(cut->foreground, *colour, task.part(kCutShare, 1)); !done) {
    return std::unexpected(done.error());
  }
  return std::move(cut->foreground);
}

std::int64_t remove_background_bytes_max(const Extent& picture) {
  return cut_out_bytes_max(picture);
}

}  // namespace tintype::engine
