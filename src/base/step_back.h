// For threads whose work nobody has paid for.
#pragma once

namespace tintype {

// Lets this thread, and those that it starts from now on, have what time the others leave: a tenth beside one that is
// busy, all of it otherwise. There is no way back.
void step_back();

}  // namespace tintype
