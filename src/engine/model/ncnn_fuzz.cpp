// Whatever a pair of ncnn files holds (the text up to the first zero byte, the weights behind it), it is refused or
// becomes a graph whose shapes can be told.
#include "engine/model/ncnn.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t end = bytes.find('\0');
  const std::string_view weights = end == std::string_view::npos ? std::string_view() : bytes.substr(end + 1);
  const auto graph = tintype::engine::read_ncnn(bytes.substr(0, end), nullptr, weights);
  if (!graph) return 0;
  static_cast<void>(tintype::engine::infer_shapes(*graph, {3, 64, 64}));
  static_cast<void>(tintype::engine::receptive_field_radius(*graph));
  return 0;
}
