#include "engine/studio/remove_background.h"

#include <array>

#include "engine/raster/colour.h"

namespace tintype::engine {

namespace {

constexpr double kCutShare = 0.95;  // of the work

Result<void> put_on(Raster& cut, const std::array<std::uint8_t, 3>& colour, const Task& task) {
  const Colour behind = {linear_of(colour[0]), linear_of(colour[1]), linear_of(colour[2])};
  return task.rows(cut.height, [&](int begin, int end) {
    for (std::uint8_t* pixel = cut.row(begin); pixel != cut.row(end); pixel += Raster::kChannels) {
      const float share = static_cast<float>(pixel[3]) / 255.0F;
      for (std::size_t channel = 0; pixel[3] != 255 && channel < 3; ++channel) {
        const float light = share * linear_of(pixel[channel]) + (1 - share) * behind[channel];
        pixel[channel] = byte_of(coded_of(light));
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
