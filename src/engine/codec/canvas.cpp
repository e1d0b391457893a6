#include "engine/codec/canvas.h"

#include "engine/codec/pixel_canvas.h"
#include "engine/codec/row_reader.h"

namespace tintype::engine {

struct CanvasReader::State {
  RowReader reader;
  Extent extent;
};

Result<CanvasReader> CanvasReader::open(const std::filesystem::path& file, const ImageLimits& limits,
                                        int longest_side_max_px) {
  const auto facts = inspect(file, limits);
  if (!facts) return std::unexpected(facts.error());
  // Colours behind transparency need their alpha while they are reduced, which the reader does not know about.
  const auto longest = facts->has_alpha ? std::nullopt : std::optional(longest_side_max_px);
  auto reader = RowReader::open(file, limits, longest, RowReader::Reduction::kFast);
  if (!reader) return std::unexpected(reader.error());
  const Extent extent =
      extent_in({longest_side_max_px, longest_side_max_px}, {reader->shape().width, reader->shape().height});
  return CanvasReader(std::make_unique<State>(State{std::move(*reader), extent}));
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
  return PixelCanvas::read(state_->reader, state_->extent, cancel);
}

}  // namespace tintype::engine
