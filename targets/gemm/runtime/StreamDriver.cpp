//===- StreamDriver.cpp - Loads streams onto an engine --------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "targets/gemm/runtime/StreamDriver.h"

#include "common/base/Printable.h"
#include "targets/gemm/abi/Validate.h"
#include "targets/gemm/runtime/Disassemble.h"

#include <algorithm>

namespace lcp::rt::gemm {

using namespace lcp::gemm;

namespace {

/// Calls move(i, address) for each element of a tensor, i counting in the
/// tensor's own order, and its address in activation memory.
template <typename Move>
void forEachElement(const Binding &b, int8_t *memory, Move &&move) {
  uint64_t i = 0;
  for (uint64_t n = 0; n < b.batch; ++n)
    for (uint64_t c = 0; c < b.channels; ++c)
      for (uint64_t y = 0; y < b.height; ++y) {
        int8_t *at = memory + b.map.base + n * b.map.batchStride +
                     y * b.map.rowStride + c;
        for (uint64_t x = 0; x < b.width; ++x)
          move(i++, at + x * b.map.pixelStride);
      }
}

void moveInput(const Binding &b, const void *tensor, int8_t *memory) {
  if (b.type == BindingType::I8) {
    auto *bytes = static_cast<const int8_t *>(tensor);
    return forEachElement(b, memory,
                          [&](uint64_t i, int8_t *at) { *at = bytes[i]; });
  }
  // lcp.quantize, docs/numerics.md: fmax drops a NaN.
  auto *values = static_cast<const float *>(tensor);
  forEachElement(b, memory, [&](uint64_t i, int8_t *at) {
    float quotient = values[i] / b.scale;
    *at = static_cast<int8_t>(
        std::nearbyint(std::fmin(std::fmax(quotient, -127.0f), 127.0f)));
  });
}

void moveOutput(const Binding &b, void *tensor, int8_t *memory) {
  if (b.type == BindingType::I8) {
    auto *bytes = static_cast<int8_t *>(tensor);
    return forEachElement(b, memory,
                          [&](uint64_t i, int8_t *at) { bytes[i] = *at; });
  }
  auto *values = static_cast<float *>(tensor);
  forEachElement(b, memory, [&](uint64_t i, int8_t *at) {
    values[i] = static_cast<float>(*at) * b.scale;
  });
}

Status corrupt(const std::string &message) {
  return Status(StatusCode::Corrupt,
                "gemm stream: " + message + "; compile the model again");
}

Status checkBinding(const Binding &binding, const TensorSpec &spec) {
  lcp::ElementType type = binding.type == BindingType::F32
                              ? lcp::ElementType::F32
                              : lcp::ElementType::I8;
  LCP_ASSIGN_OR_RETURN(uint64_t count, elementCount(spec.shape));
  uint64_t bound = uint64_t(binding.batch) * binding.channels;
  if (__builtin_mul_overflow(bound, uint64_t(binding.height) * binding.width,
                             &bound) ||
      bound != count || type != spec.type)
    return corrupt("tensor '" + spec.name + "' is not the one it was made for");
  return Status();
}

Status checkInterface(const Stream &stream, const PartContents &part) {
  const StreamHeader &header = *stream.header;
  if (header.numInputs != part.inputs.size() ||
      header.numOutputs != part.outputs.size())
    return corrupt("made for another number of inputs or outputs");
  for (uint32_t i = 0; i < header.numInputs; ++i)
    LCP_RETURN_IF_ERROR(checkBinding(stream.bindings[i], part.inputs[i]));
  for (uint32_t i = 0; i < header.numOutputs; ++i)
    LCP_RETURN_IF_ERROR(
        checkBinding(stream.bindings[header.numInputs + i], part.outputs[i]));
  if (part.arenaBytes < header.memoryBytes)
    return corrupt("needs " + std::to_string(header.memoryBytes) +
                   " bytes of memory, but its part has " +
                   std::to_string(part.arenaBytes));
  if (part.layerNames.size() != header.numLayers)
    return corrupt("made for another number of layers");
  return Status();
}

Result<Stream> loadStream(const PartContents &part) {
  Stream stream;
  auto *weights = reinterpret_cast<const uint8_t *>(part.weights.data());
  if (Fault fault = validate(part.code.data(), part.code.size(), weights,
                             part.weights.size(), stream))
    return corrupt(std::string(fault.reason) +
                   (fault.index < 0
                        ? std::string()
                        : " (" + std::to_string(fault.index) + ")"));
  LCP_RETURN_IF_ERROR(checkInterface(stream, part));
  return stream;
}

/// The channel tables of a stream, one after the other. Copied and then
/// checked: the weights are a mapped file, which may change under us.
Result<std::vector<ChannelEntry>> copyTables(const Stream &stream,
                                             const uint8_t *weights) {
  std::vector<ChannelEntry> tables;
  for (uint32_t i = 0; i < stream.header->numCommands; ++i) {
    const Command &c = stream.commands[i];
    if (c.kind != Kind::Gemm)
      continue;
    size_t begin = tables.size(), count = size_t(c.groups) * c.channels;
    tables.resize(begin + count);
    std::memcpy(&tables[begin], weights + c.tableBase,
                count * sizeof(ChannelEntry));
    if (!std::all_of(tables.begin() + begin, tables.end(), isValid))
      return corrupt("the file changed while it was loaded");
  }
  return tables;
}

class StreamExecutable final : public Executable {
public:
  StreamExecutable(const Engine &engine, Stream stream,
                   std::vector<ChannelEntry> tables, const PartContents &part)
      : engine(engine), stream(stream), tables(std::move(tables)),
        weights(reinterpret_cast<const uint8_t *>(part.weights.data())),
        layers(part.layerNames) {}

