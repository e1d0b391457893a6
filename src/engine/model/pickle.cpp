#include "engine/model/pickle.h"

#include <bit>
#include <cstring>
#include <map>

namespace tintype::engine {

namespace {

constexpr std::size_t kBytesMax = 16 << 20;
constexpr std::size_t kStackMax = 1 << 16;
constexpr std::size_t kValuesMax = 1 << 20;
constexpr std::size_t kArgumentsMax = 16;

using Value = PickleValue*;
using Kind = PickleValue::Kind;

// The opcodes by the names of Python's pickletools.
enum Opcode : std::uint8_t {
  kMark = '(',
  kStop = '.',
  kPop = '0',
  kBinFloat = 'G',
  kBinInt = 'J',
  kBinInt1 = 'K',
  kBinInt2 = 'M',
  kNoneOpcode = 'N',
  kBinPersid = 'Q',
  kReduce = 'R',
  kBinUnicode = 'X',
  kAppend = 'a',
  kBuild = 'b',
  kGlobal = 'c',
  kAppends = 'e',
  kBinGet = 'h',
  kLongBinGet = 'j',
  kEmptyList = ']',
  kBinPut = 'q',
  kLongBinPut = 'r',
  kSetItem = 's',
  kTuple = 't',
  kEmptyTuple = ')',
  kSetItems = 'u',
  kEmptyDict = '}',
  kProto = 0x80,
  kTuple1 = 0x85,
  kTuple2 = 0x86,
  kTuple3 = 0x87,
  kNewTrue = 0x88,
  kNewFalse = 0x89,
  kLong1 = 0x8a,
  kShortBinUnicode = 0x8c,
  kStackGlobal = 0x93,
  kMemoize = 0x94,
  kFrame = 0x95,
};

class Machine {
 public:
  Machine(std::string_view bytes, bool (*is_known)(std::string_view)) : bytes_(bytes), is_known_(is_known) {}

  Result<Pickle> run() {
    if (bytes_.size() > kBytesMax) return wrong("is too large");
    while (error_.empty()) {
      std::uint8_t opcode = 0;
      if (!take(opcode)) return wrong("ends before its end");
      if (opcode == kStop) {
        if (stack_.size() != 1 || !stack_[0]) return wrong("does not end with one value");
        pickle_.root = stack_[0];
        return std::move(pickle_);
      }
      step(opcode);
      if (stack_.size() > kStackMax || pickle_.values.size() > kValuesMax) return wrong("holds too many values");
    }
    return wrong(error_);
  }

 private:
  static std::unexpected<Error> wrong(const std::string& what) {
    return fail(ErrorCode::kInvalidInput, "The pickle " + what);
  }

  void step(std::uint8_t opcode) {
    switch (opcode) {
      case kProto: skip(1); return;
      case kFrame: skip(8); return;
      case kMark: stack_.push_back(nullptr); return;
      case kPop: pop(); return;
      case kNoneOpcode: make(Kind::kNone); return;
      case kNewTrue: make(Kind::kBool)->integer = 1; return;
      case kNewFalse: make(Kind::kBool); return;
      case kBinInt: return push_int<std::int32_t>();
      case kBinInt1: return push_int<std::uint8_t>();
      case kBinInt2: return push_int<std::uint16_t>();
      case kLong1: return push_long();
      case kBinFloat: return push_float();
      case kBinUnicode: return push_text<std::uint32_t>();
      case kShortBinUnicode: return push_text<std::uint8_t>();
      case kEmptyTuple: make(Kind::kTuple); return;
      case kEmptyList: make(Kind::kList); return;
      case kEmptyDict: make(Kind::kDict); return;
      case kTuple: return push_tuple(down_to_mark());
      case kTuple1: return push_tuple(top(1));
      case kTuple2: return push_tuple(top(2));
      case kTuple3: return push_tuple(top(3));
      case kAppend: return append(top(1));
      case kAppends: return append(down_to_mark());
      case kSetItem: return set_items(top(2));
      case kSetItems: return set_items(down_to_mark());
      case kBinPut: return put<std::uint8_t>();
      case kLongBinPut: return put<std::uint32_t>();
      case kMemoize: remember(static_cast<std::uint32_t>(memo_.size())); return;
      case kBinGet: return get<std::uint8_t>();
      case kLongBinGet: return get<std::uint32_t>();
      case kGlobal: return push_named_class();
      case kStackGlobal: return push_stack_class();
      case kBinPersid: return push_persistent();
      case kReduce: return push_call();
      case kBuild: pop(); return;  // the state of an ordered dict: of no account
      default: error_ = "has opcode " + std::to_string(opcode) + ", which is not known here";
    }
  }

  template <class Number>
  bool take(Number& number) {
    if (bytes_.size() < sizeof number) {
      error_ = "ends before its end";
      return false;
    }
    std::memcpy(&number, bytes_.data(), sizeof number);
    bytes_.remove_prefix(sizeof number);
    return true;
  }

