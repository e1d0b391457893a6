// What programs ask of the engine: a factor, faces, denoising, formats, the mark of tests.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/codec/row_resizer.h"
#include "engine/model/model.h"
#include "engine/operation/native_engine.h"
#include "engine/operation/test_mark.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TINTYPE_SOURCE_DIR;
const fs::path kAssets = kRoot / "../shared/assets";

// A smooth picture with an edge; of two-byte samples both bytes say the same. Alpha, where there is one, falls off.
Pixels drawn(int width, int height, int channels, int bytes = 1) {
  Pixels pixels{width, height, channels, bytes, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < channels; ++channel) {
        const bool is_alpha = channels % 2 == 0 && channel == channels - 1;
        const int value = is_alpha ? 255 * (width - x) / width
                                   : (3 * x < 2 * y ? 60 : 150) + static_cast<int>(40 * std::sin((x + channel) / 7.0));
        for (int byte = 0; byte < bytes; ++byte) pixels.data.push_back(static_cast<std::uint8_t>(value));
      }
    }
  }
  return pixels;
}

Pixels filled(int width, int height, int channels, int bytes, int value) {
  Pixels pixels{width, height, channels, bytes, {}};
  pixels.data.assign(pixels.shape().size_bytes(), static_cast<std::uint8_t>(value));
  return pixels;
}

int sample(const Pixels& pixels, int x, int y, int channel) {
  const std::size_t at = (static_cast<std::size_t>(y * pixels.width + x) * static_cast<std::size_t>(pixels.channels) +
                          static_cast<std::size_t>(channel)) *
                         static_cast<std::size_t>(pixels.bytes_per_sample);
  return pixels.data[at + static_cast<std::size_t>(pixels.bytes_per_sample - 1)];  // the upper byte, here
}

double rms_between(const Pixels& a, const Pixels& b) {
  EXPECT_EQ(a.data.size(), b.data.size());
  double sum = 0;
  for (std::size_t at = 0; at < a.data.size(); ++at) sum += std::pow(double(a.data[at]) - double(b.data[at]), 2);
  return std::sqrt(sum / static_cast<double>(a.data.size()));
}

class UpscaleEngine : public testing::Test {
 protected:
  void SetUp() override { options.models_directory = kRoot / "models"; }

  // As run(), by a network that an operator has chosen for upscaling.
  std::string model_of(const std::string& chosen, const Upscale& upscale) {
    options.chosen_model = [&](OperationKind operation, const Parameters&) {
      return operation == OperationKind::kUpscale ? chosen : std::string();
    };
    const auto outcome = run(folder / "in", upscale);
    EXPECT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
    return outcome ? outcome->model : std::string();
  }
  Result<RunOutcome> run(const fs::path& input, const Upscale& upscale) {
    NativeEngine engine(options);
    RunControl control;
    return engine.run({OperationKind::kUpscale, to_parameters(upscale), input, folder / "out", {}, {}}, control);
  }
  Result<Pixels> upscaled(const Pixels& picture, Upscale upscale) {
    EXPECT_TRUE(encode(picture, {}, {ImageFormat::kPng}, folder / "in"));
    upscale.output_format = ImageFormat::kPng;
    const auto outcome = run(folder / "in", upscale);
    if (!outcome) return std::unexpected(outcome.error());
    return std::move(decode(folder / "out", {}, std::nullopt)->pixels);
  }
  Pixels photo(const std::string& name, int width, int height) const {
    const Pixels whole = decode(kAssets / "bench" / name, {}, std::nullopt)->pixels;
    return *resize(whole, width, height);
  }

  TestFolder folder;
  NativeEngineOptions options;
};

