#include "engine/clip/clip_writer.h"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <cstring>
#include <mutex>
#include <string>

#include "base/log.h"

namespace tintype::engine {

namespace {

constexpr int kVp9Threads = 4;  // always as many, for they change the bytes
constexpr int kSecondsBetweenKeys = 2;

struct Deleter {
  void operator()(AVCodecContext* encoder) const { avcodec_free_context(&encoder); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
  void operator()(AVFormatContext* container) const {
    if (container->pb != nullptr) avio_closep(&container->pb);
    avformat_free_context(container);
  }
};
template <class T>
using Owned = std::unique_ptr<T, Deleter>;

std::string reason(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE] = {};
  av_strerror(code, text, sizeof text);
  return text;
}

std::unexpected<Error> failed(const char* what, int code) {
  return fail_internal(std::string("clip: ") + what + ": " + reason(code));
}

void log_line(void* source, int level, const char* format, va_list arguments) {
  if (level > AV_LOG_WARNING) return;
  char line[512];
  int begins_line = 1;
  av_log_format_line(source, level, format, arguments, line, sizeof line, &begins_line);
  std::string text = line;
  while (text.ends_with('\n')) text.pop_back();
  log(level > AV_LOG_ERROR ? LogLevel::kWarning : LogLevel::kError, "clip.encoder", {{"message", text}});
}

void start_logging() {
  static std::once_flag once;
  std::call_once(once, [] { av_log_set_callback(log_line); });
}

// One of an encoder's or container's own settings.
struct Setting {
  const char* name;
  const char* value;
};

struct Recipe {
  const char* container;
  const char* encoder;
  int threads;
  std::vector<Setting> encoding, packing;
};

// Debian's x264 (r3095) makes other bytes of the same frames from run to run where it works with AVX-512: seen on AMD's
// processors, never with less. Named for those alone, as x264 takes it at its word.
const char* x264_params() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f")) return "asm=avx2";
#endif
  return "asm=auto";
}

Recipe recipe_of(ClipFormat format) {
  switch (format) {
    case ClipFormat::kMp4:
      return {"mp4",
              "libx264",
              1,
              {{"preset", "faster"}, {"crf", "18"}, {"profile", "high"}, {"x264-params", x264_params()}},
              {{"movflags", "+faststart"}}};
    case ClipFormat::kWebm:
      return {"webm",
              "libvpx-vp9",
              kVp9Threads,
              {{"deadline", "good"}, {"cpu-used", "5"}, {"row-mt", "1"}, {"tile-columns", "2"}, {"crf", "24"}},
              {}};
  }
  return {};
}

Result<void> set(void* options, const std::vector<Setting>& settings) {
  for (const Setting& setting : settings) {
    if (const int code = av_opt_set(options, setting.name, setting.value, 0); code < 0) {
      return failed(setting.name, code);
    }
  }
  return {};
}

Result<Owned<AVCodecContext>> open_encoder(const Recipe& recipe, const Extent& sides, int fps, bool has_header) {
  const AVCodec* codec = avcodec_find_encoder_by_name(recipe.encoder);
  if (codec == nullptr) return fail_internal(std::string("clip: there is no ") + recipe.encoder);
  Owned<AVCodecContext> encoder(avcodec_alloc_context3(codec));
  if (!encoder) return fail_internal("clip: no memory");
  encoder->width = sides.width_px;
  encoder->height = sides.height_px;
  encoder->pix_fmt = AV_PIX_FMT_YUV420P;
  encoder->time_base = {1, fps};
  encoder->framerate = {fps, 1};
  encoder->gop_size = fps * kSecondsBetweenKeys;
  encoder->thread_count = recipe.threads;
  encoder->colorspace = AVCOL_SPC_BT709;
  encoder->color_primaries = AVCOL_PRI_BT709;
  encoder->color_trc = AVCOL_TRC_BT709;
  encoder->color_range = AVCOL_RANGE_MPEG;
  encoder->chroma_sample_location = AVCHROMA_LOC_LEFT;
  encoder->flags |= AV_CODEC_FLAG_BITEXACT;
  if (has_header) encoder->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
  if (auto is_set = set(encoder->priv_data, recipe.encoding); !is_set) return std::unexpected(is_set.error());
  if (const int code = avcodec_open2(encoder.get(), codec, nullptr); code < 0) return failed(recipe.encoder, code);
  return encoder;
}

// From full RGB to BT.709's limited range, chroma where H.264 has it.
Result<Owned<SwsContext>> open_scaler(const Extent& sides) {
  Owned<SwsContext> scaler(sws_alloc_context());
  if (!scaler) return fail_internal("clip: no memory");
  av_opt_set_int(scaler.get(), "srcw", sides.width_px, 0);
  av_opt_set_int(scaler.get(), "srch", sides.height_px, 0);
  av_opt_set_int(scaler.get(), "src_format", AV_PIX_FMT_RGB0, 0);
  av_opt_set_int(scaler.get(), "dstw", sides.width_px, 0);
  av_opt_set_int(scaler.get(), "dsth", sides.height_px, 0);
  av_opt_set_int(scaler.get(), "dst_format", AV_PIX_FMT_YUV420P, 0);
  av_opt_set_int(scaler.get(), "dst_h_chr_pos", 0, 0);
  av_opt_set_int(scaler.get(), "dst_v_chr_pos", 128, 0);
  av_opt_set_int(scaler.get(), "sws_flags",
                 SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INP | SWS_FULL_CHR_H_INT | SWS_BITEXACT, 0);
  const int* table = sws_getCoefficients(SWS_CS_ITU709);
  constexpr int kOne = 1 << 16;
  sws_setColorspaceDetails(scaler.get(), table, 1, table, 0, 0, kOne, kOne);
  if (const int code = sws_init_context(scaler.get(), nullptr, nullptr); code < 0) return failed("swscale", code);
  return scaler;
}

// Where a frame's colours lie for the scaler, which reads beyond the ends of rows: its padding is zero, and stays so.
Result<Owned<AVFrame>> make_source(const Extent& sides) {
  constexpr int kAlignment = 64;
  Owned<AVFrame> source(av_frame_alloc());
  if (!source) return fail_internal("clip: no memory");
  source->format = AV_PIX_FMT_RGB0;
  source->width = sides.width_px;
  source->height = sides.height_px;
  if (const int code = av_frame_get_buffer(source.get(), kAlignment); code < 0) return failed("a frame", code);
  std::memset(source->buf[0]->data, 0, source->buf[0]->size);
  return source;
}

Result<Owned<AVFrame>> make_frame(const AVCodecContext& encoder) {
  Owned<AVFrame> frame(av_frame_alloc());
  if (!frame) return fail_internal("clip: no memory");
  frame->format = encoder.pix_fmt;
  frame->width = encoder.width;
  frame->height = encoder.height;
  frame->colorspace = encoder.colorspace;
  frame->color_primaries = encoder.color_primaries;
  frame->color_trc = encoder.color_trc;
  frame->color_range = encoder.color_range;
  frame->chroma_location = encoder.chroma_sample_location;
  if (const int code = av_frame_get_buffer(frame.get(), 0); code < 0) return failed("a frame", code);
  return frame;
}

Result<Owned<AVFormatContext>> open_container(const Recipe& recipe, const std::string& url) {
  AVFormatContext* made = nullptr;
  if (const int code = avformat_alloc_output_context2(&made, nullptr, recipe.container, url.c_str()); code < 0) {
    return failed(recipe.container, code);
  }
  Owned<AVFormatContext> container(made);
  container->flags |= AVFMT_FLAG_BITEXACT;
  if (const int code = avio_open(&container->pb, url.c_str(), AVIO_FLAG_WRITE); code < 0) {
    return failed(url.c_str(), code);
  }
  return container;
}

}  // namespace

