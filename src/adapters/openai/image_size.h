// What to ask for so that least has to be done to the result.
#pragma once

#include <optional>
#include <string>

#include "ports/provider.h"

namespace tintype::openai {

// gpt-image-1 and its kin, and the DALL-Es: models whose parameters are known to be others than those of the rest.
bool is_gpt_image(const std::string& model);
bool is_dalle(const std::string& model);

// "1536x1024": of those that the model makes, the one whose shape is nearest; nothing where the model is to decide.
std::optional<std::string> size_for(const ProviderRequest& request);

}  // namespace tintype::openai
