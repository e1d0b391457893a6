// Runs a network over a picture of any size while its rows pass by.
//
// The picture is cut into stripes from top to bottom, one runner each; every stripe reads a margin of the network's
// receptive field to both sides, so that the result does not depend on how the picture was cut. Rows come in and go
// out in bands: neither the picture nor its result is ever held whole. Edges are mirrored. Alpha goes through the
// network by itself, as a grey picture.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "engine/codec/codec.h"
#include "engine/net/network.h"

namespace tintype::engine {

struct PassOptions {
  int threads = 1;
  int stripe_px = 0;  // width of a stripe without its margins; 0: one stripe for each thread
  int band_px = 0;    // rows that come in at a time; 0: 32, or fewer where much has to be kept of them
};

// What lies further away than this no longer shows in what the deeper networks make.
inline constexpr int kMarginMaxPx = 48;
inline constexpr int kDeepMarginPx = 24;  // of networks that look further than kMarginMaxPx

class Pass {
 public:
  // The next `rows` rows of the picture, into exactly their room.
  using Source = std::function<Result<void>(int rows, std::span<std::uint8_t> out)>;
  // Whole rows of the result, in order.
  using Sink = std::function<Result<void>(std::span<const std::uint8_t> rows)>;

  // kInvalidInput when the network is not one that takes pictures of any size.
  static Result<Pass> plan(std::shared_ptr<const Network> network, const PictureShape& picture,
                           const PassOptions& options);

  const PictureShape& picture() const { return picture_; }
  const PictureShape& result() const { return result_; }
  // The result's columns where one stripe ends and the next begins.
  std::vector<int> cuts() const;
  // How many rows of the picture are read before the result of the first of them is handed on, at most.
  int rows_ahead() const { return rows_ahead_; }
  // What a run holds at most, the network's packed weights with it.
  std::int64_t bytes_max() const { return bytes_max_; }

  // `progress` is called with the share that is done, 0 to 1, from any thread; source and sink by one thread at a
  // time. kCancelled soon after `cancel` is set; kInternal when the network answers something that is not a number;
  // what source and sink fail with.
  Result<void> run(const Source& source, const Sink& sink, const std::atomic<bool>& cancel,
                   const std::function<void(double)>& progress) const;

 private:
  friend class PassRun;
  Pass() = default;
  RowRange kept_rows(int band) const;  // of those that a band brings forth, the ones that belong to the result
  std::shared_ptr<const Network> network_;
  PassOptions options_;
  PictureShape picture_;
  PictureShape result_;
  Geometry geometry_;
  int margin_ = 0;      // around the picture and each stripe, in input pixels
  int core_width_ = 0;  // of a stripe
  int stripes_ = 0;     // side by side; alpha has as many again
  Shape stripe_shape_;  // what a runner sees
  std::vector<RowRange> rows_by_band_;
  int rows_ahead_ = 0;
  std::int64_t bytes_max_ = 0;
};

// Rows of pixels that are there already; `pixels` must outlive it.
Pass::Source source_of(const Pixels& pixels);

// Runs a pass and keeps its result.
Result<Pixels> collect(const Pass& pass, const Pass::Source& source, const std::atomic<bool>& cancel,
                       const std::function<void(double)>& progress);

}  // namespace tintype::engine
