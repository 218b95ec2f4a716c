//===- qemu_blocks.c - How often each block of code is run ----------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A plugin of qemu's user mode, for guests of 32-bit instructions:
//
//   qemu-aarch64 -plugin qemu_blocks.so,out=FILE PROGRAM...
//
// When the program ends, FILE has a line for each block that was run: how often,
// and its instructions in hexadecimal. A block ends with a branch. Counts of
// guests with several threads may miss some.
//
// Debian packages qemu with plugins but without their header: what is used of
// version 1 of the interface is declared here.
//
//===----------------------------------------------------------------------===//

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct qemu_plugin_tb;
struct qemu_plugin_insn;
enum { QEMU_PLUGIN_INLINE_ADD_U64 = 0 };
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *
qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *);
void qemu_plugin_register_vcpu_tb_trans_cb(
    uint64_t id, void (*)(uint64_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *, int,
                                              void *, uint64_t);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*)(uint64_t, void *),
                                    void *);

int qemu_plugin_version = 1;

struct block {
  struct block *next;
  uint64_t count;
  size_t size;
  uint32_t code[];
};
static struct block *blocks;
static FILE *out;

// Qemu translates one block at a time.
static void translated(uint64_t id, struct qemu_plugin_tb *tb) {
  (void)id;
  size_t size = qemu_plugin_tb_n_insns(tb);
  struct block *block = calloc(1, sizeof *block + size * sizeof *block->code);
  if (!block)
    abort();
  block->size = size;
  for (size_t i = 0; i < size; ++i)
    memcpy(&block->code[i],
           qemu_plugin_insn_data(qemu_plugin_tb_get_insn(tb, i)),
           sizeof *block->code);
  block->next = blocks;
  blocks = block;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
                                           &block->count, 1);
}

static void ended(uint64_t id, void *context) {
  (void)id;
  (void)context;
  for (struct block *block = blocks; block; block = block->next) {
    if (!block->count)
      continue;
    fprintf(out, "%" PRIu64 " ", block->count);
    for (size_t i = 0; i < block->size; ++i)
      fprintf(out, "%08" PRIx32, block->code[i]);
    fputc('\n', out);
  }
  fclose(out);
}

int qemu_plugin_install(uint64_t id, const void *info, int count,
                        char **arguments) {
  (void)info;
  if (count != 1 || strncmp(arguments[0], "out=", 4) != 0 ||
      !(out = fopen(arguments[0] + 4, "w"))) {
    fprintf(stderr, "qemu_blocks: it takes out=FILE, which can be written\n");
    return 1;
  }
  qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
  qemu_plugin_register_atexit_cb(id, ended, NULL);
  return 0;
}
