#include "engine/codec/row_reader.h"

#include <cassert>

#include "engine/codec/row_resizer.h"
#include "engine/codec/source.h"

namespace tintype::engine {

namespace {

constexpr const char* kKeptBlobs[] = {VIPS_META_EXIF_NAME, VIPS_META_ICC_NAME, VIPS_META_XMP_NAME, VIPS_META_IPTC_NAME};

// To 8 or 16 bits of grey or sRGB, whatever it was.
bool to_plain_colour(ImagePointer& image) {
  const VipsInterpretation was = image->Type;
  const bool wide = image->BandFmt == VIPS_FORMAT_USHORT || image->BandFmt == VIPS_FORMAT_SHORT;
  const bool needs_profile = was == VIPS_INTERPRETATION_CMYK || was == VIPS_INTERPRETATION_LAB;
  if (was == VIPS_INTERPRETATION_CMYK) {
    if (!apply(image, [](VipsImage* in, VipsImage** out) {
          return vips_icc_transform(in, out, "srgb", "embedded", TRUE, "input_profile", "cmyk", nullptr);
        })) {
      return false;
    }
  }
  const PictureShape plain{image->Xsize, image->Ysize, image->Bands, wide ? 2 : 1};
  const VipsInterpretation wanted = interpretation(plain);
  if (image->Type != wanted &&
      !apply(image, [&](VipsImage* in, VipsImage** out) { return vips_colourspace(in, out, wanted, nullptr); })) {
    return false;
  }
  if (needs_profile) vips_image_remove(image.get(), VIPS_META_ICC_NAME);
  const VipsBandFormat format = band_format(plain);
  if (image->BandFmt != format &&
      !apply(image, [&](VipsImage* in, VipsImage** out) { return vips_cast(in, out, format, nullptr); })) {
    return false;
  }
  if (image->Bands > 4) {
    return apply(image, [](VipsImage* in, VipsImage** out) { return vips_extract_band(in, out, 0, "n", 4, nullptr); });
  }
  return true;
}

// The largest shrinking of a JPEG that leaves no side shorter than is wanted.
int shrink_for(const Extent& stored, const Extent& wanted) {
  for (const int shrink : {8, 4, 2}) {
    if (stored.width_px / shrink >= wanted.width_px && stored.height_px / shrink >= wanted.height_px) return shrink;
  }
  return 1;
}

Metadata metadata_of(VipsImage* image) {
  Metadata metadata;
  metadata.pixels_per_mm = image->Xres;
  for (const char* name : kKeptBlobs) {
    const void* data = nullptr;
    std::size_t length = 0;
    if (vips_image_get_typeof(image, name) != 0 && vips_image_get_blob(image, name, &data, &length) == 0) {
      metadata.blobs[name].assign(static_cast<const char*>(data), length);
    }
  }
  return metadata;
}

// The rows as the file has them, reduced where that is asked for.
class StoredRows {
 public:
  StoredRows(ImagePointer image, const ImageLimits& limits, const Extent& wanted)
      : evaluation_(std::move(image), limits), shape_(evaluation_.shape()) {
    if (shape_.width == wanted.width_px && shape_.height == wanted.height_px) return;
    resizer_.emplace(shape_, wanted.width_px, wanted.height_px);
    shape_ = resizer_->shape();
  }

  const PictureShape& shape() const { return shape_; }

  std::int64_t bytes_max() const {
    const PictureShape stored = evaluation_.shape();
    const std::int64_t strips = static_cast<std::int64_t>(stored.row_bytes()) * kRowsOnTheirWay + kLibraryBytes;
    if (!resizer_) return strips;
    return strips + static_cast<std::int64_t>(shape_.row_bytes()) * 2 * kStripRows +
           RowResizer::bytes_max(stored, shape_.width, shape_.height);
  }

  Result<void> read(int rows, std::uint8_t* out) {
    if (!resizer_) return evaluation_.read(rows, out);
    const std::size_t wanted = shape_.row_bytes() * static_cast<std::size_t>(rows);
    for (std::size_t done = 0; done < wanted;) {
      if (given_ == reduced_.size()) {
        if (auto refilled = refill(); !refilled) return refilled;
      }
      const std::size_t count = std::min(wanted - done, reduced_.size() - given_);
      std::memcpy(out + done, reduced_.data() + given_, count);
      given_ += count;
      done += count;
    }
    return {};
  }

 private:
  static constexpr int kStripRows = 16;
  static constexpr int kRowsOnTheirWay = 512;  // in libvips' caches, and wider while it converts colours

