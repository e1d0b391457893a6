#include "engine/model/onnx_file.h"

#include <google/protobuf/io/coded_stream.h>

#include <bit>
#include <cstring>

namespace tintype::engine {

namespace {

using google::protobuf::io::CodedInputStream;

constexpr std::size_t kFileBytesMax = 1 << 30;
// Nodes, attributes, names and numbers of lists, all together: what is small in the file may be large in memory.
constexpr std::int64_t kItemsMax = 1 << 20;
constexpr std::size_t kDimensionsMax = 8;
constexpr std::int64_t kValuesMax = 256 << 20;

// The fields of a message in the encoding of Protocol Buffers, one after another. Messages inside of it are walked in
// turn, rather than by generated classes, so that weights stay in the mapped file and a few bytes of it never become
// many of memory.
class Fields {
 public:
  explicit Fields(std::string_view bytes)
      : bytes_(bytes), stream_(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<int>(bytes.size())) {}

  bool next() {
    const std::uint32_t tag = stream_.ReadTag();
    number_ = static_cast<int>(tag >> 3);
    kind_ = static_cast<int>(tag & 7);
    if (tag == 0) {
      is_sound_ = is_sound_ && stream_.ConsumedEntireMessage();
      return false;
    }
    is_sound_ = is_sound_ && read();
    return is_sound_;
  }
  int number() const { return number_; }
  bool is_sound() const { return is_sound_; }

  std::int64_t integer() { return is_of(kVarint) ? static_cast<std::int64_t>(value_) : 0; }
  float real() { return is_of(kFixed32) ? std::bit_cast<float>(static_cast<std::uint32_t>(value_)) : 0; }
  std::string_view bytes() { return is_of(kLength) ? slice_ : std::string_view(); }

  // Numbers of a list, packed or one by one.
  void append_to(std::vector<std::int64_t>& list, std::int64_t& budget) {
    if (kind_ != kLength) {
      list.push_back(integer());
      --budget;
      return;
    }
    CodedInputStream packed(reinterpret_cast<const std::uint8_t*>(slice_.data()), static_cast<int>(slice_.size()));
    std::uint64_t value = 0;
    while (budget > 0 && packed.CurrentPosition() < static_cast<int>(slice_.size())) {
      is_sound_ = is_sound_ && packed.ReadVarint64(&value);
      if (!is_sound_) return;
      list.push_back(static_cast<std::int64_t>(value));
      --budget;
    }
  }
  void append_to(std::vector<float>& list, std::int64_t& budget) {
    if (kind_ != kLength) {
      list.push_back(real());
      --budget;
      return;
    }
    const std::size_t count = slice_.size() / sizeof(float);
    is_sound_ = is_sound_ && slice_.size() % sizeof(float) == 0;
    budget -= static_cast<std::int64_t>(count);
    if (!is_sound_ || budget <= 0 || count == 0) return;
    list.resize(list.size() + count);
    std::memcpy(list.data() + list.size() - count, slice_.data(), count * sizeof(float));
  }

 private:
  static constexpr int kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5;

  bool read() {
    if (kind_ == kVarint) return stream_.ReadVarint64(&value_);
    if (kind_ == kFixed64) return stream_.ReadLittleEndian64(&value_);
    if (kind_ == kFixed32) {
      std::uint32_t value = 0;
      const bool is_there = stream_.ReadLittleEndian32(&value);
      value_ = value;
      return is_there;
    }
    if (kind_ != kLength) return false;
    int length = 0;
    if (!stream_.ReadVarintSizeAsInt(&length)) return false;
    const auto begin = static_cast<std::size_t>(stream_.CurrentPosition());
    if (static_cast<std::size_t>(length) > bytes_.size() - begin || !stream_.Skip(length)) return false;
    slice_ = bytes_.substr(begin, static_cast<std::size_t>(length));
    return true;
  }

  bool is_of(int kind) {
    is_sound_ = is_sound_ && kind_ == kind;
    return is_sound_;
  }