// The mean of the pixels that each pixel of a smaller picture became.
Pixels averaged(const Pixels& picture, int scale) {
  Pixels small{picture.width / scale, picture.height / scale, picture.channels, 1, {}};
  for (int y = 0; y < small.height; ++y) {
    for (int x = 0; x < small.width; ++x) {
      for (int channel = 0; channel < small.channels; ++channel) {
        int sum = 0;
        for (int at = 0; at < scale * scale; ++at) {
          sum += sample(picture, x * scale + at % scale, y * scale + at / scale, channel);
        }
        small.data.push_back(static_cast<std::uint8_t>(std::lround(double(sum) / (scale * scale))));
      }
    }
  }
  return small;
}

TEST_F(UpscaleEngine, AResultSaysHowFarItAgreesWithItsPicture) {
  const Pixels picture = drawn(64, 48, 3, 1);
  ASSERT_TRUE(encode(picture, {}, {ImageFormat::kPng}, folder / "in"));
  for (const int scale : {2, 4}) {
    const Upscale upscale{.scale = scale, .output_format = ImageFormat::kPng};
    const auto outcome = run(folder / "in", upscale);
    ASSERT_TRUE(outcome) << outcome.error().message;
    const double said = nlohmann::json::parse(outcome->details)["fidelity"];
    const Pixels result = decode(folder / "out", {}, std::nullopt)->pixels;
    const double truth = 20 * std::log10(255 / rms_between(picture, averaged(result, scale)));
    EXPECT_NEAR(said, truth, 0.3) << "the mean is rounded here";
    EXPECT_LT(said, 60);

    Upscale held = upscale;
    held.fidelity_min_db = static_cast<int>(said);
    EXPECT_TRUE(run(folder / "in", held));
    fs::remove(folder / "out");
    held.fidelity_min_db += 1;
    const auto refused = run(folder / "in", held);
    ASSERT_FALSE(refused);
    EXPECT_TRUE(refused.error().cause.starts_with(kFidelityTooLow)) << refused.error().cause;
    EXPECT_FALSE(fs::exists(folder / "out"));
  }
}

TEST_F(UpscaleEngine, EveryScaleKeepsFormatGreyAlphaAndDepth) {
  struct Case {
    ImageFormat format;
    int channels, bytes;
    ImageFormat becomes;
  };
  using enum ImageFormat;
  for (const Case& c :
       {Case{kJpeg, 3, 1, kJpeg}, Case{kJpeg, 1, 1, kJpeg}, Case{kPng, 1, 2, kPng}, Case{kPng, 2, 1, kPng},
        Case{kPng, 4, 2, kPng}, Case{kTiff, 3, 2, kTiff}, Case{kTiff, 1, 2, kTiff}, Case{kTiff, 2, 1, kTiff},
        Case{kTiff, 4, 2, kTiff}, Case{kWebp, 4, 1, kWebp}, Case{kAvif, 3, 1, kJpeg}, Case{kAvif, 4, 1, kPng}}) {
    ASSERT_TRUE(encode(drawn(45, 37, c.channels, c.bytes), {}, {c.format, 95}, folder / "in"));
    for (const int scale : {2, 3, 4, 8}) {
      const auto outcome = run(folder / "in", {.scale = scale});
      ASSERT_TRUE(outcome) << image_format_name(c.format) << outcome.error().message << outcome.error().cause;
      EXPECT_EQ(outcome->width_px, 45 * scale);
      EXPECT_EQ(outcome->height_px, 37 * scale);
      EXPECT_EQ(outcome->format, c.becomes);
      const auto result = decode(folder / "out", {}, std::nullopt);
      ASSERT_TRUE(result) << result.error().message;
      EXPECT_EQ(result->facts.format, c.becomes);
      EXPECT_EQ(result->pixels.width, 45 * scale);
      EXPECT_EQ(result->pixels.channels, c.channels) << image_format_name(c.format) << " x" << scale;
      EXPECT_EQ(result->pixels.bytes_per_sample, c.bytes);
    }
  }
}

