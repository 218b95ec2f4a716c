//===- Disassemble.cpp - A bundle's code in words -------------------------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Disassemble.h"

#include "common/base/Printable.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace lcp::rt {
namespace {

/// A file that is removed when this goes out of scope.
class TemporaryFile {
public:
  ~TemporaryFile() {
    if (!path.empty())
      ::unlink(path.c_str());
  }

  Status create(ByteSpan bytes) {
    const char *folder = std::getenv("TMPDIR");
    path = std::string(folder ? folder : "/tmp") + "/lcp-dump-XXXXXX";
    int file = ::mkstemp(path.data());
    if (file < 0) {
      path.clear();
      return failure();
    }
    ssize_t written = ::write(file, bytes.data(), bytes.size());
    if (::close(file) != 0 || written != ssize_t(bytes.size()))
      return failure();
    return {};
  }

  std::string path;

private:
  static Status failure() {
    return Status(StatusCode::ResourceExhausted,
                  std::string("cannot write a temporary file: ") +
                      std::strerror(errno));
  }
};

Status runObjdump(const std::string &objdump, ByteSpan code) {
  TemporaryFile file;
  LCP_RETURN_IF_ERROR(file.create(code));
  std::fflush(stdout);
  std::string program = objdump, all = "-d", raw = "--no-show-raw-insn";
  char *arguments[] = {program.data(), all.data(), raw.data(), file.path.data(),
                       nullptr};
  pid_t child;
  int error = ::posix_spawnp(&child, objdump.c_str(), nullptr, nullptr,
                             arguments, environ);
  if (error != 0)
    return Status(StatusCode::NotFound, "cannot run '" + objdump +
                                            "': " + std::strerror(error) +
                                            "; name one with --objdump");
  int status;
  while (::waitpid(child, &status, 0) < 0)
    if (errno != EINTR)
      return Status(StatusCode::Internal, "cannot wait for '" + objdump + "'");
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    return Status(StatusCode::Unsupported, "'" + objdump + "' failed");
  return {};
}

bool isElf(ByteSpan code) {
  return code.size() > 4 && std::memcmp(code.data(),
                                        "\x7f"
                                        "ELF",
                                        4) == 0;
}

Status disassemblePart(const Bundle &bundle, const ModelBranch &branch,
                       const ModelPart &part, const DriverRegistry &drivers,
                       const std::string &objdump) {
  PartContents contents;
  contents.format = part.format;
  LCP_ASSIGN_OR_RETURN(contents.code, bundle.segment(*part.code));
  if (part.weights) {
    LCP_ASSIGN_OR_RETURN(contents.weights, bundle.segment(*part.weights));
  }
  std::vector<TensorSpec> inputs, outputs;
  for (uint32_t slot : part.inputs)
    inputs.push_back(branch.slots[slot]);
  for (uint32_t slot : part.outputs)
    outputs.push_back(branch.slots[slot]);
  contents.features = part.features;
  contents.arenaBytes = part.arenaBytes;
  contents.inputs = inputs;
  contents.outputs = outputs;
  contents.layerNames = part.layerNames;
  Result<Driver *> driver = drivers.select(part.format);
  Result<std::string> text = driver.ok() ? (*driver)->disassemble(contents)
                                         : Result<std::string>(driver.status());
  if (text.ok()) {
    std::fputs(text->c_str(), stdout);
    return {};
  }
  if (text.status().code() != StatusCode::Unsupported || !isElf(contents.code))
    return text.status();
  return runObjdump(objdump, contents.code);
}

} // namespace

Status disassemble(const Bundle &bundle, const DriverRegistry &drivers,
                   const std::string &objdump) {
  // Branches of one shape share their code.
  std::map<uint32_t, std::string> seen;
  for (const ModelStage *stage : bundle.model().stages())
    for (const ModelBranch &branch : stage->branches)
      for (size_t p = 0; p < branch.parts.size(); ++p) {
        const ModelPart &part = branch.parts[p];
        if (!part.code)
          continue;
        std::string name = branch.name + ", part " + std::to_string(p);
        std::printf("%s (%s)", name.c_str(),
                    printable(part.format.name).c_str());
        auto [same, isNew] = seen.try_emplace(*part.code, name);
        if (!isNew) {
          std::printf(": as %s\n", same->second.c_str());
          continue;
        }
        std::printf(":\n");
        Status status = disassemblePart(bundle, branch, part, drivers, objdump);
        if (!status.ok())
          return std::move(status).withContext(name);
      }
  return {};
}

} // namespace lcp::rt
