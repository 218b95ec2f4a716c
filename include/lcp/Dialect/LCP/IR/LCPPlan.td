//===- LCPPlan.td - How a network is to be divided ---------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPPLAN_TD
#define LCP_DIALECT_LCP_IR_LCPPLAN_TD

include "lcp/Dialect/LCP/IR/LCPBase.td"

def LCP_ClassifierMerge : I32EnumAttr<"ClassifierMerge",
    "How the branches meet the classifier", [
      I32EnumAttrCase<"Concat", 0, "concat">,
      I32EnumAttrCase<"SumLogits", 1, "sum_logits">,
      I32EnumAttrCase<"SumFeatures", 2, "sum_features">]> {
  let cppNamespace = "::mlir::lcp";
  let genSpecializedAttr = 0;
}

def LCP_JoinKind : I32EnumAttr<"JoinKind",
    "What a layer reads at a join that is kept", [
      I32EnumAttrCase<"Whole", 0, "whole">,
      I32EnumAttrCase<"Shuffle", 1, "shuffle">]> {
  let cppNamespace = "::mlir::lcp";
  let genSpecializedAttr = 0;
}

def LCP_LayerShardsAttr : AttrDef<LCP_Dialect, "LayerShards"> {
  let mnemonic = "shards";
  let summary = "Which channels of one layer each branch makes";
  let description = [{
    The layer's output channels, branch after branch: `begin:end` are the
    channels from `begin` up to, and without, `end`; `new n` are n channels that
    the layer did not have; `+` joins runs of one branch. Channels that no branch
    has are dropped.

    A layer with `partial_sum` is divided by its input channels instead, in the
    branches of the layer before it, and each branch makes a partial sum of all
    its output channels. The one list behind it says which those are, where they
    are not the old ones.

    Constraints:
    - (C1) every branch has a channel, and no channel is named twice.
    - (C2) `partial_sum` is followed by at most one list.

    Example: a layer of six channels, the second branch with the odd ones and one
    more:

    ```mlir
    #lcp.shards<"conv1" [0:1 + 2:3 + 4:5, 1:2 + 3:4 + 5:6 + new 1]>
    ```
  }];
  let parameters = (ins
    StringRefParameter<"the layer's node, see LayerNames">:$layer,
    "bool":$partialSum,
    ArrayRefParameter<"int64_t", "channels of each branch">:$widths,
    ArrayRefParameter<"int64_t",
      "the old position of each, -1 for a new one">:$channels);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    /// Stands for a channel that the layer did not have.
    static constexpr int64_t kNew = -1;
    /// The same without the name, as a plan writes it.
    void printBody(AsmPrinter &printer) const;
    static FailureOr<LayerShardsAttr> parseBody(AsmParser &parser);
    /// Those of branch `branch`.
    ArrayRef<int64_t> getBranch(unsigned branch) const;
  }];
}

def LCP_PlanAttr : AttrDef<LCP_Dialect, "Plan"> {
  let mnemonic = "plan";
  let summary = "How a network is divided over branches";
  let description = [{
    What `lcp-plan-split` decides, and `lcp-split-widths` and
    `lcp-remove-nonbranch-connections` carry out; the attribute `lcp.plan` of a
    module. It stays there as a record.

    - `branches`: how many.
    - `classifier`: the final layer, which stays whole.
    - `layers`: the layers that are divided, in program order, each with its
      channels by branch (`lcp.shards`). A layer that is not named stays whole;
      ops without weights follow the layers around them.
    - `merge`: how the branches meet the classifier.
    - `joins`: the joins that are kept, by number, and what layers read there.
      Join d is what the layers read that have d layers before them.
    - `devices`: what each branch is meant to run on, names in targets/devices,
      one for all or one a branch. A record: reports show it, nothing obeys it.

    `merge`, `joins` and `devices` may be left out: concat, none, none.

    Constraints:
    - (C1) from 1 to 4096 branches.
    - (C2) a layer that is no partial sum has a list for each branch.
    - (C3) no layer is named twice.
    - (C4) joins are positive and ascend.
    - (C5) there are no devices, one, or as many as branches.

    Example:

    ```mlir
    #lcp.plan<branches = 2, classifier = "fc", layers = {
      "conv1" [0:3, 3:6],
      "conv2" [0:8, 8:16]
    }, merge = concat, joins = [1] whole, devices = ["rpi4", "pynq-z1"]>
    ```
  }];
  let parameters = (ins
    "int64_t":$branches,
    StringRefParameter<"the final layer's node">:$classifier,
    ArrayRefParameter<"LayerShardsAttr", "layers that are divided">:$layers,
    "ClassifierMerge":$merge,
    ArrayRefParameter<"int64_t", "the joins that are kept">:$joins,
    "JoinKind":$joinKind,
    ArrayRefParameter<"StringAttr", "device names">:$devices);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    static constexpr int64_t kMaxBranches = 4096;
    bool keepsJoin(unsigned depth) const;
    /// The plan without all branches but `kept`, which ascend.
    PlanAttr keepBranches(ArrayRef<int64_t> kept) const;
  }];
}

#endif // LCP_DIALECT_LCP_IR_LCPPLAN_TD
