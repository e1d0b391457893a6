// A revocable link to an image or an album, for people without an account.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"

namespace tintype {

enum class ShareRole {
  kViewer,      // sees the pictures
  kDownloader,  // may also take the published copies away
};

// What a share leads to. One of the two ids is empty.
struct SharedThing {
  std::string image_id;
  std::string album_id;
};

struct Share {
  std::string id;  // shr_...
  std::string user_id;
  SharedThing thing;
  std::string token_hash;  // SHA-256 of the token, hex; the token is shown once
  ShareRole role = ShareRole::kViewer;
  std::string password_hash;    // empty: none is asked for
  std::int64_t view_count = 0;  // by others than its owner
  UnixMs created_at_ms = 0;
  std::optional<UnixMs> expires_at_ms;
  std::optional<UnixMs> revoked_at_ms;
};

bool has_expired(const Share& share, UnixMs now_ms);

const char* share_role_name(ShareRole role);  // "viewer" | "downloader"
std::optional<ShareRole> parse_share_role(const std::string& name);

}  // namespace tintype
