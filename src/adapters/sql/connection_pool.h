// Connections that are opened when first needed and handed to one thread at a time.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "adapters/sql/connection.h"
#include "adapters/sql/repositories.h"

namespace tintype::sql {

// A connection and its repositories.
struct Lane {
  explicit Lane(Dialect dialect, const std::string& target) : connection(dialect, target), transaction(connection) {}
  Connection connection;
  SqlTransaction transaction;
};

class ConnectionPool {
 public:
  // `open` may throw std::exception.
  ConnectionPool(int lanes_max, std::function<std::unique_ptr<Lane>()> open)
      : lanes_max_(lanes_max), open_(std::move(open)) {}

  // Waits for a free one when all are in use. Throws what `open` throws.
  std::unique_ptr<Lane> take() {
    {
      std::unique_lock lock(mutex_);
      freed_.wait(lock, [&] { return !free_.empty() || lanes_ < lanes_max_; });
      if (!free_.empty()) {
        std::unique_ptr<Lane> lane = std::move(free_.back());
        free_.pop_back();
        return lane;
      }
      ++lanes_;
    }
    try {
      return open_();
    } catch (...) {
      give(nullptr);
      throw;
    }
  }

  // Gives it back; a lost connection is given as nothing, and a new one may take its place.
  void give(std::unique_ptr<Lane> lane) {
    {
      std::lock_guard lock(mutex_);
      if (lane) {
        free_.push_back(std::move(lane));
      } else {
        --lanes_;
      }
    }
    freed_.notify_one();
  }

 private:
  const int lanes_max_;
  const std::function<std::unique_ptr<Lane>()> open_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int lanes_ = 0;
  std::vector<std::unique_ptr<Lane>> free_;
};

}  // namespace tintype::sql
