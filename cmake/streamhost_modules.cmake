# How module libraries are built: streamhost's own, and those of projects that use the installed SDK.
#
#   find_package(streamhost REQUIRED CONFIG)
#   add_streamhost_module(soil.probe soil_probe.cpp)
#
#   enable_testing()
#   find_package(GTest REQUIRED CONFIG)
#   add_streamhost_test(soil_probe_test soil_probe_test.cpp)

# Where hosts look for module libraries, relative to the prefix; beside that, where `streamhost --modules DIR` says.
set(STREAMHOST_MODULE_INSTALL_DIRECTORY lib/streamhost/modules)

# Makes TARGET the module library NAME.so, which shows nothing but its one entry point and finds libstreamhost_core
# relative to itself: `streamhost_module_file(TARGET NAME)`.
function(streamhost_module_file target name)
  cmake_path(RELATIVE_PATH STREAMHOST_LIBRARY_DIRECTORY BASE_DIRECTORY "${STREAMHOST_MODULE_INSTALL_DIRECTORY}"
    OUTPUT_VARIABLE way_to_core)
  set_target_properties(${target} PROPERTIES
    PREFIX "" SUFFIX ".so" OUTPUT_NAME "${name}"
    LIBRARY_OUTPUT_DIRECTORY "${STREAMHOST_MODULE_OUTPUT_DIRECTORY}"
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON CXX_EXTENSIONS OFF
    # The same before it is installed: CMake would make room with colons, for which a host refuses a library.
    INSTALL_RPATH "$ORIGIN/${way_to_core}" BUILD_WITH_INSTALL_RPATH ON)
  install(TARGETS ${target} LIBRARY DESTINATION "${STREAMHOST_MODULE_INSTALL_DIRECTORY}" COMPONENT runtime)
endfunction()

# Before TARGET is compiled, its sources are looked through for what GCC 12 makes wrong code of and says nothing about.
set(STREAMHOST_COROUTINE_CHECK "${CMAKE_CURRENT_LIST_DIR}/check_coroutines.cmake")
function(streamhost_check_coroutines target)
  if(NOT CMAKE_CXX_COMPILER_ID STREQUAL "GNU" OR CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    return()
  endif()
  set(sources "")
  foreach(source IN LISTS ARGN)
    cmake_path(ABSOLUTE_PATH source NORMALIZE)
    list(APPEND sources "${source}")
  endforeach()
  set(stamp "${CMAKE_CURRENT_BINARY_DIR}/${target}.coroutines")
  add_custom_command(OUTPUT "${stamp}" VERBATIM
    COMMAND "${CMAKE_COMMAND}" "-DSTAMP=${stamp}" -P "${STREAMHOST_COROUTINE_CHECK}" -- ${sources}
    DEPENDS ${sources} "${STREAMHOST_COROUTINE_CHECK}"
    COMMENT "Looking through the coroutines of ${target}")
  target_sources(${target} PRIVATE "${stamp}")
endfunction()

# A module library: `add_streamhost_module(TYPE SOURCES... [NO_PRECOMPILED_HEADER])`.
#
#   TYPE     what its one module type is called, as `soil.probe`; or the family alone, `soil`, where the library has
#            several types of it. The target is called TYPE too, the file soil-probe.so or soil.so.
#   SOURCES  one of them has STREAMHOST_MODULES(...)
#   NO_PRECOMPILED_HEADER
#            <streamhost/module.hpp> is compiled anew with each source. Else it is compiled once per target, so that the
#            first build takes a little longer and every later one half of the time.
#
# The library is written to STREAMHOST_MODULE_OUTPUT_DIRECTORY, by default ${PROJECT_BINARY_DIR}/modules, from where
# `streamhost --modules build/modules` takes it, and `cmake --install` puts it where installed hosts look.
function(add_streamhost_module type)
  cmake_parse_arguments(PARSE_ARGV 1 module "NO_PRECOMPILED_HEADER" "" "")
  if(NOT type MATCHES "^[a-z0-9_-]+([.][a-z0-9_-]+)?$")
    message(FATAL_ERROR "add_streamhost_module: \"${type}\" is no module type: two names of a-z, 0-9, _ and - with a "
      "dot between them, as in soil.probe, or the first of them")
  endif()
  if(NOT module_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "add_streamhost_module: ${type} has no sources")
  endif()
  if(NOT DEFINED STREAMHOST_MODULE_OUTPUT_DIRECTORY)
    set(STREAMHOST_MODULE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/modules")
  endif()
  add_library(${type} MODULE ${module_UNPARSED_ARGUMENTS})
  target_link_libraries(${type} PRIVATE streamhost::core)
  if(NOT module_NO_PRECOMPILED_HEADER)
    target_precompile_headers(${type} PRIVATE <streamhost/module.hpp>)
  endif()
  string(REPLACE "." "-" name "${type}")
  streamhost_module_file(${type} ${name})
  streamhost_check_coroutines(${type} ${module_UNPARSED_ARGUMENTS})
endfunction()

# A program of GoogleTest that tests modules: `add_streamhost_test(NAME SOURCES... [NO_PRECOMPILED_HEADER])`, one CTest
# entry for each case. <streamhost/testing.hpp> runs a module without a host; for a test with a real one,
# STREAMHOST_PROGRAM is the path of the installed program.
function(add_streamhost_test name)
  cmake_parse_arguments(PARSE_ARGV 1 test "NO_PRECOMPILED_HEADER" "" "")
  if(NOT TARGET GTest::gtest_main)
    message(FATAL_ERROR "add_streamhost_test: ${name} needs GoogleTest: find_package(GTest REQUIRED CONFIG) before it")
  endif()
  add_executable(${name} ${test_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE streamhost::core GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE STREAMHOST_PROGRAM="$<TARGET_FILE:streamhost::streamhost>")
  # The compiler then needs half of the time; what is optimised is the module.
  target_compile_options(${name} PRIVATE -O0)
  if(NOT test_NO_PRECOMPILED_HEADER)
    target_precompile_headers(${name} PRIVATE <gtest/gtest.h> <streamhost/host.hpp> <streamhost/testing.hpp>)
  endif()
  include(GoogleTest)
  gtest_discover_tests(${name} PROPERTIES TIMEOUT 60)
endfunction()
