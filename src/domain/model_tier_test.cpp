#include "domain/model_tier.h"

#include <gtest/gtest.h>

namespace tintype {
namespace {

TEST(ModelTier, EachRunHasItsOwnOrNone) {
  EXPECT_EQ(tier_of_run(OperationKind::kEnhance, to_parameters(Enhance{Tier::k2K}))->name, "TIER_2K");
  EXPECT_EQ(tier_of_run(OperationKind::kUpscale, {})->need, NetworkNeed::kEnlarging);
  EXPECT_EQ(tier_of_run(OperationKind::kRelight, {})->need, NetworkNeed::kSubject);
  EXPECT_EQ(tier_of_run(OperationKind::kExpand, {})->need, NetworkNeed::kSubject);
  for (const OperationKind operation :
       {OperationKind::kProbe, OperationKind::kVariants, OperationKind::kGenerate, OperationKind::kMagicPrompt}) {
    EXPECT_EQ(tier_of_run(operation, {}), nullptr) << operation_name(operation);
  }
  EXPECT_EQ(tier_of_run(OperationKind::kEnhance, {{"tier", "TIER_8K"}}), nullptr);
  EXPECT_EQ(model_tier("TIER_8K"), nullptr);
}

}  // namespace
}  // namespace tintype
