//===- Options.cpp - Flags of lcp-compile --------------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Options.h"
#include "tools/CommandLine.h"
#include <charconv>
#include <cmath>
#include <sstream>

using namespace lcp;

static bool parseFloat(const std::string &text, float &value) {
  const char *end = text.data() + text.size();
  auto [rest, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && rest == end && std::isfinite(value);
}

/// "mean=1,2,3,scale=0.5,order=bgr".
static ImageOptions parseImageOptions(const std::string &text) {
  ImageOptions image;
  std::vector<float> *list = nullptr;
  std::stringstream stream(text);
  for (std::string token; std::getline(stream, token, ',');) {
    size_t equals = token.find('=');
    std::string value = token.substr(equals + 1);
    if (equals != std::string::npos) {
      std::string key = token.substr(0, equals);
      list = key == "mean"    ? &image.mean
             : key == "scale" ? &image.scale
                              : nullptr;
      if (key == "order" && (value == "rgb" || value == "bgr")) {
        image.bgr = value == "bgr";
        continue;
      }
    }
    float number;
    if (!list || !parseFloat(value, number))
      throw CLI::ValidationError("--image: cannot read '" + token +
                                 "'; write finite numbers: "
                                 "mean=M[,M,M],scale=S[,S,S],order=rgb|bgr");
    if (list == &image.scale && number == 0)
      throw CLI::ValidationError(
          "--image: with scale 0 every input is the same");
    list->push_back(number);
  }
  return image;
}

static std::string joinArguments(int argc, char **argv) {
  std::string line;
  for (int i = 1; i < argc; ++i)
    line += (i > 1 ? " " : "") + std::string(argv[i]);
  return line;
}

static void addModelOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("model", options.input,
                 "The model: a .onnx, .mlir or .mlirbc file");
  app.add_option_function<std::string>(
      "--image",
      [&](const std::string &text) { options.image = parseImageOptions(text); },
      "How 8-bit images become inputs, (pixel - mean) * scale: "
      "mean=M[,M,M],scale=S[,S,S],order=rgb|bgr");
  app.add_option("--labels", options.labels,
                 "File with the name of each class, one a line");
}

static void addTargetOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("--target", options.targets,
                 "Target of each branch; the last one repeats")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--head-target", options.headTarget,
                 "Target of what runs in no branch (default: host; for a model "
                 "without branches the first --target)")
      ->capture_default_str();
  app.add_flag("--list-targets", options.listTargets,
               "Print the targets and exit");
  app.add_flag("--exact-conv", options.exactConv,
               "Compute convolutions as they are defined, even where a "
               "transform that rounds otherwise would be faster");
  app.add_flag("--int8", options.int8,
               "Compute in 8-bit integers on CPUs as well, as far as the "
               "model's layers can (give --calibrate)");
  app.add_option("--calibrate", options.calibrate,
                 "File of inputs (.npy, of uint8 for images) or folder of such "
                 "files, to calibrate integer targets on and to store what "
                 "stands for a missing branch (lcp-run --degrade)");
}

static void addOutputOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("-o", options.output,
                 "The bundle to write (with --compile-to, the IR; - is "
                 "standard output)");
  app.add_option("--compile-to", options.lastPhase,
                 "Stop after this phase and print what there is");
  app.add_flag(
      "--per-branch", options.perBranch,
      "Also write a bundle for each branch: NAME.b0.fb, NAME.b1.fb, ...");
  app.add_option("--golden", options.golden,
                 "FILE or NAME=FILE for each input: inputs to store with the "
                 "reference's outputs, for lcp-run --verify")
      ->allow_extra_args(false);
  app.add_option("--sign", options.sign,
                 "Sign the bundle with this Ed25519 private key (PEM)");
  app.add_option("--report", options.report,
                 "Say what was compiled in a .txt, .json or .html file");
  app.add_option("--input-bytes", options.inputBytes,
                 "In the report count image files of so many bytes as input "
                 "(default: with --image pixels of 8 bits, else elements)")
      ->check(CLI::PositiveNumber);
}

static void checkRequired(const CompileOptions &options) {
  if (options.listTargets)
    return;
  if (options.input.empty())
    throw CLI::RequiredError("model");
  if (options.targets.empty())
    throw CLI::RequiredError("--target (see --list-targets)");
  if (options.output.empty())
    throw CLI::RequiredError("-o");
}

std::optional<int> lcp::parseOptions(int argc, char **argv,
                                     CompileOptions &options) {
  CLI::App app("Compiles a model into a bundle that lcp-run executes.",
               "lcp-compile");
  addModelOptions(app, options);
  addTargetOptions(app, options);
  addOutputOptions(app, options);
  app.footer(
      "The options of mlir-opt that begin with --mlir- work as well:\n"
      "  --mlir-print-ir-after-all    show what every pass made\n"
      "  --mlir-timing                show how long every pass took\n"
      "  --mlir-pass-pipeline-crash-reproducer=FILE\n"
      "                               write what lcp-opt --run-reproducer "
      "needs to fail alike\n");
  app.final_callback([&] { checkRequired(options); });
  options.commandLine = joinArguments(argc, argv);
  return parseCommandLine(app, argc, argv);
}
