// Where a cut-out subject stands: on a table before a camera that is guessed from the subject alone, in a light that
// comes from where the subject is brighter.
#pragma once

#include <vector>

#include "engine/raster/raster.h"
#include "engine/studio/cut_out.h"
#include "engine/studio/material.h"

namespace tintype::engine {

// Where the subject touches the ground: the ellipse that a round base has there, in pixels of the canvas.
struct Foot {
  float x = 0, y = 0;  // of its middle
  float half_width = 0, half_depth = 0;
};

// What touches the ground with all of its lower edge, as a can or a box does. Its far side is hidden: it is taken to be
// the near one, turned by half a turn about the middle, which holds for ellipses and parallelograms.
struct Base {
  int left = 0;              // the first column
  std::vector<float> front;  // of each column: the row below the subject; empty: there is no such base
  float middle_y = 0;

  float half_width() const { return 0.5F * static_cast<float>(front.size()); }
  float middle_x() const { return static_cast<float>(left) + half_width(); }
  float front_at(float x) const;  // of any place: beyond the ends they go on
};

enum class Pose {
  kStands,  // on ground that recedes
  kLies,    // on a surface seen from straight above
  kIsCut,   // by the lower edge of its picture: it stands on nothing that is seen, and the surface is behind it
};

// All in pixels of the canvas.
struct Stage {
  Extent sides;
  int left = 0, top = 0;  // where the subject's picture lies on the canvas
  float subject_left = 0, subject_top = 0, subject_right = 0, subject_bottom = 0;
  Pose pose = Pose::kStands;
  float contact_y = 0;  // the lowest that the subject touches the ground
  float focal = 0;      // of the lens
  float horizon_y = 0;  // where the ground would end if it did not
  float far_y = 0;      // where it ends: as a table does, or by bending up
  float sine = 0;       // of the angle under which the camera looks at the ground
  float light_x = 0;    // -1: from the left, 1: from the right
  float unit = 1;       // pixels in a unit of place, at the contact
  Base base;
  std::vector<Foot> feet;  // where there is no base

  bool stands() const { return pose == Pose::kStands; }
  float size() const;    // of the subject: the mean of its sides
  float middle() const;  // of the canvas, across
};

// For a canvas that is no smaller than the subject's picture.
Stage stage_for(const CutOut& subject, const Extent& sides, bool is_flat_lay = false);

// What all pixels of a row have in common.
struct StageRow {
  float scale = 1;               // units are so many times smaller than at the contact
  float v = 0;                   // how far away, in units from the contact
  float step_u = 0, step_v = 0;  // what one pixel is, in units
  float upright = 0;             // 0 lies, 1 hangs
  float blur = 0;                // standard deviation in pixels, of a lens that is sharp at the contact
  Direction light, view;
};
std::vector<StageRow> rows_of(const Stage& stage, bool bends);

}  // namespace tintype::engine
