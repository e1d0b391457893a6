// Runs a network over a picture of any size, tile by tile.
//
// Each tile is read with a margin of the network's receptive field, mirrored at the picture's edges, so that the
// result does not depend on how the picture was cut. Alpha is not the network's: it is resized beside it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/codec/codec.h"
#include "engine/net/graph.h"
#include "ports/image_engine.h"

namespace tintype::engine {

struct UpscaleOptions {
  int threads = 1;
  int tile_px = 192;  // longest side of a tile's core, in input pixels
  Backend backend = Backend::kOneDnn;
};

// `progress` is called with the share that is done, 0 to 1, from any thread. kCancelled between tiles; kInternal when
// the network answered something that is not a number.
Result<Pixels> upscale(const Pixels& picture, const std::shared_ptr<const Graph>& graph, const UpscaleOptions& options,
                       const std::atomic<bool>& cancel, const std::function<void(double)>& progress);

// What upscale() holds at most beside the picture it is given.
std::int64_t upscale_bytes_max(int width, int height, int channels, int bytes_per_sample, const Graph& graph,
                               const UpscaleOptions& options);

}  // namespace tintype::engine
