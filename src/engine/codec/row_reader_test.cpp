#include "engine/codec/row_reader.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/codec/test_pictures.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kOdd = fs::path(TINTYPE_SOURCE_DIR) / "../shared/assets/odd";

// Every row, in bands of 1, 8, 15 ... rows.
Result<Pixels> read_in_bands(RowReader& reader) {
  const PictureShape shape = reader.shape();
  Pixels pixels{shape.width, shape.height, shape.channels, shape.bytes_per_sample, {}};
  pixels.data.resize(shape.size_bytes());
  std::span<std::uint8_t> rest(pixels.data);
  for (int row = 0, band = 1; row < shape.height; band += 7) {
    const int rows = std::min(band, shape.height - row);
    const std::size_t bytes = shape.row_bytes() * static_cast<std::size_t>(rows);
    if (auto read = reader.read(rows, rest.first(bytes)); !read) return std::unexpected(read.error());
    rest = rest.subspan(bytes);
    row += rows;
  }
  return pixels;
}

Result<Pixels> read_in_bands(const fs::path& file, const ImageLimits& limits = {},
                             std::optional<int> longest_side_max_px = std::nullopt) {
  auto reader = RowReader::open(file, limits, longest_side_max_px);
  if (!reader) return std::unexpected(reader.error());
  return read_in_bands(*reader);
}

struct Kind {
  ImageFormat format;
  int channels;
  int bytes_per_sample;
};

class RowReading : public testing::TestWithParam<Kind> {
 protected:
  TestFolder folder;
};

INSTANTIATE_TEST_SUITE_P(Kinds, RowReading,
                         testing::Values(Kind{ImageFormat::kJpeg, 1, 1}, Kind{ImageFormat::kJpeg, 3, 1},
                                         Kind{ImageFormat::kPng, 1, 1}, Kind{ImageFormat::kPng, 2, 1},
                                         Kind{ImageFormat::kPng, 3, 1}, Kind{ImageFormat::kPng, 4, 1},
                                         Kind{ImageFormat::kPng, 1, 2}, Kind{ImageFormat::kPng, 2, 2},
                                         Kind{ImageFormat::kPng, 3, 2}, Kind{ImageFormat::kPng, 4, 2},
                                         Kind{ImageFormat::kWebp, 3, 1}, Kind{ImageFormat::kWebp, 4, 1},
                                         Kind{ImageFormat::kAvif, 3, 1}, Kind{ImageFormat::kAvif, 4, 1}),
                         [](const auto& kind) {
                           return std::string(image_format_name(kind.param.format)) +
                                  std::to_string(kind.param.channels) + "x" +
                                  std::to_string(8 * kind.param.bytes_per_sample);
                         });

TEST_P(RowReading, GivesWhatDecodingGives) {
  const Kind kind = GetParam();
  const Pixels picture = drawn({301, 203, kind.channels, kind.bytes_per_sample});
  ASSERT_TRUE(encode(picture, {}, {kind.format, 95}, folder / "in"));
  auto reader = RowReader::open(folder / "in", {});
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->facts().format, kind.format);
  EXPECT_EQ(reader->shape().width, 301);
  EXPECT_EQ(reader->shape().height, 203);
  EXPECT_EQ(reader->shape().channels, kind.channels);
  EXPECT_EQ(reader->shape().bytes_per_sample, kind.bytes_per_sample);
  const auto rows = read_in_bands(*reader);
  ASSERT_TRUE(rows) << rows.error().message;
  const auto whole = decode(folder / "in", {}, std::nullopt);
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_TRUE(rows->data == whole->pixels.data);
  if (kind.format == ImageFormat::kPng) {
    EXPECT_TRUE(rows->data == picture.data);
  }
}

TEST_P(RowReading, ReducesWhileItReads) {
  const Kind kind = GetParam();
  const Pixels picture = drawn({301, 203, kind.channels, kind.bytes_per_sample});
  ASSERT_TRUE(encode(picture, {}, {kind.format, 95}, folder / "in"));
  const auto rows = read_in_bands(folder / "in", {}, 100);
  ASSERT_TRUE(rows) << rows.error().message;
  EXPECT_EQ(rows->width, 100);
  EXPECT_EQ(rows->height, 67);
  const auto reduced = resize(decode(folder / "in", {}, std::nullopt)->pixels, 100, 67);
  EXPECT_TRUE(rows->data == reduced->data);
}

