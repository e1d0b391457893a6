#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "domain/image.h"
#include "domain/job.h"
#include "domain/operation.h"

namespace tintype {
namespace {

TEST(Image, FileNamesAreMadeSafe) {
  EXPECT_EQ(clean_file_name("../../etc/passwd", "x"), "passwd");
  EXPECT_EQ(clean_file_name("C:\\photos\\me.jpg", "x"), "me.jpg");
  EXPECT_EQ(clean_file_name("a\r\nb\x01.png", "x"), "ab.png");
  EXPECT_EQ(clean_file_name("..", "x"), "x");
  EXPECT_EQ(clean_file_name("\xff", "x"), "x");
  EXPECT_EQ(clean_file_name(std::string(254, 'a') + "\xc3\xa4", "x"), std::string(254, 'a'));
}

TEST(Image, ResultsKeepTheirFormatWhereItIsOneWeWrite) {
  EXPECT_EQ(result_format(ImageFormat::kPng, false), ImageFormat::kPng);
  EXPECT_EQ(result_format(ImageFormat::kHeic, false), ImageFormat::kJpeg);
  EXPECT_EQ(result_format(ImageFormat::kHeic, true), ImageFormat::kPng);
  EXPECT_EQ(parse_image_format("JPG"), ImageFormat::kJpeg);
  EXPECT_FALSE(parse_image_format("svg"));
}

RC_GTEST_PROP(Operation, ParametersGoThereAndBack, (const Parameters& parameters)) {
  const auto decoded = decode_parameters(encode_parameters(parameters));
  RC_ASSERT(decoded.has_value());
  RC_ASSERT(*decoded == parameters);
}

TEST(Operation, EnhanceIsAClosedType) {
  for (const Tier tier : {Tier::k1K, Tier::k2K, Tier::k4K}) {
    EXPECT_EQ(enhance_from(to_parameters(Enhance{tier})).value(), Enhance{tier});
    EXPECT_EQ(parse_tier(tier_name(tier)), tier);
  }
  EXPECT_FALSE(enhance_from({{"tier", "TIER_8K"}}));
  EXPECT_FALSE(enhance_from({{"tier", "TIER_1K"}, {"more", "1"}}));
  EXPECT_EQ(price_of(Tier::k4K, Prices{}), 10);
}

TEST(Job, PausesGrowUpToTheirBound) {
  const RetryRules rules{10, 1'000, 5'000};
  EXPECT_EQ(retry_pause_ms(rules, 1), 1'000);
  EXPECT_EQ(retry_pause_ms(rules, 3), 4'000);
  EXPECT_EQ(retry_pause_ms(rules, 9), 5'000);
}

}  // namespace
}  // namespace tintype