  std::string_view take_bytes(std::size_t count) {
    if (count > bytes_.size()) {
      error_ = "ends before its end";
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }
  void skip(std::size_t count) { take_bytes(count); }

  std::string line() {
    const std::size_t end = bytes_.find('\n');
    if (end == std::string_view::npos) {
      error_ = "ends before its end";
      return {};
    }
    std::string text(bytes_.substr(0, end));
    bytes_.remove_prefix(end + 1);
    return text;
  }

  Value make(Kind kind) {
    const Value value = &pickle_.values.emplace_back();
    value->kind = kind;
    stack_.push_back(value);
    return value;
  }

  Value pop() {
    if (stack_.empty() || !stack_.back()) {
      error_ = "takes a value that is not there";
      return &pickle_.values.emplace_back();
    }
    Value value = stack_.back();
    stack_.pop_back();
    return value;
  }

  std::vector<Value> top(std::size_t count) {
    std::vector<Value> values(count);
    for (std::size_t at = count; at-- > 0;) values[at] = pop();
    return values;
  }

  std::vector<Value> down_to_mark() {
    std::size_t mark = stack_.size();
    while (mark > 0 && stack_[mark - 1]) --mark;
    if (mark == 0) {
      error_ = "has no mark where one is needed";
      return {};
    }
    std::vector<Value> values(stack_.begin() + static_cast<std::ptrdiff_t>(mark), stack_.end());
    stack_.resize(mark - 1);
    return values;
  }

  template <class Number>
  void push_int() {
    Number number = 0;
    if (take(number)) make(Kind::kInt)->integer = number;
  }

  void push_long() {
    std::uint8_t count = 0;
    if (!take(count)) return;
    if (count > 8) {
      error_ = "has a number of more than 64 bits";
      return;
    }
    const std::string_view digits = take_bytes(count);
    std::uint64_t number = !digits.empty() && (digits.back() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
    for (std::size_t at = digits.size(); at-- > 0;) number = number << 8 | static_cast<std::uint8_t>(digits[at]);
    make(Kind::kInt)->integer = std::bit_cast<std::int64_t>(number);
  }

  void push_float() {
    std::uint64_t bits = 0;
    if (take(bits)) make(Kind::kFloat)->number = std::bit_cast<double>(__builtin_bswap64(bits));
  }

  template <class Length>
  void push_text() {
    Length length = 0;
    if (!take(length)) return;
    const std::string_view text = take_bytes(length);
    make(Kind::kText)->text = text;
  }

  void push_tuple(std::vector<Value> items) { make(Kind::kTuple)->items = std::move(items); }

  void append(const std::vector<Value>& items) {
    if (stack_.empty() || !stack_.back() || stack_.back()->kind != Kind::kList) {
      error_ = "appends to what is no list";
      return;
    }
    for (const Value item : items) stack_.back()->items.push_back(item);
  }

  void set_items(const std::vector<Value>& items) {
    Value dict = stack_.empty() ? nullptr : stack_.back();
    if (!dict || (dict->kind != Kind::kDict && dict->kind != Kind::kCall) || items.size() % 2 != 0) {
      error_ = "sets items of what is no dict";
      return;
    }
    for (std::size_t at = 0; at < items.size(); at += 2) dict->entries.emplace_back(items[at], items[at + 1]);
  }

  void remember(std::uint32_t place) {
    if (stack_.empty() || !stack_.back() || memo_.size() >= kValuesMax) {
      error_ = "remembers what is not there";
      return;
    }
    memo_[place] = stack_.back();
  }
  template <class Place>
  void put() {
    Place place = 0;
    if (take(place)) remember(place);
  }
  template <class Place>
  void get() {
    Place place = 0;
    if (!take(place)) return;
    const auto found = memo_.find(place);
    if (found == memo_.end()) {
      error_ = "recalls what was never remembered";
      return;
    }
    stack_.push_back(found->second);
  }

  void push_class(const std::string& module, const std::string& name) {
    const std::string full = module + "." + name;
    if (!is_known_(full)) {
      error_ = "names the class or function '" + full.substr(0, 100) + "', which no file of weights needs";
      return;
    }
    make(Kind::kClass)->text = full;
  }
  void push_named_class() {
    const std::string module = line();
    push_class(module, line());
  }
  void push_stack_class() {
    const Value name = pop(), module = pop();
    if (name->kind != Kind::kText || module->kind != Kind::kText) {
      error_ = "names a class by something else than text";
      return;
    }
    push_class(module->text, name->text);
  }

  void push_persistent() {
    const Value id = pop();
    make(Kind::kPersistent)->items = {id};
  }

  // Nothing is called: what would be is kept with its arguments.
  void push_call() {
    const Value arguments = pop(), callee = pop();
    if (callee->kind != Kind::kClass || arguments->kind != Kind::kTuple) {
      error_ = "calls what is no class";
      return;
    }
    // They are copied: of few bytes, that recall a long tuple again and again, nothing large may become.
    if (arguments->items.size() > kArgumentsMax) {
      error_ = "calls with too many arguments";
      return;
    }
    const Value call = make(Kind::kCall);
    call->text = callee->text;
    call->items = arguments->items;
  }

  std::string_view bytes_;
  bool (*is_known_)(std::string_view);
  Pickle pickle_;
  std::vector<Value> stack_;  // null for a mark
  std::map<std::uint32_t, Value> memo_;
  std::string error_;
};

}  // namespace

Result<Pickle> read_pickle(std::string_view bytes, bool (*is_known)(std::string_view)) {
  return Machine(bytes, is_known).run();
}

}  // namespace tintype::engine
