//===- LCPBranches.td - Branches and what joins them -------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPBRANCHES_TD
#define LCP_DIALECT_LCP_IR_LCPBRANCHES_TD

include "lcp/Dialect/LCP/IR/LCPOpBase.td"

def LCP_ParallelOp : LCP_Op<"parallel",
    [Pure, AttrSizedOperandSegments, IsolatedFromAbove, SingleBlock]> {
  let summary = "N isolated branches that share nothing but their operands";
  let description = [{
    One region a branch. `shared` operands reach every region whole (one that
    does not use its argument is not sent it); `own`
    operands come in groups of N, and region i gets the i-th of each group. A
    region's block arguments are the shared operands, then one of each own
    group. Nothing else is visible, so a connection between branches inside a
    stage cannot be written down.

    Results come in groups of N as well: yielded value k of branch i is result
    `k * N + i`. They stay with their branch; `lcp.merge` alone makes a shared
    value of a group.

    Branch b runs on device `lcp.first_device + b` (an attribute; 0 if absent):
    that number is what chooses its target, its bundle and its worker. Stages of
    one branch on devices of their own are a pipeline by layers.

    Constraints:
    - (C1) at least one region; the number of own operands and of results are
      multiples of the number of regions.
    - (C2) each region's arguments have the types of the shared operands, then
      of its own operands.
    - (C3) every region yields one value for each result group, of its type.
    - (C4) an own operand of branch i is a result for branch i of an earlier
      `lcp.parallel` with as many branches on the same devices.
    - (C5) a result is used by `lcp.merge` or as an own operand, and by nothing
      else.
    - (C6) `lcp.first_device` is an i64, and devices have numbers from 0 to 4095.

    Example:

    ```mlir
    %p:2 = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> {
    ^bb0(%in: tensor<1x8xf32>):
      %y = lcp.dense %in, %w0 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }, {
    ^bb0(%in: tensor<1x8xf32>):
      %y = lcp.dense %in, %w1 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
      lcp.yield %y : tensor<1x2xf32>
    }
    ```
    (the constants `%w0` and `%w1` stand inside their regions); a stage on device
    1 begins with `lcp.parallel shared(...) attributes {lcp.first_device = 1 : i64}`.
  }];
  let arguments = (ins Variadic<LCP_Tensor>:$shared, Variadic<LCP_Tensor>:$own);
  let results = (outs Variadic<LCP_Tensor>:$results);
  let regions = (region VariadicRegion<SizedRegion<1>>:$branches);
  let assemblyFormat = [{
    (`shared` `(` $shared^ `:` type($shared) `)`)?
    (`own` `(` $own^ `:` type($own) `)`)?
    attr-dict-with-keyword (`->` type($results)^)? $branches
  }];
  let hasVerifier = 1;
  let extraClassDeclaration = [{
    unsigned getNumBranches() { return getNumRegions(); }
    unsigned getNumOwnGroups() { return getOwn().size() / getNumBranches(); }
    unsigned getNumResultGroups() {
      return getResults().size() / getNumBranches();
    }
    /// Operand of own group `group` that reaches branch `branch`.
    Value getOwnOperand(unsigned group, unsigned branch) {
      return getOwn()[group * getNumBranches() + branch];
    }
    OpResult getBranchResult(unsigned group, unsigned branch) {
      return cast<OpResult>(getResults()[group * getNumBranches() + branch]);
    }
    YieldOp getYield(unsigned branch);
  }];
}

def LCP_YieldOp : LCP_Op<"yield",
    [Pure, Terminator, ReturnLike, HasParent<"ParallelOp">]> {
  let summary = "The values of one branch";
  let description = [{
    Example:

    ```mlir
    lcp.yield %y : tensor<1x2xf32>
    ```
  }];
  let arguments = (ins Variadic<LCP_Tensor>:$operands);
  let assemblyFormat = "attr-dict ($operands^ `:` type($operands))?";
}

def LCP_MergeOp : LCP_Op<"merge", [Pure, LCP_InferType]> {
  let summary = "One shared value out of a group of per-branch values";
  let description = [{
    `concat` puts the operands one after the other along `axis`; with `order`,
    position i of the result is position `order[i]` of that concatenation, so
    that branches which hold a permuted choice of channels still yield the
    original order. `sum` adds operands of one shape.

    Constraints:
    - (C1) the operands are all the results of one group of one `lcp.parallel`,
      in branch order.
    - (C2) concat: same element type, rank and size but along `axis`.
    - (C3) sum: same type; no `order`.
    - (C4) `order` is a permutation of the positions on `axis`.

    Example:

    ```mlir
    %m = lcp.merge concat %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    %s = lcp.merge sum %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x2xf32>
    ```
  }];
  let arguments = (ins LCP_MergeKindAttr:$kind, Variadic<LCP_Tensor>:$inputs,
                       DefaultValuedAttr<I64Attr, "1">:$axis,
                       OptionalAttr<DenseI64ArrayAttr>:$order);
  let results = (outs LCP_Tensor:$result);
  let assemblyFormat = [{
    $kind $inputs attr-dict `:` functional-type(operands, results)
  }];
  let hasVerifier = 1;
}

#endif // LCP_DIALECT_LCP_IR_LCPBRANCHES_TD