  // Reads until there are reduced rows to give.
  Result<void> refill() {
    reduced_.clear();
    given_ = 0;
    const PictureShape stored = evaluation_.shape();
    while (reduced_.empty()) {
      const int rows = std::min(kStripRows, stored.height - read_);
      strip_.resize(stored.row_bytes() * static_cast<std::size_t>(rows));
      if (auto read = evaluation_.read(rows, strip_.data()); !read) return read;
      read_ += rows;
      resizer_->push(strip_, reduced_);
    }
    return {};
  }

  Evaluation evaluation_;
  PictureShape shape_;
  std::optional<RowResizer> resizer_;
  std::vector<std::uint8_t> strip_, reduced_;
  std::size_t given_ = 0;  // bytes of reduced_
  int read_ = 0;           // rows of the file
};

}  // namespace

struct RowReader::State {
  ImageFacts facts;
  Metadata metadata;
  ImageLimits limits;
  int orientation = 1;  // EXIF's
  PictureShape shape;
  std::int64_t bytes_max = 0;
  int given = 0;
  std::optional<StoredRows> stored;
  // Turning needs the pixels in any order, so it is done on those in memory.
  Pixels held;
  std::optional<Evaluation> turned;

  Result<void> read(int rows, std::uint8_t* out) {
    if (orientation == 1) return stored->read(rows, out);
    if (!turned) {
      if (auto ready = turn(); !ready) return ready;
    }
    return turned->read(rows, out);
  }

  Result<void> turn() {
    const PictureShape flat = stored->shape();
    held = {flat.width, flat.height, flat.channels, flat.bytes_per_sample, {}};
    held.data.resize(flat.size_bytes());
    if (auto read = stored->read(flat.height, held.data.data()); !read) return read;
    stored.reset();
    ImagePointer image = borrow(held);
    if (!image) return fail_internal(vips_message());
    vips_image_set_int(image.get(), VIPS_META_ORIENTATION, orientation);
    if (!apply(image, [](VipsImage* in, VipsImage** out) { return vips_autorot(in, out, nullptr); })) {
      return fail_internal(vips_message());
    }
    turned.emplace(std::move(image), limits);
    return {};
  }
};

Result<RowReader> RowReader::open(const std::filesystem::path& file, const ImageLimits& limits,
                                  std::optional<int> longest_side_max_px, Reduction reduction) {
  auto source = open_source(file, limits);
  if (!source) return std::unexpected(source.error());
  ImagePointer& image = source->image;
  const Extent stored{image->Xsize, image->Ysize};
  const int longest = longest_side_max_px.value_or(std::max(stored.width_px, stored.height_px));
  const Extent wanted = extent_in({longest, longest}, stored);
  const int shrink = shrink_for(stored, wanted);
  if (reduction == Reduction::kFast && source->facts.format == ImageFormat::kJpeg && shrink > 1) {
    image = open_jpeg_shrunk(file, shrink);
    if (!image) return damaged();
  }
  if (!to_plain_colour(image)) return damaged();
  auto state = std::make_unique<State>();
  state->facts = source->facts;
  state->metadata = metadata_of(image.get());
  state->limits = limits;
  state->orientation = vips_image_get_orientation(image.get());
  const bool swapped = vips_image_get_orientation_swap(image.get()) != 0;
  state->stored.emplace(std::move(image), limits, wanted);
  state->shape = state->stored->shape();
  if (swapped) std::swap(state->shape.width, state->shape.height);
  state->bytes_max = source->held_bytes + state->stored->bytes_max();
  if (state->orientation != 1) state->bytes_max += static_cast<std::int64_t>(state->shape.size_bytes());
  return RowReader(std::move(state));
}

RowReader::RowReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowReader::RowReader(RowReader&&) noexcept = default;
RowReader& RowReader::operator=(RowReader&&) noexcept = default;
RowReader::~RowReader() = default;

const ImageFacts& RowReader::facts() const {
  return state_->facts;
}

const PictureShape& RowReader::shape() const {
  return state_->shape;
}

const Metadata& RowReader::metadata() const {
  return state_->metadata;
}

int RowReader::orientation() const {
  return state_->orientation;
}

std::int64_t RowReader::bytes_max() const {
  return state_->bytes_max;
}

Result<void> RowReader::read(int rows, std::span<std::uint8_t> out) {
  assert(rows >= 0 && rows <= state_->shape.height - state_->given);
  assert(out.size() == state_->shape.row_bytes() * static_cast<std::size_t>(rows));
  state_->given += rows;
  return state_->read(rows, out.data());
}

}  // namespace tintype::engine
