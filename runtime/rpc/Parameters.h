//===- Parameters.h - The protocol's parameters of ours ---------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_RUNTIME_RPC_PARAMETERS_H
#define LCP_RUNTIME_RPC_PARAMETERS_H

#include "common/base/TensorParameters.h"

#include <cstdint>

namespace lcp::rt {

/// Of what is ours in the protocol: counts up when those who know the one
/// before would get something wrong.
constexpr uint32_t protocolVersion = 1;

/// On a request, a boolean: say when it was where. On its answer, a string: see
/// Stations.h.
constexpr const char *traceParameter = "lcp_trace";

/// On an input in a model's metadata, a string: the other datatypes that it may
/// come in, "UINT8,BYTES", see ImageCodec.h. Absent if there are none.
constexpr const char *imageFormsParameter = "lcp_image_forms";

/// On an answer, a string: the devices whose branches it is without, with
/// commas between. Absent if there are none.
constexpr const char *missingParameter = "lcp_missing";

} // namespace lcp::rt

#endif // LCP_RUNTIME_RPC_PARAMETERS_H
