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

std::optional<ImageOptions> lcp::parseImageOptions(const std::string &text,
                                                   std::string &error) {
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
    if (!list || !parseFloat(value, number)) {
      error = "--image: cannot read '" + token +
              "'; write finite numbers: "
              "mean=M[,M,M],scale=S[,S,S],order=rgb|bgr";
      return std::nullopt;
    }
    if (list == &image.scale && number == 0) {
      error = "--image: with scale 0 every input is the same";
      return std::nullopt;
    }
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

static void addModelOptions(CLI::App &app, CompileOptions &options,
                            std::string &image) {
  app.add_option("model", options.input, ".onnx, .mlir or .mlirbc");
  app.add_option("--image", image, "mean=...,scale=...,order=rgb|bgr");
  app.add_option("--labels", options.labels, "a file, one label a line");
}

static void addTargetOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("--target", options.targets,
                 "target of each branch; the last repeats")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option(
         "--head-target", options.headTarget,
         "target of serial stages (default: host, or of a model without "
         "branches the first --target)")
      ->capture_default_str();
  app.add_flag("--list-targets", options.listTargets, "print the targets");
  app.add_option("--calibrate", options.calibrate,
                 "a file of inputs (.npy, of uint8 for images) or a folder of "
                 "them to calibrate integer targets on");
}

static void addOutputOptions(CLI::App &app, CompileOptions &options) {
  app.add_option("-o", options.output,
                 "the bundle (or, with --compile-to, the "
                 "IR; - is standard output)");
  app.add_option("--compile-to", options.lastPhase,
                 "stop after a phase and print what there is");
  app.add_flag("--per-branch", options.perBranch,
               "one more bundle a branch: NAME.b0.fb, NAME.b1.fb, ...");
  app.add_option("--golden", options.golden,
                 "FILE or NAME=FILE, one an input: to store with the "
                 "reference's outputs")
      ->allow_extra_args(false);
  app.add_option("--sign", options.sign,
                 "sign the bundle with this Ed25519 private key (PEM)");
  app.add_option("--report", options.report,
                 "FILE.txt, FILE.json or FILE.html");
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

std::optional<int> lcp::parseCommandLine(int argc, char **argv,
                                         CompileOptions &options) {
  CLI::App app("Compiles a model into a bundle that lcp-run executes.",
               "lcp-compile");
  std::string image;
  addModelOptions(app, options, image);
  addTargetOptions(app, options);
  addOutputOptions(app, options);
  try {
    parseArguments(app, argc, argv);
    checkRequired(options);
    std::string error;
    if (!image.empty() && !(options.image = parseImageOptions(image, error)))
      throw CLI::ValidationError(error);
  } catch (const CLI::CallForHelp &help) {
    return app.exit(help);
  } catch (const CLI::ParseError &error) {
    std::cerr << "lcp-compile: error: " << error.what() << '\n';
    return 2;
  }
  options.commandLine = joinArguments(argc, argv);
  return std::nullopt;
}
