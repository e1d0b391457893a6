#include "engine/codec/row_writer.h"

#include <gtest/gtest.h>

#include <thread>

#include "engine/codec/row_reader.h"
#include "engine/codec/test_pictures.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kOdd = fs::path(TINTYPE_SOURCE_DIR) / "../shared/assets/odd";

class RowWriting : public testing::Test {
 protected:
  // Rows from `first` up to `last`.
  static std::span<const std::uint8_t> band(const Pixels& pixels, int first, int last) {
    return std::span(pixels.data)
        .subspan(pixels.row_bytes() * static_cast<std::size_t>(first),
                 pixels.row_bytes() * static_cast<std::size_t>(last - first));
  }

  TestFolder folder;
};

TEST_F(RowWriting, RowByRowIsTheSameFileAsWhole) {
  for (const PictureShape& shape :
       {PictureShape{300, 211, 3, 1}, {300, 211, 1, 1}, {300, 211, 4, 1}, {300, 211, 4, 2}}) {
    const Pixels picture = drawn(shape);
    for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp}) {
      const auto size_bytes = encode(picture, {}, {format}, folder / "whole");
      ASSERT_TRUE(size_bytes) << size_bytes.error().cause;
      auto writer = RowWriter::create(shape, {}, {format}, folder / "rows");
      ASSERT_TRUE(writer) << writer.error().cause;
      for (int row = 0; row < shape.height; row += 13) {
        ASSERT_TRUE(writer->write(band(picture, row, std::min(row + 13, shape.height))));
      }
      EXPECT_EQ(writer->finish().value(), *size_bytes);
      EXPECT_EQ(bytes_of(folder / "rows").size(), static_cast<std::size_t>(*size_bytes));
      EXPECT_TRUE(bytes_of(folder / "rows") == bytes_of(folder / "whole")) << image_format_name(format);
    }
  }
}

// More than the queue holds, in one call and in many.
TEST_F(RowWriting, APictureMayBeLargerThanTheQueue) {
  const Pixels picture = drawn({2'000, 4'000, 3, 1});
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kJpeg}, folder / "whole"));
  auto writer = RowWriter::create(picture.shape(), {}, {ImageFormat::kJpeg}, folder / "rows");
  for (int row = 0; row < 4'000; row += 400) ASSERT_TRUE(writer->write(band(picture, row, row + 400)));
  ASSERT_TRUE(writer->finish());
  EXPECT_TRUE(bytes_of(folder / "rows") == bytes_of(folder / "whole"));
}

TEST_F(RowWriting, LeavesNothingWithoutItsEnd) {
  const Pixels picture = drawn({200, 100, 3, 1});
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp, ImageFormat::kAvif}) {
    for (const int rows : {0, 40, 100}) {
      auto writer = RowWriter::create(picture.shape(), {}, {format}, folder / "out");
      ASSERT_TRUE(writer->write(band(picture, 0, rows)));
      writer = fail(ErrorCode::kCancelled, "gone");
      EXPECT_TRUE(folder.is_empty()) << image_format_name(format) << rows;
    }
  }
}

TEST_F(RowWriting, WhatWasThereStaysUntilTheEnd) {
  const Pixels picture = drawn({200, 100, 3, 1});
  write_bytes(folder / "out", "before");
  {
    auto writer = RowWriter::create(picture.shape(), {}, {ImageFormat::kJpeg}, folder / "out");
    ASSERT_TRUE(writer->write(picture.data));
  }
  EXPECT_EQ(bytes_of(folder / "out"), "before");
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kJpeg}, folder / "out"));
  EXPECT_EQ(inspect(folder / "out", {})->width_px, 200);
}

TEST_F(RowWriting, MissingRowsAreAnErrorThatCountsThem) {
  const Pixels picture = drawn({200, 100, 3, 1});
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp, ImageFormat::kAvif}) {
    auto writer = RowWriter::create(picture.shape(), {}, {format}, folder / "out");
    ASSERT_TRUE(writer->write(band(picture, 0, 99)));
    const auto finished = writer->finish();
    ASSERT_FALSE(finished);
    EXPECT_EQ(finished.error().code, ErrorCode::kInternal);
    EXPECT_NE(finished.error().cause.find("99 of 100 rows"), std::string::npos) << finished.error().cause;
    writer = fail(ErrorCode::kCancelled, "gone");
    EXPECT_TRUE(folder.is_empty());
  }
}

TEST_F(RowWriting, AFileThatCannotBeWrittenIsAnErrorThatNamesIt) {
  const Pixels picture = drawn({3'000, 3'000, 3, 1});  // more than the queue holds
  const fs::path file = folder / "missing" / "out";
  auto writer = RowWriter::create(picture.shape(), {}, {ImageFormat::kJpeg}, file);
  ASSERT_TRUE(writer);
  const auto written = writer->write(picture.data);
  ASSERT_FALSE(written);
  EXPECT_NE(written.error().cause.find(file.string()), std::string::npos) << written.error().cause;
  EXPECT_EQ(writer->finish().error().cause, written.error().cause);
}