  const std::string_view bytes_;
  CodedInputStream stream_;
  int number_ = 0;
  int kind_ = 0;
  std::uint64_t value_ = 0;
  std::string_view slice_;
  bool is_sound_ = true;
};

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "The ONNX file is invalid: " + what);
}

// Reads message by message. Field numbers are those of onnx.proto.
class Reading {
 public:
  Result<OnnxFile> run(std::string_view bytes) {
    if (bytes.size() > kFileBytesMax) return invalid("it is too large");
    if (!read_model(bytes)) return invalid(wrong_.empty() ? "it is damaged, or no ONNX file at all" : wrong_);
    if (budget_ <= 0) return invalid("it has too many nodes, names or numbers");
    if (graphs_ != 1) return invalid("it has not one graph");
    return std::move(file_);
  }

 private:
  bool read_model(std::string_view bytes) {
    Fields fields(bytes);
    while (fields.next()) {
      bool good = true;
      switch (fields.number()) {
        case 7:
          ++graphs_;
          good = graphs_ == 1 && read_graph(fields.bytes());
          break;
        case 8: good = read_opset(fields.bytes()); break;
        default: break;
      }
      if (!good) return false;
    }
    return fields.is_sound();
  }

  bool read_opset(std::string_view bytes) {
    Fields fields(bytes);
    std::string_view domain;
    std::int64_t version = 0;
    while (fields.next()) {
      if (fields.number() == 1) domain = fields.bytes();
      if (fields.number() == 2) version = fields.integer();
    }
    if (domain.empty() || domain == "ai.onnx") file_.opset = version;
    return fields.is_sound();
  }

  bool read_graph(std::string_view bytes) {
    Fields fields(bytes);
    while (fields.next() && --budget_ > 0) {
      bool good = true;
      switch (fields.number()) {
        case 1: good = read_node(fields.bytes(), file_.nodes.emplace_back()); break;
        case 5: good = read_tensor(fields.bytes(), file_.initialisers.emplace_back()); break;
        case 11: good = read_input(fields.bytes(), file_.inputs.emplace_back()); break;
        case 12: good = read_output(fields.bytes()); break;
        case 15: return is_wrong("it has sparse weights, which are not known here");
        default: break;
      }
      if (!good) return false;
    }
    return fields.is_sound();
  }

  bool read_node(std::string_view bytes, OnnxNode& node) {
    Fields fields(bytes);
    while (fields.next() && --budget_ > 0) {
      switch (fields.number()) {
        case 1: node.inputs.push_back(fields.bytes()); break;
        case 2: node.outputs.push_back(fields.bytes()); break;
        case 3: node.name = fields.bytes(); break;
        case 4: node.type = fields.bytes(); break;
        case 5:
          if (!read_attribute(fields.bytes(), node)) return false;
          break;
        case 7: node.domain = fields.bytes(); break;
        default: break;
      }
    }
    return fields.is_sound();
  }

  bool read_attribute(std::string_view bytes, OnnxNode& node) {
    Fields fields(bytes);
    std::string_view name;
    OnnxAttribute attribute;
    while (fields.next() && budget_ > 0) {
      switch (fields.number()) {
        case 1: name = fields.bytes(); break;
        case 2: attribute.real = fields.real(); break;
        case 3: attribute.integer = fields.integer(); break;
        case 4: attribute.text = fields.bytes(); break;
        case 5:
          if (!read_tensor(fields.bytes(), attribute.tensor.emplace())) return false;
          break;
        case 7: fields.append_to(attribute.reals, budget_); break;
        case 8: fields.append_to(attribute.integers, budget_); break;
        default: break;
      }
    }
    if (!node.attributes.emplace(name, std::move(attribute)).second) return is_wrong("a node says an attribute twice");
    return fields.is_sound();
  }

