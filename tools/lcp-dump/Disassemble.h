//===- Disassemble.h - A bundle's code in words -----------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TOOLS_LCP_DUMP_DISASSEMBLE_H
#define LCP_TOOLS_LCP_DUMP_DISASSEMBLE_H

#include "runtime/bundle/Bundle.h"
#include "runtime/driver/Driver.h"

namespace lcp::rt {

/// Prints the code of every part; what several parts share, once. An engine for
/// the format prints it; where none can, the program `objdump` prints ELF files.
Status disassemble(const Bundle &bundle, const DriverRegistry &drivers,
                   const std::string &objdump);

} // namespace lcp::rt

#endif // LCP_TOOLS_LCP_DUMP_DISASSEMBLE_H
