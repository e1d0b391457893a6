#include "app/publish.h"

#include "app/variants.h"
#include "domain/rendition.h"

namespace tintype::app {

Result<std::optional<std::string>> publish(Transaction& transaction, const Image& image, Random& random,
                                           UnixMs now_ms) {
  return order_variants(transaction, image, {published_key(image)}, random, now_ms);
}

}  // namespace tintype::app
