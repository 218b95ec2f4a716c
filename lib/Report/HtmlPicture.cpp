//===- HtmlPicture.cpp - The branches of a model, drawn -------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// One row a step, from the input at the top to the answer: a card for every
// kind of branch, which holds a bar a layer, as wide as its channels are many.
//
//===----------------------------------------------------------------------===//

#include "Html.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace mlir::lcp;
using namespace mlir::lcp::html;
using llvm::formatv;
using llvm::json::Array;
using llvm::json::Object;

namespace {
constexpr int kCardWidth = 216, kGap = 34, kBarHeight = 22, kBarGap = 4,
              kHeader = 44, kFooter = 26, kPillHeight = 30, kRowGap = 58,
              kMargin = 16;
/// More kinds of branches, layers or steps are folded.
constexpr size_t kMostKinds = 8, kMostBars = 12, kFirstSteps = 12,
                 kLastSteps = 6;

struct Bar {
  std::string left, right;
  int64_t channels;
};

/// Where a value comes from in the picture.
struct Anchor {
  int x = 0, y = 0;
};

class Picture {
public:
  explicit Picture(const Object &report) : report(report) {}
  void draw(raw_ostream &stream);

private:
  void measure();
  void addPill(const Twine &text, const char *style, const Array &inputs,
               const Array &outputs);
  void addStage(const Object &stage);
  void addCard(const Object &stage, const BranchKind &kind, int x);
  void addFold(const Twine &text, int x, int height);
  void addBars(ArrayRef<Bar> bars, int x, int y);
  void addEdges(const Array &inputs, int x, int top, bool crosses);
  void setSources(const Array &outputs, Anchor anchor);
  void text(int x, int y, const char *style, const Twine &content,
            const char *anchor = "middle");

  const Object &report;
  int width = 0, y = kMargin;
  int64_t mostChannels = 1;
  DenseMap<int64_t, Anchor> sources;
  std::string edges, nodes;
};
} // namespace

/// Layers one by one, or, when they are many, by the size of their image.
static SmallVector<Bar> barsOf(const Object &branch) {
  SmallVector<Bar> bars;
  const Array &layers = *branch.getArray("layers");
  if (layers.size() <= kMostBars) {
    for (const auto &item : layers) {
      const Object &layer = *item.getAsObject();
      std::string size = dimensions(*layer.getArray("result_shape"), 2);
      int64_t channels = channelsOf(layer);
      bars.push_back(
          {layerKind(layer),
           std::to_string(channels) + (size.empty() ? "" : " @ " + size),
           channels});
    }
    return bars;
  }
  for (size_t i = 0; i < layers.size();) {
    std::string size =
        dimensions(*layers[i].getAsObject()->getArray("result_shape"), 2);
    int64_t least = INT64_MAX, most = 0;
    size_t end = i;
    for (; end < layers.size(); ++end) {
      const Object &layer = *layers[end].getAsObject();
      if (dimensions(*layer.getArray("result_shape"), 2) != size)
        break;
      least = std::min(least, channelsOf(layer));
      most = std::max(most, channelsOf(layer));
    }
    std::string widths = std::to_string(most);
    if (least < most)
      widths = std::to_string(least) + "–" + widths;
    std::string kind = end - i == 1   ? layerKind(*layers[i].getAsObject())
                       : size.empty() ? std::to_string(end - i) + " dense"
                                      : std::to_string(end - i) + " conv";
    bars.push_back({kind, widths + (size.empty() ? "" : " @ " + size), most});
    i = end;
  }
  return bars;
}

static bool isParallel(const Object &step) {
  return step.getBoolean("parallel").value_or(false);
}

void Picture::measure() {
  size_t mostCards = 1;
  int64_t outside = 1;
  for (const auto &item : *report.getArray("steps")) {
    const Object &step = *item.getAsObject();
    if (!step.getArray("branches"))
      continue;
    SmallVector<BranchKind> kinds = kindsOf(step);
    mostCards = std::max(mostCards, std::min(kinds.size(), kMostKinds + 1));
    int64_t &most = isParallel(step) ? mostChannels : outside;
    for (const BranchKind &kind : kinds)
      for (const auto &layer : *kind.first->getArray("layers"))
        most = std::max(most, channelsOf(*layer.getAsObject()));
  }
  if (mostChannels == 1)
    mostChannels = outside;
  width = int(mostCards) * (kCardWidth + kGap) - kGap + 2 * kMargin;
  width = std::max(width, 420);
}

