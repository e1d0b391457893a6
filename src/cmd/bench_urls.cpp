// How many URLs are signed a second.
#include <chrono>
#include <cstdio>

#include "cmd/commands.h"

namespace tintype::cmd {

namespace {

constexpr int kUrls = 100'000;

template <class Sign>
void measure(const char* what, Sign sign) {
  std::size_t bytes = 0;
  const auto began = std::chrono::steady_clock::now();
  for (int at = 0; at < kUrls; ++at) bytes += sign("img_" + std::to_string(1'000'000'000 + at)).size();
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  std::printf("%s: %.0f a second, each by a signature of its own, %zu bytes on average\n", what, kUrls / took.count(),
              bytes / kUrls);
}

}  // namespace

int bench_urls(House& house) {
  const app::Deliveries& deliveries = house.deliveries();
  const Delivery delivery{SystemClock().now_ms() + 300'000, {}};
  measure("objects", [&](const std::string& id) {
    return deliveries.object_url("variants/" + id + "/large-0123456789abcdefghijkl.webp", delivery);
  });
  const RenditionSpec spec{"640x480-cover-q80", std::nullopt};
  measure("renditions", [&](const std::string& id) { return deliveries.rendition_url(id, spec, delivery); });
  return 0;
}

}  // namespace tintype::cmd
