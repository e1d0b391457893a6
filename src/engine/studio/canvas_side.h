// A canvas as an edge of the picture in it sees it.
#pragma once

#include <array>
#include <cstdint>

#include "domain/variant.h"

namespace tintype::engine {

enum PictureEdge : std::uint8_t { kLeftEdge, kRightEdge, kTopEdge, kBottomEdge };
inline constexpr std::array kPictureEdges{kLeftEdge, kRightEdge, kTopEdge, kBottomEdge};

// Places are so far along the edge, from the canvas's own left or upper end on, and so far outwards from it: 0 is the
// first pixel beyond the picture, and what is negative is inside.
class CanvasSide {
 public:
  // The picture lies in the canvas with so much on its left and above it.
  CanvasSide(PictureEdge edge, const Extent& picture, int left, int top, const Extent& canvas)
      : edge_(edge), is_column_(edge < kTopEdge), is_first_(edge == kLeftEdge || edge == kTopEdge) {
    begin_ = is_column_ ? top : left;
    end_ = begin_ + (is_column_ ? picture.height_px : picture.width_px);
    length_ = is_column_ ? canvas.height_px : canvas.width_px;
    depth_ = is_column_ ? picture.width_px : picture.height_px;
    const int before = is_column_ ? left : top, whole = is_column_ ? canvas.width_px : canvas.height_px;
    first_ = is_first_ ? before - 1 : before + depth_;
    growth_ = is_first_ ? before : whole - first_;
  }

  PictureEdge edge() const { return edge_; }
  bool is_column() const { return is_column_; }
  int begin() const { return begin_; }    // of the picture, along the edge,
  int end() const { return end_; }        // and its end
  int length() const { return length_; }  // the canvas's, along the edge
  int depth() const { return depth_; }    // the picture's, inwards
  int growth() const { return growth_; }  // the canvas's, outwards
  int x(int along, int outwards) const { return is_column_ ? across(outwards) : along; }
  int y(int along, int outwards) const { return is_column_ ? along : across(outwards); }

 private:
  int across(int outwards) const { return is_first_ ? first_ - outwards : first_ + outwards; }

  PictureEdge edge_;
  bool is_column_, is_first_;
  int begin_ = 0, end_ = 0, length_ = 0, depth_ = 0, first_ = 0, growth_ = 0;
};

}  // namespace tintype::engine
