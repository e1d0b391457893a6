// Restores the faces of a picture apart from it, before the picture itself is enhanced.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "engine/operation/face_detection.h"
#include "engine/operation/face_patch.h"
#include "engine/operation/model_cache.h"

namespace tintype::engine {

// The networks that it takes.
struct FaceNetworks {
  std::shared_ptr<const Network> detector;  // null: OpenCV's cascades
  std::shared_ptr<const Network> restorer;
  std::vector<ModelFile> files;
  int side = 0;  // of the only square the restorer takes, in [-1, 1]; 0: it takes any picture, in [0, 1]

  std::int64_t packed_bytes() const;
};

// Detectors that find landmarks come before those of boxes alone, GFPGAN before "restore-x1". kNotFound when none of
// those that are installed restores faces.
Result<FaceNetworks> face_networks(ModelCache& models, const std::filesystem::path& directory);

struct FaceOptions {
  std::filesystem::path file;
  ImageLimits limits;
  std::optional<int> longest_side_max_px;  // as the first pass reads the picture,
  PictureShape picture;                    // which is of this shape then,
  std::int64_t reader_bytes_max = 0;       // and takes this much to read
  // The networks that all of the picture goes through, in order, and what comes out of the last.
  std::vector<std::shared_ptr<const Network>> enlargers;
  PictureShape result;
  double strength = 1;
  int threads = 1;
  std::int64_t memory_bytes_max = 0;  // fewer faces are restored at a time where all threads' would not fit
};

// A face is cut out of the picture as it is read, upright and in as many pixels as the restorer takes; restored;
// enlarged by the networks that enlarge the picture where its place in the result is larger; and kept as a patch.
class FaceRestoration {
 public:
  FaceRestoration(FaceNetworks networks, FaceOptions options);

  // What finding faces holds at most.
  Result<std::int64_t> finding_bytes_max() const;
  // Looks for faces; none is no error. kCancelled.
  Result<void> find(const std::atomic<bool>& cancel);
  std::size_t count() const { return jobs_.size(); }

  // What restoring those that were found holds at most, and what is left of it while the picture passes by.
  std::int64_t restoring_bytes_max() const { return restoring_bytes_; }
  std::int64_t kept_bytes() const;

  // Once, after find(). `progress` is called with the share that is done, 0 to 1, from any thread. kCancelled.
  Result<std::vector<FacePatch>> restore(const std::atomic<bool>& cancel, const std::function<void(double)>& progress);

 private:
  struct Job {
    Similarity place;  // of the face's unit square in the picture
    Similarity cut;    // of the square that is cut out for it
    double strength = 0;
    int side = 0;        // of the cut face, in pixels
    int patch_side = 0;  // of its patch at most
    // The part of the picture that is kept while it is read, and how large it is kept.
    int left = 0, top = 0;
    PictureShape window, kept;
    Pixels face;
  };
  class Cutting;
  Result<Pixels> read_reduced(int longest_side_px, const std::atomic<bool>& cancel) const;
  std::optional<Job> job_for(const Similarity& place) const;
  Result<void> plan_memory();
  Result<std::int64_t> bytes_of_one(const Job& job) const;
  Result<void> cut(const std::atomic<bool>& cancel);
  Result<Pixels> patch_of(Job& job, const std::atomic<bool>& cancel) const;
  Result<Pixels> restored(const Pixels& face, const std::atomic<bool>& cancel) const;
  double enlargement() const { return static_cast<double>(options_.result.width) / options_.picture.width; }

  const FaceNetworks networks_;
  const FaceOptions options_;
  std::vector<Job> jobs_;
  int workers_ = 1;
  std::int64_t restoring_bytes_ = 0;
};

}  // namespace tintype::engine
