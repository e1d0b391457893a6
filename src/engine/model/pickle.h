// The part of Python's pickle (protocol 2 to 5) that a file of tensors needs, and nothing else: no name is ever looked
// up, no function called. What a stranger's file may ask for is bounded.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace tintype::engine {

// A value of Python's, as far as it is known here.
struct PickleValue {
  enum class Kind { kNone, kBool, kInt, kFloat, kText, kTuple, kList, kDict, kClass, kPersistent, kCall };
  Kind kind = Kind::kNone;
  std::int64_t integer = 0;  // kBool, kInt
  double number = 0;         // kFloat
  std::string text;          // kText; kClass: "module.name"
  // kTuple, kList: the items. kPersistent: its id. kCall: what is called, then its arguments.
  std::vector<PickleValue*> items;
  std::vector<std::pair<PickleValue*, PickleValue*>> entries;  // kDict
};

// Values may hold one another in circles: they all live as long as this.
struct Pickle {
  std::deque<PickleValue> values;
  const PickleValue* root = nullptr;
};

// kInvalidInput with the opcode or class named. Classes are let through only if `is_known` says so by their full
// name.
Result<Pickle> read_pickle(std::string_view bytes, bool (*is_known)(std::string_view name));

}  // namespace tintype::engine
