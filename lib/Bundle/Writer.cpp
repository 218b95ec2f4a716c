//===- Writer.cpp - Step 5: a compiled program becomes a bundle -----------===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lcp/Bundle/Writer.h"

#include "RootBuilder.h"
#include "runtime/schema/Layout.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;
using namespace mlir::lcp;
using ::lcp::rt::FileHeader;

namespace {

/// A bundle in memory, but for the segments, which stay where they are.
struct Image {
  FileHeader header;
  flatbuffers::DetachedBuffer root;
  Segments segments;

  ::lcp::rt::ByteSpan rootBytes() const {
    return {reinterpret_cast<const std::byte *>(root.data()), root.size()};
  }
};

/// A result's value; its error becomes a diagnostic.
template <typename T>
FailureOr<T> valueOrDiagnose(::lcp::rt::Result<T> result, Location loc) {
  if (result.ok())
    return *std::move(result);
  return emitError(loc) << result.status().message();
}

/// Signs the root, if there is a key, and hashes the header.
LogicalResult finishHeader(Image &image, const BundleInfo &info, Location loc) {
  if (!info.signingKey.empty()) {
    FailureOr<::lcp::rt::Ed25519Key> key = valueOrDiagnose(
        ::lcp::rt::Ed25519Key::readPrivate(info.signingKey), loc);
    if (failed(key))
      return failure();
    FailureOr<::lcp::rt::Ed25519Signature> signature =
        valueOrDiagnose(key->sign(image.rootBytes()), loc);
    if (failed(signature))
      return failure();
    image.header.signature = *signature;
  }
  FailureOr<::lcp::rt::Sha256Digest> digest =
      valueOrDiagnose(::lcp::rt::headerHash(image.header), loc);
  if (failed(digest))
    return failure();
  image.header.headerSha256 = *digest;
  return success();
}

FailureOr<Image> buildImage(const CompiledProgram &compiled,
                            const BundleInfo &info,
                            const BundleContents &contents, Location loc) {
  Image image;
  FailureOr<flatbuffers::DetachedBuffer> draft =
      buildRoot(compiled, info, contents, image.segments, loc);
  if (failed(draft))
    return failure();
  const uint64_t size = draft->size();
  image.header.fileSize = image.segments.place(image.header.rootOffset + size);
  FailureOr<flatbuffers::DetachedBuffer> root =
      buildRoot(compiled, info, contents, image.segments, loc);
  if (failed(root))
    return failure();
  if (root->size() != size) {
    emitError(loc) << "internal error: the bundle's root changed its size";
    return failure();
  }
  image.root = std::move(*root);
  image.header.rootSize = size;
  FailureOr<::lcp::rt::Sha256Digest> digest =
      valueOrDiagnose(::lcp::rt::sha256(image.rootBytes()), loc);
  if (failed(digest))
    return failure();
  image.header.rootSha256 = *digest;
  if (failed(finishHeader(image, info, loc)))
    return failure();
  return image;
}

/// Files that are all there in the end or none: each is written under a
/// temporary name, and all are renamed at once. What is no file, such as
/// /dev/null, is written as it is: a rename would replace it.
class Outputs {
public:
  explicit Outputs(Location loc) : loc(loc) {}
  ~Outputs() {
    for (auto &[file, path] : files)
      llvm::consumeError(file.discard());
  }

  LogicalResult write(const Image &image, StringRef path);
  LogicalResult keep();

private:
  LogicalResult fail(StringRef path, llvm::Error error) {
    return emitError(loc) << "cannot write '" << path
                          << "': " << llvm::toString(std::move(error));
  }

  Location loc;
  std::vector<std::pair<llvm::sys::fs::TempFile, std::string>> files;
};

void writeImage(const Image &image, raw_ostream &os) {
  os.write(reinterpret_cast<const char *>(&image.header), sizeof(image.header));
  os.write(reinterpret_cast<const char *>(image.root.data()),
           image.root.size());
  image.segments.write(os, image.header.rootOffset + image.root.size());
}

LogicalResult Outputs::write(const Image &image, StringRef path) {
  namespace fs = llvm::sys::fs;
  if (path == "-" || (fs::exists(path) && !fs::is_regular_file(path))) {
    std::error_code problem;
    llvm::raw_fd_ostream os(path, problem);
    if (!problem)
      writeImage(image, os);
    os.flush();
    if (!problem)
      problem = os.error();
    os.clear_error();
    return problem ? fail(path, llvm::errorCodeToError(problem)) : success();
  }
  auto file = fs::TempFile::create(path + ".%%%%%%.tmp");
  if (!file)
    return fail(path, file.takeError());
  llvm::raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  files.emplace_back(std::move(*file), path.str());
  writeImage(image, os);
  os.flush();
  std::error_code problem = os.error();
  os.clear_error();
  return problem ? fail(path, llvm::errorCodeToError(problem)) : success();
}

LogicalResult Outputs::keep() {
  while (!files.empty()) {
    auto [file, path] = std::move(files.back());
    files.pop_back();
    if (llvm::Error error = file.keep(path))
      return fail(path, std::move(error));
  }
  return success();
}

/// NAME.b0.fb, NAME.b1.fb, ... beside NAME.fb.
LogicalResult writeBranches(const CompiledProgram &compiled,
                            const BundleInfo &info, const Image &whole,
                            StringRef path, Outputs &outputs, Location loc) {
  for (unsigned branch = 0; branch < compiled.program.split; ++branch) {
    BundleContents contents{branch, whole.header.rootSha256};
    FailureOr<Image> image = buildImage(compiled, info, contents, loc);
    if (failed(image))
      return failure();
    SmallString<128> name(path);
    StringRef extension = llvm::sys::path::extension(path);
    llvm::sys::path::replace_extension(name,
                                       "b" + llvm::Twine(branch) + extension);
    if (failed(outputs.write(*image, name)))
      return failure();
  }
  return success();
}

} // namespace

LogicalResult mlir::lcp::writeBundles(const CompiledProgram &compiled,
                                      const BundleInfo &info, StringRef path,
                                      bool perBranch, Location loc) {
  if (perBranch && compiled.program.split < 2)
    return emitError(loc) << "the model is not split: there are no branches to "
                             "write one by one";
  FailureOr<Image> whole = buildImage(compiled, info, BundleContents(), loc);
  if (failed(whole))
    return failure();
  Outputs outputs(loc);
  if (failed(outputs.write(*whole, path)) ||
      (perBranch &&
       failed(writeBranches(compiled, info, *whole, path, outputs, loc))))
    return failure();
  return outputs.keep();
}
