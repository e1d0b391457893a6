# Compiler flags for all targets.
find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

add_compile_options(-pthread -Wall -Wextra -Wpedantic -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # GCC 12 warns falsely about moved-from optionals, short strings and coroutine frames at -O2.
  add_compile_options(-Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-restrict -Wno-mismatched-new-delete
    -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread)
endif()

if(TINTYPE_SANITIZE)
  add_compile_options(-fsanitize=${TINTYPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1)
  add_link_options(-fsanitize=${TINTYPE_SANITIZE})
endif()
if(TINTYPE_FUZZ)
  # What a fuzzer is to find its way through has to count its branches.
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_link_options(-fsanitize=fuzzer-no-link)
endif()
if(TINTYPE_COVERAGE)
  add_compile_options(--coverage)
  add_link_options(--coverage)
endif()
