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

  ::lcp::ByteSpan rootBytes() const {
    return {reinterpret_cast<const std::byte *>(root.data()), root.size()};
  }
};

/// A result's value; its error becomes a diagnostic.
template <typename T>
FailureOr<T> valueOrDiagnose(::lcp::Result<T> result, Location loc) {
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

void writeImage(const Image &image, raw_ostream &os) {
  os.write(reinterpret_cast<const char *>(&image.header), sizeof(image.header));
  os.write(reinterpret_cast<const char *>(image.root.data()),
           image.root.size());
  image.segments.write(os, image.header.rootOffset + image.root.size());
}

/// NAME.b0.fb, NAME.b1.fb, ... beside NAME.fb.
LogicalResult writeBranches(const CompiledProgram &compiled,
                            const BundleInfo &info, const Image &whole,
                            StringRef path, OutputFiles &outputs,
                            Location loc) {
  for (unsigned device = 0; device < compiled.program.devices; ++device) {
    BundleContents contents{device, whole.header.rootSha256};
    FailureOr<Image> image = buildImage(compiled, info, contents, loc);
    if (failed(image))
      return failure();
    SmallString<128> name(path);
    StringRef extension = llvm::sys::path::extension(path);
    llvm::sys::path::replace_extension(name,
                                       "b" + llvm::Twine(device) + extension);
    llvm::Expected<raw_ostream &> stream = outputs.open(name);
    if (!stream)
      return emitError(loc) << llvm::toString(stream.takeError());
    writeImage(*image, *stream);
  }
  return success();
}

} // namespace

LogicalResult mlir::lcp::writeBundles(const CompiledProgram &compiled,
                                      const BundleInfo &info,
                                      raw_ostream &stream, StringRef path,
                                      bool perBranch, OutputFiles &outputs,
                                      Location loc) {
  if (perBranch && compiled.program.devices < 2)
    return emitError(loc) << "the model is not split: there are no branches to "
                             "write one by one";
  FailureOr<Image> whole = buildImage(compiled, info, BundleContents(), loc);
  if (failed(whole))
    return failure();
  writeImage(*whole, stream);
  if (!perBranch)
    return success();
  return writeBranches(compiled, info, *whole, path, outputs, loc);
}