TEST_F(UpscaleEngine, SixteenBitsAreMoreThanEight) {
  // A slope that rises by less than a level of 255 from one side to the other.
  Pixels slope{200, 40, 1, 2, {}};
  for (int y = 0; y < slope.height; ++y) {
    for (int x = 0; x < slope.width; ++x) {
      const auto value = static_cast<std::uint16_t>(30'000 + x);
      slope.data.push_back(static_cast<std::uint8_t>(value & 0xff));
      slope.data.push_back(static_cast<std::uint8_t>(value >> 8));
    }
  }
  for (const ImageFormat format : {ImageFormat::kPng, ImageFormat::kTiff}) {
    ASSERT_TRUE(encode(slope, {}, {format}, folder / "in"));
    ASSERT_TRUE(run(folder / "in", {.scale = 2}));
    const Pixels result = decode(folder / "out", {}, std::nullopt)->pixels;
    ASSERT_EQ(result.bytes_per_sample, 2);
    std::set<std::uint16_t> values;
    for (int x = 0; x < result.width; ++x) {
      std::uint16_t value = 0;
      std::memcpy(&value, result.data.data() + 40 * result.row_bytes() + static_cast<std::size_t>(2 * x), sizeof value);
      values.insert(value);
    }
    EXPECT_GT(values.size(), 50U) << image_format_name(format);
  }
}

TEST_F(UpscaleEngine, FormatAndQualityAreAsAskedFor) {
  ASSERT_TRUE(encode(drawn(60, 40, 4, 2), {}, {ImageFormat::kPng}, folder / "in"));
  for (const ImageFormat format :
       {ImageFormat::kJpeg, ImageFormat::kPng, ImageFormat::kWebp, ImageFormat::kAvif, ImageFormat::kTiff}) {
    const auto outcome = run(folder / "in", {.scale = 2, .output_format = format});
    ASSERT_TRUE(outcome) << image_format_name(format) << outcome.error().cause;
    const auto facts = inspect(folder / "out", {});
    EXPECT_EQ(facts->format, format);
    EXPECT_EQ(facts->has_alpha, format != ImageFormat::kJpeg);
  }
  ASSERT_TRUE(encode(drawn(60, 40, 3), {}, {ImageFormat::kPng}, folder / "in"));
  for (const ImageFormat format : {ImageFormat::kJpeg, ImageFormat::kWebp, ImageFormat::kAvif}) {
    const auto small = run(folder / "in", {.scale = 4, .output_format = format, .quality = 20});
    const auto large = run(folder / "in", {.scale = 4, .output_format = format, .quality = 100});
    EXPECT_LT(6 * small->size_bytes, 5 * large->size_bytes) << image_format_name(format);
  }
}

TEST_F(UpscaleEngine, AlphaGrowsAndWhatIsOpaqueStaysSo) {
  Pixels opaque = drawn(50, 40, 4);
  for (std::size_t at = 3; at < opaque.data.size(); at += 4) opaque.data[at] = 255;
  const auto large = upscaled(opaque, {.scale = 3});
  ASSERT_TRUE(large) << large.error().message;
  for (std::size_t at = 3; at < large->data.size(); at += 4) ASSERT_EQ(large->data[at], 255);
  const auto fading = upscaled(drawn(50, 40, 4), {.scale = 3});
  for (int x = 15; x < 135; x += 10) EXPECT_NEAR(sample(*fading, x, 60, 3), 255 * (150 - x) / 150.0, 6);
}

TEST_F(UpscaleEngine, DenoisingGrowsWithItsStrength) {
  // Deterministic noise on a smooth picture: what is left of it is what is no slope.
  Pixels noisy = filled(160, 120, 3, 1, 120);
  unsigned state = 7;
  for (std::uint8_t& value : noisy.data) {
    state = state * 1'664'525 + 1'013'904'223;
    value = static_cast<std::uint8_t>(120 + static_cast<int>(state >> 27) - 16);
  }
  std::vector<double> left;
  for (const double strength : {0.0, 0.25, 0.5, 0.75, 1.0}) {
    const auto large = upscaled(noisy, {.scale = 4, .denoise = strength});
    ASSERT_TRUE(large) << large.error().message << large.error().cause;
    left.push_back(rms_between(*large, filled(640, 480, 3, 1, 120)));
  }
  for (std::size_t at = 1; at < left.size(); ++at) {
    EXPECT_LT(left[at], left[at - 1]);
  }
  EXPECT_LT(left.back(), 0.5 * left.front()) << "noise that differs from colour to colour is the hardest";
}

TEST_F(UpscaleEngine, AModelWithoutAStrengthIsNotAskedToDenoise) {
  ASSERT_TRUE(encode(drawn(30, 20, 3), {}, {ImageFormat::kPng}, folder / "in"));
  EXPECT_TRUE(run(folder / "in", {.scale = 2, .model = "exact-x2"}));
  EXPECT_EQ(run(folder / "in", {.scale = 2, .denoise = 0.5, .model = "exact-x2"}).error().code,
            ErrorCode::kInvalidInput);
  EXPECT_EQ(run(folder / "in", {.scale = 2, .model = "restore-x1"}).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(run(folder / "in", {.scale = 2, .model = "nothing"}).error().code, ErrorCode::kNotFound);
}

TEST_F(UpscaleEngine, ThreeAndEightTimesAreSharperThanLanczos) {
  if (!fs::exists(kAssets)) GTEST_SKIP() << kAssets << " is missing";
  // How much there is of what changes from pixel to pixel.
  const auto sharpness = [](const Pixels& pixels) {
    double sum = 0;
    for (int y = 0; y < pixels.height; ++y) {
      for (int x = 1; x < pixels.width; ++x) sum += std::abs(sample(pixels, x, y, 1) - sample(pixels, x - 1, y, 1));
    }
    return sum;
  };
  const Pixels small = photo("kodak/19.png", 128, 192);
  for (const int scale : {3, 8}) {
    const auto large = upscaled(small, {.scale = scale});
    ASSERT_TRUE(large) << large.error().message;
    const Pixels smooth = *resize(small, small.width * scale, small.height * scale);
    EXPECT_GT(sharpness(*large), 1.05 * sharpness(smooth)) << scale;
    // And it is still the same picture.
    EXPECT_LT(rms_between(*resize(*large, small.width, small.height), small), 6) << scale;
  }
}

TEST_F(UpscaleEngine, FacesAreBlendedWithoutAnEdge) {
  if (!fs::exists(kAssets)) GTEST_SKIP() << kAssets << " is missing";
  const Pixels small = photo("kodak/18.png", 256, 384);
  const auto plain = upscaled(small, {.scale = 4}), restored = upscaled(small, {.scale = 4, .face_strength = 1});
  ASSERT_TRUE(plain) << plain.error().message;
  ASSERT_TRUE(restored) << restored.error().message << restored.error().cause;
  const auto change = [&](int x, int y) { return std::abs(sample(*plain, x, y, 1) - sample(*restored, x, y, 1)); };
  int changed = 0, most_at_edge = 0;
  // The first and the last pixel that changed, of each row.
  for (int y = 0; y < plain->height; ++y) {
    int first = plain->width, last = -1;
    for (int x = 0; x < plain->width; ++x) {
      if (change(x, y) == 0) continue;
      ++changed;
      first = std::min(first, x);
      last = x;
    }
    if (last >= 0) most_at_edge = std::max({most_at_edge, change(first, y), change(last, y)});
  }
  EXPECT_GT(changed, 1'000);
  EXPECT_LT(changed, plain->width * plain->height / 4);
  EXPECT_LE(most_at_edge, 6);
}

TEST_F(UpscaleEngine, WhatMovesIsRefused) {
  for (const char* name : {"animated-loop-3.gif", "animated-loop-3.webp"}) {
    const fs::path file = kAssets / "odd" / name;
    if (!fs::exists(file)) GTEST_SKIP() << file << " is missing";
    const auto refused = run(file, {.scale = 2});
    EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
    EXPECT_TRUE(refused.error().cause.starts_with(kPictureMoves));
  }
}

TEST_F(UpscaleEngine, AForecastSaysWhatARunWouldDo) {
  NativeEngine engine(options);
  const auto forecast = [&](const Upscale& upscale, int width, int height, ImageFormat format = ImageFormat::kJpeg) {
    return engine.forecast({OperationKind::kUpscale, to_parameters(upscale), {}, {}, {}, {}},
                           {format, width, height, false, 1});
  };
  const auto fits = forecast({.scale = 3}, 400, 300);
  ASSERT_TRUE(fits) << fits.error().message;
  EXPECT_EQ(fits->width_px, 1'200);
  EXPECT_EQ(fits->height_px, 900);
  EXPECT_GT(fits->memory_bytes_max, 1 << 20);
  EXPECT_LE(fits->memory_bytes_max, options.memory_bytes_max);
  const auto is_too_large = [](const Result<RunForecast>& refused) {
    return !refused && refused.error().cause.starts_with(kResultTooLarge);
  };
  EXPECT_TRUE(is_too_large(forecast({.scale = 8}, 8'000, 6'000)));
  EXPECT_TRUE(is_too_large(forecast({.scale = 4}, 17'000, 30))) << "no JPEG is as wide";
  EXPECT_TRUE(is_too_large(forecast({.scale = 8, .output_format = ImageFormat::kWebp}, 4'000, 500)));
  EXPECT_EQ(forecast({.scale = 2, .model = "nothing"}, 10, 10).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(forecast({.scale = 2, .model = "../models/photo-x4"}, 10, 10).error().code, ErrorCode::kNotFound);
  options.memory_bytes_max = 20 << 20;
  NativeEngine small(options);
  EXPECT_TRUE(is_too_large(small.forecast({OperationKind::kUpscale, {{"scale", "4"}}, {}, {}, {}, {}},
                                          {ImageFormat::kJpeg, 4'000, 3'000, false, 1})));
}

// A network of restore-x1's make that doubles a picture by repeating its pixels, through features of the factor
// `through`, and shifts brightness by `brighter`.
class DoublingModel : public UpscaleEngine {
 protected:
  void SetUp() override {
    options.models_directory = folder / "models";
    fs::create_directory(options.models_directory);
  }

  void write(float through, float brighter) {
    constexpr int kOut = 12, kEnd = 224 + 3 * 108;
    const auto entry = [](const std::string& tensor, const std::string& shape, int from, int to) {
      return "\"" + tensor + R"(":{"dtype":"F32","shape":[)" + shape + R"(],"data_offsets":[)" + std::to_string(from) +
             "," + std::to_string(to) + "]}";
    };
    const std::string header = "{" + entry("body.0.weight", "1,3,3,3", 0, 108) + "," +
                               entry("body.0.bias", "1", 108, 112) + "," + entry("body.1.weight", "1", 112, 116) + "," +
                               entry("body.2.weight", "12,1,3,3", 116, kEnd) + "," +
                               entry("body.2.bias", "12", kEnd, kEnd + 4 * kOut) + "}";
    std::vector<float> numbers(static_cast<std::size_t>(kEnd / 4));
    numbers[13] = through;  // the middle of the first kernel's second channel
    // Takes of the feature what leaves next to nothing to be seen of it.
    for (std::size_t channel = 0; channel < kOut; ++channel) numbers[29 + 9 * channel + 4] = 1e-3F / through;
    numbers.insert(numbers.end(), kOut, brighter);
    const std::uint64_t length = header.size();
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
    std::ofstream(folder / "network.safetensors", std::ios::binary) << bytes;
    const auto added =
        add_model(options.models_directory, {"doubling", {folder / "network.safetensors"}, {}, "Apache-2.0", ""});
    ASSERT_TRUE(added) << added.error().message;
  }

  // Has the manifest say that half precision will do, whatever adding has found.
  void vouch_for_half() {
    const fs::path file = options.models_directory / "doubling.json";
    std::ifstream stream(file);
    std::string text((std::istreambuf_iterator<char>(stream)), {});
    if (const auto at = text.find("\"half\": false"); at != std::string::npos) text.replace(at, 13, "\"half\": true");
    std::ofstream(file) << text;
  }
};

TEST_F(DoublingModel, WhatHalfPrecisionDoesNotHoldIsTriedInSingle) {
  if (is_exact(best_backend())) GTEST_SKIP() << "this processor has no half precision";
  write(1e6F, 0);
  vouch_for_half();
  ASSERT_EQ(read_manifest(options.models_directory / "doubling.json")->half, true);
  const auto large = upscaled(drawn(40, 30, 3), {.scale = 2, .model = "doubling"});
  ASSERT_TRUE(large) << large.error().message << large.error().cause;
  EXPECT_NEAR(sample(*large, 20, 20, 0), sample(drawn(40, 30, 3), 10, 10, 0), 2);
}

TEST_F(DoublingModel, AnotherPictureIsNoSuccessHoweverItIsComputed) {
  write(1, 0.4F);
  const auto refused = upscaled(drawn(40, 30, 3), {.scale = 2, .model = "doubling"});
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().cause.starts_with(kResultRejected));
  EXPECT_FALSE(fs::exists(folder / "out"));
}

// ---- networks in four turns

// The pixels of the picture, a quarter turn clockwise.
Pixels turned(const Pixels& pixels) {
  Pixels made{pixels.height, pixels.width, pixels.channels, pixels.bytes_per_sample, {}};
  const std::size_t pixel =
      static_cast<std::size_t>(pixels.channels) * static_cast<std::size_t>(pixels.bytes_per_sample);
  for (int y = 0; y < made.height; ++y) {
    for (int x = 0; x < made.width; ++x) {
      const auto from =
          pixels.data.begin() + static_cast<std::ptrdiff_t>(pixel) * ((pixels.height - 1 - x) * pixels.width + y);
      made.data.insert(made.data.end(), from, from + static_cast<std::ptrdiff_t>(pixel));
    }
  }
  return made;
}

TEST_F(UpscaleEngine, WhatKnowsAllTurnsMakesTheSameOfAPictureTurned) {
  const Pixels picture = drawn(90, 61, 3);
  const auto upright = upscaled(picture, {.scale = 4, .model = "exact-plus-x4"});
  const auto lying = upscaled(turned(picture), {.scale = 4, .model = "exact-plus-x4"});
  ASSERT_TRUE(upright && lying);
  const double between = rms_between(turned(*upright), *lying);
  EXPECT_LT(between, 0.1);
  const auto upright_once = upscaled(picture, {.scale = 4, .model = "exact-x4"});
  const auto lying_once = upscaled(turned(picture), {.scale = 4, .model = "exact-x4"});
  ASSERT_TRUE(upright_once && lying_once);
  EXPECT_GT(rms_between(turned(*upright_once), *lying_once), 4 * between) << "one turn alone knows which way up it is";
}

// ---- the mark of tests

struct Surface {
  int channels, bytes, value;
};

class Mark : public testing::TestWithParam<Surface> {};

TEST_P(Mark, IsSeenAndLetsThePictureThrough) {
  const auto [channels, bytes, value] = GetParam();
  const Pixels before = filled(600, 400, channels, bytes, value);
  Pixels after = before;
  const TestMark mark(before.shape());
  // In any portions of rows.
  const std::span<std::uint8_t> all(after.data);
  mark.draw(0, all.first(before.row_bytes() * 7));
  mark.draw(7, all.subspan(before.row_bytes() * 7));
  int changed = 0, brightest = 0, darkest = 255;
  for (int y = 0; y < 400; ++y) {
    for (int x = 0; x < 600; ++x) {
      const int now = sample(after, x, y, 0);
      changed += now != value ? 1 : 0;
      brightest = std::max(brightest, now);
      darkest = std::min(darkest, now);
      if (channels % 2 == 0) {
        ASSERT_EQ(sample(after, x, y, channels - 1), 255);
      }
    }
  }
  EXPECT_GT(changed, 600 * 400 / 20);
  EXPECT_LT(changed, 600 * 400 / 3);
  EXPECT_GE(brightest - darkest, 90) << "it stands out";
  EXPECT_EQ(sample(after, 2, 2, 0), value) << "the corner is the picture's";
}

INSTANTIATE_TEST_SUITE_P(On, Mark,
                         testing::Values(Surface{3, 1, 255}, Surface{3, 1, 0}, Surface{3, 1, 128}, Surface{1, 1, 255},
                                         Surface{1, 2, 0}, Surface{3, 2, 255}, Surface{4, 1, 255}, Surface{2, 2, 255}),
                         [](const auto& info) {
                           return std::to_string(info.param.channels) + "x" + std::to_string(8 * info.param.bytes) +
                                  "bits" + std::to_string(info.param.value);
                         });

TEST(TestMark, IsSeenWhereThePictureIsNot) {
  Pixels nothing = filled(300, 300, 4, 1, 0);
  TestMark(nothing.shape()).draw(0, nothing.data);
  int most = 0;
  for (std::size_t at = 0; at < nothing.data.size(); at += 4) {
    if (nothing.data[at] == 255) most = std::max<int>(most, nothing.data[at + 3]);
  }
  EXPECT_GE(most, 100) << "white with a share of its own";
}

TEST(TestMark, TakesEveryShape) {
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 3'000}, {5'000, 1}, {7, 5}, {1'200, 100}}) {
    Pixels picture = filled(width, height, 3, 1, 0);
    TestMark(picture.shape()).draw(0, picture.data);
  }
  // In a long one the word stands in every part of it.
  Pixels banner = filled(1'200, 100, 3, 1, 0);
  TestMark(banner.shape()).draw(0, banner.data);
  for (int left = 0; left < 1'200; left += 100) {
    int changed = 0;
    for (int y = 0; y < 100; ++y) {
      for (int x = left; x < left + 100; ++x) changed += sample(banner, x, y, 0) != 0 ? 1 : 0;
    }
    EXPECT_GT(changed, 500) << left;
  }
}

TEST_F(UpscaleEngine, TheMarkStandsInTheResult) {
  const Pixels picture = drawn(90, 60, 3);
  for (const int scale : {2, 3}) {
    const auto plain = upscaled(picture, {.scale = scale}),
               marked = upscaled(picture, {.scale = scale, .is_test = true});
    ASSERT_TRUE(marked) << marked.error().message;
    Pixels expected = *plain;
    TestMark(expected.shape()).draw(0, expected.data);
    EXPECT_EQ(marked->data, expected.data);
    EXPECT_GT(rms_between(*plain, *marked), 10);
  }
}

TEST_F(UpscaleEngine, TakesTheNetworkThatAnOperatorChose) {
  ASSERT_TRUE(encode(drawn(48, 40, 3), {}, {ImageFormat::kPng}, folder / "in"));
  EXPECT_EQ(model_of("", {.scale = 4}), "photo-x4");
  EXPECT_EQ(model_of("exact-x4", {.scale = 4}), "exact-x4");
  EXPECT_EQ(model_of("exact-x4", {.scale = 2}), "exact-x4") << "what overshoots is reduced";
  EXPECT_EQ(model_of("exact-x4", {.scale = 2, .model = "photo-x2"}), "photo-x2") << "the caller's own choice counts";
  EXPECT_EQ(model_of("exact-x4", {.scale = 4, .denoise = 0.5}), "photo-x4") << "it cannot be told how much";
  EXPECT_EQ(model_of("gone", {.scale = 4}), "photo-x4");
}

}  // namespace
}  // namespace tintype::engine
