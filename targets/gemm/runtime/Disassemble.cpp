//===- Disassemble.cpp - Commands in words --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/runtime/Disassemble.h"

#include <cstdarg>
#include <cstdio>

namespace lcp::rt::gemm {

using namespace lcp::gemm;

namespace {
__attribute__((format(printf, 2, 3))) void append(std::string &text,
                                                  const char *format, ...) {
  char buffer[128];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(buffer, sizeof(buffer), format, arguments);
  va_end(arguments);
  text += buffer;
}

void appendMap(std::string &text, const char *name, const FeatureMap &map) {
  append(text, " %s=0x%x+[%u,%u,%u]", name, map.base, map.batchStride,
         map.rowStride, map.pixelStride);
}

const char *nameOf(Kind kind) {
  switch (kind) {
  case Kind::Gemm:
    return "gemm";
  case Kind::MaxPool:
    return "max_pool";
  case Kind::SumPool:
    return "sum_pool";
  case Kind::Add:
    return "add";
  }
  return "?";
}
} // namespace

std::string disassemble(const Command &c) {
  std::string text;
  append(text, "%-8s %ux%ux%ux%u", nameOf(c.kind), c.batch,
         c.groups * c.channels, c.height, c.width);
  if (c.kind == Kind::Gemm)
    append(text, " depth=%u groups=%u", c.depth, c.groups);
  if (c.kind != Kind::Add)
    append(text, " of=%ux%u kernel=%ux%u stride=%ux%u dilation=%ux%u pad=%u,%u",
           c.inputHeight, c.inputWidth, c.kernelHeight, c.kernelWidth,
           c.strideY, c.strideX, c.dilationY, c.dilationX, c.padTop, c.padLeft);
  if (c.poolHeight * c.poolWidth > 1)
    append(text, " pool=%ux%u/%ux%u", c.poolHeight, c.poolWidth, c.poolStrideY,
           c.poolStrideX);
  appendMap(text, "in", c.input);
  if (c.kind == Kind::Add)
    appendMap(text, "second", c.second);
  appendMap(text, "out", c.output);
  if (c.kind == Kind::Gemm)
    append(text, " weights=0x%x table=0x%x", c.weightBase, c.tableBase);
  if (c.kind == Kind::SumPool || c.kind == Kind::Add)
    append(text, " factors=%d,%d shift=%u", c.factors[0], c.factors[1],
           c.shift);
  append(text, " clamp=%d..%d layer=%u", c.clampMin, c.clampMax, c.layer);
  return text;
}

} // namespace lcp::rt::gemm
