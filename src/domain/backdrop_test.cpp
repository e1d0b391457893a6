#include "domain/backdrop.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(Backdrop, EveryMaterialIsReadFromItsName) {
  ASSERT_EQ(all_materials().size(), kMaterials);
  for (const Material material : all_materials()) {
    EXPECT_EQ(parse_material_word(material_name(material)), Backdrop{.material = material});
    EXPECT_GE(usual_reflection(material), 0);
    EXPECT_LE(usual_reflection(material), 1);
  }
}

TEST(Backdrop, KindsBringTheirColours) {
  EXPECT_EQ(parse_material_word("walnut")->material, Material::kWood);
  EXPECT_LT((*parse_material_word("walnut")->colour)[0], (*parse_material_word("oak")->colour)[0]);
  EXPECT_EQ(parse_material_word("satin")->material, Material::kSilk);
  EXPECT_EQ(parse_material_word("paper"), Backdrop{});
  EXPECT_FALSE(parse_material_word("moon"));
  EXPECT_FALSE(parse_material_word(""));
}

TEST(Backdrop, WhatIsSoftMirrorsNothing) {
  EXPECT_EQ(usual_reflection(Material::kVelvet), 0);
  EXPECT_EQ(usual_reflection(Material::kLinen), 0);
  EXPECT_GT(usual_reflection(Material::kGlass), usual_reflection(Material::kMarble));
}

TEST(Backdrop, TonesAreWords) {
  EXPECT_EQ(parse_tone_word("white"), Tone::kLight);
  EXPECT_EQ(parse_tone_word("dark"), Tone::kDark);
  EXPECT_FALSE(parse_tone_word("marble"));
}

}  // namespace
}  // namespace tintype
