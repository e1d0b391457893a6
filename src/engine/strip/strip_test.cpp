#include "engine/strip/strip.h"

#include <gtest/gtest.h>

#include <sstream>

#include "engine/codec/codec.h"
#include "engine/codec/test_pictures.h"
#include "engine/strip/exif_orientation.h"

namespace tintype::engine {
namespace {

using std::string_literals::operator""s;

constexpr const char* kSecret = "52.5163 N, 13.3777 E";

std::string big(std::size_t number, int bytes) {
  std::string text;
  while (bytes-- > 0) text.push_back(static_cast<char>(number >> (8 * bytes) & 255));
  return text;
}
std::string little(std::size_t number, int bytes) {
  const std::string text = big(number, bytes);
  return {text.rbegin(), text.rend()};
}
std::string entry(std::size_t tag, std::size_t type, std::size_t count, std::size_t value) {
  return little(tag, 2) + little(type, 2) + little(count, 4) + little(value, 4);
}

// EXIF with an orientation, and a GPS directory whose processing method (tag 27, undefined type) is the secret.
std::string exif_block(int orientation) {
  constexpr std::size_t kFirst = 8, kGps = kFirst + 2 + 2 * 12 + 4, kText = kGps + 2 + 12 + 4;
  return "II*\0"s + little(kFirst, 4) + little(2, 2) + entry(0x0112, 3, 1, static_cast<std::size_t>(orientation)) +
         entry(0x8825, 4, 1, kGps) + little(0, 4) + little(1, 2) + entry(27, 7, std::strlen(kSecret), kText) +
         little(0, 4) + kSecret;
}

std::string segment(int marker, const std::string& payload) {
  return "\xff"s + static_cast<char>(marker) + big(payload.size() + 2, 2) + payload;
}

std::string chunk(const std::string& type, const std::string& data) {
  std::uint32_t crc = 0xffffffff;
  for (const char byte : type + data) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
  }
  return big(data.size(), 4) + type + data + big(~crc, 4);
}

std::string riff_chunk(const std::string& type, const std::string& data) {
  return type + little(data.size(), 4) + data + std::string(data.size() & 1, '\0');
}

std::string file_of(const PictureShape& shape, ImageFormat format, const std::filesystem::path& folder) {
  const auto path = folder / "made";
  EXPECT_TRUE(encode(drawn(shape), {}, {.format = format, .quality = 90, .is_bare = true}, path));
  const std::string file = bytes_of(path);
  if (format != ImageFormat::kWebp) return file;
  // The picture's own chunk alone: libvips adds to it.
  const std::size_t begin = file.find("VP8 ");
  std::size_t length = 0;
  for (std::size_t at = 4; at-- > 0;) length = length << 8 | static_cast<unsigned char>(file[begin + 4 + at]);
  const std::string body = "WEBP" + file.substr(begin, 8 + length + (length & 1));
  return "RIFF" + little(body.size(), 4) + body;
}

// With everything that a camera and a few programs add.
std::string with_metadata(const std::string& file, ImageFormat format, int orientation) {
  const std::string exif = exif_block(orientation);
  const std::string xmp = "http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>"s + kSecret;
  if (format == ImageFormat::kJpeg) {
    return file.substr(0, 2) + segment(0xe1, "Exif\0\0"s + exif) + segment(0xe1, xmp) +
           segment(0xed, "Photoshop 3.0\0"s + kSecret) + segment(0xfe, kSecret) + segment(0xe2, "MPF\0"s + kSecret) +
           segment(0xe7, kSecret) + file.substr(2) + kSecret;
  }
  if (format == ImageFormat::kPng) {
    constexpr std::size_t kHead = 8 + 25;
    return file.substr(0, kHead) + chunk("eXIf", exif) + chunk("tEXt", "Comment\0"s + kSecret) +
           chunk("iTXt", "XML:com.adobe.xmp\0\0\0\0\0"s + kSecret) + chunk("tIME", big(0, 7)) + chunk("prVt", kSecret) +
           file.substr(kHead) + kSecret;
  }
  const std::string picture = file.substr(12);
  std::string body = "WEBP" + riff_chunk("VP8X", "\x0c\0\0\0"s + little(47, 3) + little(31, 3)) + picture +
                     riff_chunk("EXIF", exif) + riff_chunk("XMP ", xmp) + riff_chunk("note", kSecret);
  return "RIFF" + little(body.size(), 4) + body + kSecret;
}

Result<std::string> stripped(const std::string& file, ImageFormat format) {
  std::istringstream in(file);
  std::ostringstream out;
  const auto done = format == ImageFormat::kJpeg  ? strip_jpeg(in, out)
                    : format == ImageFormat::kPng ? strip_png(in, out)
                                                  : strip_webp(in, out);
  if (!done) return std::unexpected(done.error());
  return out.str();
}

struct Seen {
  PictureShape shape;
  std::vector<std::uint8_t> data;
};
Result<Seen> seen(const std::string& file, const std::filesystem::path& folder) {
  const auto path = folder / "seen";
  write_bytes(path, file);
  auto decoded = decode(path, {}, std::nullopt);
  if (!decoded) return std::unexpected(decoded.error());
  return Seen{decoded->pixels.shape(), std::move(decoded->pixels.data)};
}

class Strip : public testing::TestWithParam<ImageFormat> {
 protected:
  TestFolder folder;
};

TEST_P(Strip, LeavesThePixelsAndNoneOfTheMetadata) {
  const std::string plain = file_of({48, 32, 3, 1}, GetParam(), folder);
  for (const int orientation : {1, 6}) {
    const std::string full = with_metadata(plain, GetParam(), orientation);
    const auto before = seen(full, folder);
    ASSERT_TRUE(before) << before.error().message;
    const auto bare = stripped(full, GetParam());
    ASSERT_TRUE(bare) << bare.error().message;
    EXPECT_EQ(bare->find(kSecret), std::string::npos);
    EXPECT_EQ(bare->find("xmp"), std::string::npos);
    const auto after = seen(*bare, folder);
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(after->data, before->data);
    EXPECT_EQ(after->shape.width, before->shape.width);
    EXPECT_EQ(stripped(*bare, GetParam()).value(), *bare) << "there is nothing left to take";
    if (GetParam() == ImageFormat::kWebp) {
      EXPECT_EQ(after->shape.width, orientation == 1 ? 48 : 32);
    }
  }
  EXPECT_EQ(seen(stripped(plain, GetParam()).value(), folder)->data, seen(plain, folder)->data);
}

TEST_P(Strip, RefusesWhatIsCutOff) {
  const std::string full = with_metadata(file_of({48, 32, 3, 1}, GetParam(), folder), GetParam(), 6);
  // What stands behind the end is not missed.
  const std::size_t end = full.size() - std::strlen(kSecret);
  for (std::size_t length = 0; length < end; ++length) {
    const auto bare = stripped(full.substr(0, length), GetParam());
    ASSERT_FALSE(bare) << length << " of " << end << " bytes";
    EXPECT_EQ(bare.error().code, ErrorCode::kInvalidInput);
  }
}

TEST_P(Strip, DoesToOddFilesWhatItDoesToOthers) {
  const std::filesystem::path odd = std::filesystem::path(TINTYPE_SOURCE_DIR) / "../shared/assets/odd";
  if (!std::filesystem::exists(odd)) GTEST_SKIP() << odd << " is missing";
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(odd)) {
    const auto facts = inspect(file.path(), {});
    if (!facts || facts->format != GetParam()) continue;
    const std::string full = bytes_of(file.path());
    const auto before = seen(full, folder);
    if (!before) continue;
    const auto bare = stripped(full, GetParam());
    ASSERT_TRUE(bare) << file.path() << bare.error().message;
    const auto after = seen(*bare, folder);
    ASSERT_TRUE(after) << file.path() << after.error().message;
    EXPECT_EQ(after->data, before->data) << file.path();
    EXPECT_LE(bare->size(), full.size() + 64) << file.path();
    ++count;
  }
  EXPECT_GE(count, 2);
}

