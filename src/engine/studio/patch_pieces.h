// A hole laid out with whole pieces of what is known: what patches then make finer.
#pragma once

#include <array>
#include <vector>

#include "base/error.h"
#include "engine/raster/task.h"
#include "engine/studio/patch_lines.h"
#include "engine/studio/patch_match.h"

namespace tintype::engine {

// A part of the source that could be laid around a pixel of a hole's rim, moved as a whole.
struct Piece {
  struct Move {
    int x = 0, y = 0;  // from a pixel of the canvas to one of the source
  };

  int x = 0, y = 0;  // of the canvas
  Move move;
  bool is_mirrored = false;
};

// What fits to the surroundings of the rim's pixels: where things repeat, it is the next of them (He and Sun, 2012).
// Every place within some depths of the hole is tried, so this is for a small level. Never what lies right beside: it
// would be seen twice. Holes are not filled from the mirror.
Result<std::vector<Piece>> pieces_for(const PatchLevel& level, const Task& task);

// A pixel of a hole with its colour as it is seen beside the others.
struct Levelled {
  int x = 0, y = 0;
  bool is_laid = false;  // a piece shows it
  std::array<std::uint8_t, 3> colour{};
};

// How a pixel of the hole is, after pieces have been laid on it; else 0.
enum Lack : std::uint8_t { kLeft = 1, kOdd = 2 };  // no piece is laid on it, or one that is out of place

struct Laid {
  Marks lacks;                     // of the canvas: Lack
  std::vector<Levelled> levelled;  // see lay(); none where a picture is continued, or large
};

// Those of the pieces that lay() would lay: what is worth to be looked at where pixels are many.
Result<std::vector<Piece>> those_laid(const std::vector<Piece>& pieces, const Task& task, PatchLevel& level);

// The same pieces for the level that is twice as large.
void make_finer(const PatchLevel& coarse, const PatchLevel& fine, std::vector<Piece>& pieces);

// Fills the canvas' hole with those pieces that fit best, and lets the matches say so. They end where they hardly
// differ from the next, by cuts of least cost through a graph (Kwatra et al. 2003; Boykov, Veksler, Zabih, 2001). A
// picture that is continued may go on in a mirror close to its edge, where that hides the edge, but not for long, as
// that is seen. What the canvas holds stays where it is smooth and no piece fits; there the matches stay too.
// Answers too how the hole looks where no piece is lighter or darker than the next: with the steps of its pieces and
// the levels of what is around it (Poisson's equation: Perez, Gangnet, Blake, 2003).
Result<Laid> lay(const std::vector<Piece>& pieces, const std::vector<Line>& lines, const Task& task, PatchLevel& level,
                 Matches& matches);

// By how many levels the colours in a hole differ on average from what is likely there, beyond what is usual.
float strangeness(const PatchLevel& level);

}  // namespace tintype::engine
