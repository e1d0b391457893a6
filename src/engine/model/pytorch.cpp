#include "engine/model/pytorch.h"

#include <cstring>

#include "engine/model/pickle.h"

namespace tintype::engine {

namespace {

constexpr std::size_t kEntriesMax = 65'536;
constexpr std::int64_t kNumbersMax = std::int64_t{1} << 30;

std::unexpected<Error> invalid(const std::string& what) {
  return fail(ErrorCode::kInvalidInput, "The PyTorch file is invalid: " + what);
}

template <class Number>
Number number_at(std::string_view bytes, std::size_t offset) {
  Number number = 0;
  if (offset + sizeof number <= bytes.size()) std::memcpy(&number, bytes.data() + offset, sizeof number);
  return number;
}

// The files of a ZIP archive (APPNOTE 6.3) whose files are stored as they are, as torch.save stores them.
using Archive = std::map<std::string, std::string_view>;

Result<Archive> read_archive(std::string_view bytes) {
  constexpr std::size_t kEndBytes = 22, kCommentMax = 65'535, kEntryBytes = 46, kLocalBytes = 30;
  if (bytes.size() < kEndBytes || !bytes.starts_with("PK")) {
    return invalid("it is no ZIP archive; files that PyTorch wrote before 1.6 have to be saved again");
  }
  const std::size_t from = bytes.size() - std::min(bytes.size(), kEndBytes + kCommentMax);
  const std::size_t end = bytes.rfind(std::string_view("PK\x05\x06", 4));
  if (end == std::string_view::npos || end < from) return invalid("its directory is missing");
  const std::size_t count = number_at<std::uint16_t>(bytes, end + 10);
  std::size_t at = number_at<std::uint32_t>(bytes, end + 16);
  if (count > kEntriesMax) return invalid("it has too many files");
  Archive archive;
  for (std::size_t entry = 0; entry < count; ++entry) {
    if (at > bytes.size() || bytes.size() - at < kEntryBytes ||
        bytes.substr(at, 4) != std::string_view("PK\x01\x02", 4)) {
      return invalid("its directory is damaged");
    }
    const auto method = number_at<std::uint16_t>(bytes, at + 10);
    const std::size_t size = number_at<std::uint32_t>(bytes, at + 24);
    const std::size_t name_bytes = number_at<std::uint16_t>(bytes, at + 28);
    const std::size_t local = number_at<std::uint32_t>(bytes, at + 42);
    const std::string name(bytes.substr(std::min(at + kEntryBytes, bytes.size()), name_bytes));
    if (method != 0) return invalid("'" + name + "' is compressed, which torch.save never does");
    if (local > bytes.size() || bytes.size() - local < kLocalBytes) return invalid("'" + name + "' lies outside of it");
    const std::size_t begin =
        local + kLocalBytes + number_at<std::uint16_t>(bytes, local + 26) + number_at<std::uint16_t>(bytes, local + 28);
    if (begin > bytes.size() || size > bytes.size() - begin) return invalid("'" + name + "' is cut short");
    archive[name] = bytes.substr(begin, size);
    at +=
        kEntryBytes + name_bytes + number_at<std::uint16_t>(bytes, at + 30) + number_at<std::uint16_t>(bytes, at + 32);
  }
  return archive;
}

bool is_known(std::string_view name) {
  return name == "torch._utils._rebuild_tensor_v2" || name == "torch._utils._rebuild_parameter" ||
         name == "collections.OrderedDict" || name == "torch.FloatStorage" || name == "torch.HalfStorage" ||
         name == "torch.BFloat16Storage" || name == "torch.LongStorage" || name == "torch.IntStorage";
}

using Kind = PickleValue::Kind;

class Reading {
 public:
  Reading(const std::shared_ptr<const void>& owner, const Archive& archive, std::string folder)
      : owner_(owner), archive_(archive), folder_(std::move(folder)) {}

  Result<Tensors> run(const PickleValue& root) {
    Tensors tensors;
    for (const auto& [key, value] : state_of(root)->entries) {
      if (key->kind != Kind::kText || value->kind != Kind::kCall) continue;
      // A parameter holds a tensor; whatever holds it deeper is none.
      const bool holds = value->text == "torch._utils._rebuild_parameter" && !value->items.empty() &&
                         value->items[0]->kind == Kind::kCall;
      auto tensor = read_tensor(key->text, holds ? *value->items[0] : *value);
      if (!tensor) return std::unexpected(tensor.error());
      if (*tensor) tensors.emplace(key->text, std::move(**tensor));
    }
    if (tensors.empty()) return invalid("it holds no tensors");
    return tensors;
  }

