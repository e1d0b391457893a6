#include "adapters/s3_store/curl_pool.h"

#include <utility>

namespace tintype::s3 {

CurlPool::CurlPool(int handles_max) : free_(handles_max) {
  curl_global_init(CURL_GLOBAL_DEFAULT);
}

CurlPool::Lent::Lent(CurlPool& pool) : pool_(pool), turn_(pool.free_), handle_(nullptr, curl_easy_cleanup) {
  {
    std::lock_guard lock(pool_.mutex_);
    if (!pool_.idle_.empty()) {
      handle_ = std::move(pool_.idle_.back());
      pool_.idle_.pop_back();
    }
  }
  if (!handle_) handle_.reset(curl_easy_init());
}

CurlPool::Lent::~Lent() {
  if (!handle_) return;
  curl_easy_reset(handle_.get());  // connections stay
  std::lock_guard lock(pool_.mutex_);
  pool_.idle_.push_back(std::move(handle_));
}

}  // namespace tintype::s3
