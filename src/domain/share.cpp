#include "domain/share.h"

namespace tintype {

bool has_expired(const Share& share, UnixMs now_ms) {
  return share.expires_at_ms && *share.expires_at_ms <= now_ms;
}

const char* share_role_name(ShareRole role) {
  switch (role) {
    case ShareRole::kViewer: return "viewer";
    case ShareRole::kDownloader: return "downloader";
  }
  return "viewer";
}

std::optional<ShareRole> parse_share_role(const std::string& name) {
  if (name == "viewer") return ShareRole::kViewer;
  if (name == "downloader") return ShareRole::kDownloader;
  return std::nullopt;
}

}  // namespace tintype
