// Operations of the studio that end in no picture: words, and clips.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <iterator>

#include "base/json_text.h"
#include "domain/photo_prompt.h"
#include "engine/codec/codec.h"
#include "engine/operation/studio_run.h"
#include "support/test_folder.h"

namespace tintype::engine {
namespace {

namespace fs = std::filesystem;

// A dark disc before a light wall.
Pixels drawn(int width, int height) {
  Pixels pixels{width, height, 3, 1, {}};
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const bool is_inside = std::hypot(x - width * 0.5, y - height * 0.5) < height * 0.3;
      const int wall = 190 + (x * 7 + y * 3) % 9;
      for (int channel = 0; channel < 3; ++channel) {
        pixels.data.push_back(static_cast<std::uint8_t>(is_inside ? 40 + 30 * channel : wall));
      }
    }
  }
  return pixels;
}

std::string bytes_of(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

TEST(PromptRun, AnswersWordsAndWritesNothing) {
  const TestFolder folder;
  RunRequest request;
  request.operation = OperationKind::kMagicPrompt;
  request.parameters = {{"count", "3"}, {"prompt", "gold \"ring\""}, {"seed", "5"}};
  request.output = folder / "out";
  RunControl control;
  const auto outcome = run_studio(request, {}, control);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->size_bytes, 0);
  const auto prompts = photo_prompts({"gold \"ring\"", 3, 5});
  ASSERT_EQ(prompts.size(), 3U);
  JsonText all = JsonText::array();
  for (const std::string& prompt : prompts) all.push_back(prompt);
  EXPECT_EQ(outcome->details, (JsonText{{"prompt", prompts[0]}, {"prompts", all}}.text()));
  EXPECT_EQ(control.progress_permille.load(), 1'000);
  EXPECT_TRUE(folder.is_empty());
  EXPECT_TRUE(runs_here(OperationKind::kMagicPrompt));
  EXPECT_TRUE(forecast_studio(request, {}, {}));
}

class ClipRun : public testing::TestWithParam<ClipFormat> {
 protected:
  ClipRun() {
    EXPECT_TRUE(encode(drawn(130, 90), {}, {ImageFormat::kPng}, folder_ / "in"));
    request_.operation = OperationKind::kVideoReplicate;
    request_.input = folder_ / "in";
    request_.output = folder_ / "out";
    request_.parameters = {{"duration_seconds", "2"}, {"fps", "24"}, {"format", clip_format_name(GetParam())}};
  }

  TestFolder folder_;
  RunRequest request_;
  RunControl control_;
};

TEST_P(ClipRun, WritesAClipAndSaysWhatItIs) {
  const auto forecast = forecast_studio(request_, {ImageFormat::kPng, 130, 90}, {});
  ASSERT_TRUE(forecast);
  const auto outcome = run_studio(request_, {.threads = 2}, control_);
  ASSERT_TRUE(outcome) << outcome.error().message << outcome.error().cause;
  EXPECT_EQ(outcome->clip_format, GetParam());
  EXPECT_EQ(outcome->width_px, 130);
  EXPECT_EQ(outcome->height_px, 90);
  EXPECT_EQ(forecast->width_px, 130);
  EXPECT_EQ(forecast->height_px, 90);
  EXPECT_EQ(outcome->details, "{\"duration\":2,\"fps\":24}");
  const std::string bytes = bytes_of(request_.output);
  EXPECT_EQ(outcome->size_bytes, static_cast<std::int64_t>(bytes.size()));
  EXPECT_TRUE(GetParam() == ClipFormat::kMp4 ? bytes.substr(4, 4) == "ftyp" : bytes.starts_with("\x1a\x45\xdf\xa3"));
  EXPECT_EQ(control_.progress_permille.load(), 1'000);
  request_.output = folder_ / "again";
  RunControl control;
  ASSERT_TRUE(run_studio(request_, {.threads = 1}, control));
  EXPECT_EQ(bytes_of(request_.output), bytes);
}

TEST_P(ClipRun, LeavesNothingWhereItIsCancelled) {
  request_.parameters["duration_seconds"] = "10";
  Result<RunOutcome> outcome = RunOutcome();
  while (outcome) {  // done before anybody looked, as this machine is fast or busy
    RunControl control;
    // Once it makes frames.
    const std::jthread watcher([&control](const std::stop_token& stop) {
      while (!stop.stop_requested() && control.progress_permille.load() < 500) std::this_thread::yield();
      control.cancel = true;
    });
    outcome = run_studio(request_, {.threads = 2}, control);
    if (outcome) fs::remove(request_.output);
  }
  EXPECT_EQ(outcome.error().code, ErrorCode::kCancelled);
  for (const auto& entry : fs::directory_iterator(folder_)) EXPECT_EQ(entry.path().filename(), "in");
}

TEST_P(ClipRun, IsRefusedWhereItDoesNotFit) {
  const auto outcome = run_studio(request_, {.memory_bytes_max = 64LL << 20}, control_);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, ErrorCode::kInvalidInput);
  EXPECT_TRUE(outcome.error().cause.starts_with(kResultTooLarge));
}

INSTANTIATE_TEST_SUITE_P(Formats, ClipRun, testing::Values(ClipFormat::kMp4, ClipFormat::kWebm),
                         [](const auto& format) { return clip_format_name(format.param); });

}  // namespace
}  // namespace tintype::engine
