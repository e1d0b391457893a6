#include "engine/codec/row_writer.h"

#include <cassert>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/codec/vips_image.h"

namespace tintype::engine {

namespace {

// Rows that wait for the encoder: what a network makes of one row of tiles, so that it need not wait itself.
constexpr std::int64_t kQueueBytes = 16 << 20;

// TIFF's offsets have 32 bits; what may grow larger is written as BigTIFF. Deflate adds next to nothing to what it
// cannot compress.
constexpr std::uint64_t kTiffBytesMax = 4'000'000'000;

int save(VipsImage* image, const std::string& path, const EncodeOptions& options) {
  const gboolean strip = options.is_bare ? TRUE : FALSE;
  switch (options.format) {
    case ImageFormat::kJpeg:
      // Huffman tables made to measure save 1 to 6 % of the file; for that libjpeg would keep every coefficient of the
      // picture in memory and take more than twice as long.
      return vips_jpegsave(image, path.c_str(), "Q", options.quality, "optimize_coding", FALSE, "subsample_mode",
                           options.quality > 90 ? VIPS_FOREIGN_SUBSAMPLE_OFF : VIPS_FOREIGN_SUBSAMPLE_ON, "strip",
                           strip, nullptr);
    case ImageFormat::kPng: return vips_pngsave(image, path.c_str(), "compression", 6, "strip", strip, nullptr);
    case ImageFormat::kWebp:
      return vips_webpsave(image, path.c_str(), "Q", options.quality, "effort", options.webp_effort, "strip", strip,
                           nullptr);
    case ImageFormat::kAvif:
      return vips_heifsave(image, path.c_str(), "Q", options.quality * 3 / 4, "compression",
                           VIPS_FOREIGN_HEIF_COMPRESSION_AV1, "effort", 3, "strip", strip, nullptr);
    case ImageFormat::kTiff:
      return vips_tiffsave(image, path.c_str(), "compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE, "predictor",
                           VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL, "bigtiff",
                           VIPS_IMAGE_SIZEOF_IMAGE(image) > kTiffBytesMax ? TRUE : FALSE, "strip", strip, nullptr);
    case ImageFormat::kHeic:
    case ImageFormat::kGif: break;
  }
  vips_error("tintype", "this format is not written");
  return -1;
}

// The longest side that a format can say; nothing when the format is not written.
std::optional<int> side_max_px(ImageFormat format) {
  switch (format) {
    case ImageFormat::kJpeg: return 65'500;  // libjpeg's own bound
    case ImageFormat::kPng: return VIPS_MAX_COORD;
    case ImageFormat::kWebp: return 16'383;
    case ImageFormat::kAvif: return 65'535;
    case ImageFormat::kTiff: return VIPS_MAX_COORD;
    case ImageFormat::kHeic:
    case ImageFormat::kGif: break;
  }
  return std::nullopt;
}

// To what the format can hold.
bool to_format(ImagePointer& image, const PictureShape& shape, ImageFormat format) {
  const bool holds_sixteen_bits = format == ImageFormat::kPng || format == ImageFormat::kTiff;
  if (!holds_sixteen_bits && !to_eight_bits(image)) return false;
  if (!shape.has_alpha() || format != ImageFormat::kJpeg) return true;
  const std::unique_ptr<VipsArrayDouble, void (*)(VipsArrayDouble*)> white(
      vips_array_double_newv(1, 255.0), [](VipsArrayDouble* array) { vips_area_unref(VIPS_AREA(array)); });
  return apply(
      image, [&](VipsImage* in, VipsImage** out) { return vips_flatten(in, out, "background", white.get(), nullptr); });
}

}  // namespace

// One picture on its way into a file. The encoder's thread pulls rows through libvips out of a ring of rows, which
// write() fills.
class RowWriter::Encoding {
 public:
  Encoding(const PictureShape& shape, const EncodeOptions& options, const std::filesystem::path& file)
      : shape_(shape),
        options_(options),
        file_(file),
        part_(file.string() + ".part"),
        slots_(static_cast<int>(
            std::clamp<std::int64_t>(kQueueBytes / static_cast<std::int64_t>(shape.row_bytes()), 1, shape.height))),
        ring_(shape.row_bytes() * static_cast<std::size_t>(slots_)) {}

