#include "domain/upload_session.h"

#include <algorithm>

namespace tintype {

namespace {

constexpr std::int64_t kParts = 10'000;
constexpr std::int64_t kMegabyte = 1LL << 20;

std::int64_t divided_up(std::int64_t value, std::int64_t by) {
  return (value + by - 1) / by;
}

}  // namespace

std::int64_t part_size_for(std::int64_t total_bytes, std::int64_t part_size_bytes) {
  return std::max(part_size_bytes, divided_up(divided_up(total_bytes, kParts), kMegabyte) * kMegabyte);
}

int part_count(const UploadSession& session) {
  if (!session.total_bytes) return kParts;
  return static_cast<int>(std::max<std::int64_t>(1, divided_up(*session.total_bytes, session.part_size_bytes)));
}

std::optional<std::int64_t> part_bytes(const UploadSession& session, int number) {
  if (!session.total_bytes) return std::nullopt;
  const std::int64_t before = (number - 1) * session.part_size_bytes;
  return std::clamp<std::int64_t>(*session.total_bytes - before, 0, session.part_size_bytes);
}

const char* upload_state_name(UploadState state) {
  switch (state) {
    case UploadState::kCreated: return "created";
    case UploadState::kOpen: return "open";
    case UploadState::kCompleted: return "completed";
    case UploadState::kAborted: return "aborted";
    case UploadState::kExpired: return "expired";
  }
  return "expired";
}

std::optional<UploadState> parse_upload_state(const std::string& name) {
  for (const UploadState state : {UploadState::kCreated, UploadState::kOpen, UploadState::kCompleted,
                                  UploadState::kAborted, UploadState::kExpired}) {
    if (name == upload_state_name(state)) return state;
  }
  return std::nullopt;
}

const char* upload_mode_name(UploadMode mode) {
  switch (mode) {
    case UploadMode::kMultipart: return "multipart";
    case UploadMode::kSingle: return "single";
  }
  return "multipart";
}

std::optional<UploadMode> parse_upload_mode(const std::string& name) {
  for (const UploadMode mode : {UploadMode::kMultipart, UploadMode::kSingle}) {
    if (name == upload_mode_name(mode)) return mode;
  }
  return std::nullopt;
}

}  // namespace tintype