struct ClipWriter::Parts {
  std::filesystem::path file, part;
  Owned<AVFormatContext> container;
  Owned<AVCodecContext> encoder;
  Owned<SwsContext> scaler;
  Owned<AVFrame> source, frame;
  Owned<AVPacket> packet;
  AVStream* stream = nullptr;
  std::int64_t frames = 0;
  bool is_finished = false;

  ~Parts() {
    container.reset();
    if (is_finished) return;
    std::error_code ignored;
    std::filesystem::remove(part, ignored);
  }

  Result<void> begin(const Recipe& recipe) {
    stream = avformat_new_stream(container.get(), nullptr);
    if (stream == nullptr) return fail_internal("clip: no memory");
    stream->time_base = encoder->time_base;
    stream->avg_frame_rate = encoder->framerate;
    int code = avcodec_parameters_from_context(stream->codecpar, encoder.get());
    if (code < 0) return failed("parameters", code);
    AVDictionary* options = nullptr;
    for (const Setting& setting : recipe.packing) av_dict_set(&options, setting.name, setting.value, 0);
    code = avformat_write_header(container.get(), &options);
    av_dict_free(&options);
    if (code < 0) return failed("header", code);
    return {};
  }

  // Gives the encoder a frame, null at the end, and the container what is ready.
  Result<void> encode(AVFrame* next, const std::atomic<bool>* cancel) {
    if (const int code = avcodec_send_frame(encoder.get(), next); code < 0) return failed("encode", code);
    for (;;) {
      if (cancel != nullptr && cancel->load(std::memory_order_relaxed)) {
        return fail(ErrorCode::kCancelled, "The job was cancelled");
      }
      const int code = avcodec_receive_packet(encoder.get(), packet.get());
      if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return {};
      if (code < 0) return failed("encode", code);
      packet->duration = 1;
      packet->stream_index = stream->index;
      av_packet_rescale_ts(packet.get(), encoder->time_base, stream->time_base);
      if (const int written = av_interleaved_write_frame(container.get(), packet.get()); written < 0) {
        return failed("write", written);
      }
    }
  }
};

