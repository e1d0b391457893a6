// Pictures on their way to a provider and back.
#pragma once

#include <filesystem>

#include "ports/image_engine.h"
#include "ports/provider.h"

namespace tintype::engine {

struct FileRules {
  ImageLimits limits;
  std::int64_t memory_bytes_max = 2LL << 30;
  int quality = 92;                 // of results in formats that lose
  int picture_side_max_px = 4'096;  // of what is sent
};

// Writes what the provider gets of the job's pictures, under names that begin with `scratch`: upright, in sRGB, without
// location or any other metadata.
Result<void> write_pictures(const RunRequest& request, const std::filesystem::path& scratch, bool meant_by_alpha,
                            const FileRules& rules, const std::atomic<bool>& cancel, ProviderRequest& asked);

// What the result measures; nothing where that is left to the provider.
std::optional<Extent> sides_of_result(const RunRequest& request, const Extent& picture);

// The sides of a canvas that has the shape which was asked for and holds all of what was made; nothing where that has
// the shape already, or where the middle of it will do.
Result<std::optional<Extent>> canvas_around(const std::filesystem::path& made, const RunRequest& request,
                                            const FileRules& rules);

// Makes the result of what a provider made: its sides and format, what lies behind a cut-out. kInvalidInput or
// kInternal, with a cause of ports/image_engine.h or ports/provider.h, for what is no faithful picture.
Result<RunOutcome> finish(const std::filesystem::path& made, const RunRequest& request, const FileRules& rules,
                          const std::atomic<bool>& cancel);

}  // namespace tintype::engine
