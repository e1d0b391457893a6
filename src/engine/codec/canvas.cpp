#include "engine/codec/canvas.h"

#include <algorithm>

#include "engine/codec/jpeg_planes.h"
#include "engine/codec/pixel_canvas.h"
#include "engine/codec/planar_canvas.h"
#include "engine/codec/row_reader.h"

namespace tintype::engine {

namespace {

// Whether a way to be written takes no more of the colours than planes have.
bool is_planar_use(const EncodeOptions& use) {
  switch (use.format) {
    case ImageFormat::kJpeg: return use.quality <= 90;
    case ImageFormat::kWebp: return true;
    case ImageFormat::kPng:
    case ImageFormat::kAvif:
    case ImageFormat::kHeic:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: return false;
  }
  return false;
}

}  // namespace

struct CanvasReader::State {
  RowReader reader;
  Extent extent;
  std::filesystem::path file;
  ImageLimits limits;
  bool is_planar = false;
};

Result<CanvasReader> CanvasReader::open(const std::filesystem::path& file, const ImageLimits& limits,
                                        int longest_side_max_px, const std::vector<EncodeOptions>& uses) {
  const auto facts = inspect(file, limits);
  if (!facts) return std::unexpected(facts.error());
  // Colours behind transparency need their alpha while they are reduced, which the reader does not know about.
  const auto longest = facts->has_alpha ? std::nullopt : std::optional(longest_side_max_px);
  auto reader = RowReader::open(file, limits, longest, RowReader::Reduction::kFast);
  if (!reader) return std::unexpected(reader.error());
  const Extent extent =
      extent_in({longest_side_max_px, longest_side_max_px}, {reader->shape().width, reader->shape().height});
  const bool is_planar = facts->format == ImageFormat::kJpeg && is_srgb(reader->metadata()) &&
                         std::ranges::all_of(uses, is_planar_use) && is_planar_jpeg(file);
  return CanvasReader(std::make_unique<State>(State{std::move(*reader), extent, file, limits, is_planar}));
}

CanvasReader::CanvasReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
CanvasReader::CanvasReader(CanvasReader&&) noexcept = default;
CanvasReader& CanvasReader::operator=(CanvasReader&&) noexcept = default;
CanvasReader::~CanvasReader() = default;

const ImageFacts& CanvasReader::facts() const {
  return state_->reader.facts();
}

Extent CanvasReader::extent() const {
  return state_->extent;
}

std::int64_t CanvasReader::bytes_max() const {
  return PixelCanvas::reading_bytes_max(state_->reader, state_->extent);
}

Result<std::unique_ptr<Canvas>> CanvasReader::read(const std::atomic<bool>& cancel) {
  if (!state_->is_planar) return PixelCanvas::read(state_->reader, state_->extent, cancel);
  const int orientation = state_->reader.orientation();
  Extent stored = state_->extent;
  if (orientation >= 5) std::swap(stored.width_px, stored.height_px);
  auto planes = read_jpeg_planes(state_->file, stored, state_->limits, cancel);
  if (!planes) return std::unexpected(planes.error());
  for (Plane* plane : {&planes->light, &planes->blue, &planes->red}) *plane = turned(std::move(*plane), orientation);
  return std::make_unique<PlanarCanvas>(std::move(*planes));
}

}  // namespace tintype::engine
