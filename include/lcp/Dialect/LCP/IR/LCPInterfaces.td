//===- LCPInterfaces.td - How ops treat channels -----------*- tablegen -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_DIALECT_LCP_IR_LCPINTERFACES_TD
#define LCP_DIALECT_LCP_IR_LCPINTERFACES_TD

include "mlir/IR/OpBase.td"

def LCP_ChannelOpInterface : OpInterface<"ChannelOpInterface"> {
  let cppNamespace = "::mlir::lcp";
  let description = [{
    What a pass that shards a network by channels, or gives it other widths,
    must know of an op. A part of a tensor is a `ChannelSlice`: the positions
    of one axis that are there, as a list of ranges. The questions are which
    part of the result can be computed from given parts of the operands, which
    part of each operand an op needs that computes a given part of its result,
    and what a channel that the operands gain must be multiplied with, or have
    added, to pass unchanged. There is no other table of ops and channels: an
    op that moves channels in a new way says so here.
  }];
  let methods = [
    InterfaceMethod<[{
      Whether the op mixes channels, and by what.
    }], "::mlir::lcp::ChannelRole", "getChannelRole", (ins),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        return ::mlir::lcp::ChannelRole::Channelwise;
      }]>,
    InterfaceMethod<[{
      The part of the result that the given parts of the operands determine; no
      value stands for an operand that is there whole. At least one operand is
      a part, none is a constant's. An error, the reason for a person to read,
      when the parts do not fit each other or the op, or weights are among them.
      A weightless mixer answers for its per-branch form; a weighted mixer is
      not asked. Where widths change, the op is asked again with operands and
      result of the new types, before its constants and attributes follow. The
      default is the part of the first operand.
    }], "::llvm::Expected<::mlir::lcp::ChannelSlice>", "followChannels",
      (ins "::llvm::ArrayRef<std::optional<::mlir::lcp::ChannelSlice>>":$operands),
      /*methodBody=*/"", /*defaultImplementation=*/"return *operands[0];">,
    InterfaceMethod<[{
      The parts of operand `operand` that the op needs to compute `result`
      (absent: all of it) from the part `input` of its first non-constant
      operand (absent: all of it). At most one part an axis. The default is
      `result` for the first operand.
    }], "::llvm::SmallVector<::mlir::lcp::ChannelSlice>", "getOperandSlices",
      (ins "unsigned":$operand,
           "const std::optional<::mlir::lcp::ChannelSlice> &":$input,
           "const std::optional<::mlir::lcp::ChannelSlice> &":$result),
      /*methodBody=*/"", /*defaultImplementation=*/[{
        ::llvm::SmallVector<::mlir::lcp::ChannelSlice> slices;
        if (operand == 0 && result)
          slices.push_back(*result);
        return slices;
      }]>,
    InterfaceMethod<[{
      Rewrites attributes of this op, which has its narrower or wider operands
      already, where they count channels (groups, the ends of a slice). `input`
      and `result` are parts of what the op was copied from; absent where it
      has all of it.
    }], "void", "narrowAttributes",
      (ins "const std::optional<::mlir::lcp::ChannelSlice> &":$input,
           "const std::optional<::mlir::lcp::ChannelSlice> &":$result),
      /*methodBody=*/"", /*defaultImplementation=*/"return;">,
    InterfaceMethod<[{
      The element that constant operand `operand` gets for a channel that is
      new, so that the channel passes as it is. A layer's weight is not asked
      for: who reads a new channel, and how, is the splitter's to say.
    }], "float", "getNewChannelValue", (ins "unsigned":$operand),
      /*methodBody=*/"", /*defaultImplementation=*/"return 0.0f;">,
    InterfaceMethod<[{
      Channels of the input that must stay together: those of one group of a
      grouped convolution; 1 for most.
    }], "int64_t", "getChannelQuantum", (ins), /*methodBody=*/"",
      /*defaultImplementation=*/"return 1;">
  ];
}

#endif // LCP_DIALECT_LCP_IR_LCPINTERFACES_TD