// Where a pixel of the upright picture lies in the stored one, by EXIF 2.3's orientation.
std::pair<int, int> stored_at(int orientation, int x, int y, const Pixels& stored) {
  const int right = stored.width - 1, bottom = stored.height - 1;
  switch (orientation) {
    case 1: return {x, y};
    case 2: return {right - x, y};
    case 3: return {right - x, bottom - y};
    case 4: return {x, bottom - y};
    case 5: return {y, x};
    case 6: return {y, bottom - x};
    case 7: return {right - y, bottom - x};
    default: return {right - y, x};
  }
}

// The codec writes upright pictures alone, so that the tag has to be written over.
void set_orientation(const fs::path& file, char orientation) {
  std::string bytes = bytes_of(file);
  const std::string little("\x12\x01\x03\0\x01\0\0\0", 8), big("\x01\x12\0\x03\0\0\0\x01\0", 9);
  std::size_t at = bytes.find(little);
  at = at != std::string::npos ? at + little.size() : bytes.find(big) + big.size();
  ASSERT_LT(at, bytes.size());
  bytes[at] = orientation;
  write_bytes(file, bytes);
}

TEST(RowReader, TurnsAPictureAsItsOrientationSays) {
  const TestFolder folder;
  ASSERT_TRUE(encode(drawn({90, 50, 3, 1}), {}, {ImageFormat::kJpeg, 95}, folder / "in"));
  const Pixels stored = decode(folder / "in", {}, std::nullopt)->pixels;
  for (int orientation = 1; orientation <= 8; ++orientation) {
    set_orientation(folder / "in", static_cast<char>(orientation));
    const auto rows = read_in_bands(folder / "in");
    ASSERT_TRUE(rows) << rows.error().message;
    ASSERT_EQ(rows->width, orientation < 5 ? 90 : 50) << orientation;
    ASSERT_EQ(rows->height, orientation < 5 ? 50 : 90) << orientation;
    Pixels upright{rows->width, rows->height, 3, 1, {}};
    for (int y = 0; y < upright.height; ++y) {
      for (int x = 0; x < upright.width; ++x) {
        const auto [from_x, from_y] = stored_at(orientation, x, y, stored);
        const auto at = stored.data.begin() + (std::ptrdiff_t{from_y} * stored.width + from_x) * 3;
        upright.data.insert(upright.data.end(), at, at + 3);
      }
    }
    EXPECT_TRUE(rows->data == upright.data) << orientation;
    const auto reduced = read_in_bands(folder / "in", {}, 45);
    EXPECT_EQ(reduced->width, orientation < 5 ? 45 : 25) << orientation;
    EXPECT_TRUE(reduced->data == decode(folder / "in", {}, 45)->pixels.data) << orientation;
  }
}

TEST(RowReader, OddFilesGiveTheirRowsOrTheSameErrorAsDecoding) {
  if (!fs::exists(kOdd)) GTEST_SKIP() << kOdd << " is missing";
  ImageLimits limits;
  limits.decode_ms_max = 60'000;  // of a machine that has other things to do
  for (const auto& entry : fs::directory_iterator(kOdd)) {
    for (const std::optional<int> longest : {std::optional<int>(), std::optional(200)}) {
      const auto whole = decode(entry.path(), limits, longest);
      const auto rows = read_in_bands(entry.path(), limits, longest);
      ASSERT_EQ(whole.has_value(), rows.has_value()) << entry.path();
      if (rows) {
        EXPECT_TRUE(rows->data == whole->pixels.data) << entry.path();
      } else {
        EXPECT_EQ(rows.error().code, whole.error().code) << entry.path();
        EXPECT_EQ(rows.error().message, whole.error().message) << entry.path();
      }
    }
  }
}

