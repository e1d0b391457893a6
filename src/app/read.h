// Reading from one snapshot.
#pragma once

#include <optional>
#include <type_traits>
#include <utility>

#include "ports/database.h"

namespace tintype::app {

// What `unit` (Transaction& -> Result<T>) answers. It touches only the database and may be run again from its start.
template <class Unit>
std::invoke_result_t<Unit&, Transaction&> read(Database& database, Unit&& unit) {
  std::optional<std::invoke_result_t<Unit&, Transaction&>> answer;
  auto done = database.read([&](Transaction& transaction) -> Result<void> {
    answer = unit(transaction);
    return *answer ? Result<void>() : std::unexpected(answer->error());
  });
  if (!done) return std::unexpected(std::move(done.error()));
  return std::move(*answer);
}

}  // namespace tintype::app
