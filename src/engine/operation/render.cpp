#include "engine/operation/render.h"

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <thread>

#include "base/bytes.h"
#include "engine/codec/row_writer.h"
#include "engine/fingerprint/perceptual_hash.h"
#include "engine/fingerprint/thumb_hash.h"

namespace tintype::engine {

namespace {

constexpr int kReadPermille = 300;  // of the work, decoding and resampling

std::int64_t area(const Extent& extent) {
  return std::int64_t{extent.width_px} * extent.height_px;
}

std::unexpected<Error> cancelled() {
  return fail(ErrorCode::kCancelled, "The job was cancelled");
}

// The longest side that the whole picture has where a part of it gets its extent.
int longest_for(const Extent& picture, const Extent& part, const Extent& extent) {
  const double ratio = std::max(static_cast<double>(extent.width_px) / part.width_px,
                                static_cast<double>(extent.height_px) / part.height_px);
  const int longest = std::max(picture.width_px, picture.height_px);
  return std::clamp(static_cast<int>(std::ceil(longest * ratio - 1e-6)), 1, longest);
}

int rounded_share(int side, int part, int whole) {
  return std::clamp(static_cast<int>(std::lround(static_cast<double>(side) * part / whole)), 1, side);
}

// The part, which is one of the picture in its own size, in a canvas of another size.
Part part_of(const Extent& canvas, const Extent& part, const Extent& picture) {
  const Extent extent{rounded_share(canvas.width_px, part.width_px, picture.width_px),
                      rounded_share(canvas.height_px, part.height_px, picture.height_px)};
  return {(canvas.width_px - extent.width_px) / 2, (canvas.height_px - extent.height_px) / 2, extent};
}

// Rec. 601, by which JPEG and WebP weigh as well.
std::uint8_t luminance(const std::uint8_t* rgba) {
  return static_cast<std::uint8_t>((299 * rgba[0] + 587 * rgba[1] + 114 * rgba[2] + 500) / 1'000);
}

Result<void> add_fingerprints(const Canvas& canvas, RenderOutcome& outcome) {
  const Extent small = extent_in({kThumbHashSideMaxPx, kThumbHashSideMaxPx}, canvas.extent());
  const auto thumb = canvas.reduced({0, 0, canvas.extent()}, small);
  if (!thumb) return std::unexpected(thumb.error());
  const std::vector<std::uint8_t> rgba = (*thumb)->rgba();
  outcome.thumb_hash = base64_encode(thumb_hash(small.width_px, small.height_px, rgba));

  // The nearest of the thumb's pixels where it has fewer; the mean of all that fall into a place where it has more.
  constexpr int kSide = kPerceptualHashSidePx;
  std::vector<std::uint8_t> light;
  for (int y = 0; y < kSide; ++y) {
    const int top = y * small.height_px / kSide;
    const int bottom = std::max(top + 1, (y + 1) * small.height_px / kSide);
    for (int x = 0; x < kSide; ++x) {
      const int left = x * small.width_px / kSide;
      const int right = std::max(left + 1, (x + 1) * small.width_px / kSide);
      int sum = 0;
      for (int row = top; row < bottom; ++row) {
        for (int column = left; column < right; ++column) {
          sum += luminance(rgba.data() + (std::ptrdiff_t{row} * small.width_px + column) * 4);
        }
      }
      light.push_back(static_cast<std::uint8_t>(sum / ((bottom - top) * (right - left))));
    }
  }
  outcome.perceptual_hash = perceptual_hash(light);
  return {};
}

}  // namespace

Result<Render> Render::plan(const RenderRequest& request, const RenderOptions& options) {
  const auto facts = inspect(request.input, options.limits);
  if (!facts) return std::unexpected(facts.error());
  const Extent picture{facts->width_px, facts->height_px};
  std::vector<Target> targets;
  int longest = 1;
  for (const Rendition& rendition : request.renditions) {
    const Target target{rendition, part_shown(rendition.recipe.box, picture), extent_in(rendition.recipe.box, picture)};
    longest = std::max(longest, longest_for(picture, target.part, target.extent));
    targets.push_back(target);
  }
  std::vector<EncodeOptions> uses;
  for (const Target& target : targets) uses.push_back(encoding(target, options));
  auto reader = CanvasReader::open(request.input, options.limits, longest, uses);
  if (!reader) return std::unexpected(reader.error());
  return Render(std::move(*reader), std::move(targets), options);
}

EncodeOptions Render::encoding(const Target& target, const RenderOptions& options) {
  return {target.rendition.format, target.rendition.recipe.quality, options.webp_effort, true};
}

std::int64_t Render::bytes_max() const {
  constexpr int kChannelsMax = 4;
  std::int64_t canvases = area(reader_.extent()) * kChannelsMax;
  std::vector<std::int64_t> encoders;
  for (const Target& target : targets_) {
    canvases += area(target.extent) * kChannelsMax;
    const PictureShape shape{target.extent.width_px, target.extent.height_px, kChannelsMax, 1};
    encoders.push_back(RowWriter::bytes_max(shape, encoding(target, options_)));
  }
  std::ranges::sort(encoders, std::greater());
  encoders.resize(std::min(encoders.size(), static_cast<std::size_t>(std::max(1, options_.threads))));
  return std::max(reader_.bytes_max(), canvases + std::accumulate(encoders.begin(), encoders.end(), std::int64_t{0}));
}

// The picture of one target, out of the smallest canvas that shows everything in enough pixels. The first of `canvases`
// is the largest; what is made shows everything too unless a part was asked for, and those come last.
Result<const Canvas*> Render::sized(const Target& target, Canvases& canvases) const {
  const Extent picture{reader_.facts().width_px, reader_.facts().height_px};
  const bool shows_all = target.part == picture;
  const Canvas* from = canvases.front().get();
  Part part = part_of(from->extent(), target.part, picture);
  for (const auto& canvas : canvases) {
    const Extent& extent = canvas->extent();
    if (shows_all && extent == target.extent) return canvas.get();
    const Part there = part_of(extent, target.part, picture);
    const bool is_enough =
        there.extent.width_px >= target.extent.width_px && there.extent.height_px >= target.extent.height_px;
    if (!is_enough || area(extent) >= area(from->extent())) continue;
    from = canvas.get();
    part = there;
  }
  auto made = from->reduced(part, target.extent);
  if (!made) return std::unexpected(made.error());
  canvases.push_back(std::move(*made));
  return canvases.back().get();
}

Result<RenderOutcome> Render::run(RunControl& control) {
  auto canvas = reader_.read(control.cancel);
  if (!canvas) return std::unexpected(canvas.error());
  const Extent picture{reader_.facts().width_px, reader_.facts().height_px};
  // Those that show everything first, the largest of them first.
  std::vector<std::size_t> order(targets_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const bool a_is_part = targets_[a].part != picture, b_is_part = targets_[b].part != picture;
    return a_is_part != b_is_part ? b_is_part : area(targets_[a].extent) > area(targets_[b].extent);
  });
  Canvases whole;
  whole.push_back(std::move(*canvas));
  Canvases parts;
  std::vector<const Canvas*> pictures(targets_.size());
  const Canvas* smallest = whole.front().get();
  for (const std::size_t at : order) {
    if (control.cancel.load()) return cancelled();
    const auto made = sized(targets_[at], whole);
    if (!made) return std::unexpected(made.error());
    pictures[at] = *made;
    if (targets_[at].part == picture) {
      smallest = *made;
    } else if (whole.back().get() == *made) {
      parts.push_back(std::move(whole.back()));
      whole.pop_back();
    }
  }
  RenderOutcome outcome;
  if (auto added = add_fingerprints(*smallest, outcome); !added) return std::unexpected(added.error());
  control.progress_permille.store(kReadPermille);
  auto written = encode(pictures, control);
  if (!written) return std::unexpected(written.error());
  outcome.renditions = std::move(*written);
  control.progress_permille.store(1'000);
  return outcome;
}

Result<std::vector<WrittenPicture>> Render::encode(const std::vector<const Canvas*>& pictures,
                                                   RunControl& control) const {
  std::vector<WrittenPicture> written(targets_.size());
  // The slowest first, so that no thread is left alone with one at the end.
  std::vector<std::size_t> order(targets_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    const auto cost = [&](std::size_t at) {
      const bool is_slow = targets_[at].rendition.format != ImageFormat::kJpeg;
      return area(targets_[at].extent) * (is_slow ? 8 : 1);
    };
    return cost(a) > cost(b);
  });
  std::atomic<std::size_t> next{0}, done{0};
  std::mutex mutex;
  std::optional<Error> error;
  const auto encode_some = [&] {
    for (std::size_t turn = next++; turn < order.size(); turn = next++) {
      const std::size_t at = order[turn];
      const Target& target = targets_[at];
      const auto size_bytes = control.cancel.load()
                                  ? Result<std::int64_t>(cancelled())
                                  : pictures[at]->write(encoding(target, options_), target.rendition.output);
      if (!size_bytes) {
        const std::lock_guard lock(mutex);
        if (!error) error = size_bytes.error();
        next = order.size();
        return;
      }
      written[at] = {target.rendition.format, target.extent.width_px, target.extent.height_px, *size_bytes};
      const auto share = static_cast<int>(++done * (1'000 - kReadPermille) / order.size());
      control.progress_permille.store(kReadPermille + share);
    }
  };
  {
    std::vector<std::jthread> threads;
    const std::size_t count = std::min(order.size(), static_cast<std::size_t>(std::max(1, options_.threads)));
    for (std::size_t thread = 1; thread < count; ++thread) threads.emplace_back(encode_some);
    encode_some();
  }
  if (!error) return written;
  remove_outputs();
  return std::unexpected(std::move(*error));
}

void Render::remove_outputs() const {
  std::error_code ignored;
  for (const Target& target : targets_) std::filesystem::remove(target.rendition.output, ignored);
}

}  // namespace tintype::engine
