//===- TrafficModel.h - A model as what its steps hand on ------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What of a model decides which bytes cross the network; the compiler makes it
// of its IR.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_COMMON_TRAFFIC_TRAFFICMODEL_H
#define LCP_COMMON_TRAFFIC_TRAFFICMODEL_H

#include "common/base/Tensor.h"

#include <map>
#include <string>
#include <variant>
#include <vector>

namespace lcp {

/// How the elements of an input go to those who read it: as they are, as
/// pixels of 8 bits, or as the image file that they are made of.
struct InputForm {
  enum class Kind { Elements, Pixels, File };
  Kind kind = Kind::Elements;
  /// Of what goes to each.
  uint64_t bytes = 0;
};

/// Of one inference. Values are indices into `values`.
struct TrafficModel {
  struct Branch {
    std::vector<uint32_t> inputs, outputs;
  };
  /// Branch b of a parallel one runs on device `firstDevice + b`; a serial one
  /// has one branch, which the coordinator runs.
  struct Stage {
    bool parallel = false;
    size_t firstDevice = 0;
    std::vector<Branch> branches;
  };
  struct Merge {
    std::vector<uint32_t> inputs;
    uint32_t output = 0;
  };
  std::string name;
  std::vector<TensorSpec> values;
  std::vector<std::variant<Stage, Merge>> steps;
  /// Those that the coordinator answers with.
  std::vector<uint32_t> outputs;
  /// Of inputs that do not go as their elements.
  std::map<uint32_t, InputForm> forms;

  /// Bytes of a value's elements; its shape is one that fits memory.
  uint64_t elementBytes(uint32_t value) const {
    return *byteSize(values[value]);
  }
  /// Bytes that it takes to those who get it from the coordinator.
  uint64_t sentBytes(uint32_t value) const {
    auto form = forms.find(value);
    return form == forms.end() ? elementBytes(value) : form->second.bytes;
  }
};

} // namespace lcp

#endif // LCP_COMMON_TRAFFIC_TRAFFICMODEL_H
