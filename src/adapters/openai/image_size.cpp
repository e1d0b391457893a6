#include "adapters/openai/image_size.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <vector>

#include "adapters/provider_calls/provider_calls.h"

namespace tintype::openai {

namespace {

constexpr int kGrid = 16;  // sides that diffusion models take are multiples of it
constexpr int kFreeSideMinPx = 256, kFreeSideMaxPx = 2'048;
constexpr double kFreePixels = 1'024.0 * 1'024.0;

std::vector<Extent> sizes_in(std::string_view text) {
  std::vector<Extent> sizes;
  while (!text.empty()) {
    const std::string_view item = text.substr(0, text.find(','));
    text.remove_prefix(std::min(item.size() + 1, text.size()));
    const std::size_t at = item.find('x');
    Extent size;
    if (at == std::string_view::npos) continue;
    std::from_chars(item.data(), item.data() + at, size.width_px);
    std::from_chars(item.data() + at + 1, item.data() + item.size(), size.height_px);
    if (size.width_px > 0 && size.height_px > 0) sizes.push_back(size);
  }
  return sizes;
}

// Empty: any.
std::vector<Extent> sizes_of(const ProviderRequest& request) {
  const auto told = std::ranges::find(request.settings, "sizes", &std::pair<std::string, std::string>::first);
  if (told != request.settings.end()) return sizes_in(told->second);
  if (is_gpt_image(request.model)) return sizes_in("1024x1024,1536x1024,1024x1536");
  if (request.model == "dall-e-3") return sizes_in("1024x1024,1792x1024,1024x1792");
  if (request.model == "dall-e-2") return sizes_in("1024x1024");
  return {};
}

int on_grid(double side_px) {
  const double kept = std::clamp<double>(side_px, kFreeSideMinPx, kFreeSideMaxPx);
  return static_cast<int>(std::lround(kept / kGrid)) * kGrid;
}

Extent free_size(double aspect, const std::optional<Extent>& wanted) {
  double width = std::sqrt(kFreePixels * aspect), height = width / aspect;
  if (wanted) {
    const double shrink =
        std::min(1.0, static_cast<double>(kFreeSideMaxPx) / std::max(wanted->width_px, wanted->height_px));
    width = wanted->width_px * shrink;
    height = wanted->height_px * shrink;
  }
  return {on_grid(width), on_grid(height)};
}

std::string text_of(const Extent& size) {
  return std::to_string(size.width_px) + "x" + std::to_string(size.height_px);
}

}  // namespace

bool is_gpt_image(const std::string& model) {
  return model.starts_with("gpt-image-") || model.starts_with("chatgpt-image-");
}

bool is_dalle(const std::string& model) {
  return model.starts_with("dall-e-");
}

std::optional<std::string> size_for(const ProviderRequest& request) {
  const std::vector<Extent> sizes = sizes_of(request);
  const auto aspect = wanted_aspect(request);
  if (sizes.empty()) return aspect ? std::optional(text_of(free_size(*aspect, request.sides.extent))) : std::nullopt;
  const auto distance = [&](const Extent& size) {
    return std::abs(std::log(static_cast<double>(size.width_px) / size.height_px / aspect.value_or(1)));
  };
  return text_of(*std::ranges::min_element(sizes, {}, distance));
}

}  // namespace tintype::openai