 private:
  static const PickleValue* state_of(const PickleValue& root) {
    for (const char* name : {"params_ema", "params", "g_ema"}) {
      for (const auto& [key, value] : root.entries) {
        if (key->kind == Kind::kText && key->text == name) return value;
      }
    }
    return &root;
  }

  static std::optional<std::vector<std::int64_t>> lengths_of(const PickleValue& value) {
    if (value.kind != Kind::kTuple || value.items.size() > 8) return std::nullopt;
    std::vector<std::int64_t> lengths;
    for (const PickleValue* item : value.items) {
      if (item->kind != Kind::kInt || item->integer < 0 || item->integer > kNumbersMax) return std::nullopt;
      lengths.push_back(item->integer);
    }
    return lengths;
  }

  // _rebuild_tensor_v2(storage, offset, size, stride, ...). Nothing for whole numbers: counters, that no layer needs.
  Result<std::optional<Tensor>> read_tensor(const std::string& name, const PickleValue& call) const {
    const auto at_fault = [&](const std::string& why) { return invalid("the tensor '" + name + "' " + why); };
    if (call.text != "torch._utils._rebuild_tensor_v2" || call.items.size() < 4 ||
        call.items[0]->kind != Kind::kPersistent || call.items[1]->kind != Kind::kInt) {
      return at_fault("is not one");
    }
    const auto shape = lengths_of(*call.items[2]), strides = lengths_of(*call.items[3]);
    if (!shape || !strides || shape->size() != strides->size()) return at_fault("has a bad shape");
    std::int64_t count = 1;
    for (const std::int64_t length : *shape) {
      if (length != 0 && count > kNumbersMax / length) return at_fault("is too large");
      count *= length;
    }
    std::int64_t dense = 1;
    for (std::size_t at = shape->size(); at-- > 0; dense *= (*shape)[at]) {
      if ((*shape)[at] > 1 && (*strides)[at] != dense) return at_fault("does not lie in order");
    }
    // ('storage', class, key, device, count)
    const PickleValue& id = *call.items[0]->items[0];
    if (id.kind != Kind::kTuple || id.items.size() < 3 || id.items[1]->kind != Kind::kClass ||
        id.items[2]->kind != Kind::kText) {
      return at_fault("names no storage");
    }
    const std::string& storage = id.items[1]->text;
    if (storage == "torch.LongStorage" || storage == "torch.IntStorage") return std::nullopt;
    const NumberType type = storage == "torch.FloatStorage"  ? NumberType::kF32
                            : storage == "torch.HalfStorage" ? NumberType::kF16
                                                             : NumberType::kBF16;
    const auto file = archive_.find(folder_ + "data/" + id.items[2]->text);
    if (file == archive_.end()) return at_fault("lies in a file that is missing");
    const auto begin = call.items[1]->integer;
    const auto there = static_cast<std::int64_t>(file->second.size() / bytes_of(type));
    if (begin < 0 || begin > there || count > there - begin) return at_fault("is cut short");
    const std::string_view bytes = file->second.substr(static_cast<std::size_t>(begin) * bytes_of(type),
                                                       static_cast<std::size_t>(count) * bytes_of(type));
    return Tensor{*shape, Weights(owner_, bytes, type)};
  }

  const std::shared_ptr<const void>& owner_;
  const Archive& archive_;
  const std::string folder_;
};

}  // namespace

Result<Tensors> read_pytorch(const std::shared_ptr<const void>& owner, std::string_view bytes) {
  const auto archive = read_archive(bytes);
  if (!archive) return std::unexpected(archive.error());
  constexpr std::string_view kPickle = "data.pkl";
  for (const auto& [name, content] : *archive) {
    if (!name.ends_with(kPickle)) continue;
    const auto root = read_pickle(content, is_known);
    if (!root) return invalid(root.error().message);
    return Reading(owner, *archive, name.substr(0, name.size() - kPickle.size())).run(*root->root);
  }
  return invalid("it has no data.pkl");
}

}  // namespace tintype::engine
