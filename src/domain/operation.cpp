#include "domain/operation.h"

#include "base/bytes.h"

namespace tintype {

int tier_longest_side_px(Tier tier) {
  switch (tier) {
    case Tier::k1K: return 1024;
    case Tier::k2K: return 2048;
    case Tier::k4K: return 4096;
  }
  return 1024;
}

const char* tier_name(Tier tier) {
  switch (tier) {
    case Tier::k1K: return "TIER_1K";
    case Tier::k2K: return "TIER_2K";
    case Tier::k4K: return "TIER_4K";
  }
  return "TIER_1K";
}

std::optional<Tier> parse_tier(const std::string& name) {
  for (const Tier tier : {Tier::k1K, Tier::k2K, Tier::k4K}) {
    if (name == tier_name(tier)) return tier;
  }
  return std::nullopt;
}

Tokens price_of(Tier tier, const Prices& prices) {
  switch (tier) {
    case Tier::k1K: return prices.tier_1k;
    case Tier::k2K: return prices.tier_2k;
    case Tier::k4K: return prices.tier_4k;
  }
  return prices.tier_4k;
}

const char* operation_name(OperationKind kind) {
  switch (kind) {
    case OperationKind::kEnhance: return "enhance";
    case OperationKind::kProbe: return "probe";
    case OperationKind::kVariants: return "variants";
  }
  return "enhance";
}

std::optional<OperationKind> parse_operation(const std::string& name) {
  if (name == "enhance") return OperationKind::kEnhance;
  if (name == "probe") return OperationKind::kProbe;
  if (name == "variants") return OperationKind::kVariants;
  return std::nullopt;
}

Parameters to_parameters(const Enhance& enhance) {
  return {{"tier", tier_name(enhance.tier)}};
}

Result<Enhance> enhance_from(const Parameters& parameters) {
  const auto found = parameters.find("tier");
  const auto tier = found == parameters.end() ? std::nullopt : parse_tier(found->second);
  if (!tier || parameters.size() != 1) {
    return fail(ErrorCode::kInvalidInput, "enhance takes one parameter, tier: TIER_1K, TIER_2K or TIER_4K");
  }
  return Enhance{*tier};
}

std::string encode_parameters(const Parameters& parameters) {
  std::string text;
  for (const auto& [name, value] : parameters) {
    if (!text.empty()) text.push_back('&');
    text += percent_encode(name) + "=" + percent_encode(value);
  }
  return text;
}

Result<Parameters> decode_parameters(const std::string& text) {
  Parameters parameters;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('&', begin), text.size());
    const std::string_view pair = std::string_view(text).substr(begin, end - begin);
    const std::size_t equals = pair.find('=');
    const auto name = percent_decode(pair.substr(0, equals), true);
    const auto value =
        equals == std::string_view::npos ? std::optional<std::string>() : percent_decode(pair.substr(equals + 1), true);
    if (!name || !value || !parameters.emplace(*name, *value).second) {
      return fail(ErrorCode::kInvalidInput, "The parameters are not form-urlencoded pairs with unique names");
    }
    begin = end + 1;
  }
  return parameters;
}

}  // namespace tintype
