// Without a CDN: the URLs that the object store signs itself.
#pragma once

#include "ports/url_signer.h"

namespace tintype {

class StoreUrls final : public UrlSigner {
 public:
  explicit StoreUrls(const ObjectStore& objects) : objects_(objects) {}
  std::string object_url(std::string_view key, const Delivery& delivery) const override {
    return objects_.signed_url(key, delivery);
  }

 private:
  const ObjectStore& objects_;
};

}  // namespace tintype
