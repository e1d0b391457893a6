// Finds faces in a picture.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "engine/net/network.h"
#include "engine/operation/face_alignment.h"

namespace tintype::engine {

inline constexpr int kFacesMax = 64;                // of a picture; those that are surest
inline constexpr int kFaceDetectionSidePx = 1'280;  // the longest side of the picture that they are looked for in
// The smallest square of a face: one that is about 18 pixels wide. A smaller one has nothing to restore it from.
inline constexpr double kFaceSquareMinPx = 32;

struct Face {
  Similarity place;  // of the unit square of kFaceTemplate in the picture
  double score = 0;
};

// RetinaFace (Deng et al. 2020) with five landmarks, or boxes alone (Liu et al. 2016): whatever answers boxes and
// scores of the anchors of 10 to 256 pixels at strides of 8, 16, 32 and 64.
//
// Networks take many things for faces. What one has found is cut out upright and shown to it a second time, as it is
// and mirrored: only what is a face in the same place both times is one.
class FaceDetector {
 public:
  // kInvalidInput when the network is not for finding faces. None at all: OpenCV's cascades, and kNotFound where they
  // are not installed.
  static Result<FaceDetector> make(std::shared_ptr<const Network> network);
  FaceDetector(FaceDetector&&) noexcept;
  FaceDetector& operator=(FaceDetector&&) noexcept;
  ~FaceDetector();

  static bool has_landmarks(const Network& network);
  // What finding holds at most, for any picture: the reduced ones and the network's rows.
  Result<std::int64_t> bytes_max() const;

  // `picture` is at most kFaceDetectionSidePx on its longest side. The surest come first. kCancelled.
  Result<std::vector<Face>> find(const Pixels& picture, const std::atomic<bool>& cancel);

 private:
  class Finding;
  class ByNetwork;
  class ByCascades;
  explicit FaceDetector(std::unique_ptr<Finding> finding);
  std::unique_ptr<Finding> finding_;
};

}  // namespace tintype::engine
