#include "engine/model/safetensors.h"

#include <cstring>
#include <nlohmann/json.hpp>

namespace tintype::engine {

namespace {

using Json = nlohmann::json;

constexpr std::uint64_t kHeaderBytesMax = 1 << 20;
constexpr std::size_t kTensorsMax = 4'096;
constexpr std::size_t kDimensionsMax = 8;
constexpr std::int64_t kValuesMax = 256 << 20;

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "The safetensors file is invalid: " + what);
}

bool is_count(const Json& json) {
  return json.is_number_integer() && json >= 0 && json <= kValuesMax * 4;
}

Result<Tensor> read_tensor(const std::string& name, const Json& entry, const std::shared_ptr<const void>& owner,
                           std::string_view data) {
  if (!entry.is_object() || !entry.contains("dtype") || !entry["dtype"].is_string() || !entry.contains("shape") ||
      !entry["shape"].is_array() || !entry.contains("data_offsets") || !entry["data_offsets"].is_array() ||
      entry["data_offsets"].size() != 2) {
    return invalid(name + " lacks dtype, shape or data_offsets");
  }
  Tensor tensor;
  std::int64_t count = 1;
  if (entry["shape"].size() > kDimensionsMax) return invalid(name + " has too many dimensions");
  for (const Json& length : entry["shape"]) {
    if (!is_count(length)) return invalid(name + " has a bad shape");
    tensor.shape.push_back(length.get<std::int64_t>());
    if (tensor.shape.back() != 0 && count > kValuesMax / tensor.shape.back()) return invalid(name + " is too large");
    count *= tensor.shape.back();
  }
  const std::string type = entry["dtype"].get<std::string>();
  const std::map<std::string, NumberType> types = {
      {"F32", NumberType::kF32}, {"F16", NumberType::kF16}, {"BF16", NumberType::kBF16}};
  const auto known = types.find(type);
  if (known == types.end()) return invalid(name + " is neither F32 nor F16 nor BF16");
  const auto value_bytes = static_cast<std::int64_t>(bytes_of(known->second));
  const Json& offsets = entry["data_offsets"];
  if (!is_count(offsets[0]) || !is_count(offsets[1])) return invalid(name + " has bad offsets");
  const auto begin = offsets[0].get<std::int64_t>(), end = offsets[1].get<std::int64_t>();
  if (end < begin || end > static_cast<std::int64_t>(data.size()) || end - begin != count * value_bytes) {
    return invalid(name + " does not lie where its offsets say");
  }
  tensor.values = Weights(owner, data.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)),
                          known->second);
  return tensor;
}

}  // namespace

Result<Tensors> read_safetensors(const std::shared_ptr<const void>& owner, std::string_view bytes) {
  std::uint64_t header_bytes = 0;
  if (bytes.size() < sizeof header_bytes) return invalid("it is too short");
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  bytes.remove_prefix(sizeof header_bytes);
  if (header_bytes > kHeaderBytesMax || header_bytes > bytes.size()) return invalid("its header is too long");
  // The header nests three deep; whatever nests deeper is none.
  const Json header = Json::parse(
      bytes.substr(0, header_bytes), [](int depth, Json::parse_event_t, const Json&) { return depth <= 4; }, false);
  if (!header.is_object() || header.size() > kTensorsMax) return invalid("its header is not what it should be");
  Tensors tensors;
  for (const auto& [name, entry] : header.items()) {
    if (name == "__metadata__") continue;
    auto tensor = read_tensor(name, entry, owner, bytes.substr(header_bytes));
    if (!tensor) return std::unexpected(tensor.error());
    tensors.emplace(name, std::move(*tensor));
  }
  return tensors;
}

}  // namespace tintype::engine
