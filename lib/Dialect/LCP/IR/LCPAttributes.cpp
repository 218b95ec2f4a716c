//===- LCPAttributes.cpp - Plans: their text and constraints --------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Dialect/LCP/IR/LCPPlan.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::lcp;

#define GET_ATTRDEF_CLASSES
#include "lcp/Dialect/LCP/IR/LCPAttrs.cpp.inc"

void LCPDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "lcp/Dialect/LCP/IR/LCPAttrs.cpp.inc"
      >();
}

using Channels = SmallVector<int64_t>;

/// A short text must not stand for more memory than any network needs.
static constexpr int64_t kMaxChannels = 1 << 20;

//===----------------------------------------------------------------------===//
// Channels of a layer
//===----------------------------------------------------------------------===//

/// `begin:end` or `new n`, as often as `+` goes on.
static ParseResult parseRuns(AsmParser &parser, Channels &channels) {
  do {
    SMLoc at = parser.getCurrentLocation();
    int64_t begin, end;
    if (succeeded(parser.parseOptionalKeyword("new"))) {
      if (parser.parseInteger(end))
        return failure();
      if (end < 1 || end > kMaxChannels - int64_t(channels.size()))
        return parser.emitError(at, "expected a number of channels, at most ")
               << kMaxChannels << " a layer";
      channels.append(end, LayerShardsAttr::kNew);
      continue;
    }
    if (parser.parseInteger(begin) || parser.parseColon() ||
        parser.parseInteger(end))
      return failure();
    if (begin < 0 || begin >= end || end > kMaxChannels ||
        end - begin > kMaxChannels - int64_t(channels.size()))
      return parser.emitError(at, "expected channels as begin:end, begin below "
                                  "end, at most ")
             << kMaxChannels << " a layer";
    for (int64_t channel = begin; channel < end; ++channel)
      channels.push_back(channel);
  } while (succeeded(parser.parseOptionalPlus()));
  return success();
}

/// The end of the run that begins at `first`: of neighbours, or of new ones.
static size_t endOfRun(ArrayRef<int64_t> channels, size_t first) {
  size_t end = first + 1;
  bool isNew = channels[first] == LayerShardsAttr::kNew;
  while (end < channels.size() &&
         (isNew ? channels[end] == LayerShardsAttr::kNew
                : channels[end] == channels[end - 1] + 1 && channels[end] > 0))
    ++end;
  return end;
}

static void printRuns(AsmPrinter &printer, ArrayRef<int64_t> channels) {
  for (size_t first = 0, end; first < channels.size(); first = end) {
    end = endOfRun(channels, first);
    printer << (first ? " + " : "");
    if (channels[first] == LayerShardsAttr::kNew)
      printer << "new " << end - first;
    else
      printer << channels[first] << ':' << channels[end - 1] + 1;
  }
}

ArrayRef<int64_t> LayerShardsAttr::getBranch(unsigned branch) const {
  ArrayRef<int64_t> rest = getChannels();
  for (unsigned b = 0; b < branch; ++b)
    rest = rest.drop_front(getWidths()[b]);
  return rest.take_front(getWidths()[branch]);
}

FailureOr<LayerShardsAttr> LayerShardsAttr::parseBody(AsmParser &parser) {
  SMLoc at = parser.getCurrentLocation();
  std::string layer;
  if (parser.parseString(&layer))
    return failure();
  bool partialSum = succeeded(parser.parseOptionalKeyword("partial_sum"));
  Channels widths, channels;
  auto parseBranch = [&]() -> ParseResult {
    size_t before = channels.size();
    if (parseRuns(parser, channels))
      return failure();
    widths.push_back(channels.size() - before);
    return success();
  };
  bool listed = !partialSum || succeeded(parser.parseOptionalLSquare());
  if (!partialSum && parser.parseLSquare())
    return failure();
  if (listed &&
      (parser.parseCommaSeparatedList(parseBranch) || parser.parseRSquare()))
    return failure();
  auto shards = parser.getChecked<LayerShardsAttr>(
      at, parser.getContext(), layer, partialSum, widths, channels);
  if (!shards)
    return failure();
  return shards;
}

void LayerShardsAttr::printBody(AsmPrinter &printer) const {
  printer.printString(getLayer());
  printer << (getPartialSum() ? " partial_sum" : "");
  if (getWidths().empty())
    return;
  printer << " [";
  llvm::interleaveComma(llvm::seq<size_t>(0, getWidths().size()), printer,
                        [&](size_t b) { printRuns(printer, getBranch(b)); });
  printer << ']';
}

