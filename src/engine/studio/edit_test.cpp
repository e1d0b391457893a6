#include "engine/studio/edit.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "engine/studio/test_textures.h"

namespace tintype::engine {
namespace {

constexpr int kWidth = 240, kHeight = 160;

bool in_subject(int x, int y) {
  return std::hypot(x - 130, y - 84) < 44;
}

// A striped red ball before a green wall.
Raster ball() {
  return painted(kWidth, kHeight, [](int x, int y, int channel) {
    if (in_subject(x, y)) return channel == 0 ? 190.0 + 20 * std::sin(y / 4.0) : 60.0;
    return channel == 1 ? 120.0 + x / 12.0 : 90.0;
  });
}

// What a network would say of it.
Result<Field> saliency(const Raster& picture, const std::atomic<bool>&) {
  Field field(picture.width, picture.height);
  for (int y = 0; y < picture.height; ++y) {
    for (int x = 0; x < picture.width; ++x) {
      field.at(x, y) = in_subject(x * kWidth / picture.width, y * kHeight / picture.height) ? 1 : 0;
    }
  }
  return field;
}

Edit to(const char* prompt) {
  Edit how;
  how.prompt = prompt;
  return how;
}

Result<Edited> tried(const Edit& how, const Raster& picture = ball()) {
  return edit(picture, how, saliency, Attempt().task);
}

double mean_error_inside(const Raster& one, const Raster& other, bool is_inside) {
  double sum = 0;
  int count = 0;
  for (int y = 0; y < kHeight; ++y) {
    for (int x = 0; x < kWidth; ++x) {
      const double from_edge = std::hypot(x - 130, y - 84) - 44;
      if (std::abs(from_edge) < 5 || (from_edge < 0) != is_inside) continue;
      for (int channel = 0; channel < 3; ++channel) sum += std::abs(one.at(x, y)[channel] - other.at(x, y)[channel]);
      count += 3;
    }
  }
  return sum / count;
}

TEST(Edit, DoesWhatThePromptSaysAndTellsIt) {
  const auto edited = tried(to("brighter, a little warmer, luxury"));
  ASSERT_TRUE(edited);
  EXPECT_EQ(edited->details,
            R"({"plan":[{"step":"exposure","amount":0.5},{"step":"warmth","amount":0.2}],"unused":["luxury"]})");
  EXPECT_GT(edited->picture.at(10, 10)[0], ball().at(10, 10)[0] + 10);
  EXPECT_EQ(edited->picture.extent(), ball().extent());
}

TEST(Edit, RefusesWhatIsNotUnderstood) {
  const auto refused = tried(to("warmer and add a dog"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().field, "prompt");
  EXPECT_FALSE(edited_sides({100, 100}, to("add a dog")));
}

TEST(Edit, StepsOfTheSubjectLeaveTheBackgroundAndTheOtherWay) {
  const Raster subject = tried(to("brighten the subject"))->picture;
  EXPECT_GT(mean_error_inside(subject, ball(), true), 8);
  EXPECT_LT(mean_error_inside(subject, ball(), false), 0.2);
  const Raster behind = tried(to("desaturate the background"))->picture;
  EXPECT_LT(mean_error_inside(behind, ball(), true), 0.2);
  EXPECT_GT(mean_error_inside(behind, ball(), false), 2);
  const Raster blurred = tried(to("blur the background"))->picture;
  EXPECT_LT(mean_error_inside(blurred, ball(), true), 0.2);
}

TEST(Edit, ABackdropKeepsTheSubject) {
  const Raster picture = tried(to("on white marble, no shadow, no reflection"))->picture;
  EXPECT_TRUE(is_opaque(picture));
  EXPECT_LT(mean_error_inside(picture, ball(), true), 4);
  EXPECT_GT(mean_error_inside(picture, ball(), false), 40);
  const Raster cut = tried(to("remove the background"))->picture;
  EXPECT_EQ(cut.at(5, 5)[3], 0);
  EXPECT_EQ(cut.at(130, 84)[3], 255);
}

TEST(Edit, SidesAreReachedByALargerCanvas) {
  struct Case {
    const char* prompt;
    WantedSides sides;
    Extent expected;
  };
  const auto shape = [](int width, int height) {
    return WantedSides{.extent = {}, .aspect = AspectRatio{width, height}};
  };
  const auto sides = [](int width, int height) { return WantedSides{.extent = Extent{width, height}, .aspect = {}}; };
  for (const Case& c :
       {Case{"on slate", shape(1, 1), {240, 240}}, Case{"warmer", shape(1, 1), {240, 240}},
        Case{"warmer, vignette", shape(2, 1), {320, 160}}, Case{"warmer", sides(120, 120), {120, 120}},
        Case{"remove the background", shape(1, 1), {240, 240}}, Case{"on oak, crop to 1:1", {}, {240, 240}},
        Case{"crop to 1:1", {}, {160, 160}}, Case{"rotate by 90 degrees", {}, {160, 240}}}) {
    Edit how = to(c.prompt);
    how.sides = c.sides;
    const auto edited = tried(how);
    ASSERT_TRUE(edited) << c.prompt << edited.error().message;
    EXPECT_EQ(edited->picture.extent(), c.expected) << c.prompt;
    EXPECT_EQ(*edited_sides({kWidth, kHeight}, how), c.expected) << c.prompt;
  }
  Edit wide = to("warmer");
  wide.sides.aspect = AspectRatio{100, 1};
  EXPECT_EQ(edited_sides({kWidth, kHeight}, wide).error().field, "aspect_ratio");
}

TEST(Edit, CropsAreAroundTheSubject) {
  const Raster picture = tried(to("crop to the subject"))->picture;
  EXPECT_NEAR(picture.width, 102, 8);
  EXPECT_NEAR(picture.height, 102, 8);
}

TEST(Edit, StrengthIsHowFarEachStepGoes) {
  Edit half = to("two stops brighter"), none = to("two stops brighter");
  half.strength = 0.5;
  none.strength = 0;
  const Raster whole = tried(to("two stops brighter"))->picture, stop = tried(to("one stop brighter"))->picture;
  EXPECT_EQ(tried(half)->picture, stop);
  EXPECT_FALSE(whole == stop);
  EXPECT_EQ(tried(none)->picture, ball());
}

TEST(Edit, IsTheSameWhateverTheThreadsAndEndsWhenCancelled) {
  for (const char* prompt :
       {"on walnut, warmer, vignette", "rotate by 4 degrees, vivid, sharpen", "blur the background"}) {
    Attempt one(1), four(4);
    const auto first = edit(ball(), to(prompt), saliency, one.task),
               second = edit(ball(), to(prompt), saliency, four.task);
    ASSERT_TRUE(first && second) << prompt;
    EXPECT_EQ(first->picture, second->picture) << prompt;
    EXPECT_EQ(one.permille, 1'000) << prompt;
    Attempt cancelled;
    cancelled.cancel = true;
    EXPECT_EQ(edit(ball(), to(prompt), saliency, cancelled.task).error().code, ErrorCode::kCancelled) << prompt;
  }
}

TEST(Edit, MemoryIsBounded) {
  EXPECT_LT(edit_bytes_max({4'000, 3'000}, {4'000, 3'000}), (2LL << 30) - (200LL << 20));
}

}  // namespace
}  // namespace tintype::engine
