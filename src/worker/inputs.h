// Where a job's picture comes from, and how it becomes a file.
#pragma once

#include <filesystem>

#include "app/scratch.h"
#include "app/work.h"
#include "ports/egress.h"
#include "ports/image_engine.h"
#include "ports/object_store.h"

namespace tintype::worker {

class Inputs {
 public:
  Inputs(app::Work& work, ImageEngine& engine, ObjectStore& objects, Egress& egress)
      : work_(work), engine_(engine), objects_(objects), egress_(egress) {}

  // An image's original or a file that came with the call, out of the store, or what a URL answers, whose size is noted
  // with the call. A copy is made at `copy` where one is needed, and goes with what is answered. Failures as
  // failures.h knows them; kCancelled.
  Result<app::ReadableFile> open(const Job& job, const std::filesystem::path& copy, RunControl& control);

 private:
  Result<app::ReadableFile> fetch(const Job& job, const std::string& url, const std::filesystem::path& copy,
                                  RunControl& control);

  app::Work& work_;
  ImageEngine& engine_;
  ObjectStore& objects_;
  Egress& egress_;
};

}  // namespace tintype::worker
