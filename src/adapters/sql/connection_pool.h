// Connections that are opened when first needed and handed to one thread at a time.
#pragma once

#include <chrono>
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
  ConnectionPool(int lanes_max, std::int64_t wait_ms, std::function<std::unique_ptr<Lane>()> open)
      : lanes_max_(lanes_max), wait_(wait_ms), open_(std::move(open)) {}

  // Waits for a free one when all are in use: kOverloaded when none is free in time.
  Result<std::unique_ptr<Lane>> take() {
    {
      std::unique_lock lock(mutex_);
      if (!freed_.wait_for(lock, wait_, [&] { return !free_.empty() || lanes_ < lanes_max_; })) return overloaded();
      if (!free_.empty()) {
        std::unique_ptr<Lane> lane = std::move(free_.back());
        free_.pop_back();
        return lane;
      }
      ++lanes_;
    }
    try {
      return open_();
    } catch (const std::exception& exception) {
      give(nullptr);
      return fail_internal(std::string("open a connection: ") + exception.what());
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

  // Closes those that nobody uses: where one was lost, the others lead to the same server that is gone.
  void close_free() {
    std::vector<std::unique_ptr<Lane>> closing;
    {
      std::lock_guard lock(mutex_);
      closing.swap(free_);
      lanes_ -= static_cast<int>(closing.size());
    }
    freed_.notify_all();
  }

 private:
  const int lanes_max_;
  const std::chrono::milliseconds wait_;
  const std::function<std::unique_ptr<Lane>()> open_;
  std::mutex mutex_;
  std::condition_variable freed_;
  int lanes_ = 0;
  std::vector<std::unique_ptr<Lane>> free_;
};

}  // namespace tintype::sql
