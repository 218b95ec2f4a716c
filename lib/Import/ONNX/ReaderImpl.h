//===- ReaderImpl.h - Parts of the ONNX reader ------------------*- C++ -*-===//
//
// Part of the LCP compiler, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef LCP_LIB_IMPORT_ONNX_READERIMPL_H
#define LCP_LIB_IMPORT_ONNX_READERIMPL_H

#include "lcp/Import/ONNX/Reader.h"

#include <google/protobuf/io/zero_copy_stream.h>
#include <onnx/onnx_pb.h>

#include <tuple>

namespace lcp::onnx {

/// Collects problems up to a limit, and counts the rest.
class Problems {
public:
  Problems(std::vector<std::string> &lines, size_t limit)
      : lines(lines), limit(limit) {}
  ~Problems();
  void add(std::string line);
  bool any() const { return count != 0; }

private:
  std::vector<std::string> &lines;
  size_t limit;
  size_t count = 0;
};

/// Files with external data. A path is followed one component at a time from
/// the model's folder without symbolic links, so it cannot leave it.
class ExternalFiles {
public:
  explicit ExternalFiles(std::string folder) : folder(std::move(folder)) {}
  ~ExternalFiles();
  ExternalFiles(const ExternalFiles &) = delete;
  ExternalFiles &operator=(const ExternalFiles &) = delete;

  /// `size` bytes from `offset` of a file, or null and a reason. Tensors that
  /// name the same range share its bytes. Ranges read never add up to more than
  /// the files hold, so overlapping ones cannot multiply memory.
  std::shared_ptr<char> read(const std::string &location, uint64_t offset,
                             uint64_t size, std::string &reason);
  /// Size of a file, or empty and a reason.
  std::optional<uint64_t> fileSize(const std::string &location,
                                   std::string &reason);

private:
  struct File {
    int descriptor = -1;
    uint64_t size = 0;
    uint64_t bytesRead = 0;
  };
  File *open(const std::string &location, std::string &reason);

  std::string folder;
  std::map<std::string, File> files;
  std::map<std::tuple<std::string, uint64_t, uint64_t>, std::shared_ptr<char>>
      ranges;
};

/// Turns TensorProto into Tensor, checking its sizes.
class TensorReader {
public:
  TensorReader(ExternalFiles &files, Problems &problems, const Limits &limits)
      : files(files), problems(problems), limits(limits) {}

  /// Takes the bytes out of `proto`, so that a model is held in memory once.
  /// `where` names the tensor in messages.
  bool read(::onnx::TensorProto &proto, const std::string &where,
            Tensor &tensor);

private:
  bool readShape(const ::onnx::TensorProto &proto, const std::string &where,
                 Tensor &tensor);
  bool readRaw(::onnx::TensorProto &proto, const std::string &where,
               Tensor &tensor);
  bool readTyped(const ::onnx::TensorProto &proto, const std::string &where,
                 Tensor &tensor);
  bool readExternal(const ::onnx::TensorProto &proto, const std::string &where,
                    Tensor &tensor);

  ExternalFiles &files;
  Problems &problems;
  const Limits &limits;
};

/// Whether a serialised model, once parsed, keeps to the limits in memory. True
/// for a malformed one, at which parsing ends as this does.
bool checkWire(google::protobuf::io::ZeroCopyInputStream &input,
               const Limits &limits, Problems &problems);

/// Checks that names are defined once and before use, and orders the nodes.
void checkAndOrder(Model &model, Problems &problems);

ElementType toElementType(int onnxType);

} // namespace lcp::onnx

#endif // LCP_LIB_IMPORT_ONNX_READERIMPL_H
