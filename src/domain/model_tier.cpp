#include "domain/model_tier.h"

#include <algorithm>
#include <array>

namespace tintype {

namespace {

using enum NetworkNeed;

constexpr std::array kTiers = {
    ModelTier{"TIER_1K", kEnlarging},
    ModelTier{"TIER_2K", kEnlarging},
    ModelTier{"TIER_4K", kEnlarging},
    ModelTier{"upscale", kEnlarging},
    ModelTier{"edit", kSubject},
    ModelTier{"remove-background", kSubject},
    ModelTier{"magic-edit", kSubject},
    ModelTier{"expand", kSubject},
    ModelTier{"relight", kSubject},
    ModelTier{"camera-control", kSubject},
    ModelTier{"video-replicate", kSubject},
};

}  // namespace

std::span<const ModelTier> model_tiers() {
  return kTiers;
}

const ModelTier* model_tier(std::string_view name) {
  const auto* const found = std::ranges::find(kTiers, name, &ModelTier::name);
  return found == kTiers.end() ? nullptr : found;
}

const ModelTier* tier_of_run(OperationKind operation, const Parameters& parameters) {
  if (operation != OperationKind::kEnhance) return model_tier(operation_name(operation));
  const auto enhance = enhance_from(parameters);
  return enhance ? model_tier(tier_name(enhance->tier)) : nullptr;
}

}  // namespace tintype