void Picture::text(int x, int at, const char *style, const Twine &content,
                   const char *anchor) {
  nodes += formatv("<text class=\"{0}\" x=\"{1}\" y=\"{2}\" "
                   "text-anchor=\"{3}\">{4}</text>\n",
                   style, x, at, anchor, content.str());
}

void Picture::setSources(const Array &outputs, Anchor anchor) {
  for (const auto &value : outputs)
    sources[*value.getAsObject()->getInteger("value")] = anchor;
}

void Picture::addEdges(const Array &inputs, int x, int top, bool crosses) {
  SmallVector<std::pair<int, int>> drawn;
  for (const auto &value : inputs) {
    auto source = sources.find(*value.getAsObject()->getInteger("value"));
    if (source == sources.end())
      continue;
    auto [fromX, fromY] = source->second;
    if (llvm::is_contained(drawn, std::pair(fromX, fromY)))
      continue;
    drawn.push_back({fromX, fromY});
    int middle = (fromY + top) / 2;
    edges += formatv("<path class=\"edge{0}\" d=\"M{1},{2} C{1},{3} {4},{3} "
                     "{4},{5}\"/>\n",
                     crosses ? " net" : "", fromX, fromY, middle, x, top);
  }
}

void Picture::addPill(const Twine &label, const char *style,
                      const Array &inputs, const Array &outputs) {
  constexpr int pill = 300;
  bool merge = StringRef(style) == "merge";
  addEdges(inputs, width / 2, y, merge);
  nodes += formatv("<rect class=\"pill {0}\" x=\"{1}\" y=\"{2}\" "
                   "width=\"{3}\" height=\"{4}\" rx=\"15\"/>\n",
                   style, width / 2 - pill / 2, y, pill, kPillHeight);
  text(width / 2, y + 20, "label", label);
  setSources(outputs, {width / 2, y + kPillHeight});
  y += kPillHeight + kRowGap;
}

void Picture::addBars(ArrayRef<Bar> bars, int x, int at) {
  constexpr int inner = kCardWidth - 20;
  for (const Bar &bar : bars) {
    // By the root, or narrow branches beside wide ones could not be seen.
    double part = std::sqrt(double(bar.channels) / double(mostChannels));
    int length = std::clamp(int(inner * part), 6, inner);
    nodes += formatv("<rect class=\"bar\" x=\"{0}\" y=\"{1}\" width=\"{2}\" "
                     "height=\"{3}\" rx=\"4\"/>\n",
                     x + 10, at, length, kBarHeight);
    text(x + 14, at + 15, "layer", bar.left, "start");
    text(x + kCardWidth - 14, at + 15, "layer", bar.right, "end");
    at += kBarHeight + kBarGap;
  }
}

static size_t elsewhere(const Object &branch) {
  return llvm::count_if(*branch.getArray("placement"), [](const auto &note) {
    return !note.getAsObject()->getString("reason")->empty();
  });
}

static int heightOf(const Object &branch) {
  int bars = std::max<int>(barsOf(branch).size(), 1);
  return kHeader + bars * (kBarHeight + kBarGap) + kFooter +
         (elsewhere(branch) ? 16 : 0);
}

static std::string titleOf(const Object &stage, const BranchKind &kind) {
  if (!isParallel(stage))
    return "serial, s" + std::to_string(*stage.getInteger("stage"));
  size_t count = kind.members.size();
  int64_t first = *stage.getInteger("first_device");
  return (count > 1 ? "branches " : "branch ") + ranges(kind.members) +
         (count > 2 ? formatv(" ({0} alike)", count).str() : "") +
         (first ? formatv(", from device {0}", first).str() : "");
}

