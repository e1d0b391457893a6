# Builds the console (web/) and lists its files, and those of the other pages, for api/pages/files.cpp to take in.
find_program(NODE node REQUIRED)
find_program(NPM npm REQUIRED)
set(web ${CMAKE_SOURCE_DIR}/web)
set(pages ${CMAKE_SOURCE_DIR}/src/api/pages)
set(console ${CMAKE_BINARY_DIR}/console)

file(GLOB_RECURSE console_sources CONFIGURE_DEPENDS ${web}/src/* ${web}/public/* ${web}/scripts/*)
list(FILTER console_sources EXCLUDE REGEX "/api/schema/")
list(APPEND console_sources ${web}/index.html ${web}/vite.config.ts ${web}/tsconfig.json)
file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS ${pages}/*.html ${pages}/*.css ${pages}/*.js ${pages}/*.svg)

# One for all presets. npm itself writes this file last.
set(console_packages ${web}/node_modules/.package-lock.json)
add_custom_command(OUTPUT ${console_packages}
  COMMAND ${NPM} ci --prefix ${web} --no-audit --no-fund --loglevel=error
  COMMAND ${CMAKE_COMMAND} -E touch ${console_packages}
  DEPENDS ${web}/package-lock.json
  VERBATIM)
add_custom_command(OUTPUT ${console}/page_files.inc
  COMMAND ${CMAKE_COMMAND} -E env TINTYPE_CONSOLE_DIR=${console}/files
    ${NODE} ${web}/node_modules/vite/bin/vite.js build ${web} --logLevel warn
  COMMAND ${NODE} ${web}/scripts/pack.mjs ${console}/files ${pages} ${console}
  DEPENDS ${console_packages} ${console_sources} ${page_sources}
  VERBATIM)

add_custom_target(console_files DEPENDS ${console}/page_files.inc)
add_dependencies(tintype_api_pages console_files)
set_source_files_properties(${pages}/files.cpp PROPERTIES
  COMPILE_DEFINITIONS TINTYPE_PAGE_FILES="${console}/page_files.inc"
  OBJECT_DEPENDS ${console}/page_files.inc
  SKIP_PRECOMPILE_HEADERS ON)
