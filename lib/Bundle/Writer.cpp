//===- Writer.cpp - Step 5: a compiled model becomes a bundle -----------===//
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
struct BundleFile {
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
LogicalResult finishHeader(BundleFile &file, const BundleInfo &info,
                           Location loc) {
  if (!info.signingKey.empty()) {
    FailureOr<::lcp::rt::Ed25519Key> key = valueOrDiagnose(
        ::lcp::rt::Ed25519Key::readPrivate(info.signingKey), loc);
    if (failed(key))
      return failure();
    FailureOr<::lcp::rt::Ed25519Signature> signature =
        valueOrDiagnose(key->sign(file.rootBytes()), loc);
    if (failed(signature))
      return failure();
    file.header.signature = *signature;
  }
  FailureOr<::lcp::rt::Sha256Digest> digest =
      valueOrDiagnose(::lcp::rt::headerHash(file.header), loc);
  if (failed(digest))
    return failure();
  file.header.headerSha256 = *digest;
  return success();
}

FailureOr<BundleFile> buildFile(const CompiledModel &compiled,
                                const BundleInfo &info,
                                const BundleContents &contents, Location loc) {
  BundleFile file;
  FailureOr<flatbuffers::DetachedBuffer> draft =
      buildRoot(compiled, info, contents, file.segments, loc);
  if (failed(draft))
    return failure();
  const uint64_t size = draft->size();
  file.header.fileSize = file.segments.place(file.header.rootOffset + size);
  FailureOr<flatbuffers::DetachedBuffer> root =
      buildRoot(compiled, info, contents, file.segments, loc);
  if (failed(root))
    return failure();
  if (root->size() != size) {
    emitError(loc) << "internal error: the bundle's root changed its size";
    return failure();
  }
  file.root = std::move(*root);
  file.header.rootSize = size;
  FailureOr<::lcp::rt::Sha256Digest> digest =
      valueOrDiagnose(::lcp::rt::sha256(file.rootBytes()), loc);
  if (failed(digest))
    return failure();
  file.header.rootSha256 = *digest;
  if (failed(finishHeader(file, info, loc)))
    return failure();
  return file;
}

void writeFile(const BundleFile &file, raw_ostream &os) {
  os.write(reinterpret_cast<const char *>(&file.header), sizeof(file.header));
  os.write(reinterpret_cast<const char *>(file.root.data()), file.root.size());
  file.segments.write(os, file.header.rootOffset + file.root.size());
}

/// NAME.b0.fb, NAME.b1.fb, ... beside NAME.fb.
LogicalResult writeBranches(const CompiledModel &compiled,
                            const BundleInfo &info, const BundleFile &whole,
                            StringRef path, OutputFiles &outputs,
                            Location loc) {
  for (unsigned device = 0; device < compiled.model.devices; ++device) {
    BundleContents contents{device, whole.header.rootSha256};
    FailureOr<BundleFile> file = buildFile(compiled, info, contents, loc);
    if (failed(file))
      return failure();
    SmallString<128> name(path);
    StringRef extension = llvm::sys::path::extension(path);
    llvm::sys::path::replace_extension(name,
                                       "b" + llvm::Twine(device) + extension);
    llvm::Expected<raw_ostream &> stream = outputs.open(name);
    if (!stream)
      return emitError(loc) << llvm::toString(stream.takeError());
    writeFile(*file, *stream);
  }
  return success();
}

} // namespace

LogicalResult mlir::lcp::writeBundles(const CompiledModel &compiled,
                                      const BundleInfo &info,
                                      raw_ostream &stream, StringRef path,
                                      bool perBranch, OutputFiles &outputs,
                                      Location loc) {
  if (perBranch && compiled.model.devices < 2)
    return emitError(loc) << "the model is not split: there are no branches to "
                             "write one by one";
  FailureOr<BundleFile> whole =
      buildFile(compiled, info, BundleContents(), loc);
  if (failed(whole))
    return failure();
  writeFile(*whole, stream);
  if (!perBranch)
    return success();
  return writeBranches(compiled, info, *whole, path, outputs, loc);
}
