#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <optional>

#include "engine/codec/jpeg_library.h"
#include "engine/codec/jpeg_planes.h"
#include "engine/codec/row_resizer.h"

namespace tintype::engine {

namespace {

using Steady = std::chrono::steady_clock;

// As many as libvips takes: a file of a few bytes a scan could go over a large picture for minutes.
constexpr int kScansMax = 100;

// Looks at clock and cancel while libjpeg is at work: a picture of many scans is read to its end in one call.
struct Watch : jpeg_progress_mgr {
  Steady::time_point deadline;
  const std::atomic<bool>* cancel = nullptr;
  bool is_late = false, is_cancelled = false, has_too_many_scans = false;

  Watch(Steady::time_point until, const std::atomic<bool>& cancel_flag)
      : jpeg_progress_mgr{}, deadline(until), cancel(&cancel_flag) {
    progress_monitor = look;
  }

  static void look(j_common_ptr codec) {
    auto* watch = static_cast<Watch*>(codec->progress);
    watch->is_cancelled = watch->cancel->load();
    watch->is_late = Steady::now() > watch->deadline;
    watch->has_too_many_scans = reinterpret_cast<j_decompress_ptr>(codec)->input_scan_number > kScansMax;
    const bool must_stop = watch->is_cancelled || watch->is_late || watch->has_too_many_scans;
    if (must_stop) std::longjmp(static_cast<JpegErrors*>(codec->err)->jump, 1);
  }
};

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

// libjpeg's decoder. Each function that calls it has a setjmp of its own and owns nothing.
class Decoder {
 public:
  explicit Decoder(const std::filesystem::path& file) : file_(std::fopen(file.c_str(), "rb")) {
    codec_.err = &errors_;
    if (setjmp(errors_.jump) == 0) {
      jpeg_create_decompress(&codec_);
      is_made_ = true;
    }
  }
  ~Decoder() {
    if (is_made_) jpeg_destroy_decompress(&codec_);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool read_header() {
    if (!file_ || !is_made_ || setjmp(errors_.jump) != 0) return false;
    jpeg_stdio_src(&codec_, file_.get());
    jpeg_read_header(&codec_, TRUE);
    return true;
  }

  bool is_planar() const {
    return codec_.num_components == 3 && codec_.jpeg_color_space == JCS_YCbCr && codec_.data_precision == 8;
  }

  bool start(const Extent& wanted, Watch& watch) {
    codec_.progress = &watch;
    codec_.scale_num = 1;
    codec_.scale_denom = 1;
    for (const unsigned denominator : {2U, 4U, 8U}) {
      const bool is_enough = codec_.image_width / denominator >= static_cast<unsigned>(wanted.width_px) &&
                             codec_.image_height / denominator >= static_cast<unsigned>(wanted.height_px);
      if (is_enough) codec_.scale_denom = denominator;
    }
    codec_.raw_data_out = TRUE;
    codec_.out_color_space = JCS_YCbCr;
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_start_decompress(&codec_);
    return true;
  }

  // Of what comes out, by component.
  Extent extent(int component) const {
    const jpeg_component_info& info = codec_.comp_info[component];
    return {static_cast<int>(info.downsampled_width), static_cast<int>(info.downsampled_height)};
  }
  int rows_at_once(int component) const {
    const jpeg_component_info& info = codec_.comp_info[component];
    return info.v_samp_factor * info.DCT_scaled_size;
  }
  int stride(int component) const {
    const jpeg_component_info& info = codec_.comp_info[component];
    return static_cast<int>(info.width_in_blocks) * info.DCT_scaled_size;
  }
  int lines_at_once() const { return codec_.max_v_samp_factor * codec_.min_DCT_scaled_size; }
  bool is_at_end() const { return codec_.output_scanline >= codec_.output_height; }

  bool read(JSAMPIMAGE rows) {
    if (setjmp(errors_.jump) != 0) return false;
    jpeg_read_raw_data(&codec_, rows, static_cast<JDIMENSION>(lines_at_once()));
    return true;
  }

  // Why a call has failed.
  std::unexpected<Error> failure(const Watch& watch) {
    if (watch.is_cancelled) return fail(ErrorCode::kCancelled, "The job was cancelled");
    if (watch.is_late) {
      return fail(ErrorCode::kDeadlineExceeded, "The picture takes too long to decode",
                  "Please try again later, or save it anew in an image program");
    }
    if (watch.has_too_many_scans) {
      return fail(ErrorCode::kInvalidInput, "The picture has more than " + std::to_string(kScansMax) + " scans",
                  "Please save it anew in an image program");
    }
    const std::string words = errors_.words(reinterpret_cast<j_common_ptr>(&codec_));
    return fail(ErrorCode::kInvalidInput, "The picture is damaged or cut off (jpeg: " + words + ")",
                "Please open it in an image program, save it anew and try again");
  }

 private:
  std::unique_ptr<std::FILE, CloseFile> file_;
  JpegErrors errors_;
  jpeg_decompress_struct codec_{};
  bool is_made_ = false;
};

// One component on its way from the decoder's rows to a plane.
class Component {
 public:
  Component(const Extent& from, int rows_at_once, int stride, const Extent& wanted)
      : from_(from), plane_{wanted, {}}, stride_(static_cast<std::size_t>(stride)) {
    samples_.resize(stride_ * static_cast<std::size_t>(rows_at_once));
    for (int row = 0; row < rows_at_once; ++row) {
      rows_.push_back(samples_.data() + stride_ * static_cast<std::size_t>(row));
    }
    plane_.bytes.reserve(plane_.size_bytes());
    if (from != wanted) {
      resizer_.emplace(PictureShape{from.width_px, from.height_px, 1, 1}, wanted.width_px, wanted.height_px,
                       Plane::kBytesPerSample);
    }
  }