  ~Encoding() {
    stop();
    std::error_code ignored;
    if (!placed_) std::filesystem::remove(part_, ignored);
  }

  bool start(const Metadata& metadata) {
    image_.reset(vips_image_new());
    vips_image_init_fields(image_.get(), shape_.width, shape_.height, shape_.channels, band_format(shape_),
                           VIPS_CODING_NONE, interpretation(shape_), 1, 1);
    if (vips_image_pipelinev(image_.get(), VIPS_DEMAND_STYLE_FATSTRIP, nullptr) != 0 ||
        vips_image_generate(image_.get(), nullptr, generate, nullptr, this, nullptr) != 0 ||
        !to_format(image_, shape_, options_.format)) {
      return false;
    }
    for (const auto& [name, bytes] : metadata.blobs) {
      vips_image_set_blob_copy(image_.get(), name.c_str(), bytes.data(), bytes.size());
    }
    vips_image_set_int(image_.get(), VIPS_META_ORIENTATION, 1);
    // One worker asks for the rows in their order.
    vips_image_set_int(image_.get(), VIPS_META_CONCURRENCY, 1);
    image_->Xres = image_->Yres = metadata.pixels_per_mm;
    thread_ = std::thread([this] { run(); });
    return true;
  }

  Result<void> write(std::span<const std::uint8_t> rows) {
    const std::size_t row_bytes = shape_.row_bytes();
    assert(rows.size() % row_bytes == 0);
    std::unique_lock lock(mutex_);
    assert(rows.size() / row_bytes <= static_cast<std::size_t>(shape_.height - given_));
    while (!rows.empty()) {
      changed_.wait(lock, [&] { return ended_ || given_ - taken_ < slots_; });
      if (ended_) return failure();
      const int slot = given_ % slots_;
      const int room = std::min(slots_ - (given_ - taken_), slots_ - slot);
      const int count = std::min(room, static_cast<int>(rows.size() / row_bytes));
      const std::size_t bytes = row_bytes * static_cast<std::size_t>(count);
      lock.unlock();  // the encoder leaves slots alone that it was not given
      std::memcpy(ring_.data() + row_bytes * static_cast<std::size_t>(slot), rows.data(), bytes);
      rows = rows.subspan(bytes);
      lock.lock();
      given_ += count;
      changed_.notify_all();
    }
    return {};
  }

  Result<std::int64_t> finish() {
    const bool whole = stop();
    if (failed_) {
      if (!whole) cause_ = std::to_string(given_) + " of " + std::to_string(shape_.height) + " rows were given";
      return failure();
    }
    std::error_code error;
    const auto size_bytes = static_cast<std::int64_t>(std::filesystem::file_size(part_, error));
    if (!error) std::filesystem::rename(part_, file_, error);
    if (error) return fail_internal("write " + file_.string() + ": " + error.message());
    placed_ = true;
    return size_bytes;
  }

 private:
  void run() {
    if (save(image_.get(), part_.string(), options_) != 0) {
      failed_ = true;
      cause_ = vips_message();
    }
    image_.reset();
    vips_thread_shutdown();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }

