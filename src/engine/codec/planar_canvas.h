// A canvas of planes, for pictures that come as JPEG and go as JPEG or WebP.
#pragma once

#include "engine/codec/canvas.h"
#include "engine/codec/planes.h"

namespace tintype::engine {

class PlanarCanvas final : public Canvas {
 public:
  explicit PlanarCanvas(Planes planes) : planes_(std::move(planes)) {}

  Extent extent() const override { return planes_.light.extent; }
  // The part begins at even pixels, as colours are known for two at a time.
  Result<std::unique_ptr<Canvas>> reduced(const Part& part, const Extent& to) const override;
  // JPEG up to quality 90 and WebP alone.
  Result<std::int64_t> write(const EncodeOptions& options, const std::filesystem::path& file) const override;
  std::vector<std::uint8_t> rgba() const override;

 private:
  Planes planes_;
};

}  // namespace tintype::engine
