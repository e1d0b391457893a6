// What a user did and spent, by days (UTC) since 1970.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/clock.h"
#include "domain/job.h"
#include "domain/wallet.h"

namespace tintype {

std::int64_t day_of(UnixMs at_ms);
UnixMs day_begins_at_ms(std::int64_t day);

// How jobs of an operation ended on a day; those that were cancelled are not counted, and kVariants neither.
struct JobDay {
  std::int64_t day = 0;
  OperationKind operation = OperationKind::kEnhance;
  std::int64_t succeeded = 0, failed = 0;
  Tokens tokens = 0;  // that the former cost
};

// What was entered into a user's ledger on a day: spent on jobs, and what came in. What an operator took away or a
// refund took back is neither.
struct TokenDay {
  std::int64_t day = 0;
  Tokens spent = 0, received = 0;
};

// A job as its user's list has it.
struct UserJob {
  Job job;
  Tokens tokens_reserved = 0, tokens_charged = 0;
};

enum class JobPhase { kOpen, kEnded };  // queued and running; all other states

struct UserJobFilter {
  std::optional<JobPhase> phase;
  std::string image_id;  // of the picture that a job works on; empty for all
};

}  // namespace tintype