  Status run(const Invocation &invocation) override {
    auto *memory = static_cast<int8_t *>(invocation.arena);
    const StreamHeader &header = *stream.header;
    for (uint32_t i = 0; i < header.numInputs; ++i)
      moveInput(stream.bindings[i], invocation.inputs[i], memory);
    LCP_RETURN_IF_ERROR(engine.run(stream, {memory, weights, tables.data()},
                                   invocation.pool,
                                   invocation.layerNanoseconds));
    for (uint32_t i = 0; i < header.numOutputs; ++i)
      moveOutput(stream.bindings[header.numInputs + i], invocation.outputs[i],
                 memory);
    return Status();
  }

  Span<const std::string> layerNames() const override { return layers; }

private:
  const Engine &engine;
  const Stream stream;
  const std::vector<ChannelEntry> tables;
  const uint8_t *const weights;
  const Span<const std::string> layers;
};

class StreamDriver final : public Driver {
public:
  explicit StreamDriver(std::unique_ptr<Engine> engine)
      : engine(std::move(engine)) {}

  std::string_view name() const override { return engine->name(); }

  Span<const SupportedFormat> formats() const override {
    static constexpr SupportedFormat format = {kFormat, kIsa, kAbiVersion,
                                               kAbiVersion};
    return Span<const SupportedFormat>(&format, 1);
  }

  Result<std::unique_ptr<Executable>> load(const PartContents &part) override {
    LCP_ASSIGN_OR_RETURN(Stream stream, loadStream(part));
    auto *weights = reinterpret_cast<const uint8_t *>(part.weights.data());
    LCP_ASSIGN_OR_RETURN(std::vector<ChannelEntry> tables,
                         copyTables(stream, weights));
    return std::unique_ptr<Executable>(
        new StreamExecutable(*engine, stream, std::move(tables), part));
  }

  Result<std::string> disassemble(const PartContents &part) const override {
    LCP_ASSIGN_OR_RETURN(Stream stream, loadStream(part));
    std::string text;
    for (uint32_t i = 0; i < stream.header->numCommands; ++i)
      text += lcp::rt::gemm::disassemble(stream.commands[i]) + "  " +
              printable(part.layerNames[stream.commands[i].layer]) + "\n";
    return text;
  }

private:
  const std::unique_ptr<Engine> engine;
};

} // namespace

std::unique_ptr<Driver> makeStreamDriver(std::unique_ptr<Engine> engine) {
  return std::make_unique<StreamDriver>(std::move(engine));
}

} // namespace lcp::rt::gemm
