// Photographic prompts out of a few words: the subject in the user's own words, then where it is, its light, the lens
// and aperture, the composition and the finish. What the words say themselves is not said again, and nothing is added
// that goes against them. Words in a language that is not known here are left as they are, and only what holds beside
// anything is added.
#pragma once

#include <string>
#include <vector>

#include "domain/studio_operation.h"

namespace tintype {

inline constexpr std::size_t kPhotoPromptLettersMax = 2'000;

// As many as are wished, each another; fewer only where the words leave no room for more. Equal wishes get equal
// prompts, neighbouring seeds others.
std::vector<std::string> photo_prompts(const MagicPrompt& wish);

}  // namespace tintype
