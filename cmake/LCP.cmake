# Rules that every part of the tree shares. A library's folder and its LINK line
# are the architecture: see docs/Architecture.md for the arrows they encode.

add_compile_options(-Wall -Wextra -Wno-unused-parameter)
if(CMAKE_CXX_COMPILER_ID MATCHES Clang)
  add_compile_options(-Wno-c99-extensions -Wno-nested-anon-types)
endif()
if(LCP_SANITIZE)
  add_compile_options(-fsanitize=${LCP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${LCP_SANITIZE})
endif()

# Without this a fuzzer would see nothing of the libraries that it is to explore.
if(LCP_BUILD_FUZZERS)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

find_package(Threads REQUIRED)

# What runs on devices, and there meets files and peers from outside: a fault in it shall end the
# process rather than become code of somebody else's. Sanitizers find more and bear no FORTIFY.
set(LCP_HARDENED_COMPILE -fstack-protector-strong -fstack-clash-protection)
if(NOT LCP_SANITIZE)
  list(APPEND LCP_HARDENED_COMPILE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
# At an address that changes from start to start, and with no table of functions left writable.
set(LCP_HARDENED_LINK -Wl,-z,relro,-z,now,-z,noexecstack)
if(LCP_STATIC)
  list(APPEND LCP_HARDENED_LINK -static-pie)
else()
  list(APPEND LCP_HARDENED_LINK -pie)
endif()

# lcp_harden(executable): the tools of the runtime.
function(lcp_harden name)
  target_compile_options(${name} PRIVATE ${LCP_HARDENED_COMPILE})
  target_link_options(${name} PRIVATE ${LCP_HARDENED_LINK})
endfunction()

# lcp_add_runtime_library(name [EXCEPTIONS] SOURCES... LINK... [DEPENDS...])
# A static library of the runtime: no LLVM; no exceptions unless it must meet a
# library that throws.
function(lcp_add_runtime_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "SOURCES;LINK;PRIVATE_LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE ${ARG_PRIVATE_LINK})
  target_compile_options(${name} PRIVATE ${LCP_HARDENED_COMPILE})
  if(NOT ARG_EXCEPTIONS)
    target_compile_options(${name} PRIVATE -fno-exceptions)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# lcp_add_unit_test(name SOURCES... LINK...): a GoogleTest program, run by ctest.
function(lcp_add_unit_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT LCP_BUILD_TESTS)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/unit)
  add_test(NAME ${name} COMMAND ${name})
endfunction()

# lcp_add_fuzzer(name SOURCES... LINK...): a libFuzzer program.
function(lcp_add_fuzzer name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  if(NOT LCP_BUILD_FUZZERS)
    return()
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_include_directories(${name} PRIVATE ${CMAKE_SOURCE_DIR})
  target_compile_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/fuzz)
endfunction()