ClipWriter::ClipWriter(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
ClipWriter::ClipWriter(ClipWriter&&) noexcept = default;
ClipWriter& ClipWriter::operator=(ClipWriter&&) noexcept = default;
ClipWriter::~ClipWriter() = default;

Result<ClipWriter> ClipWriter::create(const std::filesystem::path& file, ClipFormat format, const Extent& sides,
                                      int fps) {
  start_logging();
  const Recipe recipe = recipe_of(format);
  auto parts = std::make_unique<Parts>();
  parts->file = file;
  parts->part = file.string() + ".part";
  auto container = open_container(recipe, "file:" + parts->part.string());
  if (!container) return std::unexpected(container.error());
  parts->container = std::move(*container);
  auto encoder = open_encoder(recipe, sides, fps, (parts->container->oformat->flags & AVFMT_GLOBALHEADER) != 0);
  if (!encoder) return std::unexpected(encoder.error());
  parts->encoder = std::move(*encoder);
  auto scaler = open_scaler(sides);
  if (!scaler) return std::unexpected(scaler.error());
  parts->scaler = std::move(*scaler);
  auto source = make_source(sides);
  if (!source) return std::unexpected(source.error());
  parts->source = std::move(*source);
  auto frame = make_frame(*parts->encoder);
  if (!frame) return std::unexpected(frame.error());
  parts->frame = std::move(*frame);
  parts->packet.reset(av_packet_alloc());
  if (!parts->packet) return fail_internal("clip: no memory");
  if (auto begun = parts->begin(recipe); !begun) return std::unexpected(begun.error());
  return ClipWriter(std::move(parts));
}

std::int64_t ClipWriter::bytes_max(const Extent& sides) {
  constexpr std::int64_t kBytesPerPixel = 240;  // frames looked ahead at, and those that others are told from
  return std::int64_t{sides.width_px} * sides.height_px * kBytesPerPixel + (32LL << 20);
}

Result<void> ClipWriter::write(const Raster& frame) {
  Parts& parts = *parts_;
  if (frame.width != parts.frame->width || frame.height != parts.frame->height) {
    return fail_internal("clip: a frame of other sides");
  }
  // The encoder may still hold the last one.
  if (const int code = av_frame_make_writable(parts.frame.get()); code < 0) return failed("a frame", code);
  AVFrame& source = *parts.source;
  for (int y = 0; y < frame.height; ++y) {
    std::copy_n(frame.row(y), static_cast<std::size_t>(frame.width) * Raster::kChannels,
                source.data[0] + y * source.linesize[0]);
  }
  const int scaled = sws_scale(parts.scaler.get(), source.data, source.linesize, 0, frame.height, parts.frame->data,
                               parts.frame->linesize);
  if (scaled != frame.height) return failed("swscale", scaled);
  parts.frame->pts = parts.frames++;
  return parts.encode(parts.frame.get(), nullptr);
}

Result<std::int64_t> ClipWriter::finish(const std::atomic<bool>& cancel) {
  Parts& parts = *parts_;
  if (auto flushed = parts.encode(nullptr, &cancel); !flushed) return std::unexpected(flushed.error());
  if (const int code = av_write_trailer(parts.container.get()); code < 0) return failed("trailer", code);
  if (const int code = avio_closep(&parts.container->pb); code < 0) return failed("close", code);
  std::error_code error;
  const auto size_bytes = static_cast<std::int64_t>(std::filesystem::file_size(parts.part, error));
  if (!error) std::filesystem::rename(parts.part, parts.file, error);
  if (error) return fail_internal("clip: " + parts.file.string() + ": " + error.message());
  parts.is_finished = true;
  return size_bytes;
}

}  // namespace tintype::engine
