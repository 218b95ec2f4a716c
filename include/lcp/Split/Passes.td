//===- Passes.td - Dividing a network into branches --------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_SPLIT_PASSES_TD
#define LCP_SPLIT_PASSES_TD

include "mlir/Pass/PassBase.td"

def PlanSplitPass : Pass<"lcp-plan-split", "ModuleOp"> {
  let summary = "Decides how a network is divided, and writes it down";
  let description = [{
    Everything that is chosen about a split is chosen here and ends in the
    module's attribute `lcp.plan` (`#lcp.plan`): which channels of each layer a
    branch makes, which joins are kept, how the branches meet the classifier and
    what they are meant to run on. `lcp-split-widths` and
    `lcp-remove-nonbranch-connections` carry it out. The network stays as it is.

    A plan can be printed (`lcp-print-plan`), changed, and given back:
    `plan=FILE` takes it from a file, and no other option then. A search from
    outside can write such files.

    Every layer's channels but the classifier's are divided in parts that differ
    by at most one. An op that cannot be divided stays whole, and a remark says
    why.

    `round=floor` and `fatten` change widths: channels are dropped or added. A
    new channel hears its inputs by small seeded random weights and is heard by
    nobody, so fattening alone does not change the function, except where all
    channels are summed up (lrn, softmax).

    `assign=affinity` chooses which channels go together so that the connections
    between branches carry little weight, for those are removed later; parts are
    as large as `contiguous` makes them. With `calibrate=FILE.npy|DIR` they are
    then exchanged as long as the classifier's output on those inputs comes
    closer to what it was: `trials` times, each a split of the network and a run
    on every input by the reference interpreter. Joins that are to be kept are
    not kept in a trial.

    `factor=auto device=rpi3` is the method's Procedure 1: as many branches, a
    power of two, as it takes for the largest to fit the device's memory and to
    compute for no longer than `latency-ms`, by the device's file.

    `factor=3 device=rpi4,rpi3,pynq-z1` names what each branch runs on, and
    `cluster=cluster.yaml` takes it from the file for `lcp-run`, one branch a
    worker. Widths are then divided in such shares that the branches end as
    nearly together as may be, by the modelled times of computing and of the
    link, and each fits its device's memory, as measured on candidates that are
    carried out without weights. With `factor=auto`, as many of the devices, in
    order, as it takes. One name, without `auto`, divides evenly and only says
    whether the branches fit. A remark gives shares and times.

    `cut=column-row` pairs layers, as Megatron-LM does for transformers: a layer
    that is the only reader of divided channels is divided by its input channels,
    in the branches of the layer that made them, where each makes a partial sum
    of all of its result. Where a layer that reads divided channels is not
    paired, a remark says why.

    `keep-every` and `keep-first` keep joins, places where a layer reads a merged
    value, and `join` says what it reads there; `merge` says how the branches
    meet the classifier (`lcp-remove-nonbranch-connections` describes both).

    `--lcp-plan-split=4` is short for `--lcp-plan-split=factor=4`.

    Example:

    ```mlir
    module {
      func.func @main(%x: tensor<1x3x8x8xf32>) -> tensor<1x10xf32> { ... }
    }
    ```

    becomes, with two branches,

    ```mlir
    #plan = #lcp.plan<branches = 2, classifier = "fc", layers = {
      "conv1" [0:4, 4:8],
      "conv2" [0:8, 8:16]
    }, merge = concat, joins = []>
    module attributes {lcp.plan = #plan} { ... }
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let options = [
    Option<"factor", "factor", "std::string", "\"\"",
           "The number of branches, or auto">,
    Option<"planFile", "plan", "std::string", "\"\"",
           "Instead of deciding: a file with the plan">,
    Option<"device", "device", "std::string", "\"\"",
           "What every branch runs on, a name in targets/devices; or a name a "
           "branch, with commas between">,
    Option<"cluster", "cluster", "std::string", "\"\"",
           "Instead: a cluster file, as for lcp-run, that names the workers' "
           "devices">,
    Option<"latencyMs", "latency-ms", "double", "100",
           "With factor=auto: how long a branch may compute, as modelled by the "
           "device's file">,
    Option<"round", "round", "::mlir::lcp::Rounding",
           "::mlir::lcp::Rounding::Spread",
           "spread: parts that differ by at most one channel; floor: every "
           "branch max(1, floor(width / factor)) wide">,
    Option<"fatten", "fatten", "int64_t", "0",
           "Percent by which every layer but the classifier is widened">,
    Option<"assign", "assign", "::mlir::lcp::Assignment",
           "::mlir::lcp::Assignment::Contiguous",
           "Which channels a branch gets: contiguous, or affinity: those whose "
           "connections to other branches carry little weight">,
    Option<"calibrate", "calibrate", "std::string", "\"\"",
           "With assign=affinity: a file or folder of inputs to choose by">,
    Option<"trials", "trials", "unsigned", "128",
           "With calibrate: how many exchanges of channels are tried">,
    Option<"cut", "cut", "::mlir::lcp::ParallelStyle",
           "::mlir::lcp::ParallelStyle::Column",
           "column: every layer by output channels; column-row: pairs of layers, "
           "the second by input channels (without "
           "lcp-remove-nonbranch-connections)">,
    Option<"merge", "merge", "::mlir::lcp::MergeChoice",
           "::mlir::lcp::MergeChoice::Concat",
           "How branches meet the classifier: concat, sum-logits, sum-features "
           "or auto, the one of the first two that sends fewer bytes">,
    Option<"keepEvery", "keep-every", "int64_t", "0",
           "Keep every k-th join along the network's depth; 0: none, 1: all">,
    Option<"keepFirst", "keep-first", "int64_t", "0", "Keep the first k joins">,
    Option<"join", "join", "::mlir::lcp::JoinKind",
           "::mlir::lcp::JoinKind::Whole",
           "What a layer reads at a kept join: whole or shuffle">,
    Option<"classifier", "classifier", "std::string", "\"\"",
           "The ONNX node of the final layer, which stays whole">,
  ];
  let statistics = [
    Statistic<"keptPercent", "kept-percent",
              "Squared weight within branches, of layers that can lose some">,
    Statistic<"keptContiguousPercent", "kept-percent-contiguous",
              "The same, if channels were assigned in order">,
  ];
}

def PrintPlanPass : Pass<"lcp-print-plan", "ModuleOp"> {
  let summary = "Prints the plan by which a network is divided";
  let description = [{
    The module's `lcp.plan`, to standard output, in the form that
    `lcp-plan-split=plan=FILE` reads; the module itself is best sent elsewhere.

    Example:

    ```
    lcp-opt --lcp-plan-split=4 --lcp-print-plan lenet.mlirbc -o /dev/null
    ```
  }];
}

def SplitWidthsPass : Pass<"lcp-split-widths", "ModuleOp"> {
  let summary = "Divides layers' channels over branches, exactly, by a plan";
  let description = [{
    Carries out the widths of the module's `lcp.plan`. Each layer that it names
    becomes an `lcp.parallel` over slices of its output channels, each seeing the
    whole tensor before it: model parallelism, the same function as before. Ops
    that work channel by channel ride in their producer's branches; those that
    mix channels without weights (lrn, softmax) read merged values outside.
    Layers that the plan does not name stay whole, outside.

    Contiguous slices of weights are views of the original blob; slices of rows
    that are no neighbours are copied. Merges restore the order of channels.
    Channels that the plan adds or drops are added and dropped first.

    A layer that makes partial sums is divided by its input channels, in the
    branches of the layer that made those. One `lcp.merge sum` adds the parts:
    half the merges, the same function. What reads the sum is computed beside it,
    whole, and the next layer begins a stage. The bias is the first branch's.

    Example, with two branches:

    ```mlir
    %0 = lcp.conv2d %x, %w : (tensor<1x3x8x8xf32>, tensor<4x3x3x3xf32>) -> tensor<1x4x6x6xf32>
    %1 = lcp.relu %0 : tensor<1x4x6x6xf32>
    ```

    becomes

    ```mlir
    %p:2 = lcp.parallel shared(%x : tensor<1x3x8x8xf32>) -> tensor<1x2x6x6xf32>, tensor<1x2x6x6xf32> {
    ^bb0(%in: tensor<1x3x8x8xf32>):
      %w = lcp.constant dense_resource<w> : tensor<4x3x3x3xf32> rows from 0 -> tensor<2x3x3x3xf32>
      %0 = lcp.conv2d %in, %w : (tensor<1x3x8x8xf32>, tensor<2x3x3x3xf32>) -> tensor<1x2x6x6xf32>
      %1 = lcp.relu %0 : tensor<1x2x6x6xf32>
      lcp.yield %1 : tensor<1x2x6x6xf32>
    }, { ... rows from 2 ... }
    %1 = lcp.merge concat %p#0, %p#1 : ...
    ```

    and with a layer `%2 = lcp.conv2d %1, %w2, %b2` behind it that makes partial sums,

    ```mlir
    %p:2 = lcp.parallel shared(%x : tensor<1x3x8x8xf32>) -> tensor<1x6x4x4xf32>, tensor<1x6x4x4xf32> {
    ^bb0(%in: tensor<1x3x8x8xf32>):
      ... %1 as before, channels 0 and 1 of it ...
      %w2 = lcp.constant dense_resource<w2.b0> : tensor<6x2x3x3xf32>
      %b2 = lcp.constant dense_resource<b2> : tensor<6xf32>
      %2 = lcp.conv2d %1, %w2, %b2 : (tensor<1x2x6x6xf32>, tensor<6x2x3x3xf32>, tensor<6xf32>) -> tensor<1x6x4x4xf32>
      lcp.yield %2 : tensor<1x6x4x4xf32>
    }, { ... columns 2 and 3 of %w2, no bias ... }
    %2 = lcp.merge sum %p#0, %p#1 : ...
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let statistics = [
    Statistic<"numStages", "stages", "Layers divided">,
    Statistic<"numMerges", "merges", "Tensors put together again">,
    Statistic<"numPairs", "pairs",
              "Of those, sums, one for each layer cut by input channels">,
  ];
}

def RemoveNonBranchConnectionsPass
    : Pass<"lcp-remove-nonbranch-connections", "ModuleOp"> {
  let summary = "Lets each branch see its own channels only";
  let description = [{
    Carries out the joins and the merge of the module's `lcp.plan`. On the form
    that `lcp-split-widths` makes, `shared(merge(a))` becomes
    `own(a)`: a layer keeps the weights that connect channels of its own branch,
    and what carries no weight (lrn, pooling between merges) takes its
    per-branch form. Stages with nothing left between them fuse into one. The
    function changes, so the module is marked as not trained after the split.

    The classifier, outside, reads the merged features. The plan's `merge` says
    how:

    - `concat`: all features, one after the other.
    - `sum_logits`: the same function; the classifier's columns move into the
      branches, their results are summed, the bias is added once.
    - `sum_features`: another function; features of equal width are summed and
      the classifier has a branch's width, its weights the mean over branches.

    A join is a place where a layer reads a merged value. All are removed but
    those that the plan keeps. They count along the depth of the network: the
    join of a layer that has d layers before it, on the longest way from the
    input, is number d, so that all layers that read one tensor keep it or lose
    it together. `lcp-plan-split=keep-every=k` keeps joins k, 2k, 3k, ...; with
    k = 1 that is the form this pass starts from, the same function still.
    `keep-first=k` keeps joins 1 to k: the branches split late, as in a tree.
    At a kept join a layer reads

    - `whole`: the merged value; exact model parallelism there. Mixers without
      weights in front of it see all channels too.
    - `shuffle`: as many channels as its own branch has, dealt from all branches
      in turn: a channel shuffle between grouped convolutions. Each branch sends
      every other one of N pieces instead of all it has.

    Example, the second of two layers:

    ```mlir
    %m = lcp.merge concat %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    %q:2 = lcp.parallel shared(%m : tensor<1x4xf32>) -> tensor<1x3xf32>, tensor<1x3xf32> { ... }
    ```

    becomes, in each region of the one `lcp.parallel` that is left,

    ```mlir
    %w = lcp.constant dense_resource<fc2.b0> : tensor<3x2xf32>
    %y = lcp.dense %x, %w : (tensor<1x2xf32>, tensor<3x2xf32>) -> tensor<1x3xf32>
    ```

    and with join 1 kept by shuffling, when both layers have two channels a
    branch, region 1 reads the second channel of each branch:

    ```mlir
    %m0 = lcp.merge concat %p#0, %p#1 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
    %m1 = lcp.merge concat %p#2, %p#3 : (tensor<1x1xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
    %q:2 = lcp.parallel shared(%m0, %m1 : tensor<1x2xf32>, tensor<1x2xf32>) -> ... {
      // region 0 uses %m0 only
    }, {
      // region 1 uses %m1 only
    }
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let statistics = [
    Statistic<"numStages", "stages", "Parallel stages that are left">,
  ];
}

def SplitLayersPass : Pass<"lcp-split-layers", "ModuleOp"> {
  let summary = "Cuts a network into a pipeline of stages, layer by layer";
  let description = [{
    The ops are cut, in program order, into as many runs as there are devices:
    of all cuts whose largest run has the fewest multiply-accumulates, one that
    sends the fewest bytes. Each run becomes an `lcp.parallel` of one branch, run
    i on device i, with at least one layer. Every value that a later run reads, a
    residual beside the main path among them, is merged, alone, and shared. The
    function is the same, and so is a single answer's time or longer: a pipeline
    raises the rate of answers.

    `--lcp-split-layers=4` is short for `--lcp-split-layers=factor=4`.

    Example, with two stages:

    ```mlir
    %0 = lcp.dense %x, %w0 : (tensor<1x4xf32>, tensor<8x4xf32>) -> tensor<1x8xf32>
    %1 = lcp.dense %0, %w1 : (tensor<1x8xf32>, tensor<4x8xf32>) -> tensor<1x4xf32>
    ```

    becomes

    ```mlir
    %p = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x8xf32> { ... }
    %0 = lcp.merge concat %p : (tensor<1x8xf32>) -> tensor<1x8xf32>
    %q = lcp.parallel shared(%0 : tensor<1x8xf32>) attributes {lcp.first_device = 1 : i64} -> tensor<1x4xf32> { ... }
    %1 = lcp.merge concat %q : (tensor<1x4xf32>) -> tensor<1x4xf32>
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let options = [
    Option<"factor", "factor", "int64_t", "0", "The number of stages">,
  ];
  let statistics = [
    Statistic<"numStages", "stages", "Stages made">,
    Statistic<"numValues", "values", "Tensors that leave a stage">,
  ];
}

def KeepBranchesPass : Pass<"lcp-keep-branches", "ModuleOp"> {
  let summary = "Leaves out all but the named branches of a split model";
  let description = [{
    What one branch, or some of them, can do and cost without the others. Of a
    merge by concatenation the named parts are left, and the classifier, like any
    layer that reads them, keeps its columns for those only; of a merge by
    addition the named terms. A bias is added once, as before. The branches are
    numbered from 0 again, in their old order. `lcp.split` and whether the model
    was trained since stay; a form that was the original function, and is no
    longer, is marked as split and not trained.

    `--lcp-keep-branches=0,2` is short for `--lcp-keep-branches=branches=0,2`.

    Example, with `branches=1`:

    ```mlir
    %p:2 = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> { ... }, { ... }
    %m = lcp.merge concat %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    %y = lcp.dense %m, %w, %b : (tensor<1x4xf32>, tensor<3x4xf32>, tensor<3xf32>) -> tensor<1x3xf32>
    ```

    becomes

    ```mlir
    %p = lcp.parallel shared(%x : tensor<1x8xf32>) -> tensor<1x2xf32> { ... }
    %m = lcp.merge concat %p : (tensor<1x2xf32>) -> tensor<1x2xf32>
    %y = lcp.dense %m, %w1, %b : (tensor<1x2xf32>, tensor<3x2xf32>, tensor<3xf32>) -> tensor<1x3xf32>
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let options = [
    ListOption<"branches", "branches", "int64_t", "The branches to keep">,
  ];
}

def FormBranchesPass : Pass<"lcp-form-branches", "ModuleOp"> {
  let summary = "Recovers branches from the structure of a whole network";
  let description = [{
    Looks for the last concat, or sum, of networks that do the same op for op,
    each with layers of its own, and that share no layer before it; they become
    the regions of an `lcp.parallel`, the concat or sum its `lcp.merge`. This is
    how a split model that went through another tool gets its branches back when
    the names that recorded them are gone. A module that has branches is left
    alone; one without is left alone with a warning. `lcp.split` is set; whether
    the model was trained since is not known from its structure.

    Example:

    ```mlir
    %a = lcp.dense %x, %wa : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
    %b = lcp.dense %x, %wb : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
    %c = lcp.concat %a, %b : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    ```

    becomes

    ```mlir
    %p:2 = lcp.parallel shared(%x : tensor<1x4xf32>) -> tensor<1x2xf32>, tensor<1x2xf32> { ... }
    %c = lcp.merge concat %p#0, %p#1 : (tensor<1x2xf32>, tensor<1x2xf32>) -> tensor<1x4xf32>
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let statistics = [
    Statistic<"numBranches", "branches", "Branches found">,
  ];
}

def NarrowWidthsPass : Pass<"lcp-narrow-widths", "ModuleOp"> {
  let summary = "Narrows a whole network to a number of multiply-accumulates";
  let description = [{
    What a split has to be compared with: the plain network, on one device, that
    costs as much as all branches together. Every layer but the classifier keeps
    one share of its channels, the first ones, rounded to nearest and at least
    one; the share, in steps of a thousandth, is the one whose
    multiply-accumulates come closest to `macs`. The function changes: weights of
    the channels that are left are a place to train from, no more. A remark says
    what came out. A layer that cannot be given another width is refused, as
    fattening refuses it.

    Example, with `--lcp-narrow-widths=macs=16`:

    ```mlir
    %0 = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<8x2xf32>) -> tensor<1x8xf32>
    %1 = lcp.dense %0, %w1 : (tensor<1x8xf32>, tensor<2x8xf32>) -> tensor<1x2xf32>
    ```

    becomes

    ```mlir
    %0 = lcp.dense %x, %w0 : (tensor<1x2xf32>, tensor<4x2xf32>) -> tensor<1x4xf32>
    %1 = lcp.dense %0, %w1 : (tensor<1x4xf32>, tensor<2x4xf32>) -> tensor<1x2xf32>
    ```
  }];
  let dependentDialects = ["LCPDialect"];
  let options = [
    Option<"macs", "macs", "int64_t", "0",
           "Multiply-accumulates to come close to, from 1 to the network's own">,
    Option<"classifier", "classifier", "std::string", "\"\"",
           "The ONNX node of the final layer, which keeps its outputs">,
  ];
  let statistics = [
    Statistic<"keptPermille", "kept-permille", "Of every layer's width">,
  ];
}

def PrintFootprintPass : Pass<"lcp-print-footprint", "ModuleOp"> {
  let summary = "Prints what a network costs its devices";
  let description = [{
    Parameters, multiply-accumulates, the peak of activation memory and the
    bytes that cross the network: of each layer, of each branch's device and of
    what is outside. With a factor, of a whole network, the method's Table I
    instead: one device, data parallel, a pipeline (`lcp-split-layers`), model
    parallel, that with column and row layers paired (`cut=column-row`), a
    SplitNet-like tree (`keep-first` half of the joins), grouped convolutions with
    channel shuffle (`keep-every=1 join=shuffle`), LCP, all of its branches on one
    device, and the largest of them alone (`lcp-keep-branches`). Printed to standard
    output, so the module itself is best sent elsewhere; it does not change.

    `device=rpi4` adds how long one inference takes on such devices by that
    device's file, modelled and not measured: what is computed one after the
    other (by the slowest device of each stage, and by the coordinator, which is
    one of them), and what links carry beside the network's own input and result:
    of each stage the busiest link's bytes, or all bytes where the file says that
    devices share one. Between stages values go from worker to worker, where
    nothing but merges is between them; merges are done by those who read them.
    Inputs go as elements; where images go as they came, `input-bytes=32283` says
    how many bytes one has. `device=rpi4,rpi3`, a name a branch, adds to each branch
    of a divided network how long its own device computes, and how long that
    device's own link carries its bytes. Computing is by the efficiency that the
    device's file has for each kind of layer, measured or published, or else at
    the peak; which one is said.

    Example:

    ```
    lcp-opt --lcp-print-footprint=4 lenet.mlirbc -o /dev/null
    ```
  }];
  let options = [
    Option<"factor", "factor", "int64_t", "0",
           "Compare ways to use this many devices">,
    Option<"merge", "merge", "::mlir::lcp::MergeChoice",
           "::mlir::lcp::MergeChoice::Concat",
           "How branches meet the classifier, as for lcp-split">,
    Option<"classifier", "classifier", "std::string", "\"\"",
           "The ONNX node of the final layer">,
    Option<"device", "device", "std::string", "\"\"",
           "The device, of targets/devices, to model latency on; or one a "
           "branch, with commas between">,
    Option<"inputBytes", "input-bytes", "int64_t", "0",
           "Bytes of the image file that goes in place of the input's elements; "
           "0: elements">,
    Option<"json", "json", "bool", "false", "Print JSON">,
  ];
}

#endif // LCP_SPLIT_PASSES_TD