  bool read_tensor(std::string_view bytes, OnnxTensor& tensor) {
    Fields fields(bytes);
    while (fields.next() && budget_ > 0) {
      switch (fields.number()) {
        case 1: fields.append_to(tensor.dims, budget_); break;
        case 2: tensor.type = static_cast<int>(fields.integer()); break;
        case 4: take_whole(fields, tensor.floats); break;
        case 5:
        case 7: take_whole(fields, tensor.varints); break;
        case 8: tensor.name = fields.bytes(); break;
        case 9: take_whole(fields, tensor.raw); break;
        case 10: take_whole(fields, tensor.doubles); break;
        case 14: tensor.is_external = fields.integer() != 0; break;
        default: break;
      }
    }
    if (!wrong_.empty() || !fields.is_sound()) return false;
    std::int64_t count = 1;
    for (const std::int64_t length : tensor.dims) {
      if (length < 0 || length > kValuesMax || (length > 0 && count > kValuesMax / length)) {
        return is_wrong("the tensor '" + std::string(tensor.name) + "' is too large");
      }
      count *= length;
    }
    if (tensor.dims.size() > kDimensionsMax) {
      return is_wrong("the tensor '" + std::string(tensor.name) + "' has too many dimensions");
    }
    return true;
  }

  void take_whole(Fields& fields, std::string_view& into) {
    if (!into.empty()) is_wrong("it stores a tensor in pieces, which is not known here");
    into = fields.bytes();
  }

  // ValueInfoProto, its TypeProto, the TypeProto.Tensor in that, and its TensorShapeProto.
  bool read_input(std::string_view bytes, OnnxInput& input) {
    Fields fields(bytes);
    std::string_view type, tensor, shape;
    while (fields.next()) {
      if (fields.number() == 1) input.name = fields.bytes();
      if (fields.number() == 2) type = fields.bytes();
    }
    Fields types(type);
    while (types.next()) {
      if (types.number() == 1) tensor = types.bytes();
    }
    Fields parts(tensor);
    while (parts.next()) {
      if (parts.number() == 1) input.type = static_cast<int>(parts.integer());
      if (parts.number() == 2) shape = parts.bytes();
    }
    Fields dims(shape);
    while (dims.next() && --budget_ > 0) {
      if (dims.number() != 1) continue;
      Fields dim(dims.bytes());
      input.dims.push_back(0);
      while (dim.next()) {
        if (dim.number() == 1) input.dims.back() = dim.integer();
      }
      if (!dim.is_sound()) return false;
    }
    return fields.is_sound() && types.is_sound() && parts.is_sound() && dims.is_sound();
  }

  bool read_output(std::string_view bytes) {
    Fields fields(bytes);
    while (fields.next()) {
      if (fields.number() == 1) file_.outputs.push_back(fields.bytes());
    }
    return fields.is_sound();
  }

  bool is_wrong(std::string what) {
    if (wrong_.empty()) wrong_ = std::move(what);
    return false;
  }

  OnnxFile file_;
  int graphs_ = 0;
  std::int64_t budget_ = kItemsMax;
  std::string wrong_;
};

std::optional<std::string> misplaced(const OnnxTensor& tensor) {
  if (tensor.is_external) {
    return "has weights in another file; please save the network again as one file (external data is not read)";
  }
  const int ways = !tensor.raw.empty() + !tensor.floats.empty() + !tensor.doubles.empty() + !tensor.varints.empty();
  if (ways > 1) return "has weights that are stored in two ways";
  return std::nullopt;
}

// Numbers that are stored one after another in a type.
template <class Stored>
std::vector<Stored> unpacked(std::string_view bytes) {
  std::vector<Stored> values(bytes.size() / sizeof(Stored));
  if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Stored));
  return values;
}

constexpr const char* kWrongCount = "has weights of another count than its shape says";

