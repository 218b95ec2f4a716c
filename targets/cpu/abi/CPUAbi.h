//===- CPUAbi.h - What a CPU executable and its caller share --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// An executable is an ELF file whose whole content, mapped read-execute at any
// address, is ready to run: one loadable segment at offset and address 0,
// nothing to relocate, nothing to import, nothing to write. The ELF entry point
// is the address of an lcp_cpu_descriptor.
//
// Plain C. A change of anything here changes LCP_CPU_ABI_VERSION.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_TARGETS_CPU_ABI_CPUABI_H
#define LCP_TARGETS_CPU_ABI_CPUABI_H

#include <stdint.h>

/* The format's name and version in a bundle (common/base/PartFormat.h); its ISA
   is that of the code, by LLVM's name. */
#define LCP_CPU_FORMAT "cpu-image"
#define LCP_CPU_ABI_VERSION 1u

/* "LCPI" in the order of the bytes. */
#define LCP_CPU_DESCRIPTOR_MAGIC 0x4950434cu

/* One call of the entry: one step (a fused layer), by one thread of a team.
   All threads of a team make the call of step s before one makes that of s+1.
   Buffers are aligned to 64 bytes; 64 bytes past their end may be read. The
   call uses up to LCP_CPU_STACK_BYTES of its thread's stack for values, and
   what calls and registers take besides. */
#define LCP_CPU_STACK_BYTES (512 * 1024)

struct lcp_cpu_call {
  const uint8_t *const *inputs;
  uint8_t *const *outputs;
  uint8_t *arena;
  const uint8_t *weights;
  uint64_t step;    /* [0, steps) */
  uint64_t thread;  /* [0, threads) */
  uint64_t threads; /* at least 1 */
};

struct lcp_cpu_descriptor {
  uint32_t magic;
  uint32_t abi_version;
  uint32_t steps;
  uint32_t inputs;
  uint32_t outputs;
  /* From this structure to the entry, in bytes. */
  int32_t entry;
  uint64_t arena_bytes;
  uint64_t weight_bytes;
};

typedef void (*lcp_cpu_entry)(const struct lcp_cpu_call *);

#endif /* LCP_TARGETS_CPU_ABI_CPUABI_H */
