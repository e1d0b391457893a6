#include "engine/clip/clip_writer.h"

#include <gtest/gtest.h>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libswscale/swscale.h>
}

#include <cmath>
#include <fstream>
#include <iterator>

#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

constexpr ClipFormat kFormats[] = {ClipFormat::kMp4, ClipFormat::kWebm};
const std::atomic<bool> kWanted{false};

// What a clip is, as another program reads it.
struct ReadClip {
  std::string codec;
  int width = 0, height = 0, frames = 0;
  double fps = 0, seconds = 0;
  AVColorSpace colours = AVCOL_SPC_UNSPECIFIED;
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  Raster first, last;
};

Raster raster_of(const AVFrame& frame) {
  Raster raster(frame.width, frame.height);
  SwsContext* scaler =
      sws_getContext(frame.width, frame.height, static_cast<AVPixelFormat>(frame.format), frame.width, frame.height,
                     AV_PIX_FMT_RGBA, SWS_BICUBIC | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr);
  const int* table = sws_getCoefficients(SWS_CS_ITU709);
  sws_setColorspaceDetails(scaler, table, 0, table, 1, 0, 1 << 16, 1 << 16);
  std::uint8_t* rows[] = {raster.rgba.data()};
  const int row_bytes[] = {frame.width * 4};
  sws_scale(scaler, frame.data, frame.linesize, 0, frame.height, rows, row_bytes);
  sws_freeContext(scaler);
  return raster;
}

ReadClip read_clip(const fs::path& file) {
  ReadClip clip;
  AVFormatContext* container = nullptr;
  EXPECT_EQ(avformat_open_input(&container, file.c_str(), nullptr, nullptr), 0);
  EXPECT_GE(avformat_find_stream_info(container, nullptr), 0);
  EXPECT_EQ(container->nb_streams, 1U);
  const AVStream& stream = *container->streams[0];
  clip.codec = avcodec_get_name(stream.codecpar->codec_id);
  clip.fps = av_q2d(stream.avg_frame_rate);
  clip.seconds = static_cast<double>(container->duration) / AV_TIME_BASE;
  AVCodecContext* decoder = avcodec_alloc_context3(avcodec_find_decoder(stream.codecpar->codec_id));
  avcodec_parameters_to_context(decoder, stream.codecpar);
  EXPECT_EQ(avcodec_open2(decoder, nullptr, nullptr), 0);
  AVPacket* packet = av_packet_alloc();
  AVFrame* frame = av_frame_alloc();
  bool is_more = true;
  while (is_more) {
    is_more = av_read_frame(container, packet) >= 0;
    EXPECT_EQ(avcodec_send_packet(decoder, is_more ? packet : nullptr), 0);
    av_packet_unref(packet);
    while (avcodec_receive_frame(decoder, frame) == 0) {
      clip.width = frame->width;
      clip.height = frame->height;
      clip.colours = frame->colorspace;
      clip.range = frame->color_range;
      clip.last = raster_of(*frame);
      if (clip.frames++ == 0) clip.first = clip.last;
    }
  }
  av_frame_free(&frame);
  av_packet_free(&packet);
  avcodec_free_context(&decoder);
  avformat_close_input(&container);
  return clip;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

// Colours that change slowly from place to place and from frame to frame.
Raster frame_at(int width, int height, int number) {
  Raster frame(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = frame.at(x, y);
      pixel[0] = static_cast<std::uint8_t>(40 + 160 * x / width);
      pixel[1] = static_cast<std::uint8_t>(60 + 120 * y / height);
      pixel[2] = static_cast<std::uint8_t>(200 - 2 * number);
      pixel[3] = 255;
    }
  }
  return frame;
}

double difference(const Raster& a, const Raster& b) {
  if (a.extent() != b.extent()) return 255;
  double sum = 0;
  for (std::size_t at = 0; at < a.rgba.size(); ++at) sum += std::abs(int{a.rgba[at]} - int{b.rgba[at]});
  return sum / static_cast<double>(a.rgba.size());
}

Result<std::int64_t> write_clip(const fs::path& file, ClipFormat format, const Extent& sides, int fps, int frames) {
  auto writer = ClipWriter::create(file, format, sides, fps);
  if (!writer) return std::unexpected(writer.error());
  for (int number = 0; number < frames; ++number) {
    auto written = writer->write(frame_at(sides.width_px, sides.height_px, number));
    if (!written) return std::unexpected(written.error());
  }
  return writer->finish(kWanted);
}

