// Runs a network over a picture of any size while its rows pass by.
//
// The picture is cut into stripes from top to bottom, one runner each; every stripe reads a margin of the network's
// receptive field to both sides, so that the result does not depend on how the picture was cut. Rows come in and go
// out in bands: neither the picture nor its result is ever held whole. Edges are mirrored. Alpha goes through the
// network by itself, as a grey picture.
//
// A stripe keeps some rows of every layer. Where that is more memory than there may be, as with networks of hundreds of
// layers, stripes are narrower and cut into blocks: each is run by itself, one on each thread, with margins all around.
// That is more work, the more the smaller the blocks.
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
  // Blocks take the place of stripes where these would take more and blocks do not; 0: never.
  std::int64_t bytes_wanted = 0;
};

// What lies further away than this no longer shows in what networks make that look further than kCutRadiusMaxPx.
inline constexpr int kDeepMarginPx = 24;

inline constexpr int kBlockMaxPx = 512;  // a side, without margins
inline constexpr int kBandsAhead = 3;    // bands or rows of blocks between what is read and what is written

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
  Result<void> fit_stripes(bool sees_all);
  Result<void> fit_blocks();
  // What follows from the sizes that were chosen.
  Result<void> measure();
  bool has_blocks() const { return block_px_ > 0; }
  // Where stripes begin, kernels begin a block, so that they round as if nothing had been cut.
  int cut_multiple() const;
  int bands() const;
  int rows_in(int band) const;   // that a band holds, those it shares with the one before it included
  int rows_out(int band) const;  // of the result
  // Of the rows that a feed brings forth, those that belong to the result, counted from its top, or the block's.
  RowRange kept_rows(int feed) const;

  std::shared_ptr<const Network> network_;
  PassOptions options_;
  PictureShape picture_;
  PictureShape result_;
  Geometry geometry_;
  int margin_ = 0;      // around the picture and each stripe, in input pixels
  int core_width_ = 0;  // of a stripe
  int stripes_ = 0;     // side by side; alpha has as many again
  Shape stripe_shape_;  // what a runner sees, of a block where there are any
  int block_px_ = 0;    // rows of a block without its margins; 0 where there are none
  std::vector<RowRange> rows_by_feed_;
  int rows_ahead_ = 0;
  std::int64_t bytes_max_ = 0;
};

// Rows of pixels that are there already; `pixels` must outlive it.
Pass::Source source_of(const Pixels& pixels);

// Runs a pass and keeps its result.
Result<Pixels> collect(const Pass& pass, const Pass::Source& source, const std::atomic<bool>& cancel,
                       const std::function<void(double)>& progress);

}  // namespace tintype::engine
