# Rules for the compiler's folders: Debian's LLVM/MLIR 19, shared libraries only
# (mixing in static MLIR archives duplicates TypeIDs).

find_package(MLIR 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/mlir)
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/llvm)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
set(LCP_LLVM_LIBRARY_DIR ${LLVM_LIBRARY_DIR})
set(CMAKE_BUILD_RPATH ${LLVM_LIBRARY_DIR})
set(CMAKE_INSTALL_RPATH ${LLVM_LIBRARY_DIR})

# Most of a source's time goes to MLIR's headers: parsed once, they halve a build from nothing. The
# file is without its time, or ccache would take every new one for another.
file(CONFIGURE OUTPUT precompiled.cpp CONTENT "")
add_library(LCPPrecompiled OBJECT ${CMAKE_CURRENT_BINARY_DIR}/precompiled.cpp)
target_include_directories(LCPPrecompiled SYSTEM PRIVATE ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
target_compile_options(LCPPrecompiled PRIVATE -UNDEBUG -DNDEBUG -fno-exceptions
  $<$<CXX_COMPILER_ID:Clang>:SHELL:-Xclang -fno-pch-timestamp>)
target_precompile_headers(LCPPrecompiled PRIVATE <mlir/Dialect/Func/IR/FuncOps.h> <mlir/IR/Builders.h>
  <mlir/IR/BuiltinOps.h> <mlir/IR/PatternMatch.h> <mlir/Pass/PassManager.h>)

# lcp_add_compiler_library(name [EXCEPTIONS] SOURCES... LINK... [DEPENDS...])
function(lcp_add_compiler_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "SOURCES;LINK;PRIVATE_LINK;DEPENDS" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  lcp_use_mlir(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM-19 PRIVATE ${ARG_PRIVATE_LINK})
  if(NOT ARG_EXCEPTIONS)
    target_compile_options(${name} PRIVATE -fno-exceptions)
    target_precompile_headers(${name} REUSE_FROM LCPPrecompiled)
  endif()
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# lcp_add_tool(name SOURCES... LINK...): an executable over the compiler.
function(lcp_add_tool name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  lcp_use_mlir(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM-19)
endfunction()

# LLVM's headers change layout with NDEBUG, and Debian's build has it: every
# build type of ours defines it where those headers are seen.
function(lcp_use_mlir name)
  target_include_directories(${name} PUBLIC
    ${CMAKE_SOURCE_DIR}/include ${CMAKE_BINARY_DIR}/include
    ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
  target_include_directories(${name} SYSTEM PUBLIC ${MLIR_INCLUDE_DIRS} ${LLVM_INCLUDE_DIRS})
  target_compile_definitions(${name} PUBLIC NDEBUG)
  target_compile_options(${name} PRIVATE -UNDEBUG -DNDEBUG)
endfunction()