TEST(RowReader, CutOffAndDamagedFilesAreErrorsThatSaySo) {
  const TestFolder folder;
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp, ImageFormat::kAvif}) {
    ASSERT_TRUE(encode(drawn({400, 300, 3, 1}), {}, {format, 92}, folder / "in"));
    const std::string whole = bytes_of(folder / "in");
    for (const std::size_t tenths : {3U, 6U, 9U}) {
      write_bytes(folder / "in", whole.substr(0, whole.size() * tenths / 10));
      const auto rows = read_in_bands(folder / "in");
      ASSERT_FALSE(rows) << image_format_name(format) << tenths;
      EXPECT_EQ(rows.error().code, ErrorCode::kInvalidInput);
      EXPECT_NE(rows.error().message.find("damaged or cut off"), std::string::npos) << rows.error().message;
    }
  }
}

TEST(RowReader, HoldsToTheLimits) {
  const TestFolder folder;
  ASSERT_TRUE(encode(drawn({400, 300, 3, 1}), {}, {ImageFormat::kJpeg}, folder / "in"));
  ImageLimits small;
  small.pixels_max = 100'000;
  const auto refused = RowReader::open(folder / "in", small);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(refused.error().message.find("400 x 300"), std::string::npos) << refused.error().message;
  ImageLimits hasty;
  hasty.decode_ms_max = 0;
  EXPECT_EQ(read_in_bands(folder / "in", hasty).error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(read_in_bands(folder / "in", hasty, 100).error().code, ErrorCode::kDeadlineExceeded);
  write_bytes(folder / "in", "GIF, said nobody");
  EXPECT_EQ(RowReader::open(folder / "in", {}).error().code, ErrorCode::kUnsupportedMediaType);
}

std::int64_t planned_bytes(const fs::path& file, std::optional<int> longest_side_max_px = std::nullopt) {
  return RowReader::open(file, {}, longest_side_max_px)->bytes_max();
}

TEST(RowReader, PlansForTheWholePictureOnlyWhereItHoldsIt) {
  const TestFolder folder;
  const PictureShape low{800, 500, 3, 1}, tall{800, 3'000, 3, 1};
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng}) {
    ASSERT_TRUE(encode(drawn(low), {}, {format}, folder / "low"));
    ASSERT_TRUE(encode(drawn(tall), {}, {format}, folder / "tall"));
    EXPECT_EQ(planned_bytes(folder / "low"), planned_bytes(folder / "tall")) << image_format_name(format);
  }
  ASSERT_TRUE(encode(drawn(tall), {}, {ImageFormat::kWebp}, folder / "webp"));
  EXPECT_GT(planned_bytes(folder / "webp"), static_cast<std::int64_t>(tall.size_bytes()));
  ASSERT_TRUE(encode(drawn(tall), {}, {ImageFormat::kJpeg}, folder / "turned"));
  const std::int64_t upright = planned_bytes(folder / "turned");
  set_orientation(folder / "turned", 6);
  EXPECT_EQ(planned_bytes(folder / "turned"), upright + static_cast<std::int64_t>(tall.size_bytes()));
  EXPECT_LT(planned_bytes(folder / "turned", 300), upright + (4 << 20));
}

TEST(RowReader, AnyThreadReadsOn) {
  const TestFolder folder;
  const Pixels picture = drawn({300, 200, 3, 1});
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kPng}, folder / "in"));
  auto reader = RowReader::open(folder / "in", {});
  ASSERT_TRUE(reader);
  Pixels rows = picture;
  for (int row = 0; row < picture.height; row += 50) {
    std::span<std::uint8_t> band(rows.data);
    band = band.subspan(static_cast<std::size_t>(row) * rows.row_bytes(), 50 * rows.row_bytes());
    std::fill(band.begin(), band.end(), std::uint8_t{0});
    std::thread([&] { EXPECT_TRUE(reader->read(50, band)); }).join();
  }
  EXPECT_TRUE(rows.data == picture.data);
}

TEST(Verifying, TakesJpegOfAnySize) {
  TestFolder folder;
  for (const int side : {1, 2, 3, 7, 8, 9}) {
    const auto file = folder / "narrow";
    ASSERT_TRUE(encode(drawn({side, 40, 3, 1}), {}, {}, file));
    EXPECT_TRUE(verify(file, {})) << side;
    ASSERT_TRUE(encode(drawn({40, side, 1, 1}), {}, {}, file));
    EXPECT_TRUE(verify(file, {})) << side;
  }
}

}  // namespace
}  // namespace tintype::engine
