#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>
#include <sys/resource.h>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <thread>

#include "engine/model/model.h"
#include "engine/model/safetensors.h"
#include "engine/operation/gate.h"
#include "engine/operation/native_engine.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TINTYPE_SOURCE_DIR;
const fs::path kAssets = kRoot / "../shared/assets";

// A compact network with random weights.
std::shared_ptr<const Network> random_network(int scale, int features, int convolutions, unsigned seed) {
  std::srand(seed);
  const auto numbers = [](int count, float spread) {
    std::vector<float> values(static_cast<std::size_t>(count));
    for (float& value : values)
      value = spread * (static_cast<float>(std::rand()) / static_cast<float>(RAND_MAX) - 0.5F);
    return Weights(std::move(values));
  };
  Graph graph;
  const int input = graph.add("input", Input{{3, 0, 0}}, {});
  int last = input, channels = 3;
  for (int at = 0; at <= convolutions; ++at) {
    Convolution layer;
    layer.in_channels = channels;
    layer.out_channels = channels = at == convolutions ? 3 * scale * scale : features;
    layer.padding = {1, 1, 1, 1};
    layer.weights =
        numbers(layer.in_channels * channels * 9, 2 / std::sqrt(9.0F * static_cast<float>(layer.in_channels)));
    layer.bias = numbers(channels, 0.1F);
    if (at < convolutions) layer.activation = {Activation::Kind::kPRelu, 0, 0, numbers(channels, 1)};
    last = graph.add("convolution", std::move(layer), {last});
  }
  last = graph.add("shuffle", PixelShuffle{scale}, {last});
  Resize enlarged;
  enlarged.factor_y = enlarged.factor_x = static_cast<float>(scale);
  const int base = graph.add("enlarged", enlarged, {input});
  graph.outputs = {graph.add("output", Arithmetic{}, {last, base})};
  return Network::make(std::move(graph), best_backend()).value();
}

std::shared_ptr<const Network> shipped(const std::string& name, Backend backend = best_backend(),
                                       double strength = 0.5) {
  auto graph = load_model(kRoot / "models", read_manifest(kRoot / "models" / (name + ".json")).value(), strength);
  return Network::make(std::move(*graph), backend).value();
}

Pixels drawn(int width, int height, int channels, int bytes = 1) {
  Pixels pixels{width, height, channels, bytes, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      for (int channel = 0; channel < channels; ++channel) {
        const double wave = std::sin(x * 0.31 + channel) * std::cos(y * 0.17) + (x / 9 + y / 7) % 2;
        const auto value = static_cast<std::uint8_t>(std::clamp(90 + 60 * wave, 0.0, 255.0));
        for (int byte = 0; byte < bytes; ++byte) pixels.data.push_back(value);
      }
    }
  }
  return pixels;
}

Result<Pixels> upscale_all(const Pixels& picture, const std::shared_ptr<const Network>& network, int stripe_px,
                           int threads, int band_px = 32) {
  const std::atomic<bool> cancel{false};
  const auto pass = Pass::plan(network, picture.shape(), {threads, stripe_px, band_px});
  if (!pass) return std::unexpected(pass.error());
  return collect(*pass, source_of(picture), cancel, [](double) {});
}

int largest_difference(const Pixels& a, const Pixels& b) {
  int largest = a.data.size() == b.data.size() ? 0 : 256;
  for (std::size_t at = 0; at < std::min(a.data.size(), b.data.size()); ++at) {
    largest = std::max(largest, std::abs(int{a.data[at]} - int{b.data[at]}));
  }
  return largest;
}

TEST(Pass, CutIsUncut) {
  for (const char* name : {"exact-x4", "photo-x4", "photo-x2"}) {
    const auto network = shipped(name);
    for (const int channels : {1, 3, 4}) {
      const Pixels picture = drawn(101, 67, channels);
      const auto whole = upscale_all(picture, network, 1'000, 1, 1'000);
      ASSERT_TRUE(whole) << whole.error().cause;
      for (const int stripe_px : {16, 33, 64}) {
        EXPECT_LE(largest_difference(*whole, *upscale_all(picture, network, stripe_px, 2, stripe_px / 2)), 1)
            << stripe_px;
      }
    }
  }
}

