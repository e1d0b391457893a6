#include "app/input_files.h"

#include "app/purge.h"

namespace tintype::app {

Result<void> store_inputs(Database& database, ObjectStore& objects, const std::vector<InputFile>& inputs,
                          UnixMs now_ms) {
  if (inputs.empty()) return {};
  auto begun = database.write([&](Transaction& transaction) -> Result<void> {
    for (const InputFile& input : inputs) {
      if (auto writing = transaction.objects().begin_writing(input.object_key, now_ms); !writing) return writing;
    }
    return {};
  });
  if (!begun) return begun;
  for (const InputFile& input : inputs) {
    auto put = objects.put_file(input.object_key, input.file->path, image_format_media_type(input.format));
    if (put) continue;
    take_back_inputs(database, objects, inputs);
    return std::unexpected(put.error());
  }
  return {};
}

Result<void> make_inputs_live(Transaction& transaction, const std::vector<InputFile>& inputs, UnixMs now_ms) {
  for (const InputFile& input : inputs) {
    auto live = transaction.objects().make_live(input.object_key, input.file->size_bytes, now_ms);
    if (!live) return std::unexpected(live.error());
  }
  return {};
}

void take_back_inputs(Database& database, ObjectStore& objects, const std::vector<InputFile>& inputs) {
  std::vector<std::string> keys;
  for (const InputFile& input : inputs) keys.push_back(input.object_key);
  if (!keys.empty()) static_cast<void>(purge(database, objects, keys));
}

}  // namespace tintype::app
