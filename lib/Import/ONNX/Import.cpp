//===- Import.cpp - ONNX files to the lcp dialect -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Import/ONNX/Import.h"
#include "NodeImporter.h"
#include "Structure.h"
#include "lcp/Dialect/LCP/IR/LCPDialect.h"
#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "lcp/Import/ONNX/Role.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <exception>
#include <new>

using namespace mlir;
using namespace mlir::lcp;

/// Version 6 differs from 7 in broadcasting by an axis and in saying by an
/// attribute whether a node is for inference; both are checked where they
/// occur.
static constexpr int64_t kOldestOpset = 6;
/// The newest whose changes were read; test/Import/versions.test imports it.
static constexpr int64_t kNewestOpset = 22;

namespace {

class GraphImporter {
public:
  GraphImporter(reader::Model &model, StringRef path, MLIRContext &context,
                const ONNXImportOptions &options)
      : model(model), path(path), options(options), context(context),
        builder(&context) {
    addHandlersByName(handlers);
    addLayerHandlers(handlers);
    addWindowHandlers(handlers);
    addElementwiseHandlers(handlers);
    addShapeHandlers(handlers);
  }

  OwningOpRef<ModuleOp> run();

private:
  void problem(const Twine &what) {
    failed = true;
    mlir::emitError(UnknownLoc::get(&context)) << path << ": " << what;
  }
  bool checkModel();
  RankedTensorType inputType(const reader::ValueInfo &input);
  func::FuncOp createMain(ModuleOp module);
  void addConstants();
  void importNode(const reader::Node &node);
  std::string convertNode(const reader::Node &node);
  bool evaluateNode(const reader::Node &node, NodeImporter &importer);
  void finishMain(func::FuncOp main);
  bool setModuleAttributes(ModuleOp module);
  void setPlan(ModuleOp module, StringRef text);
  void checkPlan(ModuleOp module);
  StringRef getMetadata(StringRef wanted) const;

  reader::Model &model;
  StringRef path;
  const ONNXImportOptions &options;
  MLIRContext &context;
  OpBuilder builder;
  NodeHandlers handlers;
  ImportedValues values;
  llvm::StringMap<unsigned> uses;
  reader::ConstantBudget budget;
  bool failed = false;
};

bool GraphImporter::checkModel() {
  if (model.opset < 1)
    problem("it uses none of ONNX's own operators");
  else if (model.opset < kOldestOpset)
    problem("it uses version " + Twine(model.opset) +
            " of ONNX's operators; version " + Twine(kOldestOpset) +
            " is the oldest supported");
  else if (model.opset > kNewestOpset)
    mlir::emitWarning(UnknownLoc::get(&context))
        << path << ": it uses version " << model.opset
        << " of ONNX's operators, newer than " << kNewestOpset
        << ", the newest known here: an operator that changed since is read "
           "as it was";
  if (model.inputs.empty())
    problem("the graph has no input that is not a constant");
  llvm::StringSet<> names;
  for (const reader::ValueInfo &input : model.inputs)
    names.insert(input.name);
  for (const auto &[name, shape] : options.shapes)
    if (!names.contains(name))
      problem("--shape names '" + Twine(name) + "', which is no input");
  return !failed;
}

/// The static type of an input, or null after a problem.
RankedTensorType GraphImporter::inputType(const reader::ValueInfo &input) {
  std::string shown = "input '" + reader::printable(input.name) + "'";
  auto bound = options.shapes.find(input.name);
  bool isBound = bound != options.shapes.end();
  if (input.type != reader::ElementType::Float) {
    problem(shown + " is " + reader::elementTypeName(input.type) +
            "; only float is supported");
    return {};
  }
  SmallVector<int64_t> shape;
  if (isBound)
    shape = bound->second;
  else if (!input.hasShape)
    return problem(shown + " has no shape; give one with --shape=" +
                   reader::printable(input.name) + "=1x3x224x224"),
           RankedTensorType();
  bool fits = !isBound || !input.hasShape || shape.size() == input.dims.size();
  for (size_t d = 0; fits && d < input.dims.size(); ++d) {
    int64_t size = input.dims[d].size;
    if (isBound) {
      fits = size < 0 || size == shape[d];
    } else if (size < 0 && d == 0) {
      mlir::emitRemark(UnknownLoc::get(&context))
          << path << ": " << shown << " has a symbolic batch, taken as 1";
      shape.push_back(1);
    } else if (size == 0) {
      problem(shown + " has size 0 in dimension " + Twine(d) +
              ": there is nothing to compute on");
      return {};
    } else if (size < 0) {
      problem(shown + " has no fixed size in dimension " + Twine(d) +
              "; give its shape with lcp-translate --import-onnx --shape=" +
              reader::printable(input.name) + "=1x3x224x224");
      return {};
    } else {
      shape.push_back(size);
    }
  }
  if (!fits) {
    problem(shown + " of the file does not fit the shape given by --shape");
    return {};
  }
  if (isTooLarge(shape)) {
    problem(shown + " is too large");
    return {};
  }
  return RankedTensorType::get(shape, builder.getF32Type());
}

func::FuncOp GraphImporter::createMain(ModuleOp module) {
  SmallVector<Type> types;
  for (const reader::ValueInfo &input : model.inputs)
    types.push_back(inputType(input));
  if (failed)
    return {};
  builder.setInsertionPointToEnd(module.getBody());
  auto main = builder.create<func::FuncOp>(module.getLoc(), "main",
                                           builder.getFunctionType(types, {}));
  Block *entry = main.addEntryBlock();
  for (auto [i, input] : llvm::enumerate(model.inputs)) {
    main.setArgAttr(i, kNameAttr, builder.getStringAttr(input.name));
    entry->getArgument(i).setLoc(
        NameLoc::get(builder.getStringAttr(reader::printable(input.name))));
    values[input.name].value = entry->getArgument(i);
  }
  builder.setInsertionPointToEnd(entry);
  return main;
}

void GraphImporter::addConstants() {
  for (reader::Tensor &tensor : model.initializers) {
    std::string name = tensor.name;
    values[name].constant =
        std::make_shared<const reader::Tensor>(std::move(tensor));
  }
  for (const reader::Node &node : model.nodes)
    for (const std::string &name : node.inputs)
      ++uses[name];
  for (const reader::ValueInfo &output : model.outputs)
    ++uses[output.name];
}

/// Evaluates a node over constants; false where it must be converted.
bool GraphImporter::evaluateNode(const reader::Node &node,
                                 NodeImporter &importer) {
  if (!reader::canEvaluate(node.opType))
    return false;
  std::vector<const reader::Tensor *> inputs;
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    inputs.push_back(importer.constant(i));
    if (importer.has(i) && !inputs.back())
      return false;
  }
  std::string reason;
  auto result = reader::evaluate(node, inputs, model.opset, budget, reason);
  if (result)
    importer.finishConstant(std::move(*result));
  else
    (void)importer.fail(reason);
  return true;
}