TEST(Pass, TinyPicturesGrowToo) {
  const auto network = random_network(4, 8, 3, 3);
  for (const auto& [width, height] : {std::pair{1, 1}, {2, 1}, {1, 40}, {3, 3}}) {
    const auto large = upscale_all(drawn(width, height, 3), network, 64, 2);
    ASSERT_TRUE(large);
    EXPECT_EQ(large->width, 4 * width);
    EXPECT_EQ(large->height, 4 * height);
  }
}

TEST(Pass, GreyStaysGreyAndSixteenBitsStay) {
  const auto network = shipped("exact-x2");
  const auto grey = upscale_all(drawn(40, 30, 1), network, 64, 1);
  EXPECT_EQ(grey->channels, 1);
  const auto deep = upscale_all(drawn(40, 30, 3, 2), network, 64, 1);
  EXPECT_EQ(deep->bytes_per_sample, 2);
  const auto shallow = upscale_all(drawn(40, 30, 3), network, 64, 1);
  for (std::size_t at = 0; at < shallow->data.size(); ++at) {
    EXPECT_NEAR(shallow->data[at], deep->data[2 * at + 1], 1.01);
  }
}

TEST(Pass, StopsBetweenBands) {
  const auto network = random_network(2, 8, 2, 5);
  std::atomic<bool> cancel{false};
  std::atomic<int> bands{0};
  const Pixels picture = drawn(200, 200, 3);
  const auto pass = Pass::plan(network, picture.shape(), {1, 0, 20});
  const auto stopped = collect(*pass, source_of(picture), cancel, [&](double) {
    if (bands.fetch_add(1) == 2) cancel.store(true);
  });
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(bands.load(), 3);
}

