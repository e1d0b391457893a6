#include "engine/studio/defocus.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <vector>

namespace tintype::engine {
namespace {

struct Work {
  std::atomic<int> permille{0};
  std::atomic<bool> cancel{false};
  Task task(int threads = 1) { return {permille, cancel, threads}; }
};

TEST(Defocus, SpreadsAPointAsEachRowSays) {
  for (const float sigma : {0.8F, 3.0F, 7.5F}) {
    Work work;
    Field field(101, 101);
    field.at(50, 50) = 1;
    const std::vector<float> blur(101, sigma);
    ASSERT_TRUE(blur_by_rows(field, blur, blur, work.task()));
    double sum = 0, across = 0, down = 0;
    for (int y = 0; y < 101; ++y) {
      for (int x = 0; x < 101; ++x) {
        sum += field.at(x, y);
        across += field.at(x, y) * (x - 50) * (x - 50);
        down += field.at(x, y) * (y - 50) * (y - 50);
      }
    }
    EXPECT_NEAR(sum, 1, 1e-3) << sigma;
    EXPECT_NEAR(std::sqrt(across), sigma, 0.12 * sigma) << sigma;
    EXPECT_NEAR(std::sqrt(down), sigma, 0.12 * sigma) << sigma;
  }
}

TEST(Defocus, LeavesWhatIsSharpAndWhatIsEven) {
  Work work;
  Field field(40, 30);
  for (std::size_t at = 0; at < field.values.size(); ++at) field.values[at] = static_cast<float>((at * 37) % 11);
  const Field before = field;
  const std::vector<float> none(30, 0.0F), some(30, 5.0F);
  ASSERT_TRUE(blur_by_rows(field, none, none, work.task()));
  EXPECT_EQ(field.values, before.values);
  Field even(40, 30, 0.25F);
  ASSERT_TRUE(blur_by_rows(even, some, some, work.task()));
  for (const float value : even.values) EXPECT_NEAR(value, 0.25F, 1e-5);
}

TEST(Defocus, IsTheSameInAnyNumberOfThreads) {
  std::vector<float> blur;
  for (int y = 0; y < 77; ++y) blur.push_back(0.1F * static_cast<float>(y));
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 2, 5}) {
    Work work;
    Field field(90, 77);
    for (std::size_t at = 0; at < field.values.size(); ++at) field.values[at] = static_cast<float>((at * 53) % 17);
    ASSERT_TRUE(blur_by_rows(field, blur, blur, work.task(threads)));
    results.push_back(field.values);
  }
  EXPECT_EQ(results[0], results[1]);
  EXPECT_EQ(results[0], results[2]);
}

}  // namespace
}  // namespace tintype::engine
