// Faces: found, aligned, restored, blended.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>

#include "engine/codec/row_reader.h"
#include "engine/model/ncnn.h"
#include "engine/operation/face_restoration.h"
#include "engine/operation/native_engine.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TINTYPE_SOURCE_DIR;
const fs::path kAssets = kRoot / "../shared/assets";
const fs::path kKodak = kAssets / "bench/kodak";

// Two-byte samples are the one-byte ones times 257.
Pixels drawn(int width, int height, int channels, int bytes, const std::function<int(int, int, int)>& sample) {
  Pixels pixels{width, height, channels, bytes, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < channels; ++channel) {
        for (int byte = 0; byte < bytes; ++byte)
          pixels.data.push_back(static_cast<std::uint8_t>(sample(x, y, channel)));
      }
    }
  }
  return pixels;
}

Pixels constant(int width, int height, int channels, int bytes, int value) {
  return drawn(width, height, channels, bytes, [value](int, int, int) { return value; });
}

double number(double low, double high) {
  return low + (high - low) * *rc::gen::inRange(0, 1'000'001) / 1e6;
}

Similarity any_similarity() {
  const double scale = std::exp(number(-3, 7)), angle = number(-3.14159, 3.14159);
  return {scale * std::cos(angle), scale * std::sin(angle), number(-5'000, 5'000), number(-5'000, 5'000)};
}

double squares_between(const Similarity& fit, std::span<const Point> from, std::span<const Point> to) {
  double sum = 0;
  for (std::size_t at = 0; at < from.size(); ++at) {
    const Point there = fit(from[at]);
    sum += (there.x - to[at].x) * (there.x - to[at].x) + (there.y - to[at].y) * (there.y - to[at].y);
  }
  return sum;
}

