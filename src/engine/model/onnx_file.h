// What an ONNX file says, as it says it: nodes, weights, inputs and outputs, in the words of the ONNX specification
// (IR version 3 to 9). Everything points into the file's bytes, which have to outlive it. Nothing is interpreted here,
// but every length is checked and every count bounded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/net/weights.h"

namespace tintype::engine {

struct OnnxTensor {
  // The types whose numbers are taken, by their numbers in TensorProto.DataType.
  static constexpr int kFloat = 1, kUint8 = 2, kInt8 = 3, kInt32 = 6, kInt64 = 7, kBool = 9, kFloat16 = 10,
                       kDouble = 11, kBFloat16 = 16;
  std::string_view name;
  std::vector<std::int64_t> dims;  // whose product is at most 2^28
  int type = 0;
  bool is_external = false;  // its numbers are in another file
  // Its numbers, in one of the four ways that they are stored in.
  std::string_view raw;
  std::string_view floats;
  std::string_view doubles;
  std::string_view varints;

  bool is_real() const { return type == kFloat || type == kFloat16 || type == kDouble || type == kBFloat16; }
  std::int64_t count() const;
};

struct OnnxAttribute {
  std::int64_t integer = 0;
  float real = 0;
  std::string_view text;
  std::optional<OnnxTensor> tensor;
  std::vector<std::int64_t> integers;
  std::vector<float> reals;
};

struct OnnxNode {
  std::string_view name;
  std::string_view type;  // of its operator
  std::string_view domain;
  std::vector<std::string_view> inputs;  // an empty one is left out
  std::vector<std::string_view> outputs;
  std::map<std::string_view, OnnxAttribute> attributes;
};

struct OnnxInput {
  std::string_view name;
  int type = 0;
  std::vector<std::int64_t> dims;  // 0 where any will do
};

struct OnnxFile {
  std::int64_t opset = 0;  // of the operators that need no domain
  std::vector<OnnxNode> nodes;
  std::vector<OnnxTensor> initialisers;
  std::vector<OnnxInput> inputs;
  std::vector<std::string_view> outputs;
};

// kInvalidInput says what is wrong.
Result<OnnxFile> read_onnx_file(std::string_view bytes);

// The numbers of a tensor of reals; they stay where they lie, which `owner` keeps alive, unless they have to be
// widened. The error is the end of a sentence: "is stored in another file ...".
std::expected<Weights, std::string> weights_of(const OnnxTensor& tensor, const std::shared_ptr<const void>& owner);

// Whole numbers, at most `count_max`.
std::expected<std::vector<std::int64_t>, std::string> integers_of(const OnnxTensor& tensor, std::int64_t count_max);

}  // namespace tintype::engine
