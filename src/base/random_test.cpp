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

TEST(Clock, TimesAreReadAsRfc3339HasThem) {
  for (const UnixMs time_ms : {0LL, 1'765'535'400'007LL, 951'782'400'000LL}) {
    EXPECT_EQ(parse_iso8601(iso8601(time_ms)), time_ms);
  }
  EXPECT_EQ(parse_iso8601("2025-12-12T10:30:00Z"), 1'765'535'400'000);
  EXPECT_EQ(parse_iso8601("2025-12-12T10:30:00.25Z"), 1'765'535'400'250);
  EXPECT_EQ(parse_iso8601("2025-12-12T10:30:00.0079999Z"), 1'765'535'400'007);
  EXPECT_EQ(parse_iso8601("2025-12-12T12:00:00+01:30"), 1'765'535'400'000);
  EXPECT_EQ(parse_iso8601("2025-12-12T02:30:00-08:00"), 1'765'535'400'000);
  for (const char* wrong :
       {"", "2025", "2025-12-12", "2025-12-12T10:30Z", "2025-12-12T10:30:00", "2025-12-12 10:30:00Z",
        "2025-13-12T10:30:00Z", "2025-02-29T10:30:00Z", "2025-12-12T24:00:00Z", "2025-12-12T10:60:00Z",
        "2025-12-12T10:30:60Z", "2025-12-12T10:30:00.Z", "2025-12-12T10:30:00Zz", "2025-12-12T10:30:00+1:00",
        "2025-12-12T10:30:00+24:00", "1969-12-31T23:59:59Z", "-025-12-12T10:30:00Z"}) {
    EXPECT_FALSE(parse_iso8601(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace tintype
