#include "base/random.h"

#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"

namespace tintype {
namespace {

TEST(Random, ASeedRepeatsItself) {
  SeededRandom a(7), b(7), c(8);
  EXPECT_EQ(new_id(a, "img_"), new_id(b, "img_"));
  EXPECT_NE(new_id(a, "img_"), new_id(c, "img_"));
}

TEST(Random, IdsAreLongDistinctAndPlain) {
  SystemRandom random;
  std::set<std::string> seen;
  for (int at = 0; at < 1'000; ++at) {
    const std::string id = new_id(random, "job_");
    EXPECT_EQ(id.size(), 26U);
    EXPECT_TRUE(id.starts_with("job_"));
    seen.insert(id);
  }
  EXPECT_EQ(seen.size(), 1'000U);
}

TEST(Random, UuidsSayTheirVersion) {
  SeededRandom random(1);
  const std::string uuid = new_uuid(random);
  ASSERT_EQ(uuid.size(), 36U);
  EXPECT_EQ(uuid[14], '4');
  EXPECT_NE(std::string("89ab").find(uuid[19]), std::string::npos);
}

TEST(Clock, TimesLookLikeJavaScripts) {
  EXPECT_EQ(iso8601(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso8601(1'765'535'400'007), "2025-12-12T10:30:00.007Z");
}

}  // namespace
}  // namespace tintype
