//===- Registers.h - The engine's registers ---------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The control port, AXI4-Lite, 32-bit registers at these byte offsets. A run:
// write the three addresses and the number of commands, then START with a new
// number in RUN; the engine is through when STATUS shows DONE and RUN_DONE
// shows that number, so the DONE of an earlier run cannot be taken for this
// one. A command that fails the engine's own checks stops it with FAULT, the
// command's index in FAULT_COMMAND.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_GEMM_ABI_REGISTERS_H
#define LCP_TARGETS_GEMM_ABI_REGISTERS_H

#include <cstdint>

namespace lcp::gemm {

enum class Register : uint32_t {
  /// Read: kMagic (Stream.h), kAbiVersion, kArrayRows << 16 | kArrayCols.
  ID = 0x00,
  VERSION = 0x04,
  GEOMETRY = 0x08,
  /// Write: ControlBits.
  CONTROL = 0x0c,
  /// Read: StatusBits.
  STATUS = 0x10,
  FAULT_COMMAND = 0x14,
  /// Read and write while not BUSY: bus addresses, multiples of 64, and counts.
  COMMANDS_LOW = 0x18,
  COMMANDS_HIGH = 0x1c,
  NUM_COMMANDS = 0x20,
  MEMORY_LOW = 0x24,
  MEMORY_HIGH = 0x28,
  WEIGHTS_LOW = 0x2c,
  WEIGHTS_HIGH = 0x30,
  /// Write: the run's number. Read RUN_DONE: that of the last finished run.
  RUN = 0x34,
  RUN_DONE = 0x38,
  /// Read: clock cycles from START to DONE or FAULT.
  CYCLES_LOW = 0x3c,
  CYCLES_HIGH = 0x40,
};

enum class ControlBits : uint32_t { START = 1u << 0, RESET = 1u << 1 };
enum class StatusBits : uint32_t {
  BUSY = 1u << 0,
  DONE = 1u << 1,
  FAULT = 1u << 2,
};

} // namespace lcp::gemm

#endif // LCP_TARGETS_GEMM_ABI_REGISTERS_H