class Clip : public testing::TestWithParam<ClipFormat> {
 protected:
  fs::path file() const { return folder_ / clip_format_name(GetParam()); }

  TestFolder folder_;
};

TEST_P(Clip, IsReadAsItWasWritten) {
  const auto size_bytes = write_clip(file(), GetParam(), {320, 180}, 30, 45);
  ASSERT_TRUE(size_bytes) << size_bytes.error().cause;
  EXPECT_EQ(*size_bytes, static_cast<std::int64_t>(fs::file_size(file())));
  const ReadClip clip = read_clip(file());
  EXPECT_EQ(clip.codec, GetParam() == ClipFormat::kMp4 ? "h264" : "vp9");
  EXPECT_EQ(clip.width, 320);
  EXPECT_EQ(clip.height, 180);
  EXPECT_EQ(clip.frames, 45);
  EXPECT_NEAR(clip.fps, 30, 0.01);
  EXPECT_NEAR(clip.seconds, 1.5, 0.04);
  EXPECT_EQ(clip.colours, AVCOL_SPC_BT709);
  EXPECT_EQ(clip.range, AVCOL_RANGE_MPEG);
  EXPECT_LT(difference(clip.first, frame_at(320, 180, 0)), 1.5);
  EXPECT_LT(difference(clip.last, frame_at(320, 180, 44)), 1.5);
}

TEST_P(Clip, HasOddRatesAndUprightSides) {
  ASSERT_TRUE(write_clip(file(), GetParam(), {98, 174}, 59, 60));
  const ReadClip clip = read_clip(file());
  EXPECT_EQ(clip.frames, 60);
  EXPECT_EQ(clip.width, 98);
  EXPECT_EQ(clip.height, 174);
  EXPECT_NEAR(clip.fps, 59, 0.1);
}

TEST_P(Clip, OfTheSameFramesIsTheSame) {
  ASSERT_TRUE(write_clip(file(), GetParam(), {640, 360}, 24, 30));
  const fs::path again = file().string() + "2";
  ASSERT_TRUE(write_clip(again, GetParam(), {640, 360}, 24, 30));
  EXPECT_EQ(bytes_of(file()), bytes_of(again));
}

TEST_P(Clip, ThatIsNotFinishedIsNotThere) {
  {
    auto writer = ClipWriter::create(file(), GetParam(), {64, 64}, 30);
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->write(frame_at(64, 64, 0)));
    EXPECT_FALSE(fs::exists(file()));
  }
  EXPECT_TRUE(folder_.is_empty());
}

TEST_P(Clip, HearsACancelWhileItEnds) {
  {
    auto writer = ClipWriter::create(file(), GetParam(), {64, 64}, 30);
    ASSERT_TRUE(writer);
    for (int number = 0; number < 10; ++number) ASSERT_TRUE(writer->write(frame_at(64, 64, number)));
    const std::atomic<bool> cancel{true};
    const auto finished = writer->finish(cancel);
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, ErrorCode::kCancelled);
  }
  EXPECT_TRUE(folder_.is_empty());
}

TEST_P(Clip, FaultsHaveAPrivateCause) {
  const auto nowhere = ClipWriter::create(folder_ / "missing" / "clip", GetParam(), {64, 64}, 30);
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kInternal);
  EXPECT_FALSE(nowhere.error().message.contains("missing"));
  EXPECT_TRUE(nowhere.error().cause.contains("missing"));
  auto writer = ClipWriter::create(file(), GetParam(), {64, 64}, 30);
  ASSERT_TRUE(writer);
  EXPECT_FALSE(writer->write(frame_at(64, 62, 0)));
}

TEST(ClipOfMp4, HasItsIndexAtTheFront) {
  const TestFolder folder;
  ASSERT_TRUE(write_clip(folder / "clip", ClipFormat::kMp4, {64, 64}, 30, 10));
  const std::string bytes = bytes_of(folder / "clip");
  EXPECT_LT(bytes.find("moov"), bytes.find("mdat"));
}

INSTANTIATE_TEST_SUITE_P(Formats, Clip, testing::ValuesIn(kFormats),
                         [](const auto& format) { return clip_format_name(format.param); });

}  // namespace
}  // namespace tintype::engine