void GraphImporter::importNode(const reader::Node &node) {
  auto name = [&] {
    return reader::printable(node.opType) + " node '" + node.label() + "'";
  };
  bool known = node.domain.empty() && (handlers.contains(node.opType) ||
                                       reader::canEvaluate(node.opType));
  if (!known)
    return problem(
        name() + ": the operator is not supported" +
        (node.domain.empty()
             ? ""
             : " (domain '" + reader::printable(node.domain) + "')"));
  if (node.outputs.empty() || node.outputs[0].empty())
    return problem(name() + ": it has no output");
  // A node that reads what failed has nothing to say of its own.
  for (const std::string &input : node.inputs)
    if (!input.empty() && values[input].failed())
      return;
  std::string reason = convertNode(node);
  for (const std::string &output : node.outputs)
    if (reason.empty() && !output.empty() && uses.lookup(output) &&
        values[output].failed())
      reason = "its output '" + reader::printable(output) + "' is used";
  if (reason.empty())
    return;
  for (const std::string &output : node.outputs)
    values[output] = {};
  problem(name() + ": " + reason);
}

/// Why the node cannot be converted, or empty when it is.
std::string GraphImporter::convertNode(const reader::Node &node) {
  std::string diagnosed;
  ScopedDiagnosticHandler capture(&context, [&](Diagnostic &diagnostic) {
    if (diagnosed.empty())
      diagnosed = diagnostic.str();
    return success();
  });
  NodeImporter importer(node, model.opset, builder, values, budget);
  importer.setUsed(uses);
  if (!evaluateNode(node, importer)) {
    auto handler = handlers.find(node.opType);
    if (handler == handlers.end())
      (void)importer.fail("its inputs are not all constants");
    else if (mlir::failed(handler->second(importer)))
      (void)importer.fail(diagnosed.empty() ? "it is malformed" : diagnosed);
  }
  return importer.reason().empty() ? importer.attributes().problem()
                                   : importer.reason();
}

void GraphImporter::finishMain(func::FuncOp main) {
  SmallVector<Value> results;
  SmallVector<Type> types;
  for (const reader::ValueInfo &output : model.outputs) {
    ImportedValue &value = values[output.name];
    if (value.failed())
      continue; // Its node was named.
    if (!value.value) {
      problem("graph output '" + reader::printable(output.name) +
              "' is a constant");
      continue;
    }
    results.push_back(value.value);
    types.push_back(value.value.getType());
  }
  if (failed)
    return;
  builder.create<func::ReturnOp>(main.getLoc(), results);
  main.setType(
      builder.getFunctionType(main.getFunctionType().getInputs(), types));
  for (auto [i, output] : llvm::enumerate(model.outputs))
    main.setResultAttr(i, kNameAttr, builder.getStringAttr(output.name));
}

