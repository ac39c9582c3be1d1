# What every target of the project is compiled with. `streamhost_options` is linked privately, so a module author's own
# flags stay theirs; what must agree between host and module travels with `streamhost_core` instead.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

include(GNUInstallDirs)
include(streamhost_modules)
# Host, core and modules find each other relative to themselves: they lie alike in the build and in the install tree.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_BINDIR}")
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}")
set(STREAMHOST_MODULE_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/${STREAMHOST_MODULE_INSTALL_DIRECTORY}")
set(STREAMHOST_LIBRARY_DIRECTORY "${CMAKE_INSTALL_LIBDIR}")

find_program(STREAMHOST_CCACHE ccache)
if(STREAMHOST_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND};-E;env;CCACHE_SLOPPINESS=pch_defines,time_macros;${STREAMHOST_CCACHE}")
endif()

add_library(streamhost_options INTERFACE)
target_compile_options(streamhost_options INTERFACE
  -Wall -Wextra -Wpedantic -Woverloaded-virtual
  $<$<BOOL:${STREAMHOST_WERROR}>:-Werror>
  # GCC 12 reports coroutine frames and Boost.JSON's storage wrongly.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-tsan -Wno-mismatched-new-delete -Wshadow=local
    -Wno-missing-field-initializers>
  # ccache can then serve a precompiled header's users.
  $<$<BOOL:${STREAMHOST_CCACHE}>:$<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>>)

if(STREAMHOST_SANITIZE)
  add_compile_options(-fsanitize=${STREAMHOST_SANITIZE} -fno-omit-frame-pointer -g1 -Og)
  add_link_options(-fsanitize=${STREAMHOST_SANITIZE})
  if(STREAMHOST_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
      add_compile_options(-fno-sanitize=function)   # clashes with coroutines in Clang
    else()
      # vptr needs type information that crosses hidden visibility; with checks in between GCC 12 sees overflows that
      # there are not.
      add_compile_options(-fno-sanitize=vptr -Wno-stringop-overflow)
    endif()
  endif()
endif()

# What every module includes, compiled once; `streamhost_module_headers(TARGET)` lets a target use it.
function(streamhost_module_headers target)
  if(NOT TARGET module_headers)
    add_library(module_headers OBJECT EXCLUDE_FROM_ALL "${PROJECT_SOURCE_DIR}/modules/module_headers.cpp")
    target_link_libraries(module_headers PRIVATE streamhost::core streamhost_options)
    target_precompile_headers(module_headers PRIVATE
      <boost/asio/as_tuple.hpp> <boost/asio/co_spawn.hpp> <fmt/format.h> <streamhost/module.hpp>)
  endif()
  target_precompile_headers(${target} REUSE_FROM module_headers)
endfunction()

# The classes of a module library, as objects that tests can link too: `streamhost_module_parts(NAME SOURCES...)`.
function(streamhost_module_parts name)
  add_library(${name} OBJECT ${ARGN})
  target_link_libraries(${name} PUBLIC streamhost::core PRIVATE streamhost_options)
  streamhost_module_headers(${name})
endfunction()

# A module library: `streamhost_module(NAME SOURCES...)`. Visible to nobody, linked to the public contract only.
function(streamhost_module name)
  add_library(module-${name} MODULE ${ARGN})
  target_link_libraries(module-${name} PRIVATE streamhost::core streamhost_options)
  streamhost_module_headers(module-${name})
  streamhost_module_file(module-${name} ${name})
  add_dependencies(streamhost_modules module-${name})
endfunction()
add_custom_target(streamhost_modules)
