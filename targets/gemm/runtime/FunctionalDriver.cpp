//===- FunctionalDriver.cpp - The simulated engine as a driver ------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "common/base/Printable.h"
#include "runtime/driver/Driver.h"
#include "targets/gemm/abi/Validate.h"
#include "targets/gemm/runtime/Simulator.h"

#include <algorithm>
#include <chrono>

namespace lcp::rt::gemm {

/// targets/CMakeLists.txt names it for tools/RegisterDrivers.h.
void registerDrivers(DriverRegistry &registry);

using namespace lcp::gemm;

namespace {

uint64_t now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

/// Calls move(i, address) for each element of a tensor, i counting in the
/// tensor's own order, and its address in activation memory.
template <typename Move>
void forEachElement(const Binding &b, int8_t *memory, Move &&move) {
  uint64_t i = 0;
  for (uint64_t n = 0; n < b.batch; ++n)
    for (uint64_t c = 0; c < b.channels; ++c)
      for (uint64_t y = 0; y < b.height; ++y) {
        int8_t *at = memory + b.image.base + n * b.image.batchStride +
                     y * b.image.rowStride + c;
        for (uint64_t x = 0; x < b.width; ++x)
          move(i++, at + x * b.image.pixelStride);
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

Status checkInterface(const Stream &stream, const PartImage &image) {
  const StreamHeader &header = *stream.header;
  if (header.numInputs != image.inputs.size() ||
      header.numOutputs != image.outputs.size())
    return corrupt("made for another number of inputs or outputs");
  for (uint32_t i = 0; i < header.numInputs; ++i)
    LCP_RETURN_IF_ERROR(checkBinding(stream.bindings[i], image.inputs[i]));
  for (uint32_t i = 0; i < header.numOutputs; ++i)
    LCP_RETURN_IF_ERROR(
        checkBinding(stream.bindings[header.numInputs + i], image.outputs[i]));
  if (image.arenaBytes < header.memoryBytes)
    return corrupt("needs " + std::to_string(header.memoryBytes) +
                   " bytes of memory, but its part has " +
                   std::to_string(image.arenaBytes));
  if (image.layerNames.size() != header.numLayers)
    return corrupt("made for another number of layers");
  return Status();
}

Result<Stream> loadStream(const PartImage &image) {
  if (image.abiVersion != kAbiVersion || image.isa != kIsa)
    return Status(StatusCode::Unsupported,
                  "gemm stream: made for engine '" + std::string(image.isa) +
                      "' version " + std::to_string(image.abiVersion) +
                      ", but this driver has '" + kIsa + "' version " +
                      std::to_string(kAbiVersion) +
                      "; compile the model again");
  Stream stream;
  auto *weights = reinterpret_cast<const uint8_t *>(image.weights.data());
  if (Fault fault = validate(image.code.data(), image.code.size(), weights,
                             image.weights.size(), stream))
    return corrupt(std::string(fault.reason) +
                   (fault.index < 0
                        ? std::string()
                        : " (" + std::to_string(fault.index) + ")"));
  LCP_RETURN_IF_ERROR(checkInterface(stream, image));
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

class FunctionalProgram final : public Program {
public:
  FunctionalProgram(Stream stream, std::vector<ChannelEntry> tables,
                    const PartImage &image)
      : stream(stream), tables(std::move(tables)),
        weights(reinterpret_cast<const uint8_t *>(image.weights.data())),
        layers(image.layerNames) {}

  Status run(const Invocation &invocation) override {
    auto *memory = static_cast<int8_t *>(invocation.arena);
    const StreamHeader &header = *stream.header;
    for (uint32_t i = 0; i < header.numInputs; ++i)
      moveInput(stream.bindings[i], invocation.inputs[i], memory);
    Memories memories{memory, weights, tables.data()};
    for (uint32_t i = 0; i < header.numCommands; ++i) {
      const Command &command = stream.commands[i];
      bool timed = !invocation.layerNanoseconds.empty();
      uint64_t start = timed ? now() : 0;
      execute(command, memories, invocation.pool);
      if (command.kind == Kind::Gemm)
        memories.table += size_t(command.groups) * command.channels;
      if (timed)
        invocation.layerNanoseconds[command.layer] += now() - start;
    }
    for (uint32_t i = 0; i < header.numOutputs; ++i)
      moveOutput(stream.bindings[header.numInputs + i], invocation.outputs[i],
                 memory);
    return Status();
  }

  Span<const std::string> layerNames() const override { return layers; }

private:
  const Stream stream;
  const std::vector<ChannelEntry> tables;
  const uint8_t *const weights;
  const Span<const std::string> layers;
};

class FunctionalDriver final : public Driver {
public:
  std::string_view name() const override { return "gemm-functional"; }

  Result<std::unique_ptr<Program>> load(const PartImage &image) override {
    LCP_ASSIGN_OR_RETURN(Stream stream, loadStream(image));
    auto *weights = reinterpret_cast<const uint8_t *>(image.weights.data());
    LCP_ASSIGN_OR_RETURN(std::vector<ChannelEntry> tables,
                         copyTables(stream, weights));
    return std::unique_ptr<Program>(
        new FunctionalProgram(stream, std::move(tables), image));
  }

  Result<std::string> disassemble(const PartImage &image) const override {
    LCP_ASSIGN_OR_RETURN(Stream stream, loadStream(image));
    std::string text;
    for (uint32_t i = 0; i < stream.header->numCommands; ++i)
      text += lcp::rt::gemm::disassemble(stream.commands[i]) + "  " +
              printable(image.layerNames[stream.commands[i].layer]) + "\n";
    return text;
  }
};

} // namespace

void registerDrivers(DriverRegistry &registry) {
  registry.add(std::make_unique<FunctionalDriver>());
}

} // namespace lcp::rt::gemm
