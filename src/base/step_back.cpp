#include "base/step_back.h"

#include <sys/resource.h>

namespace tintype {

namespace {

constexpr int kBackgroundNice = 10;

}  // namespace

// Linux counts threads as processes here.
void step_back() {
  ::setpriority(PRIO_PROCESS, 0, kBackgroundNice);
}

}  // namespace tintype
