//===- Reader.cpp - ONNX files as plain, checked structures ---------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// protobuf may throw, and memory may run out: both end here, as problems.
//
//===----------------------------------------------------------------------===//

#include "ReaderImpl.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <sys/stat.h>
#include <unistd.h>

namespace lcp::onnx {

Problems::~Problems() {
  if (count > limit)
    lines.push_back("and " + std::to_string(count - limit) + " more problems");
}

void Problems::add(std::string line) {
  if (count++ < limit)
    lines.push_back(std::move(line));
}

std::string printable(std::string_view text) {
  constexpr size_t longest = 120;
  std::string out(text.substr(0, longest));
  for (char &c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return text.size() > longest ? out + "..." : out;
}

const Attribute *Node::find(std::string_view attribute) const {
  for (const Attribute &a : attributes)
    if (a.name == attribute)
      return &a;
  return nullptr;
}

std::string Node::label() const {
  if (!name.empty())
    return printable(name);
  for (const std::string &output : outputs)
    if (!output.empty())
      return printable(output);
  return "without a name";
}

namespace {

/// Converts a parsed ModelProto; leaves it without its tensor bytes.
class Converter {
public:
  Converter(ExternalFiles &files, Problems &problems, const Limits &limits)
      : problems(problems), limits(limits), tensors(files, problems, limits) {}

  Model convert(::onnx::ModelProto &proto);

private:
  void convertOpsets(const ::onnx::ModelProto &proto, Model &model);
  void convertGraph(::onnx::GraphProto &graph, Model &model);
  void convertInitializers(::onnx::GraphProto &graph, Model &model);
  void checkDeclarations(const ::onnx::GraphProto &graph, const Model &model);
  ValueInfo convertValue(const ::onnx::ValueInfoProto &proto);
  Node convertNode(::onnx::NodeProto &proto, size_t index);
  Attribute convertAttribute(::onnx::AttributeProto &proto,
                             const std::string &where);
  const std::string &checkName(const std::string &name, const char *what);

  Problems &problems;
  const Limits &limits;
  TensorReader tensors;
};

const std::string &Converter::checkName(const std::string &name,
                                        const char *what) {
  if (name.size() > limits.nameLength)
    problems.add(std::string("a name of a ") + what + " has " +
                 std::to_string(name.size()) + " bytes; at most " +
                 std::to_string(limits.nameLength) + " are allowed");
  return name;
}

Model Converter::convert(::onnx::ModelProto &proto) {
  Model model;
  model.irVersion = proto.ir_version();
  convertOpsets(proto, model);
  for (const auto &entry : proto.metadata_props())
    model.metadata.emplace_back(entry.key(), entry.value());
  if (!proto.has_graph()) {
    problems.add("there is no graph: not an ONNX model, or a truncated one");
    return model;
  }
  convertGraph(*proto.mutable_graph(), model);
  if (!problems.any())
    checkAndOrder(model, problems);
  return model;
}

void Converter::convertOpsets(const ::onnx::ModelProto &proto, Model &model) {
  for (const auto &opset : proto.opset_import()) {
    if (opset.domain().empty() || opset.domain() == "ai.onnx")
      model.opset = opset.version();
    else
      model.otherOpsets[opset.domain()] = opset.version();
  }
  if (proto.opset_import_size() == 0)
    problems.add("no version of ONNX's operator set is given: not an ONNX "
                 "model, or a truncated one");
}

void Converter::convertGraph(::onnx::GraphProto &graph, Model &model) {
  model.graphName = graph.name();
  size_t values = static_cast<size_t>(graph.input_size()) +
                  graph.output_size() + graph.initializer_size() +
                  graph.value_info_size();
  for (const auto &node : graph.node())
    values += static_cast<size_t>(node.input_size()) + node.output_size();
  if (static_cast<size_t>(graph.node_size()) > limits.nodes ||
      values > limits.values) {
    problems.add(
        "the graph is too large: " + std::to_string(graph.node_size()) +
        " nodes, " + std::to_string(values) + " operands");
    return;
  }
  if (graph.sparse_initializer_size() != 0)
    problems.add("sparse initialisers are not supported");
  convertInitializers(graph, model);
  for (const auto &input : graph.input())
    model.inputs.push_back(convertValue(input));
  for (const auto &output : graph.output())
    model.outputs.push_back(convertValue(output));
  checkDeclarations(graph, model);
  model.nodes.reserve(graph.node_size());
  for (auto &node : *graph.mutable_node())
    model.nodes.push_back(convertNode(node, model.nodes.size()));
}

void Converter::convertInitializers(::onnx::GraphProto &graph, Model &model) {
  model.initializers.reserve(graph.initializer_size());
  for (auto &proto : *graph.mutable_initializer()) {
    checkName(proto.name(), "initialiser");
    Tensor tensor;
    tensors.read(proto, "initialiser '" + printable(proto.name()) + "'",
                 tensor);
    model.initializers.push_back(std::move(tensor));
  }
}

// "2x3 float", with ? for a symbol.
static std::string describeType(ElementType type,
                                const std::vector<Dimension> &dims) {
  std::string text;
  for (const Dimension &dim : dims)
    text += (text.empty() ? "" : "x") +
            (dim.size < 0 ? std::string("?") : std::to_string(dim.size));
  return text + (text.empty() ? "" : " ") + elementTypeName(type);
}

/// An initialiser may be declared once more, as a graph input or a value; a
/// file that says two things of one tensor is not to be trusted with either.
void Converter::checkDeclarations(const ::onnx::GraphProto &graph,
                                  const Model &model) {
  std::map<std::string_view, const Tensor *> held;
  for (const Tensor &tensor : model.initializers)
    held.emplace(tensor.name, &tensor);
  auto check = [&](const ValueInfo &declared) {
    auto found = held.find(declared.name);
    if (found == held.end() || !declared.hasShape)
      return;
    const Tensor &tensor = *found->second;
    std::vector<Dimension> dims(tensor.dims.size());
    for (size_t d = 0; d < dims.size(); ++d)
      dims[d].size = tensor.dims[d];
    bool same = declared.type == tensor.type &&
                std::equal(dims.begin(), dims.end(), declared.dims.begin(),
                           declared.dims.end(), [](auto &has, auto &says) {
                             return says.size < 0 || says.size == has.size;
                           });
    if (!same)
      problems.add("initialiser '" + printable(tensor.name) + "' is " +
                   describeType(tensor.type, dims) + ", but declared as " +
                   describeType(declared.type, declared.dims));
  };
  for (const ValueInfo &input : model.inputs)
    check(input);
  for (const auto &value : graph.value_info())
    if (held.count(value.name()))
      check(convertValue(value));
}

ValueInfo Converter::convertValue(const ::onnx::ValueInfoProto &proto) {
  ValueInfo info;
  info.name = checkName(proto.name(), "graph input or output");
  if (!proto.type().has_tensor_type())
    return info;
  const auto &tensor = proto.type().tensor_type();
  info.type = toElementType(tensor.elem_type());
  info.hasShape = tensor.has_shape();
  if (static_cast<size_t>(tensor.shape().dim_size()) > limits.rank) {
    problems.add("'" + printable(info.name) + "' has " +
                 std::to_string(tensor.shape().dim_size()) + " dimensions");
    return info;
  }
  for (const auto &dim : tensor.shape().dim()) {
    Dimension d;
    if (dim.has_dim_value() && dim.dim_value() < -1)
      problems.add("'" + printable(info.name) + "' has " +
                   std::to_string(dim.dim_value()) +
                   " for the size of dimension " +
                   std::to_string(info.dims.size()));
    if (dim.has_dim_value() && dim.dim_value() >= 0)
      d.size = dim.dim_value();
    else
      d.symbol = checkName(dim.dim_param(), "dimension");
    info.dims.push_back(std::move(d));
  }
  return info;
}

Node Converter::convertNode(::onnx::NodeProto &proto, size_t index) {
  Node node;
  node.name = checkName(proto.name(), "node");
  node.opType = checkName(proto.op_type(), "node's operator");
  node.domain = checkName(proto.domain(), "node's domain");
  if (node.domain == "ai.onnx")
    node.domain.clear();
  if (node.opType.empty())
    problems.add("node " + std::to_string(index) + " ('" + node.label() +
                 "') has no operator");
  for (const auto &name : proto.input())
    node.inputs.push_back(checkName(name, "node's input"));
  for (const auto &name : proto.output())
    node.outputs.push_back(checkName(name, "node's output"));
  std::string where = "node '" + node.label() + "'";
  for (auto &attribute : *proto.mutable_attribute()) {
    node.attributes.push_back(convertAttribute(attribute, where));
    for (size_t i = 0; i + 1 < node.attributes.size(); ++i)
      if (node.attributes[i].name == node.attributes.back().name)
        problems.add(where + " has the attribute '" +
                     printable(node.attributes[i].name) + "' twice");
    if (node.attributes.size() > 256) {
      problems.add(where + " has more than 256 attributes");
      break;
    }
  }
  return node;
}

Attribute Converter::convertAttribute(::onnx::AttributeProto &proto,
                                      const std::string &where) {
  using Proto = ::onnx::AttributeProto;
  Attribute a;
  a.name = checkName(proto.name(), "node's attribute");
  if (!proto.ref_attr_name().empty())
    return a;
  switch (proto.type()) {
  case Proto::FLOAT:
    a.kind = Attribute::Kind::Float;
    a.f = proto.f();
    break;
  case Proto::INT:
    a.kind = Attribute::Kind::Int;
    a.i = proto.i();
    break;
  case Proto::STRING:
    a.kind = Attribute::Kind::String;
    a.s = proto.s();
    break;
  case Proto::TENSOR:
    a.kind = Attribute::Kind::Tensor;
    tensors.read(*proto.mutable_t(),
                 where + ": attribute '" + printable(a.name) + "'", a.tensor);
    break;
  case Proto::FLOATS:
    a.kind = Attribute::Kind::Floats;
    a.floats.assign(proto.floats().begin(), proto.floats().end());
    break;
  case Proto::INTS:
    a.kind = Attribute::Kind::Ints;
    a.ints.assign(proto.ints().begin(), proto.ints().end());
    break;
  case Proto::STRINGS:
    a.kind = Attribute::Kind::Strings;
    a.strings.assign(proto.strings().begin(), proto.strings().end());
    break;
  default:
    break;
  }
  return a;
}

/// Runs `parse`, then converts what it parsed; nothing is thrown past here.
template <typename Parse>
std::optional<Model> guarded(const std::string &folder,
                             std::vector<std::string> &lines,
                             const Limits &limits, Parse parse) {
  Problems problems(lines, limits.problems);
  try {
    google::protobuf::LogSilencer silence;
    ExternalFiles files(folder);
    ::onnx::ModelProto proto;
    if (parse(proto, problems)) {
      Model model = Converter(files, problems, limits).convert(proto);
      if (!problems.any())
        return model;
    }
  } catch (const std::bad_alloc &) {
    problems.add("not enough memory to read the model");
  } catch (const std::exception &e) {
    problems.add(printable(e.what()));
  }
  return std::nullopt;
}

bool parseFile(int descriptor, ::onnx::ModelProto &proto, const Limits &limits,
               Problems &problems) {
  struct stat info;
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    problems.add("not a regular file");
    return false;
  }
  if (info.st_size == 0 || info.st_size > INT_MAX) {
    problems.add(info.st_size == 0
                     ? "the file is empty"
                     : "the file is larger than 2 GiB, protobuf's limit; store "
                       "its weights as external data");
    return false;
  }
  google::protobuf::io::FileInputStream checked(descriptor);
  if (!checkWire(checked, limits, problems))
    return false;
  ::lseek(descriptor, 0, SEEK_SET);
  google::protobuf::io::FileInputStream stream(descriptor);
  if (proto.ParseFromZeroCopyStream(&stream))
    return true;
  problems.add("not an ONNX model, or a truncated or damaged one: parsing "
               "stopped before byte " +
               std::to_string(stream.ByteCount()) + " of " +
               std::to_string(info.st_size));
  return false;
}

} // namespace

std::optional<Model> readModel(const std::string &path,
                               std::vector<std::string> &problems,
                               const Limits &limits) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0) {
    problems.push_back(std::strerror(errno));
    return std::nullopt;
  }
  size_t slash = path.rfind('/');
  std::string folder = slash == std::string::npos ? "."
                       : slash == 0               ? "/"
                                                  : path.substr(0, slash);
  auto model = guarded(folder, problems, limits, [&](auto &proto, auto &found) {
    return parseFile(descriptor, proto, limits, found);
  });
  ::close(descriptor);
  return model;
}

std::optional<Model> readModel(std::string_view bytes,
                               const std::string &folder,
                               std::vector<std::string> &problems,
                               const Limits &limits) {
  return guarded(folder, problems, limits, [&](auto &proto, auto &found) {
    int size = bytes.size() > INT_MAX ? 0 : static_cast<int>(bytes.size());
    google::protobuf::io::ArrayInputStream checked(bytes.data(), size);
    if (size != 0 && !checkWire(checked, limits, found))
      return false;
    if (size != 0 && proto.ParseFromArray(bytes.data(), size))
      return true;
    found.add("not an ONNX model, or a truncated or damaged one");
    return false;
  });
}

} // namespace lcp::onnx