void Picture::addCard(const Object &stage, const BranchKind &kind, int x) {
  const Object &branch = *kind.first;
  const bool parallel = isParallel(stage);
  const int height = heightOf(branch), middle = x + kCardWidth / 2;
  addEdges(*branch.getArray("inputs"), middle, y, parallel);
  for (int shadow = std::min<int>(kind.members.size(), 3) - 1; shadow >= 0;
       --shadow)
    nodes += formatv("<rect class=\"card{0}\" x=\"{1}\" y=\"{2}\" "
                     "width=\"{3}\" height=\"{4}\" rx=\"10\"/>\n",
                     parallel ? "" : " serial", x + 5 * shadow, y + 5 * shadow,
                     kCardWidth, height);
  text(middle, y + 19, "title", escapeShort(titleOf(stage, kind), 34));
  text(middle, y + 35, "small",
       escapeShort("on " + branch.getString("target")->str(), 34));
  SmallVector<Bar> bars = barsOf(branch);
  addBars(bars, x, y + kHeader);
  if (bars.empty())
    text(middle, y + kHeader + 16, "small", "no layer with weights");
  int bottom = y + height;
  text(middle, bottom - 10, "small",
       rounded(*branch.getInteger("parameters")) + " parameters, " +
           rounded(*branch.getInteger("macs")) + " MACs");
  if (size_t count = elsewhere(branch))
    text(middle, bottom - 26, "small warn",
         Twine(count) + (count > 1 ? " ops" : " op") + " elsewhere");
  if (parallel) {
    const char *each = kind.members.size() > 1 ? " each" : "";
    if (int64_t bytes = *branch.getInteger("bytes_in"))
      text(middle, y - 9, "bytes", Twine("▾ ") + roundedBytes(bytes) + each);
    if (int64_t bytes = *branch.getInteger("bytes_out"))
      text(middle, bottom + (each[0] ? 26 : 16), "bytes",
           Twine("▾ ") + roundedBytes(bytes) + each);
  }
  setSources(*branch.getArray("outputs"), {middle, bottom});
  // Equal branches end in the same place.
  for (size_t member : kind.members)
    setSources(*(*stage.getArray("branches"))[member].getAsObject()->getArray(
                   "outputs"),
               {middle, bottom});
}

void Picture::addFold(const Twine &label, int x, int height) {
  nodes += formatv("<rect class=\"card fold\" x=\"{0}\" y=\"{1}\" "
                   "width=\"{2}\" height=\"{3}\" rx=\"10\"/>\n",
                   x, y, kCardWidth, height);
  text(x + kCardWidth / 2, y + height / 2, "small", label);
}

void Picture::addStage(const Object &stage) {
  SmallVector<BranchKind> kinds = kindsOf(stage);
  size_t shown = std::min(kinds.size(), kMostKinds), hidden = 0;
  for (const BranchKind &kind : ArrayRef(kinds).drop_front(shown))
    hidden += kind.members.size();
  int cards = int(shown) + (hidden ? 1 : 0);
  int x = (width - cards * (kCardWidth + kGap) + kGap) / 2, tallest = 0;
  for (const BranchKind &kind : ArrayRef(kinds).take_front(shown)) {
    tallest = std::max(tallest, heightOf(*kind.first));
    addCard(stage, kind, x);
    x += kCardWidth + kGap;
  }
  if (hidden)
    addFold(Twine(hidden) + " more branches, in the table below", x, 60);
  y += tallest + kRowGap;
}

void Picture::draw(raw_ostream &stream) {
  measure();
  for (const auto &item : *report.getArray("inputs")) {
    const Object &value = *item.getAsObject();
    addPill(escapeShort(*value.getString("name"), 16) + " · " +
                dimensions(*value.getArray("shape")) + " · " +
                roundedBytes(*value.getInteger("bytes")),
            "input", {}, Array{Object(value)});
  }
  const Array &steps = *report.getArray("steps");
  const bool folded = steps.size() > kFirstSteps + kLastSteps + 1;
  for (size_t i = 0; i < steps.size(); ++i) {
    const Object &step = *steps[i].getAsObject();
    if (folded && i == kFirstSteps) {
      size_t left = steps.size() - kFirstSteps - kLastSteps;
      addFold(Twine(left) + " more steps", (width - kCardWidth) / 2, 40);
      y += 40 + kRowGap;
      i += left - 1;
    } else if (auto merge = step.getString("merge")) {
      const Object &value = *step.getObject("output");
      addPill(*merge + " · " + dimensions(*value.getArray("shape")), "merge",
              *step.getArray("inputs"), Array{Object(value)});
    } else {
      addStage(step);
    }
  }
  for (const auto &item : *report.getArray("outputs")) {
    const Object &value = *item.getAsObject();
    addPill(escapeShort(*value.getString("name"), 16) + " · " +
                dimensions(*value.getArray("shape")) + " · " +
                roundedBytes(*value.getInteger("bytes")),
            "output", Array{Object(value)}, {});
  }
  int height = y - kRowGap + kMargin;
  stream << formatv("<svg viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
                    "height=\"{1}\" role=\"img\" aria-label=\"the model's "
                    "stages, branches and merges\">\n",
                    width, height)
         << edges << nodes << "</svg>\n";
}

void html::drawPicture(const Object &report, raw_ostream &stream) {
  Picture(report).draw(stream);
}
