// A prediction's input: what is asked for under the names that its model has.
#pragma once

#include <string>

#include "ports/provider.h"

namespace tintype::replicate {

// URLs by which the prediction reads the files; empty where there are none.
struct InputFiles {
  std::string picture, mask;
};

// A JSON object. Named without a setting: prompt, negative_prompt, image, mask, seed, aspect_ratio (the nearest of
// those that most models take, where sides were asked for), scale and, for strength, lora_scale. Only with one: width,
// height.
std::string input_json(const ProviderRequest& request, const InputFiles& files);

}  // namespace tintype::replicate