Attribute LayerShardsAttr::parse(AsmParser &parser, Type) {
  if (parser.parseLess())
    return {};
  FailureOr<LayerShardsAttr> shards = parseBody(parser);
  if (failed(shards) || parser.parseGreater())
    return {};
  return *shards;
}

void LayerShardsAttr::print(AsmPrinter &printer) const {
  printer << '<';
  printBody(printer);
  printer << '>';
}

LogicalResult
LayerShardsAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                        StringRef layer, bool partialSum,
                        ArrayRef<int64_t> widths, ArrayRef<int64_t> channels) {
  if (partialSum && widths.size() > 1)
    return emitError() << "the partial sum '" << layer
                       << "' has one list of channels, not " << widths.size()
                       << " (C2)";
  if (llvm::any_of(widths, [](int64_t width) { return width < 1; }))
    return emitError() << "a branch has no channel of '" << layer << "' (C1)";
  DenseSet<int64_t> seen;
  for (int64_t channel : channels)
    if (channel != kNew && !seen.insert(channel).second)
      return emitError() << "channel " << channel << " of '" << layer
                         << "' is named twice (C1)";
  return success();
}

//===----------------------------------------------------------------------===//
// Plans
//===----------------------------------------------------------------------===//

bool PlanAttr::keepsJoin(unsigned depth) const {
  return llvm::is_contained(getJoins(), int64_t(depth));
}

static LayerShardsAttr keepBranchesOf(LayerShardsAttr layer,
                                      ArrayRef<int64_t> kept) {
  if (layer.getPartialSum())
    return layer;
  Channels widths, channels;
  for (int64_t branch : kept) {
    widths.push_back(layer.getWidths()[branch]);
    llvm::append_range(channels, layer.getBranch(branch));
  }
  return LayerShardsAttr::get(layer.getContext(), layer.getLayer(),
                              /*partialSum=*/false, widths, channels);
}

PlanAttr PlanAttr::keepBranches(ArrayRef<int64_t> kept) const {
  SmallVector<LayerShardsAttr> layers;
  for (LayerShardsAttr layer : getLayers())
    layers.push_back(keepBranchesOf(layer, kept));
  SmallVector<StringAttr> devices(getDevices());
  if (devices.size() > 1)
    devices = llvm::map_to_vector(
        kept, [&](int64_t branch) { return getDevices()[branch]; });
  return get(getContext(), kept.size(), getClassifier(), layers, getMerge(),
             getJoins(), getJoinKind(), devices);
}

template <typename Enum>
static ParseResult parseEnum(AsmParser &parser, Enum &value,
                             std::optional<Enum> (*symbolize)(StringRef),
                             StringRef cases) {
  SMLoc at = parser.getCurrentLocation();
  StringRef keyword;
  std::optional<Enum> known;
  if (succeeded(parser.parseOptionalKeyword(&keyword)))
    known = symbolize(keyword);
  if (!known)
    return parser.emitError(at, "expected ") << cases;
  value = *known;
  return success();
}

static ParseResult parseLayers(AsmParser &parser,
                               SmallVector<LayerShardsAttr> &layers) {
  int64_t channels = 0;
  return parser.parseCommaSeparatedList(
      AsmParser::Delimiter::Braces, [&]() -> ParseResult {
        SMLoc at = parser.getCurrentLocation();
        FailureOr<LayerShardsAttr> shards = LayerShardsAttr::parseBody(parser);
        if (failed(shards))
          return failure();
        layers.push_back(*shards);
        channels += shards->getChannels().size();
        if (channels > 4 * kMaxChannels)
          return parser.emitError(at, "more than ")
                 << 4 * kMaxChannels << " channels in one plan";
        return success();
      });
}

static ParseResult parseJoins(AsmParser &parser, SmallVector<int64_t> &joins,
                              JoinKind &kind) {
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, [&] {
        return parser.parseInteger(joins.emplace_back());
      }))
    return failure();
  return joins.empty()
             ? success()
             : parseEnum(parser, kind, symbolizeJoinKind, "whole or shuffle");
}