/// The record of how the model was divided; the graph means the same without.
void GraphImporter::setPlan(ModuleOp module, StringRef text) {
  if (PlanAttr plan = parsePlan(text, &context, [&] {
        return mlir::emitWarning(UnknownLoc::get(&context))
               << path << ": the metadata '" << kPlanAttr << "' is left out: ";
      }))
    module->setAttr(kPlanAttr, plan);
}

/// lcp-keep-branches leaves fewer branches than the network was divided into;
/// nothing makes more.
void GraphImporter::checkPlan(ModuleOp module) {
  PlanAttr plan = getPlan(module);
  auto factor = module->getAttrOfType<IntegerAttr>(kSplitAttr);
  if (plan && factor && plan.getBranches() > factor.getInt())
    problem("the metadata contradicts itself: '" + Twine(kPlanAttr) +
            "' is for " + Twine(plan.getBranches()) + " branches, and '" +
            kSplitAttr + "' says " + Twine(factor.getInt()) +
            "; remove one of the two");
}

/// Sets what the metadata says; true if it says that there are branches.
bool GraphImporter::setModuleAttributes(ModuleOp module) {
  std::string name = llvm::sys::path::stem(path).str();
  bool hasBranches = false;
  for (const auto &[key, value] : model.metadata) {
    int64_t factor;
    hasBranches |= key == kStagesKey && value != "0";
    if (key == kModelNameAttr && !value.empty())
      name = value;
    else if (key == kSplitAttr && !StringRef(value).getAsInteger(10, factor) &&
             factor > 0)
      module->setAttr(kSplitAttr, builder.getI64IntegerAttr(factor));
    else if (key == kTrainedAfterSplitAttr)
      module->setAttr(kTrainedAfterSplitAttr,
                      builder.getBoolAttr(value == "true"));
    else if (key == kPlanAttr)
      setPlan(module, value);
  }
  checkPlan(module);
  module->setAttr(kModelNameAttr, builder.getStringAttr(name));
  return hasBranches;
}

/// Empty if the model has no such entry.
StringRef GraphImporter::getMetadata(StringRef wanted) const {
  for (const auto &[key, value] : model.metadata)
    if (key == wanted)
      return value;
  return {};
}

OwningOpRef<ModuleOp> GraphImporter::run() {
  if (!checkModel())
    return {};
  OwningOpRef<ModuleOp> module = ModuleOp::create(UnknownLoc::get(&context));
  func::FuncOp main = createMain(*module);
  if (!main)
    return {};
  addConstants();
  for (const reader::Node &node : model.nodes)
    importNode(node);
  finishMain(main);
  if (failed)
    return {};
  bool hasBranches = setModuleAttributes(*module);
  if (failed)
    return {};
  if (hasBranches)
    rebuildBranches(main, getMetadata(kFirstDevicesKey), path);
  return mlir::failed(mlir::verify(*module)) ? OwningOpRef<ModuleOp>()
                                             : std::move(module);
}

/// LLVM's tools make running out of memory end the process; while this lives it
/// throws, so that a model which asks for too much is refused like any other.
struct ThrowingNew {
  std::new_handler outer = std::set_new_handler(nullptr);
  ~ThrowingNew() { std::set_new_handler(outer); }
};

} // namespace

LogicalResult mlir::lcp::parseONNXShape(StringRef text,
                                        ONNXImportOptions &options,
                                        std::string &error) {
  // The last '=': names may hold one.
  auto [name, shape] = text.rsplit('=');
  SmallVector<StringRef> parts;
  shape.split(parts, 'x');
  SmallVector<int64_t> dims;
  for (StringRef part : parts) {
    int64_t size;
    if (part.getAsInteger(10, size) || size < 1 || size > INT32_MAX) {
      error = ("--shape=" + text + ": write --shape=NAME=1x3x224x224").str();
      return failure();
    }
    dims.push_back(size);
  }
  if (!options.shapes.try_emplace(name.str(), dims).second) {
    error = ("--shape is given twice for '" + name + "'").str();
    return failure();
  }
  return success();
}

OwningOpRef<ModuleOp> mlir::lcp::importONNX(StringRef path,
                                            MLIRContext &context,
                                            const ONNXImportOptions &options) {
  context.loadDialect<LCPDialect, func::FuncDialect>();
  ThrowingNew throwing;
  std::vector<std::string> problems;
  std::optional<reader::Model> model;
  if (path == "-") {
    path = "<stdin>";
    auto input = llvm::MemoryBuffer::getSTDIN();
    if (input)
      model = reader::readModel(std::string_view((*input)->getBuffer()),
                                /*folder=*/"", problems);
    else
      problems.push_back(input.getError().message());
  } else {
    model = reader::readModel(path.str(), problems);
  }
  for (const std::string &line : problems)
    mlir::emitError(UnknownLoc::get(&context)) << path << ": " << line;
  if (!model)
    return {};
  try {
    return GraphImporter(*model, path, context, options).run();
  } catch (const std::exception &) {
    mlir::emitError(UnknownLoc::get(&context))
        << path << ": not enough memory to import the model";
    return {};
  }
}
