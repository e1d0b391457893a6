#include "domain/variant.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(Box, ContainsAPictureWithItsAspectAndNeverEnlargesIt) {
  EXPECT_EQ(extent_in({200, 200}, {4'000, 3'000}), (Extent{200, 150}));
  EXPECT_EQ(extent_in({200, 200}, {3'000, 4'000}), (Extent{150, 200}));
  EXPECT_EQ(extent_in({400, 100}, {4'000, 3'000}), (Extent{133, 100}));
  EXPECT_EQ(extent_in({2'048, 2'048}, {640, 480}), (Extent{640, 480}));
  EXPECT_EQ(extent_in({200, 200}, {30'000, 1}), (Extent{200, 1}));
  EXPECT_EQ(extent_in({1, 1}, {7, 5}), (Extent{1, 1}));
}

TEST(Box, CoversWithTheMiddleOfAPicture) {
  EXPECT_EQ(extent_in({400, 400, Fit::kCover}, {4'000, 3'000}), (Extent{400, 400}));
  EXPECT_EQ(part_shown({400, 400, Fit::kCover}, {4'000, 3'000}), (Extent{3'000, 3'000}));
  EXPECT_EQ(part_shown({400, 200, Fit::kCover}, {3'000, 4'000}), (Extent{3'000, 1'500}));
  EXPECT_EQ(part_shown({400, 200}, {3'000, 4'000}), (Extent{3'000, 4'000}));
}

TEST(Box, APictureThatCannotCoverGivesItsLargestPartOfThatAspect) {
  EXPECT_EQ(extent_in({400, 400, Fit::kCover}, {300, 1'000}), (Extent{300, 300}));
  EXPECT_EQ(extent_in({800, 400, Fit::kCover}, {500, 1'000}), (Extent{500, 250}));
}

TEST(Recipe, HasOneNameAndIsReadFromIt) {
  const Recipe recipe{{640, 480, Fit::kCover}, 75};
  EXPECT_EQ(recipe_name(recipe), "640x480-cover-q75");
  EXPECT_EQ(parse_recipe("640x480-cover-q75"), recipe);
  EXPECT_EQ(parse_recipe("1x8192-contain-q100"), (Recipe{{1, 8'192, Fit::kContain}, 100}));
  EXPECT_EQ(parse_recipe("medium")->box, (Box{1'280, 1'280}));
}

TEST(Recipe, AnythingElseIsNone) {
  for (const char* text :
       {"", "huge", "published", "640x480", "640x480-cover", "640x480-cover-q", "0640x480-cover-q75", "0x480-cover-q75",
        "640x8193-cover-q75", "640x480-cover-q0", "640x480-cover-q101", "640x480-cover-q75 ", "640x480-crop-q75",
        "-1x480-cover-q75", "99999999999x1-cover-q75", "640x480-coverage-q75", "640x480-contain-q7-q5"}) {
    EXPECT_FALSE(parse_recipe(text)) << text;
  }
}

TEST(Variants, AreKeptInAJobsParameters) {
  EXPECT_EQ(variants_from(to_parameters(display_variants())), display_variants());
  EXPECT_EQ(display_variants().size(), 6u);
  const std::vector<VariantKey> published{{kPublished, ImageFormat::kPng}};
  EXPECT_EQ(to_parameters(published).at("variants"), "published:png");
  EXPECT_EQ(variants_from(to_parameters(published)), published);
}

TEST(Variants, ParametersThatCannotBeMadeAreRefused) {
  for (const char* text : {"", ",", "thumb", "thumb:", ":webp", "thumb:gif", "thumb:webp,", "thumb:webp,thumb:webp",
                           "huge:webp", "thumb;webp"}) {
    EXPECT_FALSE(variants_from({{"variants", text}})) << text;
  }
  EXPECT_FALSE(variants_from({}));
  EXPECT_FALSE(variants_from({{"variants", "thumb:webp"}, {"tier", "TIER_1K"}}));
}

TEST(Variants, StatesHaveNames) {
  for (const VariantState state : {VariantState::kProcessing, VariantState::kReady, VariantState::kFailed}) {
    EXPECT_EQ(parse_variant_state(variant_state_name(state)), state);
  }
  EXPECT_FALSE(parse_variant_state("stored"));
}

}  // namespace
}  // namespace tintype
