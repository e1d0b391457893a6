// A database whose writes a test sees: something comes between, or the answer to a commit is lost.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/database.h"

namespace tintype::test {

class WatchedDatabase final : public Database {
 public:
  explicit WatchedDatabase(Database& database) : database_(database) {}

  Result<void> write(std::string_view flow, UnitOfWork unit) override {
    if (before_write) std::exchange(before_write, nullptr)();
    auto written = database_.write(flow, unit);
    if (written && writes_left && --*writes_left <= 0) return fail_internal("the connection broke");
    return written;
  }
  Result<void> read(UnitOfWork unit) override { return database_.read(unit); }
  bool reads_may_block() const override { return database_.reads_may_block(); }
  int units_waiting() const override { return database_.units_waiting(); }
  Result<void> migrate() override { return database_.migrate(); }
  Result<void> check() override { return database_.check(); }
  Result<std::vector<std::string>> pending_migrations() override { return database_.pending_migrations(); }

  std::function<void()> before_write;  // called once, before the next write
  std::optional<int> writes_left;      // the last of them, and all after it, seem to fail though they are committed

 private:
  Database& database_;
};

}  // namespace tintype::test