TEST(Pass, MemoryDoesNotGrowWithTheHeight) {
  const auto network = shipped("photo-x4");
  const auto low = Pass::plan(network, {1'000, 500, 3, 1}, {2});
  const auto high = Pass::plan(network, {1'000, 20'000, 3, 1}, {2});
  ASSERT_TRUE(high) << high.error().message;
  // How the last rows fall into bands makes a difference.
  EXPECT_LT(static_cast<double>(high->bytes_max()), 1.5 * static_cast<double>(low->bytes_max()));
}

TEST(Pass, WhatSourceAndSinkFailWithIsAnswered) {
  const auto network = random_network(2, 8, 2, 5);
  const auto pass = Pass::plan(network, {64, 300, 3, 1}, {2, 0, 16});
  const std::atomic<bool> cancel{false};
  int rows = 0;
  const Pass::Source breaks = [&](int, std::span<std::uint8_t>) -> Result<void> {
    if (++rows > 100) return fail(ErrorCode::kInvalidInput, "damaged");
    return {};
  };
  const Pass::Sink takes = [](std::span<const std::uint8_t>) -> Result<void> { return {}; };
  EXPECT_EQ(pass->run(breaks, takes, cancel, [](double) {}).error().message, "damaged");
  const Pass::Source gives = [](int, std::span<std::uint8_t>) -> Result<void> { return {}; };
  const Pass::Sink full = [](std::span<const std::uint8_t>) -> Result<void> { return fail_internal("disk full"); };
  EXPECT_EQ(pass->run(gives, full, cancel, [](double) {}).error().cause, "disk full");
}

// Where stripes would take too much, blocks take less, and make the same picture.
TEST(Pass, BlocksTakeThePlaceOfStripes) {
  const auto network = shipped("photo-x4");
  const Pixels picture = drawn(600, 301, 4);
  const std::atomic<bool> cancel{false};
  const auto plain = Pass::plan(network, picture.shape(), {2, 0, 64});
  const auto tight = Pass::plan(network, picture.shape(), {2, 0, 0, 1});
  ASSERT_TRUE(tight) << tight.error().message;
  EXPECT_LT(tight->bytes_max(), plain->bytes_max() * 2 / 3);
  const auto stripes = collect(*plain, source_of(picture), cancel, [](double) {});
  const auto blocks = collect(*tight, source_of(picture), cancel, [](double) {});
  ASSERT_TRUE(blocks) << blocks.error().message;
  EXPECT_LE(largest_difference(*stripes, *blocks), 1);
}

TEST(Pass, TheReferenceRunsToo) {
  const Pixels picture = drawn(24, 18, 3);
  const auto fast = upscale_all(picture, shipped("exact-x2"), 0, 2);
  const auto slow = upscale_all(picture, shipped("exact-x2", Backend::kReference), 0, 2);
  ASSERT_TRUE(slow) << slow.error().message;
  EXPECT_LE(largest_difference(*fast, *slow), 1);
}

// A mask, say: its rows hold fewer numbers than a picture's.
TEST(Pass, TakesNetworksThatMakePicturesAlone) {
  Graph graph;
  const int input = graph.add("input", Input{{3, 0, 0}}, {});
  graph.outputs = {graph.add("first", Slice{Axis::kChannel, 0, 1}, {input})};
  const auto pass = Pass::plan(Network::make(std::move(graph), best_backend()).value(), {64, 64, 3, 1}, {});
  ASSERT_FALSE(pass);
  EXPECT_EQ(pass.error().code, ErrorCode::kInvalidInput);
}

TEST(ModelCache, DropsWhatIsIdleOrTooMuch) {
  ModelCache cache({kRoot / "models", std::nullopt, 600, 1});
  {
    const auto first = cache.get("exact-x4", 0);
    ASSERT_TRUE(first) << first.error().message;
    EXPECT_EQ(cache.get("exact-x4", 1)->network, first->network) << "it knows no strength of denoising";
  }
  const std::int64_t one = cache.packed_bytes();
  ASSERT_TRUE(cache.get("exact-x2", 0));
  EXPECT_LT(cache.packed_bytes(), 2 * one) << "only the latest is kept when all are too much";
  EXPECT_EQ(cache.get("nothing", 0).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(cache.get("../models/exact-x4", 0).error().code, ErrorCode::kNotFound);
}

TEST(ModelCache, SeesWhatIsReplacedOnDisk) {
  const TestFolder folder;
  const auto put = [&](const std::string& name) {
    fs::copy_file(kRoot / "models" / (name + ".safetensors"), folder / (name + ".safetensors"));
    std::ifstream stream(kRoot / "models" / (name + ".json"));
    std::string manifest((std::istreambuf_iterator<char>(stream)), {});
    const std::string named = '"' + name + '"';
    manifest.replace(manifest.find(named), named.size(), "\"mine\"");
    std::ofstream(folder / "mine.json") << manifest;
  };
  ModelCache cache({folder, std::nullopt, 600, 1 << 30});
  put("exact-x4");
  EXPECT_EQ(cache.get("mine", 0)->manifest.scale, 4);
  fs::remove(folder / "mine.json");
  EXPECT_EQ(cache.get("mine", 0).error().code, ErrorCode::kNotFound);
  put("exact-x2");
  EXPECT_EQ(cache.get("mine", 0)->manifest.scale, 2);
}

// Many threads that want few networks, more than may stay.
TEST(ModelCache, AnyThreadMayAsk) {
  ModelCache cache({kRoot / "models", std::nullopt, 0, 1 << 20});
  std::atomic<int> answered{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int at = 0; at < 6; ++at) {
          const auto model = cache.get((thread + at) % 2 == 0 ? "exact-x2" : "exact-x4", 0);
          answered += model && model->network->packed_bytes() > 0 ? 1 : 0;
        }
      });
    }
  }
  EXPECT_EQ(answered.load(), 24);
}

