// Where an operator chooses the network: the tiers of the enhancement surface, and those operations of the studio that
// ask one.
#pragma once

#include <span>
#include <string_view>

#include "domain/operation.h"

namespace tintype {

// What a network has to be for.
enum class NetworkNeed {
  kEnlarging,  // pictures of any size, at least twice each side
  kSubject,    // how much of each pixel belongs to the subject
};

struct ModelTier {
  std::string_view name;  // "TIER_1K", "upscale", "remove-background" ...
  NetworkNeed need = NetworkNeed::kEnlarging;
};

std::span<const ModelTier> model_tiers();
const ModelTier* model_tier(std::string_view name);  // null: there is none
// Null: such a run has no choice.
const ModelTier* tier_of_run(OperationKind operation, const Parameters& parameters);

}  // namespace tintype
