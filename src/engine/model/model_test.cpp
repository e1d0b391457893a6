// Networks that others published, against what PyTorch makes of them (training/expected_ncnn.py).
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "engine/model/architectures.h"
#include "engine/model/gfpgan.h"
#include "engine/model/model.h"
#include "engine/model/ncnn.h"
#include "engine/model/pickle.h"
#include "engine/model/pytorch.h"
#include "engine/net/network.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = TINTYPE_SOURCE_DIR;
const fs::path kAssets = kRoot / "../shared/assets/models";

// The formula of expected_ncnn.py, as planes.
std::vector<float> picture(int height, int width) {
  std::vector<float> planes;
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < height; ++y) {
      for (int x = 0; x < width; ++x) {
        planes.push_back(static_cast<float>(0.5 + 0.3 * std::sin(0.31 * x + c) * std::cos(0.17 * y) +
                                            0.2 * std::sin(0.05 * x * y / (c + 1))));
      }
    }
  }
  return planes;
}

std::vector<float> read_floats(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::vector<float> values(fs::file_size(path) / sizeof(float));
  stream.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

struct Published {
  const char* name;
  const char* parameters;
  const char* weights;
  int height, width;
  int step;  // every so many rows and columns are stored
};

constexpr Published kPublished[] = {
    {"realesr-general-x4v3", "sr/RealESRGAN_General_x4_v3", "sr/RealESRGAN_General_x4_v3", 24, 28, 2},
    {"realesr-general-wdn-x4v3", "sr/RealESRGAN_General_WDN_x4_v3", "sr/RealESRGAN_General_WDN_x4_v3", 24, 28, 2},
    {"realesr-animevideov3-x2", "sr/realesr-animevideov3-x2", "sr/realesr-animevideov3-x4", 24, 28, 2},
    {"realesr-animevideov3-x3", "sr/realesr-animevideov3-x3", "sr/realesr-animevideov3-x4", 24, 28, 2},
    {"realesr-animevideov3-x4", "sr/realesr-animevideov3-x4", "sr/realesr-animevideov3-x4", 24, 28, 2},
    {"realcugan-2x", "anime/realcugan-se-up2x-no-denoise", "anime/realcugan-se-up2x-no-denoise", 72, 64, 1},
    {"realcugan-4x", "anime/realcugan-se-up4x-no-denoise", "anime/realcugan-se-up4x-no-denoise", 72, 64, 2},
    {"u2netp", "seg/u2netp.ncnn", "seg/u2netp.ncnn", 320, 320, 8},
    {"rfb-320", "face/RFB-320", "face/RFB-320", 240, 320, 4},
    {"retina-slim", "face/retina-slim-landmark", "face/retina-slim-landmark", 240, 320, 4},
};

Result<Graph> read_published(const Published& published) {
  const auto text = MappedFile::open(kAssets / (std::string(published.parameters) + ".param"));
  if (!text) return std::unexpected(text.error());
  const auto weights = MappedFile::open(kAssets / (std::string(published.weights) + ".bin"));
  if (!weights) return std::unexpected(weights.error());
  return read_ncnn((*text)->bytes(), *weights, (*weights)->bytes());
}

// The numbers that are stored of an output.
void append_thinned(const std::vector<float>& planes, const Shape& shape, int step, std::vector<float>& out) {
  const bool is_matrix = shape.channels == 1 && shape.width <= 10;  // a detector's: whole rows are kept
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; y += step) {
      for (int x = 0; x < shape.width; x += is_matrix ? 1 : step) {
        out.push_back(planes[static_cast<std::size_t>((c * shape.height + y) * shape.width + x)]);
      }
    }
  }
}

class PublishedNetwork : public testing::TestWithParam<Published> {};

