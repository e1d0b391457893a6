// A bounded number of libcurl handles, each of which keeps its connections open between requests.
#pragma once

#include <curl/curl.h>

#include <memory>
#include <mutex>
#include <vector>

#include "base/turn.h"

namespace tintype::s3 {

class CurlPool {
  using Handle = std::unique_ptr<CURL, void (*)(CURL*)>;

 public:
  explicit CurlPool(int handles_max);
  CurlPool(const CurlPool&) = delete;
  CurlPool& operator=(const CurlPool&) = delete;

  // A handle for one request at a time, without options; goes back with its owner. Waits while all are lent.
  class Lent {
   public:
    explicit Lent(CurlPool& pool);
    ~Lent();
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;
    CURL* get() const { return handle_.get(); }  // nullptr when libcurl has none to give

   private:
    CurlPool& pool_;
    TakenTurn turn_;
    Handle handle_;
  };

 private:
  Turns free_;
  std::mutex mutex_;
  std::vector<Handle> idle_;  // the last one used is lent first: its connection is the most likely to be open
};

}  // namespace tintype::s3
