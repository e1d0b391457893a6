// Whatever is asked for, the answer is a plan of steps within their bounds, which can be told as JSON, or a refusal
// that says what was not understood and where.
#include <cmath>
#include <cstdlib>

#include "domain/instruction.h"

using namespace tintype;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = parse_instruction(text);
  if (!plan) {
    const Error& error = plan.error();
    if (error.code != ErrorCode::kInvalidInput || error.field != "prompt" || error.message.empty()) std::abort();
    if (error.position && (*error.position < 0 || *error.position > static_cast<std::int64_t>(size))) std::abort();
    return 0;
  }
  if (plan->steps.empty() || plan_json(*plan).text().empty()) std::abort();
  for (const EditStep& step : plan->steps) {
    if (const Turn* turn = std::get_if<Turn>(&step)) {
      const double most = turn->dial == Dial::kExposure ? 4 : 1;
      if (!(std::abs(turn->amount) <= most) || turn->amount == 0) std::abort();
    }
    if (const Rotate* rotate = std::get_if<Rotate>(&step)) {
      if (!(std::abs(rotate->degrees) <= 180)) std::abort();
    }
  }
  return 0;
}
