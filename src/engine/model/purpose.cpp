#include "engine/model/purpose.h"

#include <algorithm>
#include <array>

namespace tintype::engine {

namespace {

// Of the one picture that a network takes, where its file does not say: the usual ones.
constexpr int kSidesTried[] = {320, 512, 256, 224, 384, 640, kFixedSideMax};
constexpr int kSideOfAny = 384;  // of networks that take any: a multiple of what they fold by

constexpr std::array kNames = {"enhancement", "face restoration", "face detection", "segmentation"};

Shape output_of(const Graph& graph, const std::vector<Shape>& shapes, std::size_t at) {
  return shapes[static_cast<std::size_t>(graph.outputs[at])];
}

// What it answers to a picture of this size; nothing when it takes none or the answer is not known.
std::optional<Purpose> purpose_at(const Graph& graph, int height, int width) {
  const auto shapes = infer_shapes(graph, {3, height, width});
  if (!shapes) return std::nullopt;
  const Shape first = output_of(graph, *shapes, 0);
  if (graph.outputs.size() == 1 && first == Shape{3, height, width}) return Purpose::kFaceRestoration;
  if (first == Shape{1, height, width}) return Purpose::kSegmentation;
  bool has_boxes = false, has_scores = false, fits = true;
  for (std::size_t at = 0; at < graph.outputs.size(); ++at) {
    const Shape output = output_of(graph, *shapes, at);
    has_boxes |= output.width == 4;
    has_scores |= output.width == 2;
    fits = fits && output == Shape{1, first.height, output.width};
  }
  return has_boxes && has_scores && fits ? std::optional(Purpose::kFaceDetection) : std::nullopt;
}

}  // namespace

const char* purpose_name(Purpose purpose) {
  return kNames[static_cast<std::size_t>(purpose)];
}

std::optional<Purpose> purpose_of(const std::string& name) {
  const auto* const found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Purpose>(found - kNames.begin());
}

Result<Use> find_use(const Graph& graph) {
  if (const auto geometry = geometry_of(graph)) {
    const auto shapes = infer_shapes(graph, {3, kSideOfAny, kSideOfAny});
    if (shapes && output_of(graph, *shapes, 0).channels == 3) return Use{Purpose::kEnhancement, 0, geometry->scale};
  }
  std::vector<int> sides(std::begin(kSidesTried), std::end(kSidesTried));
  for (const Node& node : graph.nodes) {
    const auto* input = std::get_if<Input>(&node.layer);
    if (input != nullptr && input->shape.width > 0 && input->shape.width <= kFixedSideMax) {
      sides = {input->shape.width};
    }
  }
  for (const int side : sides) {
    const auto purpose = purpose_at(graph, side, side);
    if (!purpose) continue;
    const bool takes_any = purpose_at(graph, side, 2 * side) && purpose_at(graph, 3 * side, side);
    return Use{*purpose, takes_any ? 0 : side, 1};
  }
  return fail(ErrorCode::kInvalidInput,
              "The network neither takes pictures of any size nor finds faces or subjects as those known here do");
}

}  // namespace tintype::engine
