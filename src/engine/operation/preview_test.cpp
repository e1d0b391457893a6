// Previews show what jobs make.
#include <gtest/gtest.h>

#include <cmath>

#include "engine/operation/native_engine.h"
#include "engine/operation/picture_file.h"
#include "engine/raster/resample.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;
using enum OperationKind;

constexpr Extent kPicture{1'200, 900};

// A ball on a table before a wall, lit from the left.
Raster ball() {
  Raster picture(kPicture.width_px, kPicture.height_px);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      const double right = (x + 0.5 - 600) / 260, down = (y + 0.5 - 450) / 260;
      const double inside = std::clamp((1 - std::hypot(right, down)) * 130 + 0.5, 0.0, 1.0);
      const double light = 0.55 - 0.4 * right - 0.2 * down;
      const double wall = 180 + 30.0 * x / picture.width - (y > 620 ? 40 : 0);
      const double colours[3] = {210 * light, 90 * light, 60 * light};
      for (int channel = 0; channel < 3; ++channel) {
        const double value = inside * colours[channel] + (1 - inside) * wall;
        picture.at(x, y)[channel] = static_cast<std::uint8_t>(std::clamp(value, 0.0, 255.0));
      }
      picture.at(x, y)[3] = 255;
    }
  }
  return picture;
}

double psnr(const Raster& a, const Raster& b) {
  double sum = 0;
  for (std::size_t at = 0; at < a.rgba.size(); ++at) {
    const int difference = int{a.rgba[at]} - int{b.rgba[at]};
    sum += difference * difference;
  }
  return 10 * std::log10(255.0 * 255.0 * static_cast<double>(a.rgba.size()) / std::max(sum, 1.0));
}

class PreviewTest : public testing::Test {
 protected:
  PreviewTest() : engine(options()) {
    EXPECT_TRUE(save_picture(ball(), {.format = ImageFormat::kJpeg, .quality = 95}, folder / "in"));
  }
  NativeEngineOptions options() const {
    NativeEngineOptions made;
    made.models_directory = folder / "models";  // none is installed
    fs::create_directory(made.models_directory);
    return made;
  }
  RunRequest request(OperationKind operation, const Parameters& said) const {
    const auto parameters = studio_parameters(operation, said);
    EXPECT_TRUE(parameters) << parameters.error().message;
    RunRequest request;
    request.operation = operation;
    request.parameters = *parameters;
    request.input = folder / "in";
    return request;
  }
  WrittenPicture preview(RunRequest run) {
    run.output = folder / "preview";
    const auto written = engine.preview({run, kPicture, 512}, control);
    EXPECT_TRUE(written) << written.error().message << written.error().cause;
    return written.value_or(WrittenPicture{});
  }
  Raster loaded(const char* name) {
    const auto picture = load_picture(folder / name, {}, control.cancel);
    EXPECT_TRUE(picture) << picture.error().message;
    return picture->raster;
  }
  // How far a preview agrees with what the job makes, once that is reduced to the same sides.
  double agreement(RunRequest run) {
    preview(run);
    run.output = folder / "result";
    const auto outcome = engine.run(run, control);
    EXPECT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
    const Raster small = loaded("preview");
    return psnr(small, resized(loaded("result"), small.extent()));
  }

  TestFolder folder;
  NativeEngine engine;
  RunControl control;
};

TEST_F(PreviewTest, LightIsThatOfTheResult) {
  EXPECT_GT(agreement(request(kRelight, {{"azimuth", "80"}, {"elevation", "20"}})), 32);
  EXPECT_GT(agreement(request(kRelight, {{"azimuth", "-60"}, {"temperature", "3000"}, {"intensity", "1.3"}})), 32);
}

TEST_F(PreviewTest, ColoursAreThoseOfTheResult) {
  EXPECT_GT(agreement(request(kEdit, {{"prompt", "much warmer, a little brighter"}})), 36);
  EXPECT_GT(agreement(request(kEdit, {{"prompt", "more contrast"}, {"format", "png"}})), 36);
}

TEST_F(PreviewTest, PixelsThatAreAskedForBecomeFewer) {
  for (const Parameters& said :
       {Parameters{{"width", "2400"}, {"height", "900"}}, Parameters{{"aspect_ratio", "8:3"}}}) {
    const WrittenPicture written = preview(request(kExpand, said));
    EXPECT_EQ(written.format, ImageFormat::kWebp);
    EXPECT_EQ(written.width_px, 512);
    EXPECT_NEAR(written.height_px, 192, 1);
  }
}

TEST_F(PreviewTest, WhatIsTransparentIsPng) {
  const WrittenPicture written = preview(request(kRemoveBackground, {{"format", "webp"}}));
  EXPECT_EQ(written.format, ImageFormat::kPng);
  EXPECT_EQ(written.width_px, 512);
  EXPECT_EQ(written.height_px, 384);
  EXPECT_EQ(loaded("preview").at(3, 3)[3], 0);
}

TEST_F(PreviewTest, ARenditionServesAsThePicture) {
  const Raster small = resized(loaded("in"), {600, 450});
  ASSERT_TRUE(save_picture(small, {.format = ImageFormat::kWebp, .quality = 80}, folder / "medium"));
  RunRequest run = request(kExpand, {{"width", "1200"}, {"height", "1800"}});
  run.input = folder / "medium";
  const WrittenPicture written = preview(run);
  EXPECT_EQ(written.width_px, 341);
  EXPECT_EQ(written.height_px, 512);
}

TEST_F(PreviewTest, NothingStaysBehindButThePreview) {
  preview(request(kRelight, {{"azimuth", "80"}}));
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  EXPECT_EQ(names, (std::vector<std::string>{"in", "models", "preview"}));
}

TEST_F(PreviewTest, AsksForLittleMemory) {
  const RunRequest run = request(kRelight, {{"azimuth", "80"}});
  const auto forecast = engine.forecast(run, {ImageFormat::kPng, 512, 512});
  ASSERT_TRUE(forecast);
  EXPECT_LT(forecast->memory_bytes_max, 256LL << 20);
  RecordProperty("bytes", std::to_string(forecast->memory_bytes_max));
}

TEST_F(PreviewTest, IsCancelled) {
  control.cancel.store(true);
  RunRequest run = request(kRelight, {{"azimuth", "80"}});
  run.output = folder / "preview";
  const auto written = engine.preview({run, kPicture, 512}, control);
  ASSERT_FALSE(written);
  EXPECT_EQ(written.error().code, ErrorCode::kCancelled);
  EXPECT_FALSE(fs::exists(folder / "preview"));
}

}  // namespace
}  // namespace tintype::engine
