//===- Reader.h - ONNX files as plain, checked structures -------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// ONNX files come from anywhere. This reader is the only code that meets their
// bytes: what it returns is consistent (sizes match shapes, every used value is
// defined once, nodes are in topological order), and what it refuses it refuses
// with one line a problem. It knows neither MLIR nor any operator's meaning.
//
//===----------------------------------------------------------------------===//

#ifndef LCP_IMPORT_ONNX_READER_H
#define LCP_IMPORT_ONNX_READER_H

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lcp::onnx {

/// Element types, with the numbers of TensorProto.DataType.
enum class ElementType {
  Undefined = 0,
  Float = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Double = 11,
  UInt32 = 12,
  UInt64 = 13,
  BFloat16 = 16,
  Other = -1 // complex, 8-bit floats, 4-bit integers …
};

/// The type's name as ONNX spells it, in lower case.
const char *elementTypeName(ElementType type);

/// Bytes of one element, or 0 for a type whose data the reader does not keep
/// (String, Other, Undefined).
size_t elementSize(ElementType type);

/// Alignment of every tensor's bytes: a cache line, and the widest vector.
constexpr size_t tensorAlignment = 64;

/// A constant. `data` holds `byteSize` little-endian bytes in row-major order,
/// aligned to `tensorAlignment`; byteSize == numElements() * elementSize(type),
/// or 0 where the element size is 0.
struct Tensor {
  std::string name;
  ElementType type = ElementType::Undefined;
  std::vector<int64_t> dims; // each >= 0; their product fits int64
  std::shared_ptr<char> data;
  size_t byteSize = 0;

  int64_t numElements() const;
};

/// Bytes aligned to `tensorAlignment`; throws std::bad_alloc.
std::shared_ptr<char> allocateTensorData(size_t bytes);

struct Attribute {
  enum class Kind { Float, Int, String, Tensor, Floats, Ints, Strings, Other };
  std::string name;
  Kind kind = Kind::Other; // Other: graphs, sparse tensors, references
  float f = 0;
  int64_t i = 0;
  std::string s;
  Tensor tensor;
  std::vector<float> floats;
  std::vector<int64_t> ints;
  std::vector<std::string> strings;
};

struct Node {
  std::string name; // may be empty; `label` never is
  std::string opType;
  std::string domain;              // empty for ONNX's own operators
  std::vector<std::string> inputs; // an absent optional input is empty
  std::vector<std::string> outputs;
  std::vector<Attribute> attributes;

  const Attribute *find(std::string_view attribute) const;
  /// The name, or the first output where there is none, fit for a message.
  std::string label() const;
};

/// One dimension: a size, or a symbol (possibly without a name) where size < 0.
struct Dimension {
  int64_t size = -1;
  std::string symbol;
};

/// A graph input or output. `type` is Undefined when it is not a tensor.
struct ValueInfo {
  std::string name;
  ElementType type = ElementType::Undefined;
  bool hasShape = false;
  std::vector<Dimension> dims;
};

struct Model {
  int64_t irVersion = 0;
  int64_t opset = 0; // of ONNX's own domain
  std::map<std::string, int64_t> otherOpsets;
  std::string graphName;
  std::vector<std::pair<std::string, std::string>> metadata;
  std::vector<ValueInfo> inputs; // those without an initialiser
  std::vector<ValueInfo> outputs;
  std::vector<Tensor> initializers;
  std::vector<Node> nodes; // in topological order
};

/// What is refused for its size alone. Tensor data needs no limit of its own:
/// it is never larger than the files it comes from.
struct Limits {
  size_t parsedBytes = size_t(1) << 31; // in memory, without tensors' data
  size_t nodes = 1u << 20;
  size_t values = 1u << 22; // inputs, outputs, initialisers, node operands
  size_t nameLength = 4096;
  size_t rank = 32;
  size_t problems = 50; // lines reported before the rest is counted
};

/// Reads an ONNX file. External data is read only from files within the folder
/// that holds it, by relative paths without `..` or symbolic links. Problems
/// are appended as lines without a prefix; the result is empty if there is one.
std::optional<Model> readModel(const std::string &path,
                               std::vector<std::string> &problems,
                               const Limits &limits = {});

/// The same for bytes in memory; `folder` is where external data may lie, empty
/// to refuse it.
std::optional<Model> readModel(std::string_view bytes,
                               const std::string &folder,
                               std::vector<std::string> &problems,
                               const Limits &limits = {});

/// `text` on one line: control characters replaced, overlong text cut.
std::string printable(std::string_view text);

} // namespace lcp::onnx

#endif // LCP_IMPORT_ONNX_READER_H
