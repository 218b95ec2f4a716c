//===- RegisterTargets.h - Every target of the tree ----------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// A slice targets/X has its targets in namespace mlir::lcp::X, library
// lcp_target_X, behind one function:
//
//   namespace mlir::lcp::X { void registerTargets(TargetRegistry &registry); }
//
// which also makes the slice's passes known to lcp-opt. CMake writes one line
// LCP_TARGET(X) for every slice that has a compiler.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_REGISTERTARGETS_H
#define LCP_TOOLS_REGISTERTARGETS_H

#include "lcp/Target/Target.h"

#define LCP_TARGET(slice)                                                      \
  namespace mlir::lcp::slice {                                                 \
  void registerTargets(TargetRegistry &registry);                              \
  }
#include "targets/Targets.def"
#undef LCP_TARGET

namespace mlir::lcp {

inline void registerAllTargets([[maybe_unused]] TargetRegistry &registry) {
#define LCP_TARGET(slice) slice::registerTargets(registry);
#include "targets/Targets.def"
#undef LCP_TARGET
}

} // namespace mlir::lcp

#endif // LCP_TOOLS_REGISTERTARGETS_H
