// Expanding and magic editing as jobs run them: files in, files out.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/operation/native_engine.h"
#include "engine/operation/picture_file.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

Raster waves(int width, int height, bool with_stain) {
  Raster picture(width, height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      std::uint8_t* pixel = picture.at(x, y);
      const double value = 128 + 60 * std::sin(0.4 * x) + 50 * std::sin(0.3 * y);
      const bool is_stain = with_stain && std::hypot(x - width / 2, y - height / 2) < 10;
      for (int channel = 0; channel < 3; ++channel) {
        pixel[channel] = is_stain ? 10 : static_cast<std::uint8_t>(std::clamp(value - 8 * channel, 0.0, 255.0));
      }
      pixel[3] = 255;
    }
  }
  return picture;
}

class StudioFill : public testing::Test {
 protected:
  void SetUp() override {
    options.models_directory = folder / "models";  // none is installed
    fs::create_directory(options.models_directory);
  }
  fs::path written(const Raster& picture, const char* name) {
    EXPECT_TRUE(save_picture(picture, {.format = ImageFormat::kPng}, folder / name));
    return folder / name;
  }
  RunRequest request(OperationKind operation, const Parameters& said) {
    const auto parameters = studio_parameters(operation, said);
    EXPECT_TRUE(parameters) << parameters.error().message;
    RunRequest request;
    request.operation = operation;
    request.parameters = *parameters;
    request.input = written(waves(160, 120, true), "in");
    request.output = folder / "out";
    return request;
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

TEST_F(StudioFill, ExpandMakesTheShapeThatItForecasts) {
  NativeEngine engine(options);
  const RunRequest asked = request(OperationKind::kExpand, {{"aspect_ratio", "16:9"}});
  const auto forecast = engine.forecast(asked, {ImageFormat::kPng, 160, 120});
  ASSERT_TRUE(forecast) << forecast.error().message;
  EXPECT_EQ(forecast->width_px, 213);
  EXPECT_EQ(forecast->height_px, 120);
  const auto outcome = engine.run(asked, control);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->width_px, 213);
  EXPECT_EQ(outcome->height_px, 120);
  const Raster picture = waves(160, 120, true), made = result();
  for (int y = 0; y < 120; ++y) {
    ASSERT_TRUE(std::equal(picture.row(y), picture.at(picture.width - 1, y) + Raster::kChannels, made.at(26, y))) << y;
  }
}

TEST_F(StudioFill, AShapeThatThePictureHasIsRefusedBeforeItRuns) {
  NativeEngine engine(options);
  const auto forecast =
      engine.forecast(request(OperationKind::kExpand, {{"aspect_ratio", "4:3"}}), {ImageFormat::kPng, 160, 120});
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().cause, kNothingChanged);
  EXPECT_EQ(forecast.error().field, "aspect_ratio");
  const auto smaller = engine.forecast(request(OperationKind::kExpand, {{"width", "200"}, {"height", "100"}}),
                                       {ImageFormat::kPng, 160, 120});
  ASSERT_FALSE(smaller);
  EXPECT_EQ(smaller.error().field, "height");
}

TEST_F(StudioFill, TwelveMegapixelsFit) {
  NativeEngine engine(options);
  const ImageFacts facts{ImageFormat::kJpeg, 4'000, 3'000};
  EXPECT_TRUE(engine.forecast(request(OperationKind::kExpand, {{"width", "8000"}, {"height", "6000"}}), facts));
  EXPECT_TRUE(engine.forecast(request(OperationKind::kMagicEdit, {}), facts));
}

TEST_F(StudioFill, MagicEditTakesAwayWhatAMaskCoversAndSaysSo) {
  NativeEngine engine(options);
  RunRequest asked = request(OperationKind::kMagicEdit, {});
  Raster mask(160, 120);
  for (int y = 0; y < 120; ++y) {
    for (int x = 0; x < 160; ++x) {
      const std::uint8_t drawn = std::hypot(x - 80, y - 60) < 11 ? 255 : 0;
      std::fill_n(mask.at(x, y), 3, drawn);
      mask.at(x, y)[3] = 255;
    }
  }
  asked.mask = written(mask, "mask");
  const auto outcome = engine.run(asked, control);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_NE(outcome->details.find("\"remove\""), std::string::npos);
  const Raster truth = waves(160, 120, false), made = result();
  double error = 0;
  for (int y = 50; y < 70; ++y) {
    for (int x = 70; x < 90; ++x) error += std::abs(made.at(x, y)[1] - truth.at(x, y)[1]) / 400.0;
  }
  EXPECT_LT(error, 8);
}

TEST_F(StudioFill, MagicEditOfAPictureThatIsWellSaysWhatItLookedAtAndWhatElseThereIs) {
  NativeEngine engine(options);
  RunRequest asked = request(OperationKind::kMagicEdit, {});
  Raster plain(160, 120);
  std::ranges::fill(plain.rgba, std::uint8_t{255});
  asked.input = written(plain, "plain");
  const auto well = engine.run(asked, control);
  ASSERT_FALSE(well);
  EXPECT_EQ(well.error().cause, kNothingChanged);
  EXPECT_NE(well.error().message.find("are well as they are"), std::string::npos) << well.error().message;
  // Without strength nothing was looked at.
  asked.parameters = {{"strength", "0"}};
  const auto none = engine.run(asked, control);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().cause, kNothingChanged);
  EXPECT_EQ(none.error().message.find("are well"), std::string::npos) << none.error().message;
}

}  // namespace
}  // namespace tintype::engine
