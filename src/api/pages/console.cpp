#include "api/pages/console.h"

namespace tintype::api {

std::span<const char* const> console_pages() {
  static const char* const pages[] = {
      "/",
      "/sign-in",
      "/sign-up",
      "/library",
      "/trash",
      "/pictures/{id}",
      "/albums",
      "/albums/{id}",
      "/studio",
      "/studio/{operation}",
      "/batches",
      "/batches/{id}",
      "/wallet",
      "/developers",
      "/developers/{section}",
      "/account",
      "/admin",
      "/admin/{section}",
      "/admin/{section}/{item}",
  };
  return pages;
}

}  // namespace tintype::api
