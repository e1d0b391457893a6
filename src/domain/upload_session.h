// A resumable upload of one image's original.
//
//   created -> open -> completed
//   created, open -> aborted | expired
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace tintype {

enum class UploadState { kCreated, kOpen, kCompleted, kAborted, kExpired };

// How the bytes come: in parts of one multipart upload, or by one PUT of the whole.
enum class UploadMode { kMultipart, kSingle };

struct UploadSession {
  std::string id;  // up_...
  std::string user_id;
  std::string image_id;
  UploadState state = UploadState::kCreated;
  UploadMode mode = UploadMode::kMultipart;
  std::string object_key;                   // where the original will lie; another one after a file was refused
  std::string staging_key;                  // where the one PUT goes, with kSingle
  std::string multipart_upload_id;          // of the store, while one is open there
  std::optional<std::int64_t> total_bytes;  // unknown when the client did not say
  std::string content_type;
  std::int64_t part_size_bytes = 0;
  std::string client_sha256;  // hex; empty when the client did not say
  UnixMs created_at_ms = 0;
  UnixMs expires_at_ms = 0;
};

// The size for parts of `total_bytes`: `part_size_bytes`, or more where that would be over 10,000 parts.
std::int64_t part_size_for(std::int64_t total_bytes, std::int64_t part_size_bytes);
// How many parts there are; at least one.
int part_count(const UploadSession& session);
// The size of a part, numbered from 1; nothing when the total is unknown.
std::optional<std::int64_t> part_bytes(const UploadSession& session, int number);

const char* upload_state_name(UploadState state);  // "created" ...
std::optional<UploadState> parse_upload_state(const std::string& name);
const char* upload_mode_name(UploadMode mode);  // "multipart" | "single"
std::optional<UploadMode> parse_upload_mode(const std::string& name);

}  // namespace tintype