  JSAMPARRAY rows() { return rows_.data(); }

  // Takes over what the decoder has put into the rows; those below the picture are filling.
  void pass() {
    for (std::size_t row = 0; row < rows_.size() && taken_ < from_.height_px; ++row, ++taken_) {
      const std::span<const std::uint8_t> samples(rows_[row], static_cast<std::size_t>(from_.width_px));
      if (resizer_) {
        resizer_->push(samples, plane_.bytes);
      } else {
        // 257 times a byte is that byte twice.
        for (const std::uint8_t sample : samples) plane_.bytes.insert(plane_.bytes.end(), 2, sample);
      }
    }
  }

  Plane take() { return std::move(plane_); }

 private:
  Extent from_;
  Plane plane_;
  std::size_t stride_;
  std::vector<std::uint8_t> samples_;
  std::vector<JSAMPROW> rows_;
  std::optional<RowResizer> resizer_;
  int taken_ = 0;
};

}  // namespace

bool is_planar_jpeg(const std::filesystem::path& file) {
  Decoder decoder(file);
  return decoder.read_header() && decoder.is_planar();
}

Result<Planes> read_jpeg_planes(const std::filesystem::path& file, const Extent& wanted, const ImageLimits& limits,
                                const std::atomic<bool>& cancel) {
  Watch watch(Steady::now() + std::chrono::milliseconds(limits.decode_ms_max), cancel);
  Decoder decoder(file);
  if (!decoder.read_header() || !decoder.start(wanted, watch)) return decoder.failure(watch);
  std::vector<Component> components;
  for (int at = 0; at < 3; ++at) {
    components.emplace_back(decoder.extent(at), decoder.rows_at_once(at), decoder.stride(at),
                            at == 0 ? wanted : halved(wanted));
  }
  std::array<JSAMPARRAY, 3> rows{components[0].rows(), components[1].rows(), components[2].rows()};
  while (!decoder.is_at_end()) {
    if (!decoder.read(rows.data())) return decoder.failure(watch);
    for (Component& component : components) component.pass();
  }
  return Planes{components[0].take(), components[1].take(), components[2].take()};
}

}  // namespace tintype::engine
