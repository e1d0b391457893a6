// Whatever an ONNX file holds, it is refused or becomes a graph whose shapes can be told.
#include "engine/model/onnx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto graph = tintype::engine::read_onnx(nullptr, std::string_view(reinterpret_cast<const char*>(data), size));
  if (!graph) return 0;
  static_cast<void>(tintype::engine::infer_shapes(*graph, {3, 64, 64}));
  static_cast<void>(tintype::engine::receptive_field_radius(*graph));
  static_cast<void>(tintype::engine::geometry_of(*graph));
  return 0;
}