// Of `varints`: a number takes a byte at least, so their count is bounded before it is made.
std::expected<std::vector<std::int64_t>, std::string> decoded(std::string_view varints, std::int64_t count) {
  std::vector<std::int64_t> values;
  if (count > static_cast<std::int64_t>(varints.size())) return std::unexpected(kWrongCount);
  CodedInputStream stream(reinterpret_cast<const std::uint8_t*>(varints.data()), static_cast<int>(varints.size()));
  std::uint64_t value = 0;
  while (stream.CurrentPosition() < static_cast<int>(varints.size())) {
    if (static_cast<std::int64_t>(values.size()) == count || !stream.ReadVarint64(&value)) {
      return std::unexpected(kWrongCount);
    }
    values.push_back(static_cast<std::int64_t>(value));
  }
  if (static_cast<std::int64_t>(values.size()) != count) return std::unexpected(kWrongCount);
  return values;
}

template <class Stored>
std::vector<std::int64_t> widened(std::string_view bytes) {
  const std::vector<Stored> values = unpacked<Stored>(bytes);
  return {values.begin(), values.end()};
}

}  // namespace

std::int64_t OnnxTensor::count() const {
  std::int64_t count = 1;
  for (const std::int64_t length : dims) count *= length;
  return count;
}

Result<OnnxFile> read_onnx_file(std::string_view bytes) {
  return Reading().run(bytes);
}

std::expected<Weights, std::string> weights_of(const OnnxTensor& tensor, const std::shared_ptr<const void>& owner) {
  if (auto wrong = misplaced(tensor)) return std::unexpected(std::move(*wrong));
  const std::int64_t count = tensor.count();
  const auto plain = [&](std::string_view bytes, NumberType type) -> std::expected<Weights, std::string> {
    if (static_cast<std::int64_t>(bytes.size()) != count * static_cast<std::int64_t>(bytes_of(type))) {
      return std::unexpected(kWrongCount);
    }
    return Weights(owner, bytes, type);
  };
  if (tensor.type == OnnxTensor::kFloat) {
    return plain(tensor.raw.empty() ? tensor.floats : tensor.raw, NumberType::kF32);
  }
  if (tensor.type == OnnxTensor::kDouble) {
    const std::string_view bytes = tensor.raw.empty() ? tensor.doubles : tensor.raw;
    if (static_cast<std::int64_t>(bytes.size()) != count * 8) return std::unexpected(kWrongCount);
    const std::vector<double> values = unpacked<double>(bytes);
    return Weights(std::vector<float>(values.begin(), values.end()));
  }
  const bool is_half = tensor.type == OnnxTensor::kFloat16;
  if (!is_half && tensor.type != OnnxTensor::kBFloat16) return std::unexpected("has weights of a type not known here");
  if (tensor.varints.empty()) return plain(tensor.raw, is_half ? NumberType::kF16 : NumberType::kBF16);
  const auto bits = decoded(tensor.varints, count);
  if (!bits) return std::unexpected(bits.error());
  std::vector<float> values;
  for (const std::int64_t word : *bits) {
    const auto narrow = static_cast<std::uint16_t>(word);
    values.push_back(is_half ? widen_half(narrow) : std::bit_cast<float>(static_cast<std::uint32_t>(narrow) << 16));
  }
  return Weights(std::move(values));
}

std::expected<std::vector<std::int64_t>, std::string> integers_of(const OnnxTensor& tensor, std::int64_t count_max) {
  if (auto wrong = misplaced(tensor)) return std::unexpected(std::move(*wrong));
  const std::int64_t count = tensor.count();
  if (count > count_max) return std::unexpected("has more whole numbers than are known to be of use");
  if (!tensor.varints.empty()) return decoded(tensor.varints, count);
  std::vector<std::int64_t> values;
  switch (tensor.type) {
    case OnnxTensor::kInt64: values = widened<std::int64_t>(tensor.raw); break;
    case OnnxTensor::kInt32: values = widened<std::int32_t>(tensor.raw); break;
    case OnnxTensor::kInt8: values = widened<std::int8_t>(tensor.raw); break;
    case OnnxTensor::kUint8:
    case OnnxTensor::kBool: values = widened<std::uint8_t>(tensor.raw); break;
    default: return std::unexpected("has numbers of a type not known here");
  }
  if (static_cast<std::int64_t>(values.size()) != count) return std::unexpected(kWrongCount);
  return values;
}

}  // namespace tintype::engine