std::vector<float> read_floats(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<float> values(fs::file_size(path) / sizeof(float));
  stream.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

// The stored outputs come from PyTorch: another implementation, written apart from this one.
TEST(Models, ShippedNetworksMatchTheirStoredOutputs) {
  const auto input = read_floats(kRoot / "tests/networks/input.f32");
  for (const char* name : {"exact-x4", "exact-x2", "photo-x4", "photo-x2"}) {
    const auto expected = read_floats(kRoot / "tests/networks" / (std::string(name) + ".f32"));
    for (const Backend backend : all_backends()) {
      if (!is_available(backend)) continue;
      const auto outputs = run_whole(shipped(name, backend, 1), {3, 20, 24}, input);
      ASSERT_TRUE(outputs) << outputs.error().message;
      const std::vector<float>& output = (*outputs)[0];
      ASSERT_EQ(output.size(), expected.size());
      double sum = 0;
      for (std::size_t at = 0; at < output.size(); ++at) {
        if (is_exact(backend)) {
          ASSERT_NEAR(output[at], expected[at], 1e-3F) << name << at;
        }
        sum += std::pow(output[at] - expected[at], 2);
      }
      EXPECT_LT(std::sqrt(sum / static_cast<double>(output.size())), 1.0 / 255) << name << backend_name(backend);
    }
  }
}

std::string safetensors(const std::string& header, const std::string& data = {}) {
  const std::uint64_t length = header.size();
  return std::string(reinterpret_cast<const char*>(&length), sizeof length) + header + data;
}

TEST(Models, HostileFilesAreRefused) {
  const std::string good = R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})";
  EXPECT_EQ(read_safetensors(nullptr, safetensors(good, std::string(4, '\0')))->at("t").values.size(), 1U);
  for (const std::string& bad :
       {std::string(), std::string(7, 'x'), std::string(8, '\xff'), safetensors("{"), safetensors("[]"),
        safetensors(good), safetensors(good, "abc"),
        safetensors(R"({"t":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}})", std::string(8, 'x')),
        safetensors(R"({"t":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}})", std::string(4, 'x')),
        safetensors(R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}})", std::string(4, 'x')),
        safetensors(R"({"t":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}})", std::string(4, 'x')),
        safetensors(R"({"t":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,4]}})"),
        safetensors(R"({"t":{"dtype":"F32","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,4]}})"),
        safetensors(R"({"t":{"dtype":"F32"}})"), safetensors(R"({"t":7})")}) {
    EXPECT_EQ(read_safetensors(nullptr, bad).error().code, ErrorCode::kInvalidInput);
  }
}

