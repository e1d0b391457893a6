// What a job does, as closed types: parameters, price, and how they are kept in one text column.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "base/error.h"
#include "domain/wallet.h"

namespace tintype {

// `kProbe` does nothing to pixels: it passes through queue, ledger and store only, for benchmarks and the
// doctor's self-test. `kVariants` makes renditions of an image (domain/variant.h) at no price. No surface offers
// either.
enum class OperationKind { kEnhance, kProbe, kVariants };

// Parameters as stored: sorted by name, so that equal parameters are equal text.
using Parameters = std::map<std::string, std::string>;

enum class Tier { k1K, k2K, k4K };

// Enhances a picture so that its longest side has the tier's length, aspect kept.
struct Enhance {
  Tier tier = Tier::k1K;
  bool operator==(const Enhance&) const = default;
};

int tier_longest_side_px(Tier tier);  // 1024 | 2048 | 4096
const char* tier_name(Tier tier);     // "TIER_1K" | "TIER_2K" | "TIER_4K"
std::optional<Tier> parse_tier(const std::string& name);

struct Prices {
  Tokens tier_1k = 2;
  Tokens tier_2k = 5;
  Tokens tier_4k = 10;
};
Tokens price_of(Tier tier, const Prices& prices);

const char* operation_name(OperationKind kind);  // "enhance" | "probe" | "variants"
std::optional<OperationKind> parse_operation(const std::string& name);

Parameters to_parameters(const Enhance& enhance);
Result<Enhance> enhance_from(const Parameters& parameters);

// The text form is application/x-www-form-urlencoded (WHATWG URL), names ascending.
std::string encode_parameters(const Parameters& parameters);
Result<Parameters> decode_parameters(const std::string& text);

}  // namespace tintype
