// Makes and stores what a kVariants job asks for.
#pragma once

#include <filesystem>

#include "app/work.h"
#include "base/random.h"
#include "ports/image_engine.h"
#include "ports/object_store.h"

namespace tintype::worker {

class VariantMaker {
 public:
  VariantMaker(app::Work& work, ImageEngine& engine, ObjectStore& objects, Random& random)
      : work_(work), engine_(engine), objects_(objects), random_(random) {}

  // Files lie under names that begin with `scratch` meanwhile. After a failure nothing that was made is in the store,
  // as far as the store obeys; the journal knows the rest.
  Result<app::MadeVariants> make(const Job& job, const std::filesystem::path& scratch, RunControl& control);

  // Takes out of the store what no row names.
  void discard(const app::MadeVariants& made);

 private:
  // Each picture of `made` in a file of its own, in the same order.
  Result<void> draw(const std::filesystem::path& input, app::MadeVariants& made,
                    const std::vector<std::filesystem::path>& files, RunControl& control);
  Result<void> store(const app::MadeVariants& made, const std::vector<std::filesystem::path>& files);

  app::Work& work_;
  ImageEngine& engine_;
  ObjectStore& objects_;
  Random& random_;
};

}  // namespace tintype::worker