RC_GTEST_PROP(Alignment, RecoversEverySimilarity, ()) {
  const Similarity truth = any_similarity();
  std::vector<Point> seen;
  for (const Point& point : kFaceTemplate) seen.push_back(truth(point));
  const int count = *rc::gen::inRange(2, 6);
  const auto points = static_cast<std::size_t>(count);
  const auto fit = fit_similarity(std::span(kFaceTemplate).first(points), std::span(seen).first(points));
  RC_ASSERT(fit.has_value());
  const double tolerance = 1e-9 * (truth.scale() + 10'000);
  for (const Point& point : {Point{0, 0}, Point{1, 0}, Point{0.3, 1}}) {
    const Point there = truth(point), found = (*fit)(point), back = fit->inverse()(there);
    RC_ASSERT(std::hypot(found.x - there.x, found.y - there.y) < tolerance);
    RC_ASSERT(std::hypot(back.x - point.x, back.y - point.y) < tolerance / truth.scale());
  }
}

// No other similarity near it is nearer to points that are no similar ones.
RC_GTEST_PROP(Alignment, IsTheLeastOfSquares, ()) {
  std::vector<Point> seen;
  for (const Point& point : kFaceTemplate) {
    seen.push_back({100 * point.x + number(-20, 20), 100 * point.y + number(-20, 20)});
  }
  const auto fit = fit_similarity(kFaceTemplate, seen);
  RC_ASSERT(fit.has_value());
  const double least = squares_between(*fit, kFaceTemplate, seen);
  const Similarity other{fit->a + number(-5, 5), fit->b + number(-5, 5), fit->move_x + number(-5, 5),
                         fit->move_y + number(-5, 5)};
  RC_ASSERT(squares_between(other, kFaceTemplate, seen) >= least - 1e-9);
}

TEST(Alignment, OnePointIsNoFace) {
  const std::array<Point, 5> one = {};
  EXPECT_FALSE(fit_similarity(one, kFaceTemplate));
  EXPECT_FALSE(fit_similarity(kFaceTemplate, one));
}

TEST(Alignment, CutsWhatLiesInTheSquare) {
  for (const int bytes : {1, 2}) {
    const Pixels slope = drawn(200, 160, 4, bytes, [](int x, int y, int channel) {
      return channel == 3 ? 255 : channel == 0 ? x : channel == 1 ? y : 7;
    });
    // Turned by a right angle, to half of the size: the square's right is the picture's bottom.
    const Pixels cut = cut_face(slope, {0, 80, 120, 40}, 40);
    ASSERT_EQ(cut.channels, 3);
    ASSERT_EQ(cut.data.size(), std::size_t{40 * 40 * 3} * static_cast<std::size_t>(bytes));
    for (int y = 0; y < 40; ++y) {
      for (int x = 0; x < 40; ++x) {
        const auto* pixel = cut.data.data() + static_cast<std::size_t>((y * 40 + x) * 3 * bytes);
        EXPECT_NEAR(pixel[bytes - 1], 119 - 2 * y, 1);
        EXPECT_NEAR(pixel[2 * bytes - 1], 40 + 2 * x, 1);
        EXPECT_EQ(pixel[3 * bytes - 1], 7);
      }
    }
  }
  const Pixels beyond = cut_face(constant(20, 20, 1, 1, 90), {60, 0, -20, -20}, 64);
  EXPECT_EQ(beyond.data, constant(64, 64, 1, 1, 90).data) << "the edge goes on";
}

TEST(FacePatch, WhatIsTheSameStaysTheSame) {
  for (const int channels : {1, 2, 3, 4}) {
    for (const int bytes : {1, 2}) {
      const Pixels picture = constant(120, 90, channels, bytes, 77);
      const FacePatch patch(constant(50, 50, channels <= 2 ? 1 : 3, bytes, 77), {60, 20, 30, 5}, {60, 20, 30, 5}, 1,
                            picture.shape());
      Pixels blended = picture;
      patch.blend(0, blended.data);
      EXPECT_EQ(blended.data, picture.data) << channels << bytes;
    }
  }
}

// White on black: nothing shows outside of the square, and no step is larger than those of a smooth hill.
TEST(FacePatch, HasNoEdge) {
  const Pixels black = constant(300, 300, 3, 1, 0);
  const Similarity place{190, 60, 60, 20};
  const FacePatch patch(constant(64, 64, 3, 1, 255), place, place, 1, black.shape());
  Pixels blended = black;
  patch.blend(0, blended.data);
  int most = 0, steepest = 0;
  const auto at = [&](int x, int y) { return int{blended.data[static_cast<std::size_t>((y * 300 + x) * 3)]}; };
  for (int y = 0; y < 300; ++y) {
    for (int x = 0; x < 300; ++x) {
      const Point point = place.inverse()({x + 0.5, y + 0.5});
      const bool is_inside = point.x > 0.05 && point.x < 0.95 && point.y > 0.05 && point.y < 1;
      if (!is_inside) {
        EXPECT_EQ(at(x, y), 0) << x << ' ' << y;
      }
      most = std::max(most, at(x, y));
      if (x > 0) steepest = std::max(steepest, std::abs(at(x, y) - at(x - 1, y)));
      if (y > 0) steepest = std::max(steepest, std::abs(at(x, y) - at(x, y - 1)));
    }
  }
  EXPECT_EQ(most, 255);
  EXPECT_LE(steepest, 12) << "of 255, in a square of 200 pixels";
  for (const Point& feature : kFaceTemplate) EXPECT_GT(face_share(feature), 0.9);
}

// However the rows come; alpha is left alone, and half of the strength is half of the way.
TEST(FacePatch, BlendsRowsAsTheyCome) {
  for (const int bytes : {1, 2}) {
    const Pixels picture =
        drawn(100, 80, 4, bytes, [](int x, int y, int channel) { return channel == 3 ? x + y : 40 + (x * y) % 50; });
    const Pixels face = drawn(40, 40, 3, bytes, [](int x, int y, int) { return 100 + x + y; });
    const FacePatch patch(face, {60, -10, 20, 20}, {60, -10, 20, 20}, 0.5, picture.shape());
    const FacePatch whole(face, {60, -10, 20, 20}, {60, -10, 20, 20}, 1, picture.shape());
    Pixels at_once = picture, by_seven = picture, full = picture;
    patch.blend(0, at_once.data);
    whole.blend(0, full.data);
    for (int y = 0; y < 80; y += 7) {
      const std::size_t rows = static_cast<std::size_t>(std::min(7, 80 - y)) * picture.row_bytes();
      patch.blend(y, std::span(by_seven.data).subspan(static_cast<std::size_t>(y) * picture.row_bytes(), rows));
    }
    EXPECT_EQ(at_once.data, by_seven.data);
    EXPECT_NE(at_once.data, picture.data);
    for (std::size_t sample = 0; sample < picture.data.size() / static_cast<std::size_t>(bytes); ++sample) {
      const std::size_t byte = (sample + 1) * static_cast<std::size_t>(bytes) - 1;
      if (sample % 4 == 3) {
        EXPECT_EQ(at_once.data[byte], picture.data[byte]);
      } else {
        EXPECT_NEAR(at_once.data[byte], (picture.data[byte] + full.data[byte]) / 2.0, 1.01);
      }
    }
  }
}

std::shared_ptr<const Network> published(const std::string& name) {
  const auto text = MappedFile::open(kAssets / "models/face" / (name + ".param")).value();
  const auto weights = MappedFile::open(kAssets / "models/face" / (name + ".bin")).value();
  auto graph = read_ncnn(text->bytes(), weights, weights->bytes());
  return Network::make(std::move(*graph), best_backend()).value();
}

struct Photo {
  const char* name;
  Point left_eye, right_eye;  // looked up in the picture by eye
};
constexpr Photo kPhotos[] = {
    {"04.png", {226, 333}, {358, 355}}, {"15.png", {470, 154}, {631, 163}}, {"18.png", {277, 200}, {301, 201}}};

class Detection : public testing::TestWithParam<const char*> {};

TEST_P(Detection, FindsTheFacesOfPhotographsAndNoOthers) {
  const std::string by = GetParam();
  if (!fs::exists(kKodak)) GTEST_SKIP() << kKodak << " is missing";
  auto detector = FaceDetector::make(by == "cascades" ? nullptr : published(by));
  ASSERT_TRUE(detector) << detector.error().message;
  const std::atomic<bool> never{false};
  // Boxes alone say where a face is, not how it is turned.
  const double tolerance = by == "RFB-320" ? 0.35 : 0.12;
  for (const Photo& photo : kPhotos) {
    const auto decoded = decode(kKodak / photo.name, {}, std::nullopt);
    const auto faces = detector->find(decoded->pixels, never);
    ASSERT_TRUE(faces) << faces.error().message;
    ASSERT_EQ(faces->size(), 1U) << photo.name;
    const Point left = (*faces)[0].place(kFaceTemplate[0]), right = (*faces)[0].place(kFaceTemplate[1]);
    const double apart = std::hypot(photo.left_eye.x - photo.right_eye.x, photo.left_eye.y - photo.right_eye.y);
    EXPECT_LT(std::hypot(left.x - photo.left_eye.x, left.y - photo.left_eye.y), tolerance * apart) << photo.name;
    EXPECT_LT(std::hypot(right.x - photo.right_eye.x, right.y - photo.right_eye.y), tolerance * apart) << photo.name;
  }
  for (const char* name : {"03.png", "05.png", "07.png", "13.png", "20.png", "22.png", "23.png"}) {
    const auto faces = detector->find(decode(kKodak / name, {}, std::nullopt)->pixels, never);
    ASSERT_TRUE(faces) << faces.error().message;
    EXPECT_TRUE(faces->empty()) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(By, Detection, testing::Values("retina-slim-landmark", "RFB-320", "cascades"),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::ranges::replace(name, '-', '_');
                           return name;
                         });

// Whatever the picture's sides, up to the largest and down to one pixel.
TEST(Detection, TakesEveryShape) {
  if (!fs::exists(kAssets)) GTEST_SKIP() << kAssets << " is missing";
  auto detector = FaceDetector::make(published("retina-slim-landmark"));
  ASSERT_TRUE(detector);
  const std::atomic<bool> never{false}, always{true};
  for (const auto& [width, height] : {std::pair{1, 1}, {1'280, 1}, {3, 700}, {321, 65}}) {
    for (const int channels : {1, 2, 3, 4}) {
      const auto faces = detector->find(constant(width, height, channels, channels % 2 + 1, 128), never);
      ASSERT_TRUE(faces) << faces.error().message << faces.error().cause;
      EXPECT_TRUE(faces->empty());
    }
  }
  EXPECT_EQ(detector->find(constant(400, 400, 3, 1, 9), always).error().code, ErrorCode::kCancelled);
}

class Faces : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kKodak)) GTEST_SKIP() << kKodak << " is missing";
    options.models_directory = folder / "models";
    fs::create_directory(options.models_directory);
    options.model_family = "plain";
    write_network("plain-x2", 2, 0);
    write_network("restore-x1", 1, 0.1F);
    const fs::path face = kAssets / "models/face";
    const auto added = add_model(
        options.models_directory,
        {"retinaface", {face / "retina-slim-landmark.param", face / "retina-slim-landmark.bin"}, {}, "MIT", ""});
    ASSERT_TRUE(added) << added.error().message;
  }

  // A network of restore-x1's make that repeats pixels and brightens them, so that where it was shows.
  void write_network(const std::string& name, int scale, float brighter) const {
    const int out = 3 * scale * scale, end = 224 + (scale * scale - 1) * 108;
    const auto entry = [](const std::string& tensor, const std::string& shape, int from, int to) {
      return "\"" + tensor + R"(":{"dtype":"F32","shape":[)" + shape + R"(],"data_offsets":[)" + std::to_string(from) +
             "," + std::to_string(to) + "]}";
    };
    const std::string header = "{" + entry("body.0.weight", "1,3,3,3", 0, 108) + "," +
                               entry("body.0.bias", "1", 108, 112) + "," + entry("body.1.weight", "1", 112, 116) + "," +
                               entry("body.2.weight", std::to_string(out) + ",1,3,3", 116, end) + "," +
                               entry("body.2.bias", std::to_string(out), end, end + 4 * out) + "}";
    std::vector<float> numbers(static_cast<std::size_t>(end / 4));
    numbers.insert(numbers.end(), static_cast<std::size_t>(out), brighter);
    const std::uint64_t length = header.size();
    std::string bytes(reinterpret_cast<const char*>(&length), sizeof length);
    bytes += header;
    bytes.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float));
    std::ofstream(folder / "network.safetensors", std::ios::binary) << bytes;
    const auto added =
        add_model(options.models_directory, {name, {folder / "network.safetensors"}, {}, "Apache-2.0", ""});
    ASSERT_TRUE(added) << added.error().message;
    ASSERT_EQ(added->scale, scale);
  }

  // Half of a photograph's sides, so that tests are quick; as the format and channels ask.
  fs::path photo(const std::string& name, int channels = 3, int bytes = 1) const {
    const auto decoded = decode(kKodak / name, {}, std::nullopt);
    const Pixels small = *resize(decoded->pixels, decoded->pixels.width / 2, decoded->pixels.height / 2);
    const Pixels as = drawn(small.width, small.height, channels, bytes, [&](int x, int y, int channel) {
      const bool is_alpha = channels % 2 == 0 && channel == channels - 1;
      return is_alpha ? 255 - (x + y) % 256
                      : small.data[static_cast<std::size_t>((y * small.width + x) * 3 + (channels <= 2 ? 1 : channel))];
    });
    const fs::path file = folder / "photo.png";
    EXPECT_TRUE(encode(as, {}, {ImageFormat::kPng}, file));
    return file;
  }

  Result<Pixels> enhanced(const fs::path& file, double strength) {
    NativeEngine engine(options);
    EnhanceRequest request{file, folder / "result.png", {std::nullopt, 2}, ImageFormat::kPng, "", 0.5, strength};
    RunControl control;
    const auto outcome = engine.enhance(request, control);
    if (!outcome) return std::unexpected(outcome.error());
    EXPECT_EQ(control.progress_permille.load(), 1'000);
    return decode(request.output, {}, std::nullopt)->pixels;
  }

  TestFolder folder;
  NativeEngineOptions options;
};