TEST_F(RowWriting, RefusesWhatAFormatCannotHoldBeforeTheFirstRow) {
  const auto refused = RowWriter::create({20'000, 10, 3, 1}, {}, {ImageFormat::kWebp}, folder / "out");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(refused.error().message.find("16383"), std::string::npos) << refused.error().message;
  const auto unknown = RowWriter::create({20, 10, 3, 1}, {}, {ImageFormat::kHeic}, folder / "out");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().code, ErrorCode::kInternal);
  EXPECT_NE(unknown.error().cause.find("heic"), std::string::npos) << unknown.error().cause;
  EXPECT_TRUE(folder.is_empty());
}

TEST_F(RowWriting, BlendsAlphaOntoWhiteWhereThereIsNone) {
  Pixels picture = drawn({64, 64, 4, 1});
  for (std::size_t at = 3; at < picture.data.size(); at += 4) picture.data[at] = 0;
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kJpeg}, folder / "out"));
  const auto decoded = decode(folder / "out", {}, std::nullopt);
  EXPECT_EQ(decoded->pixels.channels, 3);
  EXPECT_EQ(*std::min_element(decoded->pixels.data.begin(), decoded->pixels.data.end()), 255);
}

TEST_F(RowWriting, ScalesAlphaOf16BitsAsItDoesColours) {
  const PictureShape shape{40, 30, 4, 2};
  const Pixels wide = drawn(shape);
  ASSERT_TRUE(encode(wide, {}, {ImageFormat::kWebp, 100}, folder / "out"));
  const auto narrow = decode(folder / "out", {}, std::nullopt);
  ASSERT_TRUE(narrow) << narrow.error().message;
  ASSERT_EQ(narrow->pixels.channels, 4);
  for (std::size_t pixel = 0; pixel < static_cast<std::size_t>(shape.width) * shape.height; ++pixel) {
    ASSERT_EQ(narrow->pixels.data[pixel * 4 + 3], wide.data[pixel * 8 + 7]) << "at pixel " << pixel;
  }
}

TEST_F(RowWriting, KeepsTheMetadataAndSaysUpright) {
  Metadata metadata;
  metadata.pixels_per_mm = 300 / 25.4;
  const Pixels picture = drawn({64, 48, 3, 1});
  ASSERT_TRUE(encode(picture, metadata, {ImageFormat::kJpeg}, folder / "out"));
  EXPECT_NEAR(decode(folder / "out", {}, std::nullopt)->metadata.pixels_per_mm, 300 / 25.4, 0.01);
  if (!fs::exists(kOdd)) GTEST_SKIP() << kOdd << " is missing";
  for (const char* name : {"Landscape_6.jpg", "hopper_orientation_6.webp"}) {
    const auto original = decode(kOdd / name, {}, std::nullopt);
    ASSERT_TRUE(original) << original.error().message;
    for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp}) {
      ASSERT_TRUE(encode(original->pixels, original->metadata, {format}, folder / "out"));
      const auto copy = decode(folder / "out", {}, std::nullopt);
      EXPECT_EQ(copy->pixels.width, original->pixels.width) << name;
      for (const auto& [blob, bytes] : original->metadata.blobs) {
        ASSERT_TRUE(copy->metadata.blobs.contains(blob)) << name << blob;
        if (blob == "icc-profile-data") {
          EXPECT_TRUE(copy->metadata.blobs.at(blob) == bytes) << name;
        }
      }
    }
  }
}

TEST_F(RowWriting, ReadersAndWritersWorkSideBySide) {
  const Pixels picture = drawn({600, 900, 3, 1});
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kPng}, folder / "in"));
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kJpeg}, folder / "whole"));
  const auto copy = [&](const fs::path& to) {
    auto reader = RowReader::open(folder / "in", {});
    auto writer = RowWriter::create(reader->shape(), reader->metadata(), {ImageFormat::kJpeg}, to);
    std::vector<std::uint8_t> rows(90 * picture.row_bytes());
    for (int row = 0; row < picture.height; row += 90) {
      EXPECT_TRUE(reader->read(90, rows));
      // Another thread than the one that reads.
      std::thread([&] { EXPECT_TRUE(writer->write(rows)); }).join();
    }
    EXPECT_TRUE(writer->finish());
  };
  {
    std::vector<std::jthread> threads;
    for (int at = 0; at < 4; ++at) threads.emplace_back(copy, folder / std::to_string(at));
  }
  for (int at = 0; at < 4; ++at)
    EXPECT_EQ(decode(folder / std::to_string(at), {}, std::nullopt)->pixels.data,
              decode(folder / "whole", {}, std::nullopt)->pixels.data);
}

TEST(RowWriter, PlansForTheWholePictureOnlyWhereItHoldsIt) {
  const PictureShape tall{4'000, 20'000, 3, 1}, taller{4'000, 40'000, 3, 1};
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng}) {
    EXPECT_EQ(RowWriter::bytes_max(tall, {format}), RowWriter::bytes_max(taller, {format}));
    EXPECT_LT(RowWriter::bytes_max(tall, {format}), 32 << 20);
  }
  for (const ImageFormat format : {ImageFormat::kWebp, ImageFormat::kAvif}) {
    EXPECT_GT(RowWriter::bytes_max(tall, {format}), static_cast<std::int64_t>(tall.size_bytes()));
  }
}

}  // namespace
}  // namespace tintype::engine