Attribute PlanAttr::parse(AsmParser &parser, Type) {
  SMLoc at = parser.getCurrentLocation();
  int64_t branches;
  std::string classifier;
  SmallVector<LayerShardsAttr> layers;
  auto merge = ClassifierMerge::Concat;
  SmallVector<int64_t> joins;
  auto kind = JoinKind::Whole;
  SmallVector<StringAttr> devices;
  if (parser.parseLess() || parser.parseKeyword("branches") ||
      parser.parseEqual() || parser.parseInteger(branches) ||
      parser.parseComma() || parser.parseKeyword("classifier") ||
      parser.parseEqual() || parser.parseString(&classifier) ||
      parser.parseComma() || parser.parseKeyword("layers") ||
      parser.parseEqual() || parseLayers(parser, layers))
    return {};
  while (succeeded(parser.parseOptionalComma())) {
    SMLoc here = parser.getCurrentLocation();
    StringRef key;
    if (parser.parseKeyword(&key) || parser.parseEqual())
      return {};
    ParseResult parsed = success();
    if (key == "merge")
      parsed = parseEnum(parser, merge, symbolizeClassifierMerge,
                         "concat, sum_logits or sum_features");
    else if (key == "joins")
      parsed = parseJoins(parser, joins, kind);
    else if (key == "devices")
      parsed = parser.parseCommaSeparatedList(
          AsmParser::Delimiter::Square, [&]() -> ParseResult {
            std::string device;
            if (parser.parseString(&device))
              return failure();
            devices.push_back(StringAttr::get(parser.getContext(), device));
            return success();
          });
    else
      parsed = parser.emitError(here, "expected merge, joins or devices");
    if (parsed)
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<PlanAttr>(at, parser.getContext(), branches,
                                     classifier, layers, merge, joins, kind,
                                     devices);
}

// A line a layer, so that a plan can be read and edited.
void PlanAttr::print(AsmPrinter &printer) const {
  printer << "<branches = " << getBranches() << ", classifier = ";
  printer.printString(getClassifier());
  printer << ", layers = {";
  llvm::interleave(
      getLayers(),
      [&](LayerShardsAttr layer) {
        printer << "\n  ";
        layer.printBody(printer);
      },
      [&] { printer << ','; });
  printer << "\n}, merge = " << stringifyClassifierMerge(getMerge());
  printer << ", joins = [";
  llvm::interleaveComma(getJoins(), printer);
  printer << ']';
  if (!getJoins().empty())
    printer << ' ' << stringifyJoinKind(getJoinKind());
  if (!getDevices().empty()) {
    printer << ", devices = [";
    llvm::interleaveComma(getDevices(), printer);
    printer << ']';
  }
  printer << '>';
}

static LogicalResult verifyLayers(function_ref<InFlightDiagnostic()> emitError,
                                  int64_t branches,
                                  ArrayRef<LayerShardsAttr> layers) {
  llvm::StringSet<> names;
  for (LayerShardsAttr layer : layers) {
    if (!names.insert(layer.getLayer()).second)
      return emitError() << "the layer '" << layer.getLayer()
                         << "' is named twice (C3)";
    int64_t lists = layer.getWidths().size();
    if (!layer.getPartialSum() && lists != branches)
      return emitError() << "'" << layer.getLayer() << "' has channels for "
                         << lists << " branches of " << branches << " (C2)";
  }
  return success();
}

LogicalResult PlanAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               int64_t branches, StringRef classifier,
                               ArrayRef<LayerShardsAttr> layers,
                               ClassifierMerge merge, ArrayRef<int64_t> joins,
                               JoinKind kind, ArrayRef<StringAttr> devices) {
  if (branches < 1 || branches > kMaxBranches)
    return emitError() << "a plan is for 1 to " << kMaxBranches
                       << " branches, not " << branches << " (C1)";
  if (failed(verifyLayers(emitError, branches, layers)))
    return failure();
  for (auto [index, join] : llvm::enumerate(joins))
    if (join < 1 || (index && join <= joins[index - 1]))
      return emitError() << "joins are positive and ascend: " << join
                         << " does not (C4)";
  int64_t count = devices.size();
  if (count > 1 && count != branches)
    return emitError() << count << " devices for " << branches
                       << " branches (C5)";
  return success();
}

PlanAttr mlir::lcp::parsePlan(StringRef text, MLIRContext *context,
                              function_ref<InFlightDiagnostic()> report) {
  // Any other attribute would be parsed too, as deeply nested as it may be.
  text = text.trim();
  if (!text.starts_with("#lcp.plan<")) {
    report() << "this is no #lcp.plan: it does not begin with #lcp.plan<";
    return {};
  }
  // The parser's diagnostics point into a buffer that nobody else can see.
  std::string problem;
  {
    ScopedDiagnosticHandler listen(context, [&](Diagnostic &diagnostic) {
      auto at = dyn_cast<FileLineColLoc>(diagnostic.getLocation());
      if (problem.empty() && at)
        problem = ("line " + Twine(at.getLine()) + ": ").str();
      problem += diagnostic.str();
      return success();
    });
    if (auto plan =
            dyn_cast_or_null<PlanAttr>(mlir::parseAttribute(text, context)))
      return plan;
  }
  report() << "this is no #lcp.plan" << (problem.empty() ? "" : ": ")
           << problem;
  return {};
}
