#include "domain/rendition.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

constexpr Extent kPicture{4'000, 3'000};

std::string made_of(const RenditionWish& wish, const Extent& picture = kPicture, int side_max_px = 4'096) {
  const auto recipe = recipe_for(wish, picture, side_max_px);
  return recipe ? recipe_name(*recipe) : recipe.error().message;
}

TEST(RenditionWish, OneSideIsEnough) {
  EXPECT_EQ(made_of({.width_px = 400}), "400x300-contain-q80");
  EXPECT_EQ(made_of({.height_px = 300}), "400x300-contain-q80");
  EXPECT_EQ(made_of({}), "4000x3000-contain-q80");
}

TEST(RenditionWish, WhatGivesTheSamePixelsHasOneName) {
  for (const RenditionWish& wish :
       {RenditionWish{.width_px = 400, .height_px = 300}, RenditionWish{.width_px = 400, .height_px = 9'999},
        RenditionWish{.width_px = 200, .dpr_percent = 200}, RenditionWish{.height_px = 200, .dpr_percent = 150}}) {
    EXPECT_EQ(made_of(wish), "400x300-contain-q80");
  }
  EXPECT_EQ(made_of({.width_px = 4'000, .height_px = 3'000, .fit = Fit::kCover}), "4000x3000-contain-q80");
}

TEST(RenditionWish, NothingIsEnlarged) {
  EXPECT_EQ(made_of({.width_px = 9'000}), "4000x3000-contain-q80");
  EXPECT_EQ(made_of({.width_px = 800, .height_px = 400, .fit = Fit::kCover}, {500, 1'000}), "500x250-cover-q80");
  EXPECT_EQ(made_of({.width_px = 100, .dpr_percent = 400}, {64, 48}), "64x48-contain-q80");
}

TEST(RenditionWish, NoSideIsLongerThanTheBound) {
  EXPECT_EQ(made_of({.width_px = 3'000}, kPicture, 1'000), "1000x750-contain-q80");
  EXPECT_EQ(made_of({}, {30'000, 15'000}), "4096x2048-contain-q80");
  EXPECT_EQ(made_of({}, {30'000, 15'000}, 100'000), "8192x4096-contain-q80");
}

TEST(RenditionWish, CoversOnlyABoxOfTwoSides) {
  EXPECT_EQ(made_of({.width_px = 400, .height_px = 400, .fit = Fit::kCover, .quality = 60}), "400x400-cover-q60");
  EXPECT_EQ(made_of({.width_px = 400, .fit = Fit::kCover}), "fit=cover needs both w and h");
}

TEST(RenditionWish, TheNameMakesWhatWasWished) {
  for (int width_px = 1; width_px < 700; ++width_px) {
    for (const Extent& picture : {Extent{640, 480}, Extent{3'333, 77}, Extent{91, 5'000}}) {
      const RenditionWish wish{.width_px = width_px};
      const auto recipe = recipe_for(wish, picture, 4'096);
      ASSERT_TRUE(recipe);
      EXPECT_EQ(
          extent_in(recipe->box, picture).width_px,
          extent_in({std::min(width_px, picture.width_px), std::min(picture.height_px, 4'096)}, picture).width_px);
      EXPECT_EQ(parse_recipe(recipe_name(*recipe)), *recipe);
    }
  }
}

TEST(BestFormat, IsTheSmallestThatIsRead) {
  struct Row {
    FormatsRead read;
    bool has_alpha;
    ImageFormat format;
  };
  for (const Row& row : {Row{{true, true}, false, ImageFormat::kAvif}, Row{{true, true}, true, ImageFormat::kAvif},
                         Row{{false, true}, false, ImageFormat::kAvif}, Row{{true, false}, false, ImageFormat::kWebp},
                         Row{{true, false}, true, ImageFormat::kWebp}, Row{{}, false, ImageFormat::kJpeg},
                         Row{{}, true, ImageFormat::kPng}}) {
    EXPECT_EQ(best_format(row.read, row.has_alpha, {100, 100}, 10'000), row.format);
  }
  EXPECT_EQ(best_format({true, true}, false, {101, 100}, 10'000), ImageFormat::kWebp);
  EXPECT_EQ(best_format({false, true}, true, {101, 100}, 10'000), ImageFormat::kPng);
}

TEST(RenditionSpec, HasOneSpelling) {
  for (const char* text : {"640x480-cover-q80.auto", "thumb.webp", "published.png", "1x1-contain-q1.avif"}) {
    const auto spec = parse_spec(text);
    ASSERT_TRUE(spec) << text;
    EXPECT_EQ(spec_text(*spec), text);
  }
  for (const char* text : {"", ".", "640x480-cover-q80", "640x480-cover-q80.", "published.auto", "thumb.jpg",
                           "thumb.JPEG", "thumb.bmp", "huge.webp", "../thumb.webp", "thumb.webp.auto"}) {
    EXPECT_FALSE(parse_spec(text)) << text;
  }
}

}  // namespace
}  // namespace tintype
