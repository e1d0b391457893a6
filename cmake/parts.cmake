# The vendor parts, each as a target named after the part.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(CURL REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS url)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
pkg_check_modules(XML REQUIRED IMPORTED_TARGET libxml-2.0)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(VIPS REQUIRED IMPORTED_TARGET vips)
pkg_check_modules(JPEG REQUIRED IMPORTED_TARGET libjpeg)
pkg_check_modules(WEBP REQUIRED IMPORTED_TARGET libwebp)
pkg_check_modules(PROTOBUF REQUIRED IMPORTED_TARGET protobuf-lite)
pkg_check_modules(SQLITE REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(PQ REQUIRED IMPORTED_TARGET libpq)

add_library(sodium ALIAS PkgConfig::SODIUM)
add_library(libxml2 ALIAS PkgConfig::XML)
add_library(vips ALIAS PkgConfig::VIPS)
add_library(jpeg ALIAS PkgConfig::JPEG)
add_library(webp ALIAS PkgConfig::WEBP)
add_library(protobuf ALIAS PkgConfig::PROTOBUF)

add_library(json ALIAS nlohmann_json::nlohmann_json)
add_library(CLI11 ALIAS CLI11::CLI11)

add_library(soci INTERFACE)
target_include_directories(soci SYSTEM INTERFACE /usr/include/postgresql)
target_link_libraries(soci INTERFACE soci_core soci_sqlite3 soci_postgresql PkgConfig::SQLITE PkgConfig::PQ)

add_library(opencv INTERFACE)
target_include_directories(opencv SYSTEM INTERFACE /usr/include/opencv4)
target_link_libraries(opencv INTERFACE opencv_objdetect opencv_imgproc opencv_core)

add_library(beast INTERFACE)
target_compile_definitions(beast INTERFACE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
target_link_libraries(beast INTERFACE Boost::headers Threads::Threads)

add_library(tomlplusplus INTERFACE)

find_package(prometheus-cpp CONFIG REQUIRED)
add_library(prometheus ALIAS prometheus-cpp::core)

if(TINTYPE_TESTS)
  find_package(GTest REQUIRED)
  find_library(RAPIDCHECK rapidcheck REQUIRED)
  include(GoogleTest)
endif()
