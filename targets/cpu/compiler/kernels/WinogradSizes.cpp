//===- WinogradSizes.cpp - What one thread transforms together ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/cpu/compiler/kernels/WinogradSizes.h"
#include "targets/cpu/abi/CPUAbi.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::cpu;

WinogradSizes::WinogradSizes(Conv2DOp conv, int64_t lanes, const Tile &tile)
    : shape(conv), transform(tile.winograd), lanes(lanes),
      inputBlocks(llvm::divideCeil(shape.inputs, lanes)),
      outputBlocks(llvm::divideCeil(shape.outputs, lanes)),
      across(llvm::divideCeil(shape.outWidth, tile.winograd)),
      patches(across * llvm::divideCeil(shape.outHeight, tile.winograd)),
      rows(llvm::alignTo(tile.patches, tile.columns)), inputs(tile.inputs),
      panel(tile.channels),
      passes(llvm::divideCeil(inputBlocks * lanes, tile.inputs)),
      panelsOnStack(
          passes == 1 ? 1 : llvm::divideCeil(tile.outputs, tile.channels)),
      panelsTogether(llvm::divideCeil(tile.outputs, tile.channels)) {}

/// What is done with one cut of the outputs into panels.
static void addWork(const WinogradSizes &sizes, const Tile &tile,
                    const Cut::Part &panels, MachineAttr machine,
                    Candidate &candidate) {
  const WinogradTransform &transform = sizes.transform;
  int64_t n = transform.getSize(), m = transform.getResults();
  int64_t images = sizes.shape.images, products = transform.getProducts();
  int64_t inputs = sizes.inputBlocks * sizes.lanes;
  int64_t together = std::min(panels.count, sizes.panelsTogether);
  double outputBlocks = double(images) * panels.count * panels.size;
  Cut shares{sizes.patches, tile.patches};
  int64_t tiles = 0;
  for (const Cut::Part &part : shares.parts())
    tiles += part.count * llvm::divideCeil(part.size, tile.columns);
  candidate.work.push_back(
      {images * panels.count * products * tiles, inputs, panels.size,
       tile.columns, sizes.passes,
       tile.inputs * (panels.size * sizes.lanes + tile.columns) * 4});

  double in = double(images) * llvm::divideCeil(panels.count, together) *
              sizes.patches * sizes.inputBlocks;
  double out = outputBlocks * sizes.patches;
  TransformWork &work = candidate.transforms;
  work.operations += in * 2 * n * transform.getInputOperations() +
                     out * (n + m) * transform.getSumOperations();
  work.moves += in * 4 * products + out * ((n + m) * (n + m) + products);
  double weights = double(panels.size) * sizes.lanes * inputs * products * 4;
  bool stays = weights * together + sizes.getStackBytes() <= machine.getL2();
  double times = stays ? 1 : llvm::divideCeil(sizes.patches, tile.patches);
  work.streamed += weights * panels.count * times * images;
}

/// Patches that a thread takes at a time: all, or shares of about one size as
/// far as the stack goes.
static void addShares(Conv2DOp conv, int64_t lanes, Tile tile,
                      MachineAttr machine,
                      SmallVectorImpl<Candidate> &candidates) {
  tile.patches = tile.columns;
  WinogradSizes least(conv, lanes, tile);
  int64_t patches = least.patches;
  int64_t limit = std::min<int64_t>(LCP_CPU_STACK_BYTES, machine.getL2());
  // Whole register tiles of patches that fit take about as much each.
  int64_t most = std::max<int64_t>(limit / least.getStackBytes(), 1);
  int64_t shares = std::max<int64_t>(patches / (most * tile.columns), 1);
  for (int64_t found = 0; shares <= patches && found < 3; ++shares) {
    tile.patches = llvm::divideCeil(patches, shares);
    WinogradSizes sizes(conv, lanes, tile);
    if (sizes.getStackBytes() > limit)
      continue;
    ++found;
    Candidate candidate{tile, {}, {}};
    for (const Cut::Part &panels :
         Cut{sizes.outputBlocks, tile.channels / lanes}.parts())
      addWork(sizes, tile, panels, machine, candidate);
    candidates.push_back(std::move(candidate));
  }
}

SmallVector<Candidate>
mlir::lcp::cpu::getWinogradCandidates(Conv2DOp conv, int64_t lanes,
                                      const Tile &most, MachineAttr machine) {
  SmallVector<Candidate> candidates;
  Tile tile;
  for (tile.winograd = 2; tile.winograd <= most.winograd; tile.winograd += 2)
    for (int64_t v = 1; v <= std::min<int64_t>(most.channels / lanes, 4); ++v)
      for (tile.columns = 2;
           tile.columns <= most.columns &&
           fitsRegisters(v, tile.columns, machine.getScalars(), machine);
           ++tile.columns)
        for (int64_t passes = 1; passes <= 32; passes *= 2)
          for (int64_t sets = 1; sets <= 16; sets *= 2) {
            tile.channels = v * lanes;
            tile.inputs =
                llvm::alignTo(llvm::divideCeil(most.inputs, passes), lanes);
            tile.outputs = std::min<int64_t>(
                llvm::alignTo(llvm::divideCeil(most.outputs, sets),
                              tile.channels),
                most.outputs);
            if ((passes > 1 && tile.inputs < 16) ||
                (sets > 1 && tile.outputs < 16))
              continue;
            addShares(conv, lanes, tile, machine, candidates);
          }
  return candidates;
}