TEST_P(PublishedNetwork, AnswersWhatPyTorchDoes) {
  const Published& published = GetParam();
  if (!fs::exists(kAssets)) GTEST_SKIP() << kAssets << " is missing";
  const auto graph = read_published(published);
  ASSERT_TRUE(graph) << graph.error().message;
  const std::vector<float> expected = read_floats(kRoot / "tests/networks" / (std::string(published.name) + ".f32"));
  const Shape input{3, published.height, published.width};
  const auto shapes = infer_shapes(*graph, input);
  ASSERT_TRUE(shapes) << shapes.error().message;
  for (const Backend backend : all_backends()) {
    if (!is_available(backend) || backend == Backend::kReference) continue;
    if (!is_exact(backend) && !geometry_of(*graph)) continue;  // not what they are for
    SCOPED_TRACE(backend_name(backend));
    const auto network = Network::make(*graph, backend, published.width);
    ASSERT_TRUE(network) << network.error().message;
    const auto outputs = run_whole(*network, input, picture(published.height, published.width));
    ASSERT_TRUE(outputs) << outputs.error().message;
    std::vector<float> got;
    for (std::size_t output = 0; output < outputs->size(); ++output) {
      append_thinned((*outputs)[output], (*shapes)[static_cast<std::size_t>(graph->outputs[output])], published.step,
                     got);
    }
    ASSERT_EQ(got.size(), expected.size());
    // In half precision few pixels of this harsh picture are off by more than a level.
    double sum = 0;
    for (std::size_t at = 0; at < got.size(); ++at) {
      const float level = std::max(1.0F, std::abs(expected[at])) / 255;
      if (is_exact(backend)) {
        ASSERT_NEAR(got[at], expected[at], level) << at;
      }
      sum += std::pow((got[at] - expected[at]) / level, 2);
    }
    EXPECT_LT(std::sqrt(sum / static_cast<double>(got.size())), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Published, PublishedNetwork, testing::ValuesIn(kPublished), [](const auto& info) {
  std::string name = info.param.name;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST(PyTorch, AnRrdbNetAnswersWhatPyTorchDoes) {
  const auto file = MappedFile::open(kRoot / "tests/networks/rrdb.pth").value();
  const auto tensors = read_pytorch(file, file->bytes());
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_TRUE(is_rrdb(*tensors));
  const auto graph = build_rrdb(*tensors);
  ASSERT_TRUE(graph) << graph.error().message;
  const std::vector<float> expected = read_floats(kRoot / "tests/networks/rrdb.f32");
  for (const Backend backend : all_backends()) {
    if (!is_available(backend)) continue;
    const auto outputs = run_whole(Network::make(*graph, backend).value(), {3, 12, 14}, picture(12, 14));
    ASSERT_TRUE(outputs) << outputs.error().message;
    ASSERT_EQ((*outputs)[0].size(), expected.size());
    for (std::size_t at = 0; at < expected.size(); ++at) ASSERT_NEAR((*outputs)[0][at], expected[at], 1e-3F) << at;
  }
}

TEST(PyTorch, AGfpganAnswersWhatPyTorchDoes) {
  const auto file = MappedFile::open(kRoot / "tests/networks/gfpgan.pth").value();
  const auto tensors = read_pytorch(file, file->bytes());
  ASSERT_TRUE(tensors) << tensors.error().message;
  EXPECT_TRUE(is_gfpgan(*tensors));
  const auto graph = build_gfpgan(*tensors);
  ASSERT_TRUE(graph) << graph.error().message;
  const std::vector<float> expected = read_floats(kRoot / "tests/networks/gfpgan.f32");
  std::vector<float> face = picture(32, 32);
  for (float& value : face) value = 2 * value - 1;
  for (const Backend backend : all_backends()) {
    if (!is_available(backend) || !is_exact(backend)) continue;
    SCOPED_TRACE(backend_name(backend));
    const auto network = Network::make(*graph, backend, 32);
    ASSERT_TRUE(network) << network.error().message;
    const auto outputs = run_whole(*network, {3, 32, 32}, face);
    ASSERT_TRUE(outputs) << outputs.error().message;
    ASSERT_EQ((*outputs)[0].size(), expected.size());
    for (std::size_t at = 0; at < expected.size(); ++at) ASSERT_NEAR((*outputs)[0][at], expected[at], 1e-3F) << at;
  }
}

// Without any one of its tensors, or with one of another shape, the network is refused by that tensor's name.
TEST(PyTorch, AGfpganNamesTheTensorThatIsWrong) {
  const auto file = MappedFile::open(kRoot / "tests/networks/gfpgan.pth").value();
  const Tensors whole = read_pytorch(file, file->bytes()).value();
  int refused = 0;
  for (const auto& [name, tensor] : whole) {
    // The mapping network is not run, no more than what draws the encoder's own pictures.
    if (name.find("style_mlp") != std::string::npos || name.starts_with("toRGB")) continue;
    Tensors other = whole;
    other[name].shape.insert(other[name].shape.begin(), 1);
    const auto graph = build_gfpgan(other);
    ASSERT_FALSE(graph) << name;
    EXPECT_EQ(graph.error().code, ErrorCode::kInvalidInput);
    EXPECT_NE(graph.error().message.find(name), std::string::npos) << graph.error().message;
    other.erase(name);
    EXPECT_EQ(build_gfpgan(other).has_value(), name.find("noises") != std::string::npos) << name;
    ++refused;
  }
  EXPECT_GT(refused, 90);
}

// Every published network is taken over for what it is.
TEST(Models, AreAddedForWhatTheyAre) {
  if (!fs::exists(kAssets)) GTEST_SKIP() << kAssets << " is missing";
  struct Case {
    std::string name;
    std::vector<fs::path> files;
    Purpose purpose;
    int side, scale;
  };
  const auto ncnn = [](const std::string& stem) {
    return std::vector{kAssets / (stem + ".param"), kAssets / (stem + ".bin")};
  };
  const fs::path folder = fs::path(testing::TempDir()) / "tintype-models";
  fs::remove_all(folder);
  fs::create_directories(folder);
  for (const Case& c : {Case{"faces", ncnn("face/retina-slim-landmark"), Purpose::kFaceDetection, 0, 1},
                        Case{"boxes", ncnn("face/RFB-320"), Purpose::kFaceDetection, 0, 1},
                        Case{"subject", ncnn("seg/u2netp.ncnn"), Purpose::kSegmentation, 320, 1},
                        Case{"gfpgan", {kRoot / "tests/networks/gfpgan.pth"}, Purpose::kFaceRestoration, 32, 1},
                        Case{"rrdb", {kRoot / "tests/networks/rrdb.pth"}, Purpose::kEnhancement, 0, 4},
                        Case{"cugan", ncnn("anime/realcugan-se-up2x-no-denoise"), Purpose::kEnhancement, 0, 2}}) {
    const auto added = add_model(folder, {c.name, c.files, {}, "unknown", ""});
    ASSERT_TRUE(added) << c.name << added.error().message;
    const auto manifest = read_manifest(folder / (c.name + ".json"));
    ASSERT_TRUE(manifest) << manifest.error().message;
    EXPECT_EQ(manifest->purpose, c.purpose) << c.name;
    EXPECT_EQ(manifest->side, c.side) << c.name;
    EXPECT_EQ(manifest->scale, c.scale) << c.name;
    EXPECT_TRUE(load_model(folder, *manifest, 0.5)) << c.name;
    Manifest other = *manifest;
    other.purpose = c.purpose == Purpose::kSegmentation ? Purpose::kFaceDetection : Purpose::kSegmentation;
    EXPECT_FALSE(load_model(folder, other, 0.5)) << c.name;
  }
  EXPECT_EQ(read_models(folder)->models.size(), 6U);
  fs::remove_all(folder);
}

TEST(PyTorch, DamagedAndHostileFilesAreRefused) {
  const auto file = MappedFile::open(kRoot / "tests/networks/rrdb.pth").value();
  const std::string whole(file->bytes());
  for (std::size_t length = 0; length < whole.size(); length += 97) {
    EXPECT_FALSE(read_pytorch(nullptr, std::string_view(whole).substr(0, length))) << length;
  }
  const auto known = [](std::string_view name) { return name == "collections.OrderedDict"; };
  EXPECT_TRUE(read_pickle("ccollections\nOrderedDict\n)R.", known));
  const auto refused = read_pickle("cos\nsystem\n(X\2\0\0\0idtR.", known);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("os.system"), std::string::npos) << refused.error().message;
  for (const std::string_view bad : {"", ".", "(", "(.", "0.", "h\1.", "R.", ")R.", "a.", "(e.", "s.", "]s.", "u.",
                                     "X\xff\xff\xff\xff.", "\x8a\xff.", "i", "q\1."}) {
    EXPECT_EQ(read_pickle(bad, known).error().code, ErrorCode::kInvalidInput) << bad;
  }
}

std::string little_endian(std::uint64_t value, int bytes) {
  std::string text;
  for (int at = 0; at < bytes; ++at) text.push_back(static_cast<char>(value >> (8 * at)));
  return text;
}

// A ZIP archive of one file that is stored as it is.
std::string archive_of(const std::string& name, const std::string& content) {
  const std::string sizes = little_endian(content.size(), 4) + little_endian(content.size(), 4);
  const std::string names = little_endian(name.size(), 2) + little_endian(0, 2);
  const std::string local = std::string("PK\3\4", 4) + std::string(14, '\0') + sizes + names + name + content;
  const std::string entry =
      std::string("PK\1\2", 4) + std::string(16, '\0') + sizes + names + std::string(14, '\0') + name;
  return local + entry + std::string("PK\5\6", 4) + std::string(4, '\0') + little_endian(1, 2) + little_endian(1, 2) +
         little_endian(entry.size(), 4) + little_endian(local.size(), 4) + std::string(2, '\0');
}

// Few bytes that would take much memory or stack.
TEST(PyTorch, BombsAreRefused) {
  const auto known = [](std::string_view name) { return name == "collections.OrderedDict"; };
  std::string calls = "ccollections\nOrderedDict\nq\1(" + std::string(60'000, 'N') + "tq\2";
  for (int at = 0; at < 200'000; ++at) calls += "h\1h\2R0";
  const auto refused = read_pickle(calls + ".", known);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("arguments"), std::string::npos) << refused.error().message;

  std::string nested = "}X" + little_endian(1, 4) + "wctorch._utils\n_rebuild_parameter\nq\1)R";
  for (int at = 0; at < 300'000; ++at) {
    const std::string place = little_endian(2 + static_cast<std::uint64_t>(at), 4);
    nested += "r" + place + "0h\1j" + place + "\x85R";
  }
  EXPECT_EQ(read_pytorch(nullptr, archive_of("a/data.pkl", nested + "s.")).error().code, ErrorCode::kInvalidInput);
}

// Half of the strength is half of the weights' way.
TEST(Ncnn, NetworksOfOneMakeAreInterpolated) {
  if (!fs::exists(kAssets)) GTEST_SKIP() << kAssets << " is missing";
  const Graph strong = read_published(kPublished[0]).value(), weak = read_published(kPublished[1]).value();
  const auto both = interpolate(weak, strong, 0.5F);
  ASSERT_TRUE(both) << both.error().message;
  const Shape input{3, 24, 28};
  const auto run = [&](const Graph& graph) {
    return run_whole(Network::make(graph, best_backend()).value(), input, picture(24, 28)).value()[0];
  };
  const std::vector<float> whole = run(strong), none = run(weak), half = run(*both);
  double between = 0, apart = 0;
  for (std::size_t at = 0; at < half.size(); ++at) {
    between += std::abs(half[at] - (whole[at] + none[at]) / 2);
    apart += std::abs(whole[at] - none[at]);
  }
  EXPECT_LT(between, apart / 2);
  EXPECT_FALSE(interpolate(weak, read_published(kPublished[4]).value(), 0.5F));
}

TEST(Ncnn, HostileFilesAreRefused) {
  const std::string good = "7767517\n2 2\nInput in 0 1 a 2=1\nConvolution c 1 1 a b 0=1 1=1 6=1\n";
  const std::string weights = std::string("\0\0\0\0\0\0\x80\x3f", 8);
  ASSERT_TRUE(read_ncnn(good, nullptr, weights));
  for (const std::string& bad : {
           std::string(),
           std::string("7767517"),
           std::string("1\n1 1\n"),
           std::string("7767517\n999999999 1\n"),
           std::string("7767517\n2 2\nInput in 0 1 a\n"),                // one layer is missing
           std::string("7767517\n1 1\nNonsense n 0 1 a\n"),              // unknown
           std::string("7767517\n1 1\nReLU r 1 1 a a\n"),                // takes what it makes
           std::string("7767517\n2 2\nInput i 0 1 a\nInput j 0 1 a\n"),  // made twice
           std::string("7767517\n2 2\nInput i 0 1 a\nReLU r -1 1 a b\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nReLU r 1 1 a b 0=x\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nReLU r 1 1 a b 0=nan\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nConvolution c 1 1 a b 0=1000000 1=1000 6=1000000000\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nConvolution c 1 1 a b 0=1 1=1 6=7 7=0\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nDeconvolution c 1 1 a b 0=3 1=1 6=3 7=2\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nCrop c 1 1 a b -23309=3,1\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nCrop c 1 1 a b -23309=1,0 -23310=1,1 -23311=1,1e30\n"),
           std::string("7767517\n2 2\nInput i 0 1 a\nPermute p 1 1 a b 0=9\n"),
       }) {
    const auto graph = read_ncnn(bad, nullptr, weights);
    EXPECT_EQ(graph ? ErrorCode::kNotFound : graph.error().code, ErrorCode::kInvalidInput) << bad;
  }
  EXPECT_FALSE(read_ncnn(good, nullptr, weights.substr(0, 7))) << "cut short";
  EXPECT_FALSE(read_ncnn(good, nullptr, std::string("\1\0\0\0\0\0\x80\x3f", 8))) << "an unknown way of storing";
}

}  // namespace
}  // namespace tintype::engine
