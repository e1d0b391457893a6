// What a network is for, by the shapes of what it takes and answers.
#pragma once

#include <optional>
#include <string>

#include "base/error.h"
#include "engine/net/graph.h"

namespace tintype::engine {

enum class Purpose {
  kEnhancement,      // pictures of any size, `scale` times each side
  kFaceRestoration,  // one face, 3 x side x side in [-1, 1], and the same again
  kFaceDetection,    // several outputs of a row for each place: 4 numbers of a box, 2 scores, at times 10 of landmarks
  kSegmentation,     // how much of each pixel belongs to the subject
};

const char* purpose_name(Purpose purpose);  // "face restoration"
std::optional<Purpose> purpose_of(const std::string& name);

constexpr int kFixedSideMax = 1'024;

struct Use {
  Purpose purpose = Purpose::kEnhancement;
  int side = 0;  // of the only picture that it takes, which is square; 0 when it takes any
  int scale = 1;
  bool operator==(const Use&) const = default;
};

// kInvalidInput when it is for nothing that is known here.
Result<Use> find_use(const Graph& graph);

}  // namespace tintype::engine
