//===- Role.h - A node's place in a split model, in its name ----*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An ONNX file holds a split model as one flat graph. Its exporter says in each
// node's and initialiser's name where it belongs, and training keeps names:
//
//   s0.b2/NAME       in branch 2 of parallel stage 0
//   s0.concat1/NAME  part of the stage's merge number 1, which joins a group of
//                    results along an axis
//   s0.sum1/NAME     the same, which adds them up
//
// Names of any other form are outside the parallel stages. The metadata entry
// `lcp.stages` holds the number of parallel stages. Where one does not begin at
// device 0, `lcp.first_devices` lists the first device of each: "0,1,2".
//
//===----------------------------------------------------------------------===//

#ifndef LCP_IMPORT_ONNX_ROLE_H
#define LCP_IMPORT_ONNX_ROLE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

#include <optional>
#include <string>

namespace mlir::lcp {

inline constexpr llvm::StringLiteral kStagesKey = "lcp.stages";
inline constexpr llvm::StringLiteral kFirstDevicesKey = "lcp.first_devices";

struct ONNXRole {
  unsigned stage = 0, index = 0;
  llvm::StringRef kind; // "b", "concat" or "sum"
  llvm::StringRef name; // what follows the prefix
};

inline std::optional<ONNXRole> parseONNXRole(llvm::StringRef text) {
  ONNXRole role;
  auto [prefix, name] = text.split('/');
  auto [stage, part] = prefix.split('.');
  role.kind = part.take_while([](char c) { return c >= 'a' && c <= 'z'; });
  role.name = name;
  if (!stage.consume_front("s") || stage.getAsInteger(10, role.stage) ||
      part.drop_front(role.kind.size()).getAsInteger(10, role.index) ||
      (role.kind != "b" && role.kind != "concat" && role.kind != "sum"))
    return std::nullopt;
  return role;
}

inline std::string makeONNXRole(unsigned stage, llvm::StringRef kind,
                                unsigned index) {
  return ("s" + llvm::Twine(stage) + "." + kind + llvm::Twine(index) + "/")
      .str();
}

} // namespace mlir::lcp

#endif // LCP_IMPORT_ONNX_ROLE_H
