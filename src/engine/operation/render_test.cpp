#include "engine/operation/render.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <bit>
#include <cmath>
#include <set>

#include "base/bytes.h"
#include "engine/codec/codec.h"
#include "engine/codec/test_pictures.h"
#include "engine/operation/native_engine.h"

namespace tintype::engine {
namespace {

const std::filesystem::path kOdd = std::filesystem::path(TINTYPE_SOURCE_DIR) / "../shared/assets/odd";

// A smooth picture: red grows to the right, green downwards, blue is the same everywhere.
Pixels ramp(int width, int height, bool has_alpha = false) {
  Pixels pixels{width, height, has_alpha ? 4 : 3, 1, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (const int value : {255 * x / width, 255 * y / height, 60}) {
        pixels.data.push_back(static_cast<std::uint8_t>(value));
      }
      if (has_alpha) pixels.data.push_back(x < width / 2 ? 255 : 0);
    }
  }
  return pixels;
}

class Rendering : public testing::Test {
 protected:
  std::filesystem::path original(const Pixels& pixels, ImageFormat format, int quality = 95) {
    const auto path = folder / "original";
    EXPECT_TRUE(encode(pixels, {}, {.format = format, .quality = quality}, path));
    return path;
  }
  Result<RenderOutcome> render(const std::filesystem::path& input, const std::vector<Rendition>& renditions) {
    RunControl control;
    auto outcome = engine.render({input, renditions}, control);
    if (outcome) {
      EXPECT_EQ(control.progress_permille.load(), 1'000);
    }
    return outcome;
  }
  Rendition wanted(const std::string& name, ImageFormat format) {
    return {parse_recipe(name).value(), format, folder / (name + "." + image_format_extension(format))};
  }
  std::vector<Rendition> display() {
    std::vector<Rendition> all;
    for (const VariantKey& key : display_variants()) all.push_back(wanted(key.name, key.format));
    return all;
  }
  Pixels decoded(const std::filesystem::path& file) {
    auto made = decode(file, {}, std::nullopt);
    EXPECT_TRUE(made) << file << made.error().message;
    return made ? std::move(made->pixels) : Pixels{};
  }
  // The colour at a place given in thousandths of the sides.
  static std::vector<int> colour(const Pixels& pixels, int x, int y) {
    const auto at = static_cast<std::size_t>((y * pixels.height / 1'000 * pixels.width + x * pixels.width / 1'000) *
                                             pixels.channels);
    std::vector<int> made;
    for (int c = 0; c < pixels.channels; ++c) made.push_back(pixels.data[at + static_cast<std::size_t>(c)]);
    return made;
  }
  static void expect_near(const std::vector<int>& made, const std::vector<int>& wanted, int tolerance,
                          const std::string& what) {
    ASSERT_EQ(made.size(), wanted.size()) << what;
    for (std::size_t c = 0; c < made.size(); ++c)
      EXPECT_NEAR(made[c], wanted[c], tolerance) << what << " channel " << c;
  }

  TestFolder folder;
  NativeEngine engine{NativeEngineOptions{.threads = 2}};
};

TEST_F(Rendering, MakesSixFilesOfOnePictureFromWhateverFormat) {
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp}) {
    const auto outcome = render(original(ramp(2'600, 1'300), format), display());
    ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
    const std::vector<Extent> extents{{200, 100},   {200, 100},     {1'280, 640},
                                      {1'280, 640}, {2'048, 1'024}, {2'048, 1'024}};
    for (std::size_t at = 0; at < extents.size(); ++at) {
      const Rendition rendition = display()[at];
      const WrittenPicture& written = outcome->renditions[at];
      EXPECT_EQ((Extent{written.width_px, written.height_px}), extents[at]);
      EXPECT_EQ(written.size_bytes, static_cast<std::int64_t>(std::filesystem::file_size(rendition.output)));
      const auto facts = inspect(rendition.output, {});
      ASSERT_TRUE(facts);
      EXPECT_EQ(facts->format, rendition.format);
      const Pixels pixels = decoded(rendition.output);
      for (const auto& [x, y] : {std::pair(250, 250), std::pair(750, 250), std::pair(500, 900)}) {
        expect_near(colour(pixels, x, y), {255 * x / 1'000, 255 * y / 1'000, 60}, 7, rendition.output.string());
      }
      const std::string bytes = bytes_of(rendition.output);
      for (const char* mark : {"Exif", "EXIF", "ICC_PROFILE", "ICCP", "xpacket", "VP8X"}) {
        EXPECT_EQ(bytes.find(mark), std::string::npos) << rendition.output << " has " << mark;
      }
    }
    EXPECT_LE(base64_decode(outcome->thumb_hash).value().size(), 25U);
    EXPECT_TRUE(std::filesystem::exists(folder / "original")) << "the original stays";
  }
}

TEST_F(Rendering, NeverEnlarges) {
  const auto outcome = render(original(ramp(300, 120), ImageFormat::kJpeg), display());
  ASSERT_TRUE(outcome);
  for (std::size_t at = 2; at < 6; ++at) EXPECT_EQ(outcome->renditions[at].width_px, 300);
  EXPECT_EQ(outcome->renditions[0].width_px, 200);
  ASSERT_TRUE(render(original(ramp(1, 1), ImageFormat::kPng), display()));
  ASSERT_TRUE(render(original(ramp(3, 5), ImageFormat::kJpeg), display()));
}

TEST_F(Rendering, CoverShowsTheMiddle) {
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kPng}) {
    for (const ImageFormat to : {ImageFormat::kJpeg, ImageFormat::kWebp, ImageFormat::kPng, ImageFormat::kAvif}) {
      const Rendition square = wanted("300x300-cover-q90", to);
      const auto outcome = render(original(ramp(1'200, 400), format), {square});
      ASSERT_TRUE(outcome) << outcome.error().cause;
      EXPECT_EQ(outcome->renditions[0].width_px, 300);
      EXPECT_EQ(outcome->renditions[0].height_px, 300);
      const Pixels pixels = decoded(square.output);
      expect_near(colour(pixels, 0, 500), {85, 127, 60}, 8, "left");
      expect_near(colour(pixels, 990, 500), {169, 127, 60}, 8, "right");
    }
  }
}

TEST_F(Rendering, AlphaIsKeptAndShownOnWhiteWhereThereIsNone) {
  Pixels pixels = ramp(800, 400, true);
  // What is hidden is as green as can be.
  for (std::size_t at = 0; at < pixels.data.size(); at += 4) {
    if (pixels.data[at + 3] == 0) pixels.data[at] = 0, pixels.data[at + 1] = 255, pixels.data[at + 2] = 0;
  }
  const auto input = original(pixels, ImageFormat::kPng);
  for (const ImageFormat to : {ImageFormat::kWebp, ImageFormat::kPng, ImageFormat::kAvif}) {
    const Rendition small = wanted("100x50-contain-q90", to);
    ASSERT_TRUE(render(input, {small}));
    const Pixels made = decoded(small.output);
    ASSERT_EQ(made.channels, 4);
    EXPECT_EQ(colour(made, 900, 500)[3], 0);
    EXPECT_NEAR(colour(made, 100, 500)[3], 255, 2);
  }
  const Rendition jpeg = wanted("100x50-contain-q90", ImageFormat::kJpeg);
  ASSERT_TRUE(render(input, {jpeg}));
  const Pixels made = decoded(jpeg.output);
  expect_near(colour(made, 900, 500), {255, 255, 255}, 3, "white");
  // Along the edge nothing of the hidden green is seen: it goes from the ramp to white.
  for (int x = 470; x < 530; x += 10) EXPECT_GE(colour(made, x, 500)[2], 50) << x;
}

TEST_F(Rendering, OrientationIsAppliedToPlanesAndPixelsAlike) {
  const std::string plain = bytes_of(original(ramp(64, 32), ImageFormat::kJpeg));
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const std::string exif = std::string("Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", 25) +
                             static_cast<char>(orientation) + std::string(6, '\0');
    const std::string segment = "\xff\xe1" + std::string(1, '\0') + static_cast<char>(exif.size() + 2) + exif;
    write_bytes(folder / "turned", plain.substr(0, 2) + segment + plain.substr(2));
    const Pixels upright = decoded(folder / "turned");
    ASSERT_EQ(upright.width, orientation >= 5 ? 32 : 64);
    const Rendition planar = wanted("32x32-contain-q90", ImageFormat::kJpeg);
    const Rendition pixels = wanted("32x32-contain-q90", ImageFormat::kPng);
    ASSERT_TRUE(render(folder / "turned", {planar}));
    ASSERT_TRUE(render(folder / "turned", {pixels}));
    for (const auto& file : {planar.output, pixels.output}) {
      const Pixels made = decoded(file);
      EXPECT_EQ(made.width, orientation >= 5 ? 16 : 32);
      for (const auto& [x, y] : {std::pair(200, 200), std::pair(800, 300), std::pair(300, 800)}) {
        expect_near(colour(made, x, y), colour(upright, x, y), 14, file.string() + std::to_string(orientation));
      }
    }
  }
}

TEST_F(Rendering, WhatIsCutOffOrCancelledLeavesNothing) {
  const std::string whole = bytes_of(original(drawn({900, 700, 3, 1}), ImageFormat::kJpeg));
  write_bytes(folder / "cut", whole.substr(0, whole.size() / 2));
  const auto cut = render(folder / "cut", display());
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().code, ErrorCode::kInvalidInput);
  RunControl control;
  control.cancel = true;
  const auto cancelled = engine.render({folder / "original", display()}, control);
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error().code, ErrorCode::kCancelled);
  for (const Rendition& rendition : display()) EXPECT_FALSE(std::filesystem::exists(rendition.output));
}

TEST_F(Rendering, MemoryIsKnownBefore) {
  NativeEngine modest(NativeEngineOptions{.memory_bytes_max = 20 << 20});
  RunControl control;
  const auto refused = modest.render({original(ramp(3'000, 2'000), ImageFormat::kPng), display()}, control);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(refused.error().message.find("MB of memory"), std::string::npos);
}

TEST_F(Rendering, APerceptualHashKnowsAPictureInAnyFormatAndSize) {
  Pixels scene{640, 480, 3, 1, {}};
  for (int y = 0; y < scene.height; ++y) {
    for (int x = 0; x < scene.width; ++x) {
      const double wave = std::sin(x * 0.016) * std::cos(y * 0.012) + std::sin((x + 2 * y) * 0.008 + 1);
      scene.data.insert(scene.data.end(), 3, static_cast<std::uint8_t>(128 + 55 * wave));
    }
  }
  const auto jpeg = render(original(scene, ImageFormat::kJpeg), display());
  const auto png = render(original(resize(scene, 320, 240).value(), ImageFormat::kPng), display());
  ASSERT_TRUE(jpeg && png);
  EXPECT_LE(std::popcount(jpeg->perceptual_hash ^ png->perceptual_hash), 10);
}

TEST_F(Rendering, OddPicturesAreRenderedOrRefusedAndNothingElse) {
  if (!std::filesystem::exists(kOdd)) GTEST_SKIP() << kOdd << " is missing";
  int rendered = 0;
  for (const auto& file : std::filesystem::directory_iterator(kOdd)) {
    const auto before = decode(file.path(), {}, 2'048);
    const auto outcome = render(file.path(), display());
    ASSERT_EQ(outcome.has_value(), before.has_value()) << file.path();
    if (!outcome) continue;
    ++rendered;
    for (const Rendition& rendition : display()) {
      EXPECT_TRUE(verify(rendition.output, {})) << file.path() << rendition.output;
      std::filesystem::remove(rendition.output);
    }
  }
  EXPECT_GE(rendered, 15);
}

TEST_F(Rendering, ProfilesAreAppliedSoThatColoursLookAsTheyDid) {
  // Its three components are XYB, which the profile alone takes to colours: somebody in blue between green leaves.
  const auto xyb = kOdd / "sample-xyb.jpg", cmyk = kOdd / "Channel_digital_image_CMYK_color.jpg";
  if (!std::filesystem::exists(xyb)) GTEST_SKIP() << kOdd << " is missing";
  const Rendition png = wanted("200x200-contain-q90", ImageFormat::kPng);
  const Rendition webp = wanted("200x200-contain-q90", ImageFormat::kWebp);
  ASSERT_TRUE(render(xyb, {png}));
  ASSERT_TRUE(render(xyb, {webp}));
  const auto raw = decode(xyb, {}, 200);
  ASSERT_TRUE(raw);
  for (const auto& file : {png.output, webp.output}) {
    const Pixels converted = decoded(file);
    double difference = 0;
    for (std::size_t at = 0; at < converted.data.size() && at < raw->pixels.data.size(); ++at) {
      difference += std::abs(int{converted.data[at]} - int{raw->pixels.data[at]});
    }
    EXPECT_GE(difference / static_cast<double>(converted.data.size()), 20) << file;
  }
  ASSERT_TRUE(render(cmyk, {png}));
  EXPECT_EQ(decoded(png.output).channels, 3);
}

class Publishing : public Rendering {};

TEST_F(Publishing, FormatsThatCannotBeCopiedAreEncodedAnewAndKeepTheirLook) {
  if (!std::filesystem::exists(kOdd)) GTEST_SKIP() << kOdd << " is missing";
  std::set<ImageFormat> formats;
  for (const auto& file : std::filesystem::directory_iterator(kOdd)) {
    const auto before = decode(file.path(), {}, std::nullopt);
    if (!before) continue;
    RunControl control;
    const auto output = folder / "published";
    const auto written = engine.strip(file.path(), output, control);
    ASSERT_TRUE(written) << file.path() << written.error().message << written.error().cause;
    EXPECT_EQ(written->format, result_format(before->facts.format, before->facts.has_alpha)) << file.path();
    EXPECT_EQ(written->width_px, before->facts.width_px) << file.path();
    EXPECT_EQ(written->size_bytes, static_cast<std::int64_t>(std::filesystem::file_size(output)));
    const auto after = decode(output, {}, std::nullopt);
    ASSERT_TRUE(after) << file.path() << after.error().message;
    EXPECT_EQ(after->pixels.width, before->pixels.width) << file.path();
    const std::string bytes = bytes_of(output);
    for (const char* mark : {"xpacket", "Photoshop", "x:xmpmeta"}) {
      EXPECT_EQ(bytes.find(mark), std::string::npos) << file.path() << " has " << mark;
    }
    formats.insert(before->facts.format);
  }
  EXPECT_GE(formats.size(), 6U);
}

TEST_F(Publishing, DamagedPicturesLeaveNothing) {
  const std::string whole = bytes_of(original(ramp(200, 100), ImageFormat::kJpeg));
  write_bytes(folder / "cut", whole.substr(0, whole.size() / 2));
  RunControl control;
  const auto stripped = engine.strip(folder / "cut", folder / "published", control);
  ASSERT_FALSE(stripped);
  EXPECT_EQ(stripped.error().code, ErrorCode::kInvalidInput);
  EXPECT_FALSE(std::filesystem::exists(folder / "published"));
  EXPECT_FALSE(std::filesystem::exists(folder / "published.part"));
}

}  // namespace
}  // namespace tintype::engine
