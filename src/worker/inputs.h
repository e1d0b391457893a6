// Where a job's pictures come from, and how they become files.
#pragma once

#include <filesystem>
#include <optional>

#include "app/scratch.h"
#include "app/work.h"
#include "ports/egress.h"
#include "ports/image_engine.h"
#include "ports/object_store.h"

namespace tintype::worker {

// None of those that a job does not have.
struct JobFiles {
  std::optional<app::ReadableFile> picture, mask, reference;
};

class Inputs {
 public:
  Inputs(app::Work& work, ImageEngine& engine, ObjectStore& objects, Egress& egress)
      : work_(work), engine_(engine), objects_(objects), egress_(egress) {}

  // An image's original or a file that came with the call, out of the store, or what a URL answers, whose size is noted
  // with the call. Copies are made where they are needed, under names that begin with `scratch`, and go with what is
  // answered. Failures as
  // failures.h knows them; kCancelled.
  Result<JobFiles> open(const Job& job, const std::filesystem::path& scratch, RunControl& control);

 private:
  // A file that was fetched, and what it is.
  struct Fetched {
    app::ReadableFile file;
    ImageFacts facts;
  };
  Result<Fetched> fetch(const std::string& url, const std::filesystem::path& copy, RunControl& control);
  Result<void> open_side(const InputPlace& place, const std::filesystem::path& copy, RunControl& control,
                         std::optional<app::ReadableFile>& opened);

  app::Work& work_;
  ImageEngine& engine_;
  ObjectStore& objects_;
  Egress& egress_;
};

}  // namespace tintype::worker