TEST(Plan, NeverGoesBelowWhatTheResultCanHold) {
  const Goal goal{1'024, 1};
  const Plan large = make_plan(4'000, 3'000, goal, std::nullopt).value();
  EXPECT_EQ(large.reduce_to_px, 1'024);
  EXPECT_EQ(large.scales, std::vector<int>{1});
  EXPECT_EQ(large.output_height, 768);
  const Plan small = make_plan(100, 60, goal, std::nullopt).value();
  EXPECT_FALSE(small.reduce_to_px);
  EXPECT_EQ(small.scales, (std::vector<int>{4, 4}));
  EXPECT_EQ(small.output_width, 1'024);
  EXPECT_EQ(small.output_height, 614);
  EXPECT_EQ(make_plan(600, 400, goal, std::nullopt)->scales, std::vector<int>{2});
  EXPECT_EQ(make_plan(1, 3'000, goal, std::nullopt)->output_width, 1);
  EXPECT_FALSE(make_plan(8'000, 8'000, {std::nullopt, 4}, std::nullopt));
  EXPECT_EQ(make_plan(600, 400, {std::nullopt, 0}, std::nullopt)->output_width, 1'200);
  EXPECT_EQ(make_plan(600, 400, {std::nullopt, 0}, 1)->output_width, 600);
  EXPECT_EQ(make_plan(600, 400, {std::nullopt, 0}, 1)->scales, std::vector<int>{1});
}

bool agrees(const Pixels& input, const Pixels& result) {
  Agreement agreement(input.shape(), result.shape());
  agreement.add_input(input.data);
  agreement.add_result(result.data);
  return agreement.check(kPsnrMinDb).has_value();
}

// A result whose pixels come from elsewhere in it: `from` says where, in numbers of the result's data.
template <class From>
Pixels changed(const Pixels& result, From from) {
  Pixels other = result;
  for (int y = 0; y < result.height; ++y) {
    for (int x = 0; x < result.width; ++x) {
      for (int channel = 0; channel < result.channels; ++channel) {
        const auto index = [&](int column, int row, int number) {
          const int at_column = std::clamp(column, 0, result.width - 1), at_row = std::clamp(row, 0, result.height - 1);
          return static_cast<std::size_t>((at_row * result.width + at_column) * result.channels + number);
        };
        other.data[index(x, y, channel)] = from(result.data, index, x, y, channel);
      }
    }
  }
  return other;
}

Pixels exchanged(const Pixels& result) {
  return changed(
      result, [](const auto& data, auto index, int x, int y, int channel) { return data[index(x, y, 2 - channel)]; });
}
Pixels moved(const Pixels& result, int by_x, int by_y) {
  return changed(result, [=](const auto& data, auto index, int x, int y, int channel) {
    return data[index(x - by_x, y - by_y, channel)];
  });
}
Pixels darkened(const Pixels& result, double factor) {
  return changed(result, [=](const auto& data, auto index, int x, int y, int channel) {
    return static_cast<std::uint8_t>(factor * data[index(x, y, channel)]);
  });
}

TEST(Gate, RefusesWhatIsNotTheSamePicture) {
  const Pixels picture = drawn(64, 48, 3);
  const Pixels large = *resize(picture, 256, 192);
  EXPECT_TRUE(agrees(picture, large));
  const Pixels black = darkened(large, 0);
  EXPECT_FALSE(agrees(picture, black));
  EXPECT_TRUE(agrees(darkened(picture, 0), black)) << "a constant picture may stay constant";
  const Pixels night = darkened(picture, 0.1);
  EXPECT_TRUE(agrees(night, *resize(night, 256, 192)));
  EXPECT_FALSE(agrees(night, black)) << "a dark picture is no black one";
}

// Photos of every kind, and by networks that clear: what they make passes, and what is wrong with it does not.
TEST(Gate, KnowsWrongResultsOfRealPhotos) {
  if (!fs::exists(kAssets / "bench")) GTEST_SKIP() << (kAssets / "bench") << " is missing";
  std::vector<Pixels> photos;
  for (const char* folder : {"kodak", "set5", "urban20"}) {
    int taken = 0;
    for (const auto& entry : fs::directory_iterator(kAssets / "bench" / folder)) {
      auto decoded = decode(entry.path(), {}, 200);
      if (decoded && decoded->pixels.channels == 3 && ++taken <= 4) photos.push_back(std::move(decoded->pixels));
    }
  }
  ASSERT_GE(photos.size(), 8U);
  for (const char* name : {"exact-x2", "exact-x4", "photo-x4"}) {
    const auto network = shipped(name);
    int exchanges = 0, moves = 0, shadows = 0;
    for (const Pixels& photo : photos) {
      const Pixels result = *upscale_all(photo, network, 0, 2);
      const int scale = result.width / photo.width;
      EXPECT_TRUE(agrees(photo, result)) << name;
      exchanges += agrees(photo, exchanged(result)) ? 0 : 1;
      moves += agrees(photo, moved(result, scale, scale)) ? 0 : 1;
      shadows += agrees(photo, darkened(result, 0.8)) ? 0 : 1;
    }
    // Of a grey picture's channels nobody can tell whether they were exchanged.
    EXPECT_GE(exchanges * 4, static_cast<int>(photos.size()) * 3) << name;
    // A pattern may look the same a pixel further on.
    EXPECT_GE(moves * 10, static_cast<int>(photos.size()) * 9) << name;
    EXPECT_GE(shadows * 10, static_cast<int>(photos.size()) * 9) << name;
  }
}

// Pictures that change from each pixel to the next are the hardest: no network is held to what none can do.
TEST(Gate, LetsHardPicturesPass) {
  std::srand(11);
  const auto made = [](auto value) {
    Pixels pixels{72, 56, 3, 1, {}};
    for (int y = 0; y < 56; ++y) {
      for (int x = 0; x < 72; ++x) {
        for (int channel = 0; channel < 3; ++channel) {
          pixels.data.push_back(static_cast<std::uint8_t>(value(x, y, channel)));
        }
      }
    }
    return pixels;
  };
  const std::vector<Pixels> pictures = {
      made([](int x, int y, int) { return (x + y) % 2 * 255; }),
      made([](int x, int y, int) { return 100 + (x + y) % 2 * 55; }),
      made([](int, int y, int) { return y % 2 * 255; }),
      made([](int x, int, int) { return x % 2 * 255; }),
      made([](int x, int y, int channel) { return ((x + y) % 3 == channel ? 1 : 0) * 255; }),
      made([](int, int, int) { return std::rand() % 256; }),
      made([](int, int, int) { return 120 + std::rand() % 30; }),
      made([](int x, int y, int) { return x % 5 == 0 && y % 5 == 0 ? 255 : 0; }),
      made([](int x, int y, int) { return x * 7 % 11 < 4 && y % 6 < 4 ? 0 : 255; }),  // like text
      made([](int x, int, int) { return x < 36 ? 0 : 255; }),
      made([](int x, int y, int) { return x + y; }),
  };
  for (const char* name : {"exact-x2", "exact-x4", "photo-x4"}) {
    const auto network = shipped(name);
    for (std::size_t at = 0; at < pictures.size(); ++at) {
      const Pixels& picture = pictures[at];
      const Pixels result = *upscale_all(picture, network, 36, 2);
      EXPECT_TRUE(agrees(picture, result)) << name << " " << at;
      SeamCheck seams(picture.shape(), result.shape(), {36 * result.width / picture.width});
      seams.add_input(picture.data);
      seams.add_result(result.data);
      EXPECT_TRUE(seams.check()) << name << " " << at << ": an edge where it was cut is no seam";
    }
  }
}

TEST(Gate, FindsASeam) {
  const Pixels input = drawn(64, 48, 3);
  Pixels picture = *resize(input, 256, 192);
  const auto check = [&] {
    SeamCheck seams(input.shape(), picture.shape(), {100, 200});
    seams.add_input(input.data);
    seams.add_result(picture.data);
    return seams.check().has_value();
  };
  EXPECT_TRUE(check());
  for (int y = 0; y < picture.height; ++y) {
    for (std::size_t at = 100 * 3; at < picture.row_bytes(); ++at) {
      std::uint8_t& sample = picture.data[static_cast<std::size_t>(y) * picture.row_bytes() + at];
      sample = static_cast<std::uint8_t>(std::min(255, sample + 60));
    }
  }
  EXPECT_FALSE(check());
}

// Whatever the picture, what an honest enlargement answers passes.
RC_GTEST_PROP(Gate, LetsEveryHonestEnlargementPass, ()) {
  const int width = *rc::gen::inRange(1, 90), height = *rc::gen::inRange(1, 90);
  Pixels noise{width, height, 3, 1, {}};
  noise.data = *rc::gen::container<std::vector<std::uint8_t>>(static_cast<std::size_t>(width * height * 3),
                                                              rc::gen::arbitrary<std::uint8_t>());
  const int scale = *rc::gen::element(2, 3, 4);
  RC_ASSERT(agrees(noise, *resize(noise, width * scale, height * scale)));
}

class Engine : public testing::Test {
 protected:
  void SetUp() override { options.models_directory = kRoot / "models"; }

  TestFolder folder;
  NativeEngineOptions options;
};

TEST_F(Engine, KeepsFormatAlphaAndDepth) {
  NativeEngine engine(options);
  struct Case {
    ImageFormat format;
    int channels, bytes;
  };
  for (const Case& c : {Case{ImageFormat::kJpeg, 3, 1}, Case{ImageFormat::kPng, 4, 2}, Case{ImageFormat::kPng, 1, 1},
                        Case{ImageFormat::kWebp, 4, 1}, Case{ImageFormat::kAvif, 3, 1}}) {
    const fs::path input = folder / "in", output = folder / "out";
    ASSERT_TRUE(encode(drawn(300, 200, c.channels, c.bytes), {}, {c.format, 95}, input));
    RunControl control;
    const auto outcome =
        engine.run({OperationKind::kEnhance, to_parameters({Tier::k1K}), input, output, {}, {}}, control);
    ASSERT_TRUE(outcome) << image_format_name(c.format) << outcome.error().message << outcome.error().cause;
    EXPECT_EQ(outcome->width_px, 1'024);
    EXPECT_EQ(outcome->height_px, 683);
    EXPECT_EQ(outcome->format, c.format == ImageFormat::kAvif ? ImageFormat::kJpeg : c.format);
    EXPECT_EQ(control.progress_permille.load(), 1'000);
    const auto result = decode(output, {}, std::nullopt);
    ASSERT_TRUE(result) << result.error().message;
    EXPECT_EQ(result->pixels.has_alpha(), c.channels == 4);
    EXPECT_EQ(result->pixels.bytes_per_sample, c.bytes);
  }
}

TEST_F(Engine, RefusesWhatDoesNotFitIntoMemoryBeforeItStarts) {
  options.memory_bytes_max = 10 << 20;
  NativeEngine engine(options);
  const fs::path input = folder / "in";
  ASSERT_TRUE(encode(drawn(300, 200, 3), {}, {ImageFormat::kPng}, input));
  RunControl control;
  const RunRequest request{OperationKind::kEnhance, to_parameters({Tier::k4K}), input, folder / "out", {}, {}};
  EXPECT_EQ(engine.run(request, control).error().code, ErrorCode::kInvalidInput);
  EXPECT_FALSE(fs::exists(folder / "out"));
}

// The header of a PNG of 8,000 by 8,000 pixels of 64 bits; all else is missing.
void write_png_header(const fs::path& file, bool interlaced) {
  std::string header = "IHDR";
  header += std::string("\0\0\x1f\x40\0\0\x1f\x40\x10\x06\0\0", 12);
  header.push_back(interlaced ? '\1' : '\0');
  std::uint32_t crc = 0xffffffffU;  // ISO 3309, as PNG has it
  for (const char byte : header) {
    crc ^= static_cast<std::uint8_t>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
  }
  crc = ~crc;
  std::ofstream stream(file, std::ios::binary);
  stream << std::string("\x89PNG\r\n\x1a\n\0\0\0\x0d", 12) << header;
  for (const int shift : {24, 16, 8, 0}) stream.put(static_cast<char>(crc >> shift));
  stream << std::string("\0\0\0\x01IDAT\0", 9);
}

TEST_F(Engine, WhatADecoderHoldsAtOnceIsBounded) {
  write_png_header(folder / "rows", false);
  EXPECT_TRUE(inspect(folder / "rows", {}));
  write_png_header(folder / "passes", true);
  const auto refused = inspect(folder / "passes", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidInput);
  EXPECT_NE(refused.error().message.find("488 MB"), std::string::npos) << refused.error().message;
}

// Verifying transforms a JPEG at an eighth of its sides: it must miss nothing that decoding finds.
TEST_F(Engine, VerifyingFindsTheDamageThatDecodingFinds) {
  ASSERT_TRUE(encode(drawn(640, 480, 3), {}, {ImageFormat::kJpeg}, folder / "in"));
  std::ifstream stream(folder / "in", std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(stream)), {});
  int refused = 0;
  for (std::size_t at = 0; at < 60; ++at) {
    std::string damaged = whole;
    const std::size_t from = 700 + at * (whole.size() - 800) / 60;
    if (at % 3 == 0) damaged.resize(from);
    if (at % 3 == 1) damaged.replace(from, 40, 40, '\xff');
    if (at % 3 == 2) damaged[from] = static_cast<char>(damaged[from] ^ 0x55);
    std::ofstream(folder / "damaged", std::ios::binary) << damaged;
    const bool verified = verify(folder / "damaged", {}).has_value();
    EXPECT_EQ(verified, decode(folder / "damaged", {}, std::nullopt).has_value()) << at;
    refused += verified ? 0 : 1;
  }
  EXPECT_GE(refused, 20);
}

TEST_F(Engine, DecodingEndsInTime) {
  ASSERT_TRUE(encode(drawn(2'000, 1'500, 3), {}, {ImageFormat::kJpeg}, folder / "in"));
  ImageLimits limits;
  limits.decode_ms_max = 0;
  EXPECT_EQ(verify(folder / "in", limits).error().code, ErrorCode::kDeadlineExceeded);
  EXPECT_EQ(decode(folder / "in", limits, std::nullopt).error().code, ErrorCode::kDeadlineExceeded);
}

// Every odd and hostile file is a right picture or the caller's mistake, in bounded time and memory.
TEST_F(Engine, OddFilesAreReadOrRefused) {
  if (!fs::exists(kAssets / "odd")) GTEST_SKIP() << (kAssets / "odd") << " is missing";
  const std::map<std::string, std::pair<int, int>> turned = {{"Landscape_6.jpg", {600, 450}},
                                                             {"Portrait_8.jpg", {450, 600}}};
  ImageLimits limits;
  limits.decode_ms_max = 60'000;  // of a machine that has other things to do
  for (const auto& entry : fs::directory_iterator(kAssets / "odd")) {
    const auto facts = verify(entry.path(), limits);
    if (!facts) {
      const ErrorCode code = facts.error().code;
      EXPECT_TRUE(code == ErrorCode::kInvalidInput || code == ErrorCode::kUnsupportedMediaType) << entry.path();
      EXPECT_FALSE(facts.error().message.empty());
      EXPECT_EQ(facts.error().message.find('/'), std::string::npos) << facts.error().message;
      continue;
    }
    const auto decoded = decode(entry.path(), limits, 256);
    if (!decoded) {
      EXPECT_EQ(decoded.error().code, ErrorCode::kInvalidInput) << entry.path();
      continue;
    }
    const auto known = turned.find(entry.path().filename().string());
    if (known != turned.end()) {
      EXPECT_EQ(std::pair(facts->width_px, facts->height_px), known->second) << entry.path();
      EXPECT_EQ(decoded->pixels.width > decoded->pixels.height, facts->width_px > facts->height_px);
    }
  }
}

// By the process's own high-water mark: under ctest every test has a process to itself.
TEST_F(Engine, BombsTakeLittleMemory) {
  if (!fs::exists(kAssets / "odd")) GTEST_SKIP() << (kAssets / "odd") << " is missing";
  rusage before{}, after{};
  ::getrusage(RUSAGE_SELF, &before);
  for (const char* name : {"65536-uint32-limit.png", "17000x17000.avif", "decompression_bomb.gif",
                           "decompression_bomb.ico", "giant-image.jpg", "big-height.webp"}) {
    static_cast<void>(verify(kAssets / "odd" / name, {}));
  }
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LE(after.ru_maxrss - before.ru_maxrss, 300 * 1024);
}

double luma_psnr(const Pixels& a, const Pixels& b, int border) {
  double squares = 0;
  std::int64_t count = 0;
  for (int y = border; y < a.height - border; ++y) {
    for (int x = border; x < a.width - border; ++x) {
      const std::size_t at = static_cast<std::size_t>(y * a.width + x) * 3;
      const auto luma = [&](const Pixels& p) {
        return (65.481 * p.data[at] + 128.553 * p.data[at + 1] + 24.966 * p.data[at + 2]) / 255;
      };
      squares += (luma(a) - luma(b)) * (luma(a) - luma(b));
      ++count;
    }
  }
  return 10 * std::log10(255 * 255 * static_cast<double>(count) / squares);
}

TEST_F(Engine, BeatsLanczosOnSet5) {
  if (!fs::exists(kAssets / "bench/set5")) GTEST_SKIP() << (kAssets / "bench/set5") << " is missing";
  const auto network = shipped("exact-x4");
  double ours = 0, lanczos = 0;
  int pictures = 0;
  for (const auto& entry : fs::directory_iterator(kAssets / "bench/set5")) {
    const auto decoded = decode(entry.path(), {}, std::nullopt);
    ASSERT_TRUE(decoded) << decoded.error().message;
    const int width = decoded->pixels.width / 4 * 4, height = decoded->pixels.height / 4 * 4;
    const Pixels truth = *resize(decoded->pixels, width, height);
    if (truth.channels != 3) continue;
    const Pixels small = *resize(truth, width / 4, height / 4);
    ours += luma_psnr(truth, *upscale_all(small, network, 0, 2), 4);
    lanczos += luma_psnr(truth, *resize(small, width, height), 4);
    ++pictures;
  }
  RecordProperty("psnr_ours", std::to_string(ours / pictures));
  RecordProperty("psnr_plain", std::to_string(lanczos / pictures));
  EXPECT_GT(ours / pictures, lanczos / pictures + 1);
}

}  // namespace
}  // namespace tintype::engine
