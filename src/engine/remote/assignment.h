// What the operator writes down about providers, read.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/error.h"
#include "ports/provider.h"

namespace tintype::engine {

// Which provider does an operation, and by which model.
struct Assignment {
  std::string provider;
  std::string model;
  ProviderSettings settings;
};

// "openai:gpt-image-1", "replicate:black-forest-labs/flux-kontext-pro?image=input_image&safety_tolerance=2"; values are
// percent-encoded. kInvalidInput.
Result<Assignment> parse_assignment(std::string_view text);

// "0.003" in millionths: at most six decimals, less than a million. kInvalidInput.
Result<std::int64_t> parse_micros(std::string_view text);

// "generate=0.04,edit=0.06". kInvalidInput.
Result<std::map<OperationKind, std::int64_t>> parse_prices(std::string_view text);

}  // namespace tintype::engine
