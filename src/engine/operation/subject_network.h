// Asks an installed network what of a picture is its subject.
#pragma once

#include <cstdint>
#include <filesystem>

#include "engine/operation/model_cache.h"
#include "engine/studio/cut_out.h"

namespace tintype::engine {

struct SubjectNetwork {
  Saliency saliency;           // empty: none is installed
  std::int64_t bytes_max = 0;  // that it holds while it is asked
  std::vector<ModelFile> files = {};
};

// Of the models in the folder that are for segmentation `name`, or the last by name where that is empty. They are given
// squares in ImageNet's numbers, as U2-Net (Qin et al. 2020) and most after it were trained on.
Result<SubjectNetwork> subject_network(ModelCache& models, const std::filesystem::path& directory,
                                       const std::string& name);

}  // namespace tintype::engine
