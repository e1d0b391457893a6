// Files that come with a call: they become objects before the unit of work that names them.
#pragma once

#include <string>
#include <vector>

#include "app/images.h"
#include "base/clock.h"
#include "domain/image.h"
#include "ports/database.h"
#include "ports/object_store.h"

namespace tintype::app {

struct InputFile {
  std::string object_key;
  const IncomingFile* file = nullptr;
  ImageFormat format = ImageFormat::kJpeg;
};

// All or none.
Result<void> store_inputs(Database& database, ObjectStore& objects, const std::vector<InputFile>& inputs,
                          UnixMs now_ms);
// Part of the unit of work that names them.
Result<void> make_inputs_live(Transaction& transaction, const std::vector<InputFile>& inputs, UnixMs now_ms);
// Where that unit of work came to nothing.
void take_back_inputs(Database& database, ObjectStore& objects, const std::vector<InputFile>& inputs);

}  // namespace tintype::app
