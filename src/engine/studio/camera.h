// Where what a picture shows lies in space, and where a camera that has moved sees it.
#pragma once

#include <array>
#include <vector>

#include "domain/studio_operation.h"
#include "engine/studio/levels.h"

namespace tintype::engine {

// The lens that took the picture is taken to see 40 degrees along its longer side: between a product's and a room's.
inline constexpr double kViewDegrees = 40;
// A move within the picture's plane shows the picture as it is.
bool is_flat(const CameraMove& move);
// The picture's longer side where the subject is, in distances of the subject.
double longer_at_subject();

// A pinhole before the picture's middle. Distances are in those of the subject, which is 1 away. Beyond 20 degrees of
// yaw it turns half as fast: one picture holds little of a thing's sides. The lens keeps what is upright upright, as
// one that shifts does: pitch makes no lines meet, and yaw moves what stands on receding ground as it moves a wall.
class Camera {
 public:
  // `pivot`, which the camera turns around and moves to, is in the picture's pixels from its middle. What is seen moves
  // by `shift`, in the view's pixels, before the camera rolls.
  Camera(const CameraMove& move, const Extent& picture, const Extent& view, const Point& pivot,
         const Point& shift = {});

  struct Placed {
    double x = 0, y = 0;             // in the view's pixels
    double depth = 1;                // from the camera
    std::array<double, 3> source{};  // in the space of the camera before its move
  };
  // `upright` is how deep it would lie if all stood upright.
  Placed place(const Point& in_picture, double depth, double upright) const;

  // Where in the picture a view's place is if all lies in its plane.
  Point flat_source(const Point& in_view) const;

  // Where the picture has what lies there in its space.
  Point seen_before(double x, double y, double z) const {
    return {picture_.width_px / 2.0 + focal_ * x / z, picture_.height_px / 2.0 + focal_ * y / z};
  }

  // A view's pixels for one of the picture's at the pivot.
  double scale() const { return scale_ / (1 - forward_); }
  const Extent& picture() const { return picture_; }
  const Extent& view() const { return view_; }

 private:
  Point rolled(double x, double y) const;

  Extent picture_, view_;
  Point shift_;
  double focal_ = 1, scale_ = 1, forward_ = 0;
  double yaw_sin_ = 0, yaw_cos_ = 1, pitch_sin_ = 0, pitch_cos_ = 1, roll_sin_ = 0, roll_cos_ = 1;
  std::array<double, 3> pivot_{0, 0, 1};
};

// A layer's depths where the lines of a grid cross, `step` of the picture's pixels apart, from `left` and `top` on.
struct Grid {
  int columns = 0, rows = 0;
  double left = 0, top = 0, step = 1;
  double beyond = 0;                   // so much further out the outermost lines lie
  std::vector<float> depths, upright;  // see Camera::place()

  Point at(int column, int row) const;
  std::size_t nearest(const Point& at) const;
};

// Where in the picture the pixels of a view's rows from `begin` to `end` come from.
struct Sources {
  Sources(int width_px, int first, int last);
  std::size_t index(int column, int row) const {
    return static_cast<std::size_t>(row - begin) * static_cast<std::size_t>(width) + static_cast<std::size_t>(column);
  }

  int width = 0, begin = 0, end = 0;
  std::vector<float> x, y, nearness;  // of 1 over the depth; 0: nothing of the layer is there
};

// A layer's grid as a camera sees it.
class PlacedGrid {
 public:
  PlacedGrid(const Grid& grid, const Camera& camera);

  // What is nearer hides what is behind it; what is seen from behind is not there.
  Sources sources(int begin, int end) const;

 private:
  // With what runs evenly across a view of a plane: the place in space and 1, all by the depth.
  struct Corner {
    double x = 0, y = 0;
    std::array<double, 4> evenly{};
    bool is_before_camera = false;
  };
  const Corner& at(int column, int row) const;
  void draw(const Corner& a, const Corner& b, const Corner& c, Sources& band) const;

  const Camera& camera_;
  int columns_, rows_;
  std::vector<Corner> corners_;
};

}  // namespace tintype::engine