TEST_F(Faces, ChangeNearFacesAlone) {
  for (const auto& [channels, bytes] : {std::pair{3, 1}, {1, 1}, {4, 1}, {3, 2}, {2, 2}}) {
    const fs::path file = photo("18.png", channels, bytes);
    const auto plain = enhanced(file, 0), restored = enhanced(file, 1);
    ASSERT_TRUE(plain) << plain.error().message;
    ASSERT_TRUE(restored) << restored.error().message << restored.error().cause;
    ASSERT_EQ(plain->data.size(), restored->data.size());
    const std::size_t pixel = static_cast<std::size_t>(plain->channels * plain->bytes_per_sample);
    int changed = 0;
    for (int y = 0; y < plain->height; ++y) {
      for (int x = 0; x < plain->width; ++x) {
        const std::size_t at = static_cast<std::size_t>(y * plain->width + x) * pixel;
        if (std::memcmp(plain->data.data() + at, restored->data.data() + at, pixel) == 0) continue;
        ++changed;
        // The face is about 50 pixels high and its square twice that.
        EXPECT_LT(std::hypot(x - 289, y - 207), 75) << x << ' ' << y;
        if (channels % 2 == 0) {
          EXPECT_EQ(std::memcmp(plain->data.data() + at + pixel - static_cast<std::size_t>(bytes),
                                restored->data.data() + at + pixel - static_cast<std::size_t>(bytes),
                                static_cast<std::size_t>(bytes)),
                    0)
              << "alpha";
        }
      }
    }
    EXPECT_GT(changed, 1'500);
    // In the middle the network's brightening by a tenth is all there; of red there is too much to tell.
    const auto colour = static_cast<std::size_t>(channels <= 2 ? 0 : 2);
    const std::size_t nose =
        static_cast<std::size_t>(207 * plain->width + 289) * pixel + (colour + 1) * static_cast<std::size_t>(bytes) - 1;
    EXPECT_NEAR(restored->data[nose] - plain->data[nose], 25, 12) << channels << bytes;
  }
}

TEST_F(Faces, NoneOrNoStrengthLeavesEveryByte) {
  NativeEngine engine(options);
  const auto bytes_with = [&](const fs::path& file, double strength) {
    EnhanceRequest request{file, folder / "result.jpg", {std::nullopt, 2}, ImageFormat::kJpeg, "", 0.5, strength};
    RunControl control;
    const auto outcome = engine.enhance(request, control);
    EXPECT_TRUE(outcome) << outcome.error().message;
    std::ifstream stream(request.output, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  const fs::path without = photo("23.png");
  EXPECT_EQ(bytes_with(without, 0), bytes_with(without, 1));
  const fs::path with = photo("18.png");
  EXPECT_EQ(bytes_with(with, 0), bytes_with(with, 0));
  EXPECT_NE(bytes_with(with, 0), bytes_with(with, 0.5));
}

// A picture that is reduced to its result's size first, and one whose passes overshoot.
TEST_F(Faces, AreFoundWhateverThePlan) {
  NativeEngine engine(options);
  for (const Goal& goal : {Goal{200, 1}, Goal{500, 1}}) {
    const fs::path file = photo("04.png");
    std::vector<Pixels> results;
    for (const double strength : {0.0, 1.0}) {
      EnhanceRequest request{file, folder / "result.png", goal, ImageFormat::kPng, "plain-x2", 0.5, strength};
      RunControl control;
      ASSERT_TRUE(engine.enhance(request, control));
      results.push_back(decode(request.output, {}, std::nullopt)->pixels);
    }
    const int width = results[0].width, height = results[0].height;
    EXPECT_EQ(height, *goal.longest_side_px);
    const auto difference = [&](double x, double y) {
      const auto at =
          static_cast<std::size_t>((static_cast<int>(y * height) * width + static_cast<int>(x * width)) * 3);
      return results[1].data[at] - results[0].data[at];
    };
    EXPECT_GT(difference(0.57, 0.51), 12) << "the nose";
    EXPECT_EQ(difference(0.5, 0.05), 0) << "the hat";
  }
}

TEST_F(Faces, AreRestoredByGfpganWhereThereIsOne) {
  ASSERT_TRUE(add_model(options.models_directory, {"gfpgan", {kRoot / "tests/networks/gfpgan.pth"}, {}, "MIT", ""}));
  const auto decoded = decode(kKodak / "18.png", {}, std::nullopt);
  // Its squares have 32 pixels: the face is made as small.
  const Pixels small = *resize(decoded->pixels, 230, 345);
  ASSERT_TRUE(encode(small, {}, {ImageFormat::kPng}, folder / "small.png"));
  const auto plain = enhanced(folder / "small.png", 0), restored = enhanced(folder / "small.png", 1);
  ASSERT_TRUE(restored) << restored.error().message << restored.error().cause;
  EXPECT_NE(plain->data, restored->data);
}

TEST_F(Faces, SayWhatIsMissingOrTooMuch) {
  const fs::path file = photo("18.png");
  EXPECT_EQ(enhanced(file, 1.5).error().code, ErrorCode::kInvalidInput);
  EXPECT_EQ(enhanced(file, std::nan("")).error().code, ErrorCode::kInvalidInput);
  options.memory_bytes_max = 60 << 20;
  ASSERT_TRUE(enhanced(file, 0));
  EXPECT_NE(enhanced(file, 1).error().message.find("of memory"), std::string::npos);
  options.memory_bytes_max = 2LL << 30;
  fs::remove(options.models_directory / "restore-x1.json");
  const auto missing = enhanced(file, 1);
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  EXPECT_NE(missing.error().suggestion.find("models add"), std::string::npos);
  NativeEngine engine(options);
  EnhanceRequest request{file, folder / "result.png", {std::nullopt, 2}, {}, "retinaface", 0.5, 0};
  RunControl control;
  EXPECT_NE(engine.enhance(request, control).error().message.find("face detection"), std::string::npos);
}

TEST_F(Faces, RestoringCanBeCancelled) {
  ModelCache models({options.models_directory});
  auto networks = face_networks(models, options.models_directory);
  ASSERT_TRUE(networks) << networks.error().message;
  FaceOptions wanted;
  wanted.file = kKodak / "14.png";
  const auto reader = RowReader::open(wanted.file, {});
  wanted.picture = reader->shape();
  wanted.result = {2 * reader->shape().width, 2 * reader->shape().height, 3, 1};
  wanted.enlargers = {models.get("plain-x2", 0)->network};
  FaceRestoration restoration(*networks, wanted);
  std::atomic<bool> cancel{false};
  ASSERT_TRUE(restoration.find(cancel));
  ASSERT_GE(restoration.count(), 2U);
  EXPECT_GT(restoration.restoring_bytes_max(), restoration.kept_bytes());
  std::atomic<int> heard{0};
  const auto stopped = restoration.restore(cancel, [&](double) {
    ++heard;
    cancel.store(true);
  });
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(heard.load(), 1);
}

}  // namespace
}  // namespace tintype::engine
