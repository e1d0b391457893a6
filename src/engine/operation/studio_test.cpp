// The studio's operations as jobs run them: files in, files out.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/model/model.h"
#include "engine/operation/native_engine.h"
#include "engine/operation/picture_file.h"
#include "engine/raster/resample.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kAssets = fs::path(TINTYPE_SOURCE_DIR) / "../shared/assets";

// A red disc over a grey gradient.
Raster disc(int width, int height) {
  Raster picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const double inside = height * 0.3 - std::hypot(x + 0.5 - width * 0.5, y + 0.5 - height * 0.5);
      const double share = std::clamp(inside / 2 + 0.5, 0.0, 1.0);
      const double behind = 150 + 60.0 * x / width;
      std::uint8_t* pixel = picture.at(x, y);
      pixel[0] = static_cast<std::uint8_t>(share * 190 + (1 - share) * behind);
      pixel[1] = pixel[2] = static_cast<std::uint8_t>(share * 40 + (1 - share) * behind);
      pixel[3] = 255;
    }
  }
  return picture;
}

class StudioEngine : public testing::Test {
 protected:
  void SetUp() override {
    options.models_directory = folder / "models";  // none is installed
    fs::create_directory(options.models_directory);
  }

  fs::path written(const Raster& picture, ImageFormat format) {
    EXPECT_TRUE(save_picture(picture, {.format = format, .quality = 95}, folder / "in"));
    return folder / "in";
  }
  RunRequest request(const fs::path& input, const Parameters& said = {}) const {
    const auto parameters = studio_parameters(OperationKind::kRemoveBackground, said);
    EXPECT_TRUE(parameters) << parameters.error().message;
    RunRequest request;
    request.operation = OperationKind::kRemoveBackground;
    request.parameters = *parameters;
    request.input = input;
    request.output = folder / "out";
    return request;
  }
  Result<RunOutcome> run(const RunRequest& request) {
    NativeEngine engine(options);
    return engine.run(request, control);
  }
  Raster result() {
    const auto loaded = load_picture(folder / "out", {}, control.cancel);
    EXPECT_TRUE(loaded) << loaded.error().message;
    return loaded->raster;
  }

  TestFolder folder;
  NativeEngineOptions options;
  RunControl control;
};

TEST_F(StudioEngine, BackgroundsAreRemovedInAllFormats) {
  using enum ImageFormat;
  struct Case {
    ImageFormat format;
    Parameters said;
    ImageFormat becomes;
    bool is_opaque;
  };
  for (const Case& c :
       {Case{kJpeg, {}, kPng, false}, Case{kPng, {}, kPng, false}, Case{kWebp, {}, kWebp, false},
        Case{kJpeg, {{"format", "webp"}}, kWebp, false}, Case{kJpeg, {{"background", "white"}}, kJpeg, true},
        Case{kPng, {{"background", "#ffffff"}, {"format", "jpeg"}}, kJpeg, true}}) {
    const auto outcome = run(request(written(disc(240, 180), c.format), c.said));
    ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
    EXPECT_EQ(outcome->format, c.becomes);
    EXPECT_EQ(outcome->width_px, 240);
    EXPECT_EQ(outcome->height_px, 180);
    EXPECT_GT(outcome->size_bytes, 0);
    const Raster made = result();
    EXPECT_EQ(is_opaque(made), c.is_opaque);
    EXPECT_EQ(made.at(120, 90)[3], 255);
    EXPECT_NEAR(made.at(120, 90)[0], 190, 6);
    if (c.is_opaque) {
      for (int channel = 0; channel < 3; ++channel) EXPECT_NEAR(made.at(3, 3)[channel], 255, 2);
    } else {
      EXPECT_EQ(made.at(3, 3)[3], 0);
    }
  }
}

TEST_F(StudioEngine, WhatHasNoBackgroundIsLeftAlone) {
  Raster picture = disc(64, 64);
  for (int x = 0; x < 64; ++x) picture.at(x, 0)[3] = 0;
  const auto outcome = run(request(written(picture, ImageFormat::kPng)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().cause, kNothingChanged);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(StudioEngine, ForecastsSayWhatARunMakesAndRefuseWhatDoesNotFit) {
  const RunRequest asked = request(written(disc(1'200, 900), ImageFormat::kJpeg));
  const ImageFacts facts{ImageFormat::kJpeg, 1'200, 900};
  const auto forecast = NativeEngine(options).forecast(asked, facts);
  ASSERT_TRUE(forecast) << forecast.error().message;
  EXPECT_EQ(forecast->width_px, 1'200);
  EXPECT_EQ(forecast->height_px, 900);
  EXPECT_LT(forecast->memory_bytes_max, 1LL << 30);
  ASSERT_TRUE(NativeEngine(options).forecast(asked, {ImageFormat::kJpeg, 4'000, 3'000}));

  options.memory_bytes_max = forecast->memory_bytes_max / 2;
  EXPECT_FALSE(NativeEngine(options).forecast(asked, facts));
  const auto refused = run(asked);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(refused.error().cause, kResultTooLarge);
  EXPECT_EQ(control.progress_permille, 0);
}

TEST_F(StudioEngine, ACancelledRunLeavesNothing) {
  control.cancel = true;
  const auto outcome = run(request(written(disc(240, 180), ImageFormat::kPng)));
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

// The mean error of alpha on a photograph whose alpha is known, with a network and without.
TEST_F(StudioEngine, FurIsCutOut) {
  const fs::path lemur = kAssets / "matting/lemur.png", network = kAssets / "models/seg/u2netp.ncnn.param";
  if (!fs::exists(lemur) || !fs::exists(network)) GTEST_SKIP() << kAssets << " has no lemur, or no network";
  const auto drawn = load_picture(kAssets / "matting/lemur_alpha.png", {}, control.cancel);
  ASSERT_TRUE(drawn) << drawn.error().message;
  const Field truth = luma_of(drawn->raster);
  const auto error = [&] {
    const auto outcome = run(request(lemur));
    EXPECT_TRUE(outcome) << outcome.error().message;
    const Field alpha = alpha_of(result());
    double sum = 0;
    for (std::size_t at = 0; at < truth.values.size(); ++at) sum += std::abs(alpha.values[at] - truth.values[at]);
    return sum / static_cast<double>(truth.values.size());
  };
  EXPECT_LT(error(), 0.02);
  const auto added =
      add_model(options.models_directory, {"subject", {network, kAssets / "models/seg/u2netp.ncnn.bin"}});
  ASSERT_TRUE(added) << added.error().message;
  EXPECT_LT(error(), 0.007);
}

}  // namespace
}  // namespace tintype::engine