INSTANTIATE_TEST_SUITE_P(Formats, Strip, testing::Values(ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp),
                         [](const auto& info) { return std::string(image_format_name(info.param)); });

TEST(StripJpeg, KeepsWhatSaysTheColoursAndNoThumbnail) {
  TestFolder folder;
  const std::string plain = file_of({16, 16, 3, 1}, ImageFormat::kJpeg, folder);
  const std::string icc = segment(0xe2, "ICC_PROFILE\0\1\1profile"s), adobe = segment(0xee, "Adobe\0d\0\0\0\0\1"s);
  const std::string jfif = segment(0xe0, "JFIF\0\1\2\1\0\x48\0\x48\2\1"s + "thumb!");
  const auto bare = stripped("\xff\xd8"s + jfif + icc + adobe + "garbage" + plain.substr(2), ImageFormat::kJpeg);
  ASSERT_TRUE(bare);
  EXPECT_NE(bare->find(icc), std::string::npos);
  EXPECT_NE(bare->find(adobe), std::string::npos);
  EXPECT_NE(bare->find(segment(0xe0, "JFIF\0\1\2\1\0\x48\0\x48\0\0"s)), std::string::npos);
  EXPECT_EQ(bare->find("thumb!"), std::string::npos);
  EXPECT_EQ(bare->find("garbage"), std::string::npos);
}

TEST(StripWebp, LooksIntoTheFramesOfAnAnimation) {
  TestFolder folder;
  const std::string picture = file_of({16, 16, 3, 1}, ImageFormat::kWebp, folder).substr(12);
  const std::string frame =
      little(0, 6) + little(15, 3) + little(15, 3) + little(100, 3) + "\0"s + picture + riff_chunk("note", kSecret);
  const std::string body = "WEBP" + riff_chunk("VP8X", "\x02\0\0\0"s + little(15, 3) + little(15, 3)) +
                           riff_chunk("ANIM", little(0, 6)) + riff_chunk("ANMF", frame) + riff_chunk("ANMF", frame);
  const auto bare = stripped("RIFF" + little(body.size(), 4) + body, ImageFormat::kWebp);
  ASSERT_TRUE(bare) << bare.error().message;
  EXPECT_EQ(bare->find(kSecret), std::string::npos);
  EXPECT_EQ(bare->size(), body.size() + 8 - 2 * riff_chunk("note", kSecret).size());
  EXPECT_TRUE(seen(*bare, folder));
}

TEST(ExifOrientation, IsReadInEitherByteOrderAndNeverBehindTheBlock) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    EXPECT_EQ(exif_orientation(exif_block(orientation)), orientation);
    EXPECT_EQ(exif_orientation(exif_of_orientation(orientation)), orientation);
    EXPECT_EQ(exif_orientation("Exif\0\0"s + exif_of_orientation(orientation)), orientation);
  }
  EXPECT_EQ(exif_of_orientation(6).size(), 26U);
  EXPECT_EQ(exif_orientation(exif_block(9)), 1);
  const std::string block = exif_block(6);
  for (std::size_t length = 0; length < 20; ++length) EXPECT_EQ(exif_orientation(block.substr(0, length)), 1);
  EXPECT_EQ(exif_orientation("II*\0\xff\xff\xff\xff"s), 1);
}

}  // namespace
}  // namespace tintype::engine
