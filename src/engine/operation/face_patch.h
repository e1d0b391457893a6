// A restored face on its way back into the picture.
#pragma once

#include <span>

#include "engine/operation/face_alignment.h"

namespace tintype::engine {

// Blended into the rows of a result as they pass by. The share of the face goes from `strength` in its middle to
// nothing well inside of its square, smoothly, so that no edge shows.
class FacePatch {
 public:
  // `patch` is square, of as many bytes a sample as the picture, and lies at `patch_place` there; the face that is to
  // be seen of it lies at `face_place`.
  FacePatch(Pixels patch, const Similarity& patch_place, const Similarity& face_place, double strength,
            const PictureShape& picture);

  bool touches(int first_row, int rows) const { return first_row < end_ && first_row + rows > first_; }
  // `rows` are whole ones of the picture, from `first_row` on.
  void blend(int first_row, std::span<std::uint8_t> rows) const;

 private:
  template <class Sample>
  void blend_row(int y, std::uint8_t* row) const;

  Pixels patch_;
  Similarity to_patch_, to_face_;  // from the picture to the unit squares
  double strength_;
  PictureShape picture_;
  int left_ = 0, right_ = 0;  // columns and rows of the picture that the square reaches
  int first_ = 0, end_ = 0;
};

// The share at a place of the unit square, 0 to 1: 1 over the face itself, 0 from an ellipse inside of the square on.
double face_share(const Point& point);

}  // namespace tintype::engine