  // Lets the encoder end. False when it still waits for rows and will not get them, which it takes for a failure.
  bool stop() {
    bool whole = true;
    {
      const std::lock_guard lock(mutex_);
      whole = ended_ || given_ == shape_.height;
      closed_ = true;
      changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    return whole;
  }

  // Once the encoder has ended.
  std::unexpected<Error> failure() const { return fail_internal("encode " + file_.string() + ": " + cause_); }

  static int generate(VipsRegion* region, void*, void* encoding, void*, gboolean*) {
    return static_cast<Encoding*>(encoding)->give(region) ? 0 : -1;
  }

  bool give(VipsRegion* region) {
    const VipsRect& wanted = region->valid;
    const std::size_t row_bytes = shape_.row_bytes();
    std::unique_lock lock(mutex_);
    if (wanted.left != 0 || wanted.width != shape_.width || wanted.top != taken_) {
      vips_error("tintype", "rows are asked for out of their order");
      return false;
    }
    for (const int end = wanted.top + wanted.height; taken_ < end;) {
      changed_.wait(lock, [&] { return closed_ || given_ > taken_; });
      if (given_ == taken_) return false;
      const int from = taken_, to = std::min(given_, end);
      lock.unlock();  // write() leaves slots alone that were not taken
      for (int row = from; row < to; ++row) {
        std::memcpy(VIPS_REGION_ADDR(region, 0, row), ring_.data() + row_bytes * static_cast<std::size_t>(row % slots_),
                    row_bytes);
      }
      lock.lock();
      taken_ = to;
      changed_.notify_all();
    }
    return true;
  }

  const PictureShape shape_;
  const EncodeOptions options_;
  const std::filesystem::path file_, part_;
  const int slots_;  // rows
  std::vector<std::uint8_t> ring_;
  ImagePointer image_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int given_ = 0;        // rows, by write()
  int taken_ = 0;        // rows, by the encoder
  bool closed_ = false;  // no rows will come
  bool ended_ = false;   // the encoder has
  // The encoder's thread writes these before it ends.
  bool failed_ = false;
  std::string cause_;
  bool placed_ = false;
  std::thread thread_;
};

Result<void> RowWriter::check_sides(const PictureShape& shape, ImageFormat format) {
  const auto side_max = side_max_px(format);
  const std::string name = image_format_name(format);
  if (!side_max) return fail_internal(name + " is not written");
  if (std::max(shape.width, shape.height) <= *side_max) return {};
  return fail(ErrorCode::kInvalidInput,
              "A " + name + " picture has at most " + std::to_string(*side_max) + " pixels a side",
              "Please ask for png, or for a smaller result", std::string(kResultTooLarge));
}

Result<RowWriter> RowWriter::create(const PictureShape& shape, const Metadata& metadata, const EncodeOptions& options,
                                    const std::filesystem::path& file) {
  if (auto started = start_codec(); !started) return std::unexpected(started.error());
  if (auto fits = check_sides(shape, options.format); !fits) return std::unexpected(fits.error());
  auto encoding = std::make_unique<Encoding>(shape, options, file);
  if (!encoding->start(metadata)) return fail_internal("encode " + file.string() + ": " + vips_message());
  return RowWriter(std::move(encoding));
}

RowWriter::RowWriter(std::unique_ptr<Encoding> encoding) : encoding_(std::move(encoding)) {}
RowWriter::RowWriter(RowWriter&&) noexcept = default;
RowWriter& RowWriter::operator=(RowWriter&&) noexcept = default;
RowWriter::~RowWriter() = default;

std::int64_t RowWriter::bytes_max(const PictureShape& shape, const EncodeOptions& options) {
  const auto row_bytes = static_cast<std::int64_t>(shape.row_bytes());
  const auto picture = static_cast<std::int64_t>(shape.size_bytes());
  const std::int64_t rows = std::min(picture, std::max(kQueueBytes, row_bytes)) + row_bytes * 256 + kLibraryBytes;
  const std::int64_t pixels = std::int64_t{shape.width} * shape.height;
  // Beside the picture itself, as measured.
  switch (options.format) {
    case ImageFormat::kWebp: return rows + picture + pixels * 8;
    case ImageFormat::kAvif: return rows + picture + pixels * 24;
    case ImageFormat::kJpeg:
    case ImageFormat::kPng:
    case ImageFormat::kHeic:
    case ImageFormat::kTiff:
    case ImageFormat::kGif: break;
  }
  return rows;
}

Result<void> RowWriter::write(std::span<const std::uint8_t> rows) {
  return encoding_->write(rows);
}

Result<std::int64_t> RowWriter::finish() {
  return encoding_->finish();
}

}  // namespace tintype::engine
