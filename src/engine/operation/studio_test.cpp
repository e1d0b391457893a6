// The studio's operations as jobs run them: files in, files out.
#include <gtest/gtest.h>

#include <cmath>

#include "domain/model_tier.h"
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
  RunRequest request(const fs::path& input, const Parameters& said = {},
                     OperationKind operation = OperationKind::kRemoveBackground) const {
    const auto parameters = studio_parameters(operation, said);
    EXPECT_TRUE(parameters) << parameters.error().message;
    RunRequest request;
    request.operation = operation;
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

TEST_F(StudioEngine, EditsAreMadeAndTold) {
  const fs::path input = written(disc(240, 180), ImageFormat::kJpeg);
  const Parameters said = {{"prompt", "luxury disc on dark slate, a little warmer"}, {"aspect_ratio", "1:1"}};
  const RunRequest asked = request(input, said, OperationKind::kEdit);
  const auto forecast = NativeEngine(options).forecast(asked, {ImageFormat::kJpeg, 240, 180});
  ASSERT_TRUE(forecast) << forecast.error().message;
  const auto outcome = run(asked);
  ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
  EXPECT_EQ(outcome->format, ImageFormat::kJpeg);
  EXPECT_EQ(Extent(outcome->width_px, outcome->height_px), Extent(240, 240));
  EXPECT_EQ(Extent(forecast->width_px, forecast->height_px), Extent(240, 240));
  EXPECT_EQ(outcome->details,
            R"({"plan":[{"step":"background","surface":"slate","tone":"dark"},{"step":"warmth","amount":0.2}],)"
            R"("unused":["luxury","disc"]})");
  EXPECT_LT(result().at(6, 6)[1], 120);
}

TEST_F(StudioEngine, AnInstructionThatIsNotUnderstoodIsRefusedByTheForecast) {
  const RunRequest asked =
      request(written(disc(64, 64), ImageFormat::kPng), {{"prompt", "warmer, then add a dog"}}, OperationKind::kEdit);
  const auto forecast = NativeEngine(options).forecast(asked, {ImageFormat::kPng, 64, 64});
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(forecast.error().field, "prompt");
  EXPECT_EQ(forecast.error().position, 13);
  EXPECT_FALSE(run(asked));
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

TEST_F(StudioEngine, PicturesAreLitFromElsewhere) {
  const fs::path input = written(disc(240, 180), ImageFormat::kPng);
  RunRequest asked = request(input, {{"azimuth", "90"}, {"elevation", "0"}}, OperationKind::kRelight);
  ASSERT_TRUE(run(asked));
  const Raster lit = result();
  EXPECT_EQ(lit.extent(), (Extent{240, 180}));
  EXPECT_GT(lit.at(160, 90)[0], lit.at(80, 90)[0] + 20);

  // In the light of its mirror image that side is the darker one.
  Raster mirrored = lit;
  for (int y = 0; y < 180; ++y) {
    for (int x = 0; x < 240; ++x) std::copy_n(lit.at(239 - x, y), 4, mirrored.at(x, y));
  }
  asked = request(written(lit, ImageFormat::kPng), {}, OperationKind::kRelight);
  asked.reference = folder / "reference";
  ASSERT_TRUE(save_picture(mirrored, {.format = ImageFormat::kPng}, asked.reference));
  ASSERT_TRUE(run(asked));
  const Raster like = result();
  EXPECT_LT(like.at(160, 90)[0] - like.at(80, 90)[0], lit.at(160, 90)[0] - lit.at(80, 90)[0] - 20);
}

TEST_F(StudioEngine, CamerasMove) {
  const fs::path input = written(disc(240, 180), ImageFormat::kJpeg);
  const auto turned = run(request(input, {{"roll", "90"}}, OperationKind::kCameraControl));
  ASSERT_TRUE(turned) << turned.error().message;
  EXPECT_EQ(turned->width_px, 180);
  EXPECT_EQ(turned->height_px, 240);
  const auto around = run(request(input, {{"yaw", "15"}, {"dolly", "0.5"}}, OperationKind::kCameraControl));
  ASSERT_TRUE(around) << around.error().message;
  EXPECT_EQ(around->width_px, 240);
  EXPECT_NEAR(result().at(120, 90)[0], 190, 12);
  const auto still = run(request(input, {}, OperationKind::kCameraControl));
  ASSERT_FALSE(still);
  EXPECT_EQ(still.error().cause, kNothingChanged);
}

TEST_F(StudioEngine, WhatLooksForTheSubjectHasATierOfItsOwn) {
  for (const OperationRule& rule : studio_operations()) {
    const ModelTier* tier = tier_of_run(rule.kind, {});
    EXPECT_EQ(tier != nullptr && tier->need == NetworkNeed::kSubject, looks_for_subject(rule.kind))
        << operation_name(rule.kind);
  }
}

TEST_F(StudioEngine, TwelveMegapixelsFit) {
  for (const OperationKind operation : {OperationKind::kRelight, OperationKind::kCameraControl}) {
    const auto forecast =
        NativeEngine(options).forecast(request(folder / "in", {}, operation), {ImageFormat::kJpeg, 4'000, 3'000});
    ASSERT_TRUE(forecast) << forecast.error().message;
    RecordProperty(operation_name(operation), std::to_string(forecast->memory_bytes_max >> 20));
  }
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

// Where a small network sees no more than a face or a card unless it is shown the picture in several ways.
TEST_F(StudioEngine, WhatFillsTheFrameIsCutOutAsWell) {
  const fs::path network = kAssets / "models/seg/u2netp.ncnn.param", photos = kAssets / "train";
  if (!fs::exists(photos) || !fs::exists(network)) GTEST_SKIP() << kAssets << " has no photos, or no network";
  const auto added =
      add_model(options.models_directory, {"subject", {network, kAssets / "models/seg/u2netp.ncnn.bin"}});
  ASSERT_TRUE(added) << added.error().message;
  struct Place {
    int x, y;
  };
  struct Case {
    const char* photo;
    std::vector<Place> subject, background;
  };
  for (const Case& c :
       {Case{"clic/2c1f84548ef99faec2b4f9bf12227c83", {{550, 640}, {420, 880}, {860, 760}}, {{90, 420}, {1'280, 400}}},
        Case{"cid22/7256805", {{400, 390}, {300, 460}, {230, 200}}, {{60, 100}, {470, 120}}}}) {
    const fs::path photo = photos / (std::string(c.photo) + ".png");
    ASSERT_TRUE(fs::exists(photo)) << photo;
    const auto outcome = run(request(photo));
    ASSERT_TRUE(outcome) << outcome.error().message;
    const Raster made = result();
    for (const Place& place : c.subject) EXPECT_GT(made.at(place.x, place.y)[3], 240) << c.photo << ' ' << place.x;
    for (const Place& place : c.background) EXPECT_LT(made.at(place.x, place.y)[3], 15) << c.photo << ' ' << place.x;
  }
}

}  // namespace
}  // namespace tintype::engine
